/* SPDX-License-Identifier: Apache-2.0
 * The first words on a new connection: log in, choose the database, and make sure that this Redis
 * can be trusted with what Ebb keeps in it. Done on every connection, because a reconnect may reach
 * another server than before. */
#ifndef EBB_STORE_GREET_H
#define EBB_STORE_GREET_H

#include "lib/store/connection.h"

/* E_UNREACHABLE, E_UNAVAILABLE (loading, replica), E_DENIED (AUTH, ACL), E_MISSING (not a Redis,
 * too old, could evict). Nothing of the caller's was sent. */
int redis_greet(struct redis_connection *c, const struct redis_connection_options *options,
                int64_t deadline_ms, struct err *e) EBB_MUST_CHECK;

/* What INFO says, against what Ebb needs. cluster nodes may be replicas: they redirect. */
int redis_check_info(struct str info, bool allow_eviction, struct err *e) EBB_MUST_CHECK;

#endif
