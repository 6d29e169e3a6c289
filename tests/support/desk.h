/* SPDX-License-Identifier: Apache-2.0
 * What a worker has before it: ports of which the store is a real Redis and the rest is kept for the
 * test, and one message of stage select that may have been taken before. */
#ifndef EBB_TESTS_SUPPORT_DESK_H
#define EBB_TESTS_SUPPORT_DESK_H

#include "lib/run/handle.h"
#include "tests/support/fake_ports.h"
#include "tests/support/state_fixture.h"

struct desk {
    struct state_fixture state;
    struct fake_ports fake;
    struct worker_options options; /* of these two only after desk_lay_message */
    struct bus_message message;
};

void desk_open(struct desk *k);
void desk_close(struct desk *k);

/* The message, offset 7 of partition 2 of ebb.select, for a stage that decides by next. */
void desk_lay_message(struct desk *k, stage_next *next);
/* The same, about that drain. */
void desk_lay_message_about(struct desk *k, stage_next *next, const struct drain *d);
/* Hands it to handle(), as what comes for the first time. */
enum handled desk_work(struct desk *k);
/* The same, as what has come so far with it already. */
enum handled desk_work_again(struct desk *k, struct handling *handling);

/* Two stages: the one is done and leaves no history, the other wants its message again. */
struct step desk_done_at_once(const struct view *v, int64_t now_ms);
struct step desk_never_ready(const struct view *v, int64_t now_ms);

/* How many have taken the message on the desk and are not heard of. */
int64_t desk_taken(struct desk *k);
/* Taken, and its worker dies. Returns how many others had it. */
int64_t desk_die_with(struct desk *k, struct str holder);
/* Whoever took it lives, and says so. */
void desk_give_back(struct desk *k, struct str holder);

#endif
