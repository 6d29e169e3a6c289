/* SPDX-License-Identifier: Apache-2.0
 * One stream to a server: TCP or unix socket, plain or TLS. The socket is non-blocking and every
 * wait ends at a deadline, in milliseconds of the monotonic clock. */
#ifndef EBB_STORE_WIRE_H
#define EBB_STORE_WIRE_H

#include "lib/base/clock.h"
#include "lib/store/tls.h"
#include "lib/store/url.h"

struct redis_wire {
    struct clock clock;
    int fd;
    struct redis_tls *tls; /* NULL: plain */
    uint64_t sent_bytes;   /* handed to the kernel so far, TLS's own included */
};

/* Resolves, connects and shakes hands. tls is needed when the address asks for TLS. The name of a
 * host is resolved by the system's resolver, which keeps time-outs of its own (resolv.conf).
 * E_TIMEOUT or E_UNREACHABLE; then there is nothing to close. */
int redis_wire_open(const struct redis_address *address, struct redis_tls_context *tls,
                    struct clock clock, int64_t deadline_ms, struct redis_wire *out,
                    struct err *e) EBB_MUST_CHECK;
void redis_wire_close(struct redis_wire *wire);

/* Sends all of it; E_TIMEOUT or E_UNREACHABLE, then sent_bytes says whether any of it went. */
int redis_wire_send(struct redis_wire *wire, struct str bytes, int64_t deadline_ms,
                    struct err *e) EBB_MUST_CHECK;
/* Waits for bytes and reads what is there, at least one. E_TIMEOUT or E_UNREACHABLE. */
int redis_wire_receive(struct redis_wire *wire, char *p, size_t size, int64_t deadline_ms,
                       size_t *got, struct err *e) EBB_MUST_CHECK;
/* Open on both sides with nothing waiting to be read, as a connection between commands must be. */
bool redis_wire_is_quiet(struct redis_wire *wire);

#endif
