/* SPDX-License-Identifier: Apache-2.0
 * See listen.h. Names are refused: which address a name means is decided elsewhere, and may change
 * between two starts. */
#include "lib/http/listen.h"

#include <arpa/inet.h>
#include <string.h>

#define PORT_MAX    65535
#define ALL_OF_THEM "0.0.0.0"

static int fail(struct str text, struct err *e, const char *why)
{
    return err_set(e, E_CONFIG,
                   "\"%.*s\" %s; write address:port, such as 127.0.0.1:9090, [::1]:9090, or :9090 "
                   "for all addresses",
                   STR_ARG(text), why);
}

static bool is_numeric(const char *address)
{
    unsigned char bytes[sizeof(struct in6_addr)];
    return inet_pton(AF_INET, address, bytes) == 1 || inet_pton(AF_INET6, address, bytes) == 1;
}

int listen_parse(struct str text, struct listen_address *out, struct err *e)
{
    struct str host = text, port = STR_NONE;
    int64_t number;
    size_t colon = text.n;
    /* The last colon: those of an IPv6 address come before it. */
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] == ':') colon = i;
    if (colon == text.n) return fail(text, e, "has no port");
    host.n = colon;
    port = (struct str){text.p + colon + 1, text.n - colon - 1};
    bool bracketed = host.n >= 2 && host.p[0] == '[' && host.p[host.n - 1] == ']';
    if (bracketed) host = (struct str){host.p + 1, host.n - 2};
    if (!bracketed && str_find(host, ':') >= 0)
        return fail(text, e, "has an IPv6 address without brackets");
    if (!str_to_int(port, &number) || number < 0 || number > PORT_MAX || port.p[0] == '+')
        return fail(text, e, "has no port from 0 to 65535");
    if (!host.n && !bracketed) host = STR(ALL_OF_THEM);
    if (host.n >= sizeof(out->address)) return fail(text, e, "has no IP address");
    *out = (struct listen_address){.port = (int)number};
    memcpy(out->address, host.p, host.n);
    if (memchr(host.p, 0, host.n) || !is_numeric(out->address))
        return fail(text, e, "has no IP address");
    return E_OK;
}
