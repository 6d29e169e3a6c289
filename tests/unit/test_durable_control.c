/* SPDX-License-Identifier: Apache-2.0
 * Goal: what is reported as said is in ebb.state and in Redis, whatever Redis lost meanwhile; a pause
 * is never made shorter by another. Method: a real Redis that loses the record between the moment it
 * is set and the one it is acknowledged, and a bus that keeps what is published. */
#include "lib/effect/durable.h"
#include "lib/effect/publish.h"
#include "lib/record/walkers.h"
#include "lib/store/state_control.h"
#include "scripts.h"
#include "tests/support/fake_ports.h"
#include "tests/support/state_fixture.h"

#define SCOPE STR("account:123456789012")
#define AT    ((int64_t)1700000000000)

struct scene {
    struct state_fixture state;
    struct fake_ports fake;
    struct store_port inner; /* the real one */
    bool loses_what_is_set, loses_what_is_published;
    struct control finds; /* what the Redis that comes after knows; without a version: nothing */
    bool is_recorded;
};

static void lose(struct scene *s)
{
    struct state_fixture *f = &s->state;
    (void)state_fixture_redis(f, "FLUSHALL");
    state_fixture_begin_epoch(f);
    if (!s->finds.version) return;
    if (s->is_recorded)
        assert_ok(state_merge_control(&s->inner, &s->finds, &f->arena, &f->e), f->e);
    else
        assert_ok(state_set_control(&s->inner, &s->finds, &f->arena, &f->e), f->e);
}

static int command(void *ctx, const struct str *args, size_t n, struct arena *a, struct reply *out,
                   struct err *e)
{
    struct scene *s = ctx;
    return s->inner.command(s->inner.ctx, args, n, a, out, e);
}

static int script(void *ctx, const struct script *script, const struct str *keys,
                  const struct str *args, size_t n, struct arena *a, struct reply *out,
                  struct err *e)
{
    struct scene *s = ctx;
    int code = s->inner.script(s->inner.ctx, script, keys, args, n, a, out, e);
    if (code || script != &SCRIPT_SET_CONTROL || !s->loses_what_is_set) return code;
    s->loses_what_is_set = false;
    lose(s);
    return code;
}

static void on_publish(void *ctx)
{
    struct scene *s = ctx;
    if (!s->loses_what_is_published) return;
    s->loses_what_is_published = false;
    lose(s);
}

static void open_scene(struct scene *s)
{
    *s = (struct scene){0};
    state_fixture_open(&s->state);
    fake_ports_open(&s->fake);
    s->inner = s->state.port;
    s->fake.ports.store = (struct store_port){.ctx = s, .command = command, .script = script};
    s->fake.on_publish = on_publish;
    s->fake.on_publish_ctx = s;
}

static void close_scene(struct scene *s)
{
    fake_ports_close(&s->fake);
    state_fixture_close(&s->state);
}

static struct control pause_by(const char *who, int64_t until, int64_t version)
{
    return (struct control){.format = CONTROL_FORMAT,
                            .kind = CONTROL_PAUSE,
                            .scope = SCOPE,
                            .by = str_from(who),
                            .until = until,
                            .at = AT + version,
                            .version = version};
}

static void say(struct scene *s, const struct control *c)
{
    struct state_fixture *f = &s->state;
    assert_ok(durable_control(&s->fake.ports, c, &f->arena, &f->e), f->e);
}

static void assert_both_have(struct scene *s, const char *who, int64_t version)
{
    struct state_fixture *f = &s->state;
    struct control_held held;
    struct control last = {0};
    assert_ok(state_read_control(&f->port, SCOPE, &f->arena, &held, &f->e), f->e);
    assert_true(held.exists && held.recorded);
    assert_str(held.record.by, who);
    assert_int_equal(held.record.version, version);
    assert_true(s->fake.published_n > 0);
    struct str value = s->fake.published[s->fake.published_n - 1].value;
    assert_ok(msgpack_decode(&CONTROL_RECORD, value, &f->arena, &last, &f->e), f->e);
    assert_str(last.by, who);
    assert_int_equal(last.version, version);
}

TEST(durable_control_that_redis_lost_is_put_back)
{
    for (int i = 0; i < 2; i++) {
        struct scene s;
        open_scene(&s);
        struct control c = pause_by("ann", 0, 0);
        s.loses_what_is_set = i == 0;
        s.loses_what_is_published = i == 1;
        say(&s, &c);
        assert_both_have(&s, "ann", 1);
        close_scene(&s);
    }
}

TEST(durable_control_wins_over_what_was_said_before_it)
{
    for (int i = 0; i < 2; i++) {
        struct scene s;
        open_scene(&s);
        struct control before = pause_by("bob", AT, 1), c = pause_by("ann", 0, 0);
        say(&s, &before);
        s.finds = before;
        s.is_recorded = true;
        s.loses_what_is_set = i == 0;
        s.loses_what_is_published = i == 1;
        say(&s, &c);
        assert_both_have(&s, "ann", 2);
        close_scene(&s);
    }
}

TEST(durable_control_gives_two_of_one_version_an_order)
{
    struct scene s;
    open_scene(&s);
    struct control c = pause_by("ann", 0, 0);
    s.finds = pause_by("bob", 0, 1);
    s.loses_what_is_published = true;
    say(&s, &c);
    assert_both_have(&s, "bob", 2);
    close_scene(&s);
}

TEST(durable_pause_never_shortens_another)
{
    static const struct {
        int64_t there, wanted, holds;
    } ROWS[] = {
        {0, AT + 600000, 0},
        {0, 0, 0},
        {AT + 900000, AT + 600000, AT + 900000},
        {AT + 600000, AT + 900000, AT + 900000},
        {AT + 600000, 0, 0},
        {AT - 1, AT + 600000, AT + 600000}, /* which is over */
    };
    for (size_t i = 0; i < EBB_COUNT(ROWS); i++) {
        struct scene s;
        struct control_held held;
        open_scene(&s);
        struct state_fixture *f = &s.state;
        struct control there = pause_by(CONTROL_BY_EBB, ROWS[i].there, 0),
                       wanted = pause_by("ann", ROWS[i].wanted, 0);
        say(&s, &there);
        say(&s, &wanted);
        assert_ok(state_read_control(&f->port, SCOPE, &f->arena, &held, &f->e), f->e);
        if (held.record.until != ROWS[i].holds) fail_msg("row %zu", i + 1);
        assert_true(held.recorded);
        close_scene(&s);
    }
}

/* It is not understood, and to write it anew would lose what it says. */
TEST(durable_said_leaves_a_newer_record_alone)
{
    for (int i = 0; i < 2; i++) {
        struct scene s;
        struct control_held held;
        open_scene(&s);
        struct state_fixture *f = &s.state;
        struct control newer = pause_by("ann", 0, 1);
        if (i == 0) newer.format = CONTROL_FORMAT + 1;
        if (i == 1) newer.kind = CONTROL_OTHER;
        assert_ok(state_set_control(&f->port, &newer, &f->arena, &f->e), f->e);
        assert_ok(durable_said(&s.fake.ports, SCOPE, &f->arena, &f->e), f->e);
        assert_int_equal(s.fake.published_n, 0);
        assert_ok(state_read_control(&f->port, SCOPE, &f->arena, &held, &f->e), f->e);
        assert_false(held.recorded);
        close_scene(&s);
    }
}
