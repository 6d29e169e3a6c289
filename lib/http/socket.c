/* SPDX-License-Identifier: Apache-2.0
 * See socket.h. */
#include "lib/http/socket.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG       512
#define PORT_MAX      65535
#define MAPPED_PREFIX "::ffff:" /* an IPv4 address inside IPv6, RFC 4291 section 2.5.5.2 */

static const char *remedy(int code)
{
    if (code == EADDRINUSE)
        return "is already in use; stop the program that listens there or choose another port";
    if (code == EACCES) return "may not be listened on by this user; choose a port from 1024 on";
    if (code == EADDRNOTAVAIL)
        return "is not an address of this machine; choose one it has, or 0.0.0.0 for all";
    return "cannot be listened on";
}

int http_socket_listen(const char *address, int port, int *fd, struct err *e)
{
    *fd = -1;
    if (port < 0 || port > PORT_MAX)
        return err_set(e, E_CONFIG, "%d is not a port; 0 to %d are", port, PORT_MAX);
    char service[16];
    (void)snprintf(service, sizeof(service), "%d", port);
    struct addrinfo *found = NULL;
    struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV,
                             .ai_socktype = SOCK_STREAM};
    if (getaddrinfo(address, service, &hints, &found) != 0)
        return err_set(e, E_CONFIG, "\"%s\" is not an IP address to listen on", address);
    int on = 1;
    int s = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool ok = s >= 0 && setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
              bind(s, found->ai_addr, found->ai_addrlen) == 0 && listen(s, BACKLOG) == 0;
    int code = errno;
    bool six = found->ai_family == AF_INET6;
    freeaddrinfo(found);
    if (ok) {
        *fd = s;
        return 0;
    }
    if (s >= 0) (void)close(s);
    return err_set(e, E_MISSING, "%s%s%s:%d %s (%s)", six ? "[" : "", address, six ? "]" : "", port,
                   remedy(code), strerrordesc_np(code));
}

int http_socket_port(int fd)
{
    struct sockaddr_storage at = {0};
    socklen_t n = sizeof(at);
    char service[16] = "0";
    int64_t port = 0;
    if (getsockname(fd, (void *)&at, &n) != 0) return 0;
    if (getnameinfo((void *)&at, n, NULL, 0, service, sizeof(service), NI_NUMERICSERV) != 0)
        return 0;
    return str_to_int(str_from(service), &port) ? (int)port : 0;
}

static void write_address(const struct sockaddr_storage *at, socklen_t n,
                          char out[HTTP_ADDRESS_BYTES])
{
    const void *address = at;
    if (getnameinfo(address, n, out, HTTP_ADDRESS_BYTES, NULL, 0, NI_NUMERICHOST) != 0)
        out[0] = '\0';
    size_t prefix = strlen(MAPPED_PREFIX);
    if (strncmp(out, MAPPED_PREFIX, prefix) == 0 && strchr(out, '.'))
        memmove(out, out + prefix, strlen(out + prefix) + 1);
}

void http_socket_ends(int fd, char peer[HTTP_ADDRESS_BYTES], char local[HTTP_ADDRESS_BYTES])
{
    struct sockaddr_storage at = {0};
    socklen_t n = sizeof(at);
    peer[0] = local[0] = '\0';
    if (getpeername(fd, (void *)&at, &n) == 0) write_address(&at, n, peer);
    n = sizeof(at);
    if (getsockname(fd, (void *)&at, &n) == 0) write_address(&at, n, local);
}
