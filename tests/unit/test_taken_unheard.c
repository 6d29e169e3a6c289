/* SPDX-License-Identifier: Apache-2.0
 * Goal: what is told to Redis of messages in hand is told again when it does not answer, and a message
 * that cannot be counted is worked on. Method: as in test_taken.c, with a Redis that is silent for some
 * calls, or away. */
#include "lib/run/taken.h"
#include "tests/support/desk.h"

struct shy_store {
    const struct store_port *port;
    int silent; /* so often it does not answer */
};

static int shy_script(void *ctx, const struct script *script, const struct str *keys,
                      const struct str *args, size_t n, struct arena *a, struct reply *out,
                      struct err *e)
{
    struct shy_store *s = ctx;
    if (s->silent && s->silent--) return err_set(e, E_UNKNOWN_OUTCOME, "the test says so");
    return s->port->script(s->port->ctx, script, keys, args, n, a, out, e);
}

static int shy_command(void *ctx, const struct str *args, size_t n, struct arena *a,
                       struct reply *out, struct err *e)
{
    struct shy_store *s = ctx;
    if (s->silent && s->silent--) return err_set(e, E_UNKNOWN_OUTCOME, "the test says so");
    return s->port->command(s->port->ctx, args, n, a, out, e);
}

/* The offset may not be passed for long: each time it comes again one who died would be left. */
TEST(taken_and_worked_off_is_said_again_when_redis_does_not_answer)
{
    struct desk k;
    desk_open(&k);
    desk_lay_message(&k, desk_done_at_once);
    struct shy_store shy = {.port = &k.state.port, .silent = 2};
    k.fake.ports.holder = STR("a");
    assert_int_equal(taken_begin(&k.fake.ports, &k.options.log, &k.message), 0);
    k.fake.ports.store = (struct store_port){.ctx = &shy, .command = shy_command};
    taken_end(&k.fake.ports, &k.options.log, &k.message);
    assert_int_equal(desk_taken(&k), 0);
    desk_close(&k);
}

TEST(taken_and_given_back_is_said_again_when_redis_does_not_answer)
{
    struct desk k;
    desk_open(&k);
    desk_lay_message(&k, desk_done_at_once);
    struct shy_store shy = {.port = &k.state.port};
    desk_die_with(&k, STR("a"));
    shy.silent = 2;
    k.fake.ports.store = (struct store_port){.ctx = &shy, .script = shy_script};
    desk_give_back(&k, STR("a"));
    assert_int_equal(desk_taken(&k), 0);
    desk_close(&k);
}

static int away(void *ctx, const struct str *args, size_t n, struct arena *a, struct reply *out,
                struct err *e)
{
    (void)ctx;
    (void)args;
    (void)n;
    (void)a;
    (void)out;
    return err_set(e, E_UNREACHABLE, "the test says so");
}

static int script_away(void *ctx, const struct script *script, const struct str *keys,
                       const struct str *args, size_t n, struct arena *a, struct reply *out,
                       struct err *e)
{
    (void)script;
    (void)keys;
    return away(ctx, args, n, a, out, e);
}

TEST(taken_without_a_redis_is_worked_on)
{
    struct desk k;
    desk_open(&k);
    desk_lay_message(&k, desk_done_at_once);
    for (int i = 0; i < TAKEN_MAX; i++)
        assert_int_equal(desk_die_with(&k, arena_format(&k.state.arena, "%d", i)), i);
    k.fake.ports.store = (struct store_port){.command = away, .script = script_away};
    assert_int_equal(desk_work(&k), HANDLED_DONE);
    assert_int_equal(k.fake.published_n, 0);
    assert_false(taken_give_back(&k.fake.ports, &k.options.log, &k.message));
    desk_close(&k);
}
