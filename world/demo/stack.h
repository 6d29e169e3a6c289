/* SPDX-License-Identifier: Apache-2.0
 * Everything the demo runs, started in order, each once what it needs is there: Redis, Kafka, the
 * world, and every role of Ebb in a process of its own. */
#ifndef EBB_WORLD_DEMO_STACK_H
#define EBB_WORLD_DEMO_STACK_H

#include "world/demo/demo.h"

int stack_start(struct demo *d, struct err *e) EBB_MUST_CHECK;
/* Ebb first, then what it needs; also after a start that failed. */
void stack_stop(struct demo *d);

#endif
