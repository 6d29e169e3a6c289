/* SPDX-License-Identifier: Apache-2.0
 * The connections of one store: made on demand up to a maximum, handed to one thread at a time,
 * thrown away once they failed. Knows where Redis is now, which a cluster redirect may change.
 * Thread-safe; no lock is held while anything waits for the network. e is never NULL here. */
#ifndef EBB_STORE_POOL_H
#define EBB_STORE_POOL_H

#include "lib/store/connection.h"

struct redis_pool;

struct redis_pool_options {
    struct redis_connection_options connection; /* login is borrowed until redis_pool_free */
    struct redis_address home;                  /* the configured address */
    size_t connections_max;
};

struct redis_pool *redis_pool_new(const struct redis_pool_options *options);
/* Every connection must have been given back. */
void redis_pool_free(struct redis_pool *pool);

/* A connection in use by one thread, and which of the pool's moves it was made after. */
struct redis_lease {
    struct redis_connection *connection;
    uint64_t generation;
};

/* A usable connection: an idle one that is still alive, else a new one, else one that comes back
 * within command_timeout_ms. E_BUSY when none does, else the codes of redis_connection_open. */
int redis_pool_take(struct redis_pool *pool, struct redis_lease *out, struct err *e) EBB_MUST_CHECK;
/* Ends the lease; the connection is kept when it is still usable and of the latest generation. */
void redis_pool_give(struct redis_pool *pool, struct redis_lease *lease);

/* What the lease's server said shows that Redis is elsewhere: at that address from now on, or, with
 * NULL, to be looked for at the configured one again. Older connections are closed. Without effect
 * when the pool moved since the lease began. An address that cannot be reached later also sends the
 * pool back to the configured one. */
void redis_pool_move(struct redis_pool *pool, const struct redis_lease *lease,
                     const struct redis_address *address);

#endif
