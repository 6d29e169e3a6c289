/* SPDX-License-Identifier: Apache-2.0
 * Goal: answers that no Redis and no script of ours gives are told, and nothing is built on them.
 * Method: a port that answers from a list, and records in a real Redis that are none. */
#include "lib/store/keys.h"
#include "lib/store/state_control.h"
#include "tests/support/state_fixture.h"

struct answers {
    const struct reply *replies;
    size_t n, asked;
};

static int command(void *ctx, const struct str *args, size_t n, struct arena *a, struct reply *out,
                   struct err *e)
{
    struct answers *s = ctx;
    (void)args, (void)n, (void)a, (void)e;
    assert_true(s->asked < s->n);
    *out = s->replies[s->asked++];
    return E_OK;
}

static int script(void *ctx, const struct script *of, const struct str *keys,
                  const struct str *args, size_t n, struct arena *a, struct reply *out,
                  struct err *e)
{
    (void)of, (void)keys;
    return command(ctx, args, n, a, out, e);
}

static struct reply text(const char *words)
{
    return (struct reply){.kind = REPLY_STR, .text = str_from(words)};
}

TEST(state_time_is_two_numbers)
{
    struct arena a;
    struct err e = {0};
    int64_t now_ms = 7;
    struct reply parts[] = {text("1700000000"), text("soon")};
    const struct reply replies[] = {text("now"),
                                    {.kind = REPLY_LIST, .items = parts, .n = 1},
                                    {.kind = REPLY_LIST, .items = parts, .n = 2}};
    struct answers answers = {replies, EBB_COUNT(replies), 0};
    struct store_port port = {.ctx = &answers, .command = command};
    arena_init(&a);
    for (size_t i = 0; i < EBB_COUNT(replies); i++)
        assert_int_equal(state_time(&port, &a, &now_ms, &e), E_BUG);
    assert_int_equal(now_ms, 7);
    arena_release(&a);
}

TEST(state_of_a_server_that_names_no_run_is_no_redis_of_ours)
{
    struct arena a;
    struct err e = {0};
    struct str run_id, epoch;
    const struct reply replies[] = {text("# Server\r\nredis_version:7.0.15\r\n")};
    struct answers answers = {replies, 1, 0};
    struct store_port port = {.ctx = &answers, .command = command};
    arena_init(&a);
    assert_int_equal(state_run_id(&port, &a, &run_id, &epoch, &e), E_MISSING);
    assert_contains(str_from(e.text), "names no run_id");
    arena_release(&a);
}

/* What a claim answered in another form is not granted. */
TEST(state_claim_that_is_answered_in_another_form_is_no_claim)
{
    struct arena a;
    struct err e = {0};
    struct reply items[] = {text("ok"), text("1"), text(""), text("x"), text("0"), text("")};
    const struct reply replies[] = {text("ok"),
                                    {.kind = REPLY_LIST, .items = items, .n = 5},
                                    {.kind = REPLY_LIST, .items = items, .n = 6}};
    struct answers answers = {replies, EBB_COUNT(replies), 0};
    struct store_port port = {.ctx = &answers, .script = script};
    struct service_settings settings = {0};
    struct drain d = {.drain_id = STR("d"), .service = STR(STATE_SERVICE), .task_arn = STR("t")};
    struct claim_request request = {.drain = &d, .settings = &settings, .check_only = true};
    arena_init(&a);
    for (size_t i = 0; i < EBB_COUNT(replies); i++) {
        struct limits_fact out = {0};
        assert_int_equal(state_claim(&port, &request, &a, &out, &e), E_BUG);
        assert_contains(str_from(e.text), "claim: Redis answered in a form");
    }
    arena_release(&a);
}

TEST(state_control_that_is_no_record_is_told)
{
    struct state_fixture f;
    struct control_held held;
    state_fixture_open(&f);
    (void)state_fixture_redis(&f, "HSET {ebb}:controls account:1 garbage");
    assert_int_not_equal(state_read_control(&f.port, STR("account:1"), &f.arena, &held, &f.e), 0);
    assert_contains(str_from(f.e.text), "control record in Redis");
    state_fixture_close(&f);
}

/* One address is one key, whatever the service is called. */
TEST(state_keys_of_addresses_are_those_of_their_network)
{
    struct arena a;
    arena_init(&a);
    assert_str(key_address(&a, STR(STATE_SERVICE), STR("10.0.0.7")),
               "{ebb}:address:123456789012:us-east-1:10.0.0.7");
    assert_str(key_address(&a, STR("no key"), STR("10.0.0.7")), "{ebb}:address:10.0.0.7");
    arena_release(&a);
}
