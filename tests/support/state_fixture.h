/* SPDX-License-Identifier: Apache-2.0
 * Ebb's state on a real Redis of the test's own, its epoch begun, and drains to put into it.
 * Redis's time is what the scripts decide by; a test that sets the clock key ahead of it owns that
 * time. */
#ifndef EBB_TESTS_SUPPORT_STATE_FIXTURE_H
#define EBB_TESTS_SUPPORT_STATE_FIXTURE_H

#include "lib/store/state.h"
#include "tests/support/redis.h"
#include "tests/support/test.h"

#define STATE_SERVICE "aws:us-east-1:123456789012:demo/calls"
/* Far ahead of any real clock, and a whole hour. */
#define STATE_FUTURE_MS ((int64_t)3999999600000)

struct state_fixture {
    struct test_redis *redis;
    struct store *store;
    struct store_port port;
    struct arena arena;
    struct service_settings settings; /* no cooldown, room for many drains */
    struct err e;
};

/* Redis is whole, as after a merge of nothing. */
void state_fixture_begin_epoch(struct state_fixture *f);
void state_fixture_open(struct state_fixture *f);
void state_fixture_close(struct state_fixture *f);

/* The n-th drain: its own id, task, address and event. */
struct drain state_fixture_drain(struct state_fixture *f, int n);
/* Asks for a claim with 100 tasks serving and a floor of 0. */
struct limits_fact state_fixture_claim(struct state_fixture *f, const struct drain *d);
/* The same, which must be granted. */
void state_fixture_claimed(struct state_fixture *f, const struct drain *d);
/* ebb.state has acknowledged the drain as Redis has it; d becomes that. */
void state_fixture_written(struct state_fixture *f, struct drain *d);
/* What a final one waits for, so that it is written once more, cannot come any more. */
void state_fixture_is_late(struct state_fixture *f, const struct drain *d);
/* Moves it as it stands, and makes d what it became. */
void state_fixture_move(struct state_fixture *f, struct drain *d, enum drain_state state);
/* The same, and ebb.state has acknowledged it: how a final state lets everything go. */
void state_fixture_end(struct state_fixture *f, struct drain *d, enum drain_state state);
/* The drain as Redis has it; fails the test when it has none. */
struct drain state_fixture_read(struct state_fixture *f, const struct drain *d);

/* Everything Redis holds, as comparable text, but for how long keys still live. */
struct str state_fixture_dump(struct state_fixture *f);
/* How often Redis was written to. */
int64_t state_fixture_writes(struct state_fixture *f);
/* The scripts' clock from now on, until a later time is set. */
void state_fixture_set_clock(struct state_fixture *f, int64_t ms);
struct reply state_fixture_redis(struct state_fixture *f, const char *format, ...) EBB_PRINTF(2, 3);

#endif
