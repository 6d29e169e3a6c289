/* SPDX-License-Identifier: Apache-2.0
 * What operators order, apart from the command line it comes from: to pause and to resume, to
 * cancel a drain, to close one that cannot be confirmed.
 *
 * Clauses:
 *  O1 an order is compare-and-set in Redis, then acknowledged by ebb.state; only then it is given.
 *     Given twice it is one order
 *  O2 cancel: a drain that is not drained yet carries the order in its record, and its stage is
 *     told; the stages undo it. The drain is due as well: untold it takes longer, and stands. Later than that nothing is cancelled: the task is empty, and ECS may
 *     have it already
 *  O3 close: a drain that is being undone or released carries that in its record, by whom and what
 *     nobody has confirmed; the stages end it as what it was to become
 *  O4 nothing is ordered while Redis may not know the drain as it is */
#ifndef EBB_PRODUCERS_OPERATOR_H
#define EBB_PRODUCERS_OPERATOR_H

#include "lib/base/log.h"
#include "lib/effect/ports.h"
#include "schemas/control.h"

struct order {
    struct str by, why;
    const struct log *log; /* an order that stands may still have something to say */
};

/* What came of an order about a drain, which *out shows as it is afterwards. */
enum order_answer {
    ORDER_GIVEN,
    ORDER_GIVEN_BEFORE, /* or what it asks for is done already */
    ORDER_TOO_LATE,     /* cancel: it is drained, or further */
    ORDER_TOO_EARLY,    /* close: it is neither being undone nor released */
    ORDER_NEWER,        /* the drain is one of a newer version of Ebb */
};

/* What every order looks like; *out is the drain as it was found, *answer what became of the order. */
typedef int order_about(const struct ports *ports, struct str drain_id, const struct order *order,
                        struct arena *a, struct drain *out, enum order_answer *answer,
                        struct err *e);

/* E_NOT_FOUND; E_STATE_LOST; E_CONFLICT when it moves faster than an order can be given. */
int operator_cancel(const struct ports *ports, struct str drain_id, const struct order *order,
                    struct arena *a, struct drain *out, enum order_answer *answer,
                    struct err *e) EBB_MUST_CHECK;
int operator_close(const struct ports *ports, struct str drain_id, const struct order *order,
                   struct arena *a, struct drain *out, enum order_answer *answer,
                   struct err *e) EBB_MUST_CHECK;
/* What closing it now would leave unconfirmed, for a person to read; absent when it cannot be
 * closed. */
struct str operator_unconfirmed(const struct drain *d, struct arena *a);

/* for_ms 0: until it is resumed, and *until is 0. A pause of the scope that lasts as long stays as it
 * is. Times are Redis's, by which claims are refused: nobody knows how wrong an operator's clock is. */
int operator_pause(const struct ports *ports, struct str scope, int64_t for_ms,
                   const struct order *order, struct arena *a, int64_t *until,
                   struct err *e) EBB_MUST_CHECK;
/* *was_paused: there was something to resume. */
int operator_resume(const struct ports *ports, struct str scope, const struct order *order,
                    struct arena *a, bool *was_paused, struct err *e) EBB_MUST_CHECK;

#endif
