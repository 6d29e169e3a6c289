/* SPDX-License-Identifier: Apache-2.0
 * The listening socket, and addresses as text. */
#ifndef EBB_HTTP_SOCKET_H
#define EBB_HTTP_SOCKET_H

#include "lib/base/err.h"

#define HTTP_ADDRESS_BYTES 64 /* an IPv6 address with a zone, without port */

/* address is numeric, IPv4 or IPv6. E_CONFIG: it is not. E_MISSING: it cannot be listened on now;
 * the words name address and port and what to do. */
int http_socket_listen(const char *address, int port, int *fd, struct err *e) EBB_MUST_CHECK;
/* The port a socket is bound to; 0 when it has none. */
int http_socket_port(int fd);

/* Both ends of a connection; an IPv4 client of an IPv6 socket is written as IPv4. "" when the
 * connection is gone. */
void http_socket_ends(int fd, char peer[HTTP_ADDRESS_BYTES], char local[HTTP_ADDRESS_BYTES]);

#endif
