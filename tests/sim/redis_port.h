/* SPDX-License-Identifier: Apache-2.0
 * The store's port on the model instead of a server: what lib/store/store.c makes of replies, with
 * no network in between. Whoever simulates puts faults around it. */
#ifndef EBB_TESTS_SIM_REDIS_PORT_H
#define EBB_TESTS_SIM_REDIS_PORT_H

#include "tests/sim/redis_model.h"

struct store_port redis_port_of(struct redis_model *m);

#endif
