/* SPDX-License-Identifier: Apache-2.0
 * Goal: a task that says it is empty is answered by where its drain stands, and only who has the
 * drain's token is heard. Method: a table of states on a real Redis, calls written by hand. */
#include "lib/distributor/token.h"
#include "producers/callback.h"
#include "tests/support/fake_ports.h"
#include "tests/support/state_fixture.h"

static const struct log QUIET = {.least = LOG_ERROR + 1};

struct game {
    struct state_fixture state;
    struct fake_ports fake;
    struct callback_desk desk;
    struct drain drain;
};

static void begin(struct game *g, enum drain_state state, int64_t start_sent_at)
{
    *g = (struct game){0};
    state_fixture_open(&g->state);
    fake_ports_open(&g->fake);
    g->fake.ports.store = g->state.port;
    g->fake.config.callback.secret = STR("0123456789abcdef");
    g->desk = (struct callback_desk){.ports = &g->fake.ports,
                                     .config = &g->fake.config,
                                     .log = &QUIET,
                                     .strikes = strikes_new()};
    g->drain = state_fixture_drain(&g->state, 1);
    state_fixture_claimed(&g->state, &g->drain);
    struct drain becomes = state_fixture_read(&g->state, &g->drain);
    becomes.state = (int)state;
    becomes.start_sent_at = start_sent_at;
    struct move_request request = {.becomes = &becomes};
    assert_ok(state_move(&g->state.port, &request, &g->state.arena, &g->drain, &g->state.e),
              g->state.e);
}

static void end(struct game *g)
{
    strikes_free(g->desk.strikes);
    fake_ports_close(&g->fake);
    state_fixture_close(&g->state);
}

static struct http_reply call(struct game *g, const char *method, struct str token)
{
    struct arena *a = &g->state.arena;
    struct http_header header = {STR("authorization"),
                                 arena_format(a, "Bearer %.*s", STR_ARG(token))};
    struct http_incoming request = {
        .method = str_from(method),
        .headers = &header,
        .headers_n = 1,
        .peer = STR("10.0.0.7"),
        .body = arena_format(a, "{\"taskArn\":\"%.*s\",\"drainId\":\"%.*s\"}",
                             STR_ARG(g->drain.task_arn), STR_ARG(g->drain.drain_id)),
    };
    struct http_reply reply = {0};
    callback_take(&g->desk, &request, a, &reply);
    return reply;
}

static struct str token_of(struct game *g)
{
    return token_for(&g->fake.config.callback, g->drain.drain_id, g->drain.task_arn,
                     &g->state.arena);
}

TEST(callback_is_answered_by_where_the_drain_stands)
{
    static const struct {
        enum drain_state state;
        int64_t start_sent_at;
        int status;
        const char *words;
        size_t published;
    } ROWS[] = {
        {DRAIN_CLAIMED, 0, 409, "no such drain", 0},  {DRAIN_REMOVED, 0, 409, "no such drain", 0},
        {DRAIN_REMOVED, 5, 200, "accepted", 1},       {DRAIN_DRAINING, 5, 200, "accepted", 1},
        {DRAIN_DRAINED, 5, 200, "already", 0},        {DRAIN_RELEASING, 5, 200, "already", 0},
        {DRAIN_SCALED_OUT, 5, 200, "already", 0},     {DRAIN_REPLACED, 5, 200, "already", 0},
        {DRAIN_GONE, 5, 200, "already", 0},           {DRAIN_UNDOING, 5, 409, "no such drain", 0},
        {DRAIN_RESTORED, 5, 409, "no such drain", 0}, {DRAIN_OTHER, 5, 409, "no such drain", 0},
    };
    for (size_t i = 0; i < EBB_COUNT(ROWS); i++) {
        struct game g;
        begin(&g, ROWS[i].state, ROWS[i].start_sent_at);
        struct http_reply reply = call(&g, "POST", token_of(&g));
        if (reply.status != ROWS[i].status) fail_msg("row %zu: %d", i + 1, reply.status);
        assert_contains(reply.body, ROWS[i].words);
        assert_int_equal(g.fake.published_n, ROWS[i].published);
        end(&g);
    }
}

TEST(callback_that_kafka_does_not_take_is_to_come_again)
{
    struct game g;
    begin(&g, DRAIN_DRAINING, 5);
    g.fake.bus_codes[0] = E_UNREACHABLE;
    struct http_reply reply = call(&g, "POST", token_of(&g));
    assert_int_equal(reply.status, 503);
    assert_int_equal(reply.headers_n, 1);
    assert_str(reply.headers[0].name, "Retry-After");
    assert_int_equal(call(&g, "POST", token_of(&g)).status, 200);
    end(&g);
}

TEST(callback_of_who_has_not_the_drains_token_is_not_heard)
{
    struct game g;
    begin(&g, DRAIN_DRAINING, 5);
    assert_int_equal(call(&g, "GET", token_of(&g)).status, 405);
    for (int i = 0; i < 20; i++)
        assert_int_equal(call(&g, "POST", STR("guessed")).status, 401);
    assert_int_equal(call(&g, "POST", token_of(&g)).status, 429);
    assert_int_equal(g.fake.published_n, 0);
    g.fake.now_ms += 60001;
    assert_int_equal(call(&g, "POST", token_of(&g)).status, 200);
    end(&g);
}
