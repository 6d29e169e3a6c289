/* SPDX-License-Identifier: Apache-2.0
 * TLS over a non-blocking socket that somebody else owns. The server's chain and its name are
 * always verified; there is no way to switch that off. */
#ifndef EBB_STORE_TLS_H
#define EBB_STORE_TLS_H

#include "lib/base/err.h"

/* Trusted certificates and rules; shared by all connections of a store, thread-safe. */
struct redis_tls_context;
/* One connection's TLS; belongs to one thread at a time. */
struct redis_tls;

/* ca_file NULL means the system's certificates. E_CONFIG when they cannot be read. */
int redis_tls_context_new(const char *ca_file, struct redis_tls_context **out,
                          struct err *e) EBB_MUST_CHECK;
void redis_tls_context_free(struct redis_tls_context *context);

/* What a step came to. */
enum redis_tls_step {
    REDIS_TLS_DONE,
    REDIS_TLS_WANT_READ,  /* poll for reading, then the same call again */
    REDIS_TLS_WANT_WRITE, /* poll for writing, then the same call again */
    REDIS_TLS_END,        /* the other side closed */
    REDIS_TLS_FAILED,     /* *e says why */
};

/* host is what the certificate must be for, and what SNI asks for unless it is an IP address. It is
 * copied. The fd stays the caller's. */
struct redis_tls *redis_tls_new(struct redis_tls_context *context, int fd, const char *host);
void redis_tls_free(struct redis_tls *tls);

enum redis_tls_step redis_tls_handshake(struct redis_tls *tls, struct err *e) EBB_MUST_CHECK;
enum redis_tls_step redis_tls_read(struct redis_tls *tls, char *p, size_t size, size_t *got,
                                   struct err *e) EBB_MUST_CHECK;
enum redis_tls_step redis_tls_write(struct redis_tls *tls, struct str bytes, size_t *written,
                                    struct err *e) EBB_MUST_CHECK;
/* Bytes handed to the kernel since redis_tls_new, TLS's own included. */
uint64_t redis_tls_sent_bytes(const struct redis_tls *tls);
/* Open, and nothing but TLS's own records waits to be read. */
bool redis_tls_is_quiet(struct redis_tls *tls);
/* Tells the other side that nothing follows; never waits. */
void redis_tls_say_goodbye(struct redis_tls *tls);

#endif
