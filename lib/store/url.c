/* SPDX-License-Identifier: Apache-2.0
 * See url.h. Strict: what is not understood is refused, not guessed at. */
#include "lib/store/url.h"

#include <stdio.h>
#include <string.h>

#define PORT_DEFAULT 6379
#define PORT_MAX     65535
#define DATABASE_MAX 65535

static int refuse(struct err *e, const char *why)
{
    return err_set(e, E_CONFIG, "the URL of Redis %s", why);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* Percent-decodes s into out; false when it does not fit or a % is not followed by two digits. */
static bool decode(struct str s, char *out, size_t size, size_t *out_n)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '%') {
            int high = i + 2 < s.n ? hex_digit(s.p[i + 1]) : -1;
            int low = i + 2 < s.n ? hex_digit(s.p[i + 2]) : -1;
            if (high < 0 || low < 0) return false;
            c = (char)(high * 16 + low);
            i += 2;
        }
        if (n == size) return false;
        out[n++] = c;
    }
    *out_n = n;
    return true;
}

static int parse_login(struct str text, struct redis_login *out, struct err *e)
{
    struct str password = text;
    struct str user = str_cut(&password, ':');
    if (!decode(user, out->user, sizeof(out->user), &out->user_n))
        return refuse(e, "has a user that is too long or not percent-encoded");
    if (!decode(password, out->password, sizeof(out->password), &out->password_n))
        return refuse(e, "has a password that is too long or not percent-encoded");
    return 0;
}

static bool is_host(struct str host)
{
    if (host.n == 0 || host.n >= REDIS_HOST_BYTES) return false;
    for (size_t i = 0; i < host.n; i++) {
        unsigned char c = (unsigned char)host.p[i];
        if (c <= ' ' || c >= 0x7F || strchr("/@[]%\\\"'#?", c)) return false;
    }
    return true;
}

static void set_host(struct redis_address *out, struct str host)
{
    memset(out->host, 0, sizeof(out->host));
    memcpy(out->host, host.p, host.n);
}

static bool set_port(struct redis_address *out, struct str text)
{
    int64_t port;
    if (!str_to_int(text, &port) || port < 1 || port > PORT_MAX) return false;
    out->port = (int)port;
    return true;
}

/* host, host:port, [ipv6] or [ipv6]:port */
static int parse_host_port(struct str text, struct redis_address *out, struct err *e)
{
    struct str host, port;
    if (str_starts(text, STR("["))) {
        struct str rest = {text.p + 1, text.n - 1};
        host = str_cut(&rest, ']');
        if (!rest.p) return refuse(e, "has a [ without its ] in the host");
        if (rest.n && rest.p[0] != ':') return refuse(e, "has something other than a port after ]");
        port = rest.n ? (struct str){rest.p + 1, rest.n - 1} : STR_NONE;
    } else {
        port = text;
        host = str_cut(&port, ':');
    }
    if (!is_host(host))
        return refuse(e, "has no valid host; reserved characters of the password (@ : / %) must be "
                         "percent-encoded");
    out->port = PORT_DEFAULT;
    if (port.p && !set_port(out, port))
        return refuse(e, "has a port that is not a number from 1 to 65535; reserved characters of "
                         "the password (@ : / %) must be percent-encoded");
    set_host(out, host);
    return 0;
}

static int parse_network(struct str rest, struct redis_url *out, struct err *e)
{
    struct str database = rest;
    struct str authority = str_cut(&database, '/');
    /* The last @ ends the login: a host has none, a password typed without encoding may. */
    size_t at = authority.n;
    while (at > 0 && authority.p[at - 1] != '@')
        at--;
    if (at > 0) {
        int code = parse_login((struct str){authority.p, at - 1}, &out->login, e);
        if (code) return code;
    }
    int code = parse_host_port((struct str){authority.p + at, authority.n - at}, &out->address, e);
    if (code) return code;
    if (str_is_empty(database)) return 0;
    if (!str_to_int(database, &out->database) || out->database < 0 || out->database > DATABASE_MAX)
        return refuse(e, "has a database that is not a number from 0 to 65535; reserved characters "
                         "of the password (@ : / %) must be percent-encoded");
    return 0;
}

static int parse_unix(struct str rest, struct redis_url *out, struct err *e)
{
    int64_t slash = str_find(rest, '/');
    if (slash < 0) return refuse(e, "needs an absolute path: unix:///run/redis.sock");
    struct str authority = {rest.p, (size_t)slash};
    struct str path = {rest.p + slash, rest.n - (size_t)slash};
    if (authority.n && authority.p[authority.n - 1] != '@')
        return refuse(e, "needs an absolute path: unix:///run/redis.sock");
    if (authority.n) {
        int code = parse_login((struct str){authority.p, authority.n - 1}, &out->login, e);
        if (code) return code;
    }
    size_t n;
    if (!decode(path, out->address.path, sizeof(out->address.path) - 1, &n) ||
        memchr(out->address.path, 0, n))
        return refuse(e, "has a socket path longer than 107 bytes or not percent-encoded");
    return 0;
}

int redis_url_parse(struct str text, struct redis_url *out, struct err *e)
{
    memset(out, 0, sizeof(*out));
    struct str rest = text;
    if (str_starts(text, STR("unix://"))) {
        rest.p += STR("unix://").n;
        rest.n -= STR("unix://").n;
        return parse_unix(rest, out, e);
    }
    out->address.tls = str_starts(text, STR("rediss://"));
    struct str scheme = out->address.tls ? STR("rediss://") : STR("redis://");
    if (!str_starts(text, scheme))
        return refuse(e, "must begin with redis://, rediss:// (TLS) or unix://");
    rest.p += scheme.n;
    rest.n -= scheme.n;
    return parse_network(rest, out, e);
}

void redis_address_name(const struct redis_address *address, char out[REDIS_NAME_BYTES])
{
    if (address->path[0])
        (void)snprintf(out, REDIS_NAME_BYTES, "%s", address->path); /* always fits */
    else if (strchr(address->host, ':'))
        (void)snprintf(out, REDIS_NAME_BYTES, "[%s]:%d", address->host, address->port);
    else
        (void)snprintf(out, REDIS_NAME_BYTES, "%s:%d", address->host, address->port);
}

int redis_address_redirect(struct str text, struct redis_address *out)
{
    size_t colon = text.n;
    while (colon > 0 && text.p[colon - 1] != ':')
        colon--;
    if (colon == 0) return E_MALFORMED;
    struct str host = {text.p, colon - 1};
    struct str port = {text.p + colon, text.n - colon};
    if (host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
        host = (struct str){host.p + 1, host.n - 2};
    if (host.n == 0 && out->path[0]) return E_MALFORMED;
    if (host.n > 0 && !is_host(host)) return E_MALFORMED; /* "?" too: a node of unknown address */
    if (!set_port(out, port)) return E_MALFORMED;
    if (host.n > 0) set_host(out, host);
    memset(out->path, 0, sizeof(out->path));
    return 0;
}
