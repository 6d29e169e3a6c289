/* SPDX-License-Identifier: Apache-2.0
 * Goal: of each drain that ebb.state has, only the newest record is put into Redis, whatever order they are in, and
 * everything that is no record of a drain. Method: a topic of records in memory, read as often as it is asked for, one
 * of which is written between two readings; the lease is that of a real Redis. */
#include "lib/record/walkers.h"
#include "producers/merge.h"
#include "tests/support/state_fixture.h"

#include <stdlib.h>

#define RECORDS_MAX 5000
#define DRAINS      600 /* more than the first table has places for */

struct topic {
    struct bus_message records[RECORDS_MAX];
    size_t n, readings;
    size_t late; /* records that are there from the second reading on */
};

struct seen {
    struct timers_pass pass; /* first: what put() is given */
    size_t puts, others;
    int64_t newest;
};

static int read_all(void *ctx, struct str name, int64_t timeout_ms, bus_read_callback *callback,
                    void *callback_ctx, struct err *e)
{
    struct topic *t = ctx;
    size_t n = t->readings++ ? t->n : t->n - t->late;
    (void)timeout_ms;
    assert_str(name, "ebb.state");
    for (size_t i = 0; i < n; i++) {
        int code = callback(callback_ctx, &t->records[i], e);
        if (code) return code;
    }
    return E_OK;
}

static void add_named(struct state_fixture *f, struct topic *t, struct str drain_id,
                      int64_t version)
{
    struct drain d = state_fixture_drain(f, 1);
    struct buf b;
    d.drain_id = drain_id;
    d.version = version;
    buf_init(&b, 4096);
    assert_ok(msgpack_encode(&DRAIN_RECORD, &d, &b, &f->e), f->e);
    t->records[t->n++] = (struct bus_message){
        .topic = STR("ebb.state"), .key = d.drain_id, .value = arena_copy(&f->arena, buf_view(&b))};
    buf_release(&b);
}

static void add(struct state_fixture *f, struct topic *t, int n, int64_t version)
{
    add_named(f, t, arena_format(&f->arena, "%016x", (unsigned)n * 2654435761U), version);
}

static int put(void *ctx, const struct bus_message *m, struct err *e)
{
    struct seen *seen = ctx;
    struct arena a;
    struct drain d = {0};
    arena_init(&a);
    if (msgpack_decode(&DRAIN_RECORD, m->value, &a, &d, e)) {
        seen->others++;
    } else {
        seen->puts++;
        if (d.version > seen->newest) seen->newest = d.version;
    }
    arena_release(&a);
    return E_OK;
}

static struct seen merge(struct state_fixture *f, struct topic *t, int code)
{
    struct ports ports = {
        .store = f->port, .bus = {.ctx = t, .read_all = read_all}, .clock = clock_system()};
    struct seen seen = {.pass = {.ports = &ports, .holder = STR("test")}};
    assert_int_equal(merge_state(&seen.pass, put, &f->e), code);
    return seen;
}

TEST(merge_puts_the_newest_record_of_each_drain)
{
    struct state_fixture f;
    struct topic *t = calloc(1, sizeof(*t));
    assert_non_null(t);
    state_fixture_open(&f);
    for (int version = 1; version <= 7; version++)
        for (int n = 1; n <= DRAINS; n++)
            add(&f, t, n, version % 7 + 1); /* the newest last but one */
    add(&f, t, 1, 8);
    t->late = 1;
    t->records[t->n++] = (struct bus_message){.key = STR("no drain"), .value = STR("nonsense")};
    t->records[t->n++] = (struct bus_message){.key = STR("0123456789abcdef"), .value = STR("x")};
    t->late += 2;
    struct seen seen = merge(&f, t, E_OK);
    assert_int_equal(seen.puts, DRAINS + 1);
    assert_int_equal(seen.newest, 8);
    assert_int_equal(seen.others, 2);
    free(t);
    state_fixture_close(&f);
}

/* Their lowest bits are the same, which is where a drain is looked for first. */
TEST(merge_tells_drains_apart_whose_ids_end_alike)
{
    struct state_fixture f;
    struct topic *t = calloc(1, sizeof(*t));
    assert_non_null(t);
    state_fixture_open(&f);
    for (int version = 1; version <= 3; version++)
        for (int n = 1; n <= 20; n++)
            add_named(&f, t, arena_format(&f.arena, "%08x00000007", (unsigned)n), version);
    struct seen seen = merge(&f, t, E_OK);
    assert_int_equal(seen.puts, 20);
    assert_int_equal(seen.newest, 3);
    free(t);
    state_fixture_close(&f);
}

/* Two leaders would do the same work, and neither's epoch would begin. */
TEST(merge_ends_when_another_leads)
{
    struct state_fixture f;
    struct topic *t = calloc(1, sizeof(*t));
    assert_non_null(t);
    state_fixture_open(&f);
    add(&f, t, 1, 1);
    assert_ok(state_take_lease(&f.port, TIMERS_LEASE, STR("another"), 10000, &f.arena, &f.e), f.e);
    struct seen seen = merge(&f, t, E_BUSY);
    assert_int_equal(seen.puts, 0);
    free(t);
    state_fixture_close(&f);
}
