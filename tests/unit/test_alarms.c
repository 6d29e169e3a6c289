/* SPDX-License-Identifier: Apache-2.0
 * Goal: an alarm that stays in ALARM asks for its service at the cooldown's pace, one that does not
 * asks nothing, and one that cannot be read neither asks nor is forgotten. Method: passes of the poll
 * over scripted CloudWatch, a real Redis, and a clock that the test sets. */
/* rule 2: one fixture and one subject read best in one piece. */
#include "lib/record/walkers.h"
#include "lib/store/keys.h"
#include "lib/store/state_alarms.h"
#include "producers/alarms.h"
#include "tests/sim/redis_port.h"
#include "tests/support/fake_ports.h"
#include "tests/support/state_fixture.h"

#define POLL_MS ((int64_t)60 * 1000)
#define ARN     "arn:aws:cloudwatch:us-east-1:123456789012:alarm:"
/* A metric alarm of ECS service demo/NAME, and one of another kind. */
#define OF_SERVICE(name, state, service)                                                           \
    "{\"AlarmName\":\"" name "\",\"AlarmArn\":\"" ARN name "\",\"StateValue\":\"" state            \
    "\",\"StateTransitionedTimestamp\":1699990000,\"Dimensions\":[{\"Name\":\"ClusterName\","      \
    "\"Value\":\"demo\"},{\"Name\":\"ServiceName\",\"Value\":\"" service "\"}]}"
#define OF_NONE(name, state)                                                                       \
    "{\"AlarmName\":\"" name "\",\"AlarmArn\":\"" ARN name "\",\"StateValue\":\"" state            \
    "\",\"StateUpdatedTimestamp\":1699990000}"
#define DESCRIBED(metrics, composites)                                                             \
    "{\"MetricAlarms\":[" metrics "],\"CompositeAlarms\":[" composites "]}"

struct poll_test {
    struct state_fixture state;
    struct fake_ports fake;
    struct alarms_pass pass;
    struct log log;
    struct str listed[500];
    /* The API budget's own Redis, whose time the test owns. */
    struct redis_model *redis;
    int64_t redis_ms, waited_ms;
    bool stands_still, stops; /* Redis's time; waiting ends at once */
};

static int64_t redis_now_us(void *ctx)
{
    return ((const struct poll_test *)ctx)->redis_ms * 1000;
}

static bool wait_for_budget(void *ctx, int64_t ms)
{
    struct poll_test *t = ctx;
    assert_true(ms > 0);
    t->waited_ms += ms;
    if (!t->stands_still) t->redis_ms += ms;
    return t->stops;
}

static void begin(struct poll_test *t)
{
    state_fixture_open(&t->state);
    fake_ports_open(&t->fake);
    t->fake.ports.store = t->state.port;
    t->fake.settings.cooldown_ms = 0;
    t->fake.config.alarms.poll_ms = POLL_MS;
    t->fake.config.services = LIST_OF(&t->fake.settings, 1);
    t->log = (struct log){.clock = t->fake.ports.clock, .least = LOG_ERROR + 1};
    t->pass = (struct alarms_pass){.ports = &t->fake.ports,
                                   .log = &t->log,
                                   .config = &t->fake.config,
                                   .region = STR("us-east-1"),
                                   .wait = wait_for_budget,
                                   .wait_ctx = t};
}

/* Calls are limited: at half of AWS's own limits two of a priority of reading go at once. */
static void begin_limited(struct poll_test *t)
{
    begin(t);
    t->redis_ms = t->fake.now_ms;
    t->redis = redis_model_new(redis_now_us, t, STR("0000000000000000000000000000000000000001"));
    struct budget_options options = {
        .store = redis_port_of(t->redis), .clock = t->fake.ports.clock, .share = 50};
    t->fake.ports.budget = budget_new(&options);
}

static void end(struct poll_test *t)
{
    budget_free(t->fake.ports.budget);
    if (t->redis) redis_model_free(t->redis);
    fake_ports_close(&t->fake);
    state_fixture_close(&t->state);
}

static void list(struct poll_test *t, const char *name)
{
    struct list *alarms = &t->fake.settings.alarms;
    t->listed[alarms->n] = str_from(name);
    *alarms = LIST_OF(t->listed, alarms->n + 1);
}

static void heard(struct poll_test *t, const char *name)
{
    struct alarm_note note = {.name = str_from(name), .state = ALARM_ALARM};
    struct alarm_notes notes = {&note, 1};
    assert_ok(state_note_alarms(&t->state.port, STR(STATE_SERVICE), &notes, t->fake.now_ms - 1000,
                                0, &t->state.arena, &t->state.e),
              t->state.e);
}

/* One poll, a poll's time after the last; how many more asked. */
static size_t poll_code(struct poll_test *t, int code)
{
    int64_t pause_ms;
    struct err e = {0};
    size_t before = t->fake.published_n;
    t->fake.now_ms += POLL_MS;
    assert_int_equal(alarms_pass(&t->pass, true, &pause_ms, &e), code);
    assert_true(pause_ms > 0 && pause_ms <= 1000);
    return t->fake.published_n - before;
}

static size_t poll(struct poll_test *t, const char *described)
{
    if (described) fake_aws_says(&t->fake, "DescribeAlarms", described);
    return poll_code(t, E_OK);
}

static struct message asked(struct poll_test *t, size_t i)
{
    struct message m = {0};
    struct err e = {0};
    assert_str(t->fake.published[i].topic, TOPIC_SELECT);
    assert_ok(msgpack_decode(&MESSAGE_RECORD, t->fake.published[i].value, &t->state.arena, &m, &e),
              e);
    return m;
}

static struct alarm_notes noted(struct poll_test *t)
{
    struct alarm_notes notes;
    assert_ok(
        state_read_alarms(&t->state.port, STR(STATE_SERVICE), &t->state.arena, &notes, &t->state.e),
        t->state.e);
    return notes;
}

TEST(alarms_in_alarm_ask_each_time_with_a_cause_and_a_time_of_their_own)
{
    struct poll_test t = {0};
    begin(&t);
    heard(&t, "calls-idle");
    assert_int_equal(poll(&t, DESCRIBED(OF_SERVICE("calls-idle", "ALARM", "calls"), "")), 1);
    struct message first = asked(&t, 0);
    assert_str(first.service, STATE_SERVICE);
    assert_str(first.alarm, "calls-idle");
    assert_int_equal(first.alarm_state, ALARM_ALARM);
    assert_int_equal(first.time, t.fake.now_ms);
    assert_true(str_starts(first.cause, STR("level-")));
    assert_int_equal(poll(&t, DESCRIBED(OF_SERVICE("calls-idle", "ALARM", "calls"), "")), 1);
    struct message next = asked(&t, 1);
    assert_false(str_eq(first.cause, next.cause));
    assert_int_equal(next.time, t.fake.now_ms);
    end(&t);
}

TEST(alarms_that_are_not_in_alarm_ask_nothing)
{
    static const char *const DESCRIPTIONS[] = {
        DESCRIBED(OF_SERVICE("calls-idle", "OK", "calls"), ""),
        DESCRIBED(OF_SERVICE("calls-idle", "INSUFFICIENT_DATA", "calls"), ""),
        DESCRIBED(OF_SERVICE("calls-idle", "SOMETHING_NEW", "calls"), ""),
    };
    for (size_t i = 0; i < EBB_COUNT(DESCRIPTIONS); i++) {
        struct poll_test t = {0};
        begin(&t);
        heard(&t, "calls-idle");
        assert_int_equal(poll(&t, DESCRIPTIONS[i]), 0);
        assert_int_equal(noted(&t).n, 1);
        assert_true(noted(&t).items[0].state != ALARM_ALARM);
        end(&t);
    }
}

TEST(alarms_ask_at_the_cooldowns_pace_and_not_while_limits_forbid_it)
{
    struct poll_test t = {0};
    const char *described = DESCRIBED(OF_SERVICE("calls-idle", "ALARM", "calls"), "");
    begin(&t);
    t.fake.settings.cooldown_ms = 900000;
    heard(&t, "calls-idle");
    assert_int_equal(poll(&t, described), 1);
    assert_int_equal(poll(&t, described), 0);
    /* The pace is over: it asks again, for nothing came of it. */
    state_fixture_redis(&t.state, "DEL {ebb}:asked:" STATE_SERVICE);
    assert_int_equal(poll(&t, described), 1);
    /* The pace is over, and a drain's own cooldown is not. */
    state_fixture_redis(&t.state, "DEL {ebb}:asked:" STATE_SERVICE);
    struct drain d = state_fixture_drain(&t.state, 1);
    state_fixture_claimed(&t.state, &d);
    assert_int_equal(poll(&t, described), 0);
    /* And when that is over, too. */
    state_fixture_redis(&t.state, "DEL {ebb}:begun:" STATE_SERVICE);
    assert_int_equal(poll(&t, described), 1);
    end(&t);
}

/* Select would refuse it, and the service would have asked for nothing a whole cooldown long. */
TEST(alarms_ask_nothing_while_the_account_is_at_its_limit)
{
    struct poll_test t = {0};
    const char *described = DESCRIBED(OF_SERVICE("calls-idle", "ALARM", "calls"), "");
    begin(&t);
    t.fake.settings.cooldown_ms = 900000;
    t.fake.config.limits.open_per_account = 1;
    heard(&t, "calls-idle");
    struct drain d = state_fixture_drain(&t.state, 1);
    d.service = STR("aws:us-east-1:123456789012:demo/chat");
    state_fixture_claimed(&t.state, &d);
    assert_int_equal(poll(&t, described), 0);
    state_fixture_end(&t.state, &d, DRAIN_RESTORED);
    assert_int_equal(poll(&t, described), 1);
    end(&t);
}

#define CALLS  OF_SERVICE("calls-idle", "ALARM", "calls")
#define QUIET  OF_SERVICE("calls-quiet", "ALARM", "calls")
#define CHAT   OF_SERVICE("chat-idle", "ALARM", "chat")
#define DULL   OF_SERVICE("dull-idle", "OK", "dull")
#define GAMES  OF_SERVICE("games-idle", "ALARM", "games")
#define OF_ALL DESCRIBED(CALLS "," QUIET "," CHAT "," DULL "," GAMES, "")

static void hear_all(struct poll_test *t)
{
    heard(t, "calls-idle");
    heard(t, "calls-quiet");
    heard(t, "chat-idle");
    heard(t, "dull-idle");
    heard(t, "games-idle");
}

/* The first that asks gets the account's last slot; were it always the same, the others never would. */
TEST(alarms_of_several_services_ask_in_turns)
{
    static const char *const FIRST[] = {"calls", "chat", "games", "calls"};
    struct poll_test t = {0};
    begin(&t);
    t.fake.settings.match = STR("demo/*");
    hear_all(&t);
    for (size_t i = 0; i < EBB_COUNT(FIRST); i++) {
        assert_int_equal(poll(&t, OF_ALL), 3);
        assert_true(str_ends(asked(&t, 3 * i).service, str_from(FIRST[i])));
    }
    end(&t);
}

/* Select refuses whom the account has no room for: they are not to be silent for a cooldown. */
TEST(alarms_that_the_account_has_no_room_for_ask_at_the_next_poll)
{
    struct poll_test t = {0};
    begin(&t);
    t.fake.settings.match = STR("demo/*");
    t.fake.settings.cooldown_ms = 900000;
    t.fake.config.limits.open_per_account = 2;
    hear_all(&t);
    assert_int_equal(poll(&t, OF_ALL), 3);
    assert_int_equal(poll(&t, OF_ALL), 1);
    assert_true(str_ends(asked(&t, 3).service, STR("games")));
    assert_int_equal(poll(&t, OF_ALL), 0);
    end(&t);
}

TEST(alarms_ask_nothing_while_redis_may_not_know_all_drains)
{
    struct poll_test t = {0};
    begin(&t);
    heard(&t, "calls-idle");
    state_fixture_redis(&t.state, "DEL {ebb}:epoch");
    assert_int_equal(poll(&t, DESCRIBED(OF_SERVICE("calls-idle", "ALARM", "calls"), "")), 0);
    end(&t);
}

TEST(alarms_that_cannot_be_read_ask_nothing_and_are_read_again)
{
    struct poll_test t = {0};
    begin(&t);
    heard(&t, "calls-idle");
    fake_aws_fails(&t.fake, "DescribeAlarms", E_UNREACHABLE, "");
    assert_int_equal(poll(&t, NULL), 0);
    fake_aws_fails(&t.fake, "DescribeAlarms", E_DENIED, "AccessDenied");
    assert_int_equal(poll(&t, NULL), 0);
    assert_int_equal(noted(&t).n, 1);
    assert_int_equal(poll(&t, DESCRIBED(OF_SERVICE("calls-idle", "ALARM", "calls"), "")), 1);
    end(&t);
}

TEST(alarms_of_one_service_ask_once_if_any_is_in_alarm)
{
    struct poll_test t = {0};
    begin(&t);
    heard(&t, "calls-idle");
    list(&t, "calls-quiet");
    list(&t, "calls-night");
    assert_int_equal(poll(&t, DESCRIBED(OF_SERVICE("calls-idle", "OK",
                                                   "calls") "," OF_NONE("calls-quiet", "ALARM"),
                                        OF_NONE("calls-night", "ALARM"))),
                     1);
    assert_str(asked(&t, 0).service, STATE_SERVICE);
    assert_str(asked(&t, 0).alarm, "calls-night");
    assert_int_equal(noted(&t).n, 3);
    end(&t);
}

/* Listed alarms need no event: their own ARN says of which region and account they are. */
TEST(alarms_that_are_listed_ask_though_nobody_heard_of_them)
{
    struct poll_test t = {0};
    begin(&t);
    list(&t, "quiet");
    assert_int_equal(poll(&t, DESCRIBED("", OF_NONE("quiet", "ALARM"))), 1);
    assert_str(asked(&t, 0).service, STATE_SERVICE);
    assert_str(t.fake.calls[0].region, "us-east-1");
    end(&t);
}

TEST(alarms_that_mean_the_service_no_more_are_forgotten)
{
    static const char *const DESCRIPTIONS[] = {
        DESCRIBED("", ""),                                        /* it is no more */
        DESCRIBED(OF_SERVICE("calls-idle", "ALARM", "chat"), ""), /* another's, that is not ours */
        DESCRIBED("", OF_NONE("calls-idle", "ALARM")), /* composite now, and listed nowhere */
    };
    for (size_t i = 0; i < EBB_COUNT(DESCRIPTIONS); i++) {
        struct poll_test t = {0};
        begin(&t);
        heard(&t, "calls-idle");
        assert_int_equal(poll(&t, DESCRIPTIONS[i]), 0);
        assert_int_equal(noted(&t).n, 0);
        /* Nothing is left to ask about. */
        assert_int_equal(poll(&t, NULL), 0);
        end(&t);
    }
}

TEST(alarms_that_mean_another_service_now_ask_for_that)
{
    struct poll_test t = {0};
    begin(&t);
    t.fake.settings.match = STR("demo/*");
    heard(&t, "calls-idle");
    assert_int_equal(poll(&t, DESCRIBED(OF_SERVICE("calls-idle", "ALARM", "chat"), "")), 1);
    assert_str(asked(&t, 0).service, "aws:us-east-1:123456789012:demo/chat");
    assert_int_equal(noted(&t).n, 0);
    end(&t);
}

/* A word that Kafka will never take is for this service alone. */
TEST(alarms_of_one_service_keep_no_other_from_being_asked_for)
{
    struct poll_test t = {0};
    begin(&t);
    t.fake.settings.match = STR("demo/*");
    heard(&t, "calls-idle");
    heard(&t, "chat-idle");
    t.fake.bus_codes[0] = E_TOO_LARGE;
    assert_int_equal(poll(&t, DESCRIBED(OF_SERVICE("calls-idle", "ALARM", "calls") "," OF_SERVICE(
                                            "chat-idle", "ALARM", "chat"),
                                        "")),
                     2);
    assert_str(asked(&t, 0).service, STATE_SERVICE);
    assert_str(asked(&t, 1).service, "aws:us-east-1:123456789012:demo/chat");
    end(&t);
}

TEST(alarms_of_expressions_mean_the_service_of_their_metrics)
{
    struct poll_test t = {0};
    begin(&t);
    t.fake.settings.match = STR("demo/*");
    heard(&t, "calls-idle");
    assert_int_equal(
        poll(&t, "{\"MetricAlarms\":[{\"AlarmName\":\"calls-idle\",\"AlarmArn\":\"" ARN
                 "calls-idle\",\"StateValue\":\"ALARM\",\"StateTransitionedTimestamp\":1699990000,"
                 "\"Metrics\":[{\"Id\":\"e\",\"Expression\":\"m*2\"},{\"Id\":\"m\",\"MetricStat\":"
                 "{\"Metric\":{\"Dimensions\":[{\"Name\":\"ClusterName\",\"Value\":\"demo\"},"
                 "{\"Name\":\"ServiceName\",\"Value\":\"chat\"}]}}}]}],\"CompositeAlarms\":[]}"),
        1);
    assert_str(asked(&t, 0).service, "aws:us-east-1:123456789012:demo/chat");
    end(&t);
}

TEST(alarms_of_services_that_nobody_manages_are_not_read)
{
    struct poll_test t = {0};
    begin(&t);
    t.fake.settings.match = STR("demo/chat");
    heard(&t, "calls-idle");
    assert_int_equal(poll(&t, NULL), 0);
    end(&t);
}

TEST(alarms_are_polled_by_the_leader_alone_and_at_their_time)
{
    struct poll_test t = {0};
    int64_t pause_ms;
    struct err e = {0};
    begin(&t);
    list(&t, "quiet");
    assert_int_equal(alarms_pass(&t.pass, false, &pause_ms, &e), E_OK);
    assert_int_equal(poll(&t, DESCRIBED("", "")), 0);
    t.fake.now_ms += POLL_MS - 1;
    assert_int_equal(alarms_pass(&t.pass, true, &pause_ms, &e), E_OK);
    t.fake.config.alarms.poll_ms = 0;
    assert_int_equal(poll(&t, NULL), 0);
    end(&t);
}

/* The message was refused, or nobody knows: nothing is noted, so the next poll asks. */
TEST(alarms_whose_asking_is_not_published_ask_at_the_next_poll)
{
    struct poll_test t = {0};
    const char *described = DESCRIBED(OF_SERVICE("calls-idle", "ALARM", "calls"), "");
    begin(&t);
    t.fake.settings.cooldown_ms = 900000;
    t.fake.bus_codes[0] = E_UNREACHABLE;
    heard(&t, "calls-idle");
    fake_aws_says(&t.fake, "DescribeAlarms", described);
    assert_int_equal(poll_code(&t, E_UNREACHABLE), 1);
    assert_int_equal(poll(&t, described), 1);
    assert_int_equal(poll(&t, described), 0);
    end(&t);
}

TEST(alarms_are_read_a_hundred_a_call)
{
    struct poll_test t = {0};
    struct alarm_note notes[150];
    begin(&t);
    for (int i = 0; i < 150; i++)
        notes[i] = (struct alarm_note){.name = arena_format(&t.state.arena, "idle-%03d", i)};
    struct alarm_notes all = {notes, 150};
    assert_ok(state_note_alarms(&t.state.port, STR(STATE_SERVICE), &all, t.fake.now_ms - 1, 0,
                                &t.state.arena, &t.state.e),
              t.state.e);
    fake_aws_fails(&t.fake, "DescribeAlarms", E_UNREACHABLE, "");
    assert_int_equal(poll(&t, DESCRIBED(OF_SERVICE("idle-149", "ALARM", "calls"), "")), 1);
    assert_contains(t.fake.calls[0].input, "idle-099");
    assert_contains(t.fake.calls[1].input, "idle-100");
    /* What could not be read stays; what is no more goes. */
    assert_int_equal(noted(&t).n, 101);
    end(&t);
}

static void list_many(struct poll_test *t)
{
    for (int i = 0; i < 500; i++)
        t->listed[i] = arena_format(&t->state.arena, "idle-%03d", i);
    t->fake.settings.alarms = LIST_OF(t->listed, 500);
}

/* Whether calls of that account have taken from the budget. */
static bool has_spent(struct poll_test *t, const char *account)
{
    struct reply reply;
    struct str command[] = {STR("EXISTS"),
                            key_budget(&t->state.arena, str_from(account), STR("us-east-1"))};
    redis_model_command(t->redis, command, EBB_COUNT(command), &t->state.arena, &reply);
    assert_int_equal(reply.kind, REPLY_INT);
    return reply.integer == 1;
}

TEST(alarms_that_the_budget_puts_off_are_waited_for)
{
    struct poll_test t = {0};
    begin_limited(&t);
    list_many(&t);
    for (int i = 0; i < 4; i++)
        fake_aws_says(&t.fake, "DescribeAlarms", DESCRIBED("", ""));
    assert_int_equal(poll(&t, DESCRIBED("", OF_NONE("idle-499", "ALARM"))), 1);
    assert_contains(t.fake.calls[4].input, "idle-499");
    assert_true(t.waited_ms > 0);
    end(&t);
}

TEST(alarms_are_waited_for_no_longer_when_it_is_time_to_stop)
{
    struct poll_test t = {0};
    begin_limited(&t);
    list_many(&t);
    heard(&t, "idle-000");
    t.stops = true;
    fake_aws_says(&t.fake, "DescribeAlarms", DESCRIBED("", OF_NONE("idle-000", "ALARM")));
    fake_aws_says(&t.fake, "DescribeAlarms", DESCRIBED("", ""));
    assert_int_equal(poll_code(&t, E_STOPPED), 0);
    end(&t);
}

/* The same names are not left out again and again. */
TEST(alarms_that_the_budget_left_out_are_read_first_at_the_next_poll)
{
    static const char *const FIRST[] = {"idle-000", "idle-100", "idle-200", "idle-300",
                                        "idle-400", "idle-000", "idle-100", "idle-200"};
    struct poll_test t = {0};
    begin_limited(&t);
    list_many(&t);
    t.stands_still = true;
    for (size_t i = 0; i < EBB_COUNT(FIRST); i += 2) {
        int64_t before_ms = t.waited_ms;
        fake_aws_says(&t.fake, "DescribeAlarms", DESCRIBED("", ""));
        assert_int_equal(poll(&t, DESCRIBED("", "")), 0);
        assert_contains(t.fake.calls[i].input, FIRST[i]);
        assert_contains(t.fake.calls[i + 1].input, FIRST[i + 1]);
        /* And the wait has its bound. */
        assert_int_equal(t.waited_ms - before_ms, 5 * POLL_MS);
        t.redis_ms += POLL_MS;
    }
    end(&t);
}

/* One bucket, and not a second one beside that of the looks. */
TEST(alarms_are_read_on_the_account_of_the_services_they_mean)
{
    struct poll_test t = {0};
    begin_limited(&t);
    list_many(&t);
    heard(&t, "of-the-last-call");
    for (int i = 0; i < 5; i++)
        fake_aws_says(&t.fake, "DescribeAlarms", DESCRIBED("", ""));
    assert_int_equal(poll(&t, DESCRIBED("", "")), 0);
    assert_true(has_spent(&t, "123456789012"));
    assert_false(has_spent(&t, ""));
    end(&t);
}

/* What was read says whose it is. */
TEST(alarms_that_are_listed_are_read_on_their_own_account)
{
    struct poll_test t = {0};
    begin_limited(&t);
    list_many(&t);
    t.fake.settings.cooldown_ms = 900000;
    for (int i = 0; i < 4; i++)
        fake_aws_says(&t.fake, "DescribeAlarms", DESCRIBED("", OF_NONE("idle-000", "OK")));
    assert_int_equal(poll(&t, DESCRIBED("", "")), 0);
    assert_true(has_spent(&t, "123456789012"));
    end(&t);
}

TEST(alarms_end_makes_drains_that_depend_on_them_look)
{
    struct poll_test t = {0};
    begin(&t);
    t.fake.settings.cancel_when_ok = true;
    struct drain d = state_fixture_drain(&t.state, 1);
    d.look_at = t.fake.now_ms + 10 * POLL_MS;
    state_fixture_claimed(&t.state, &d);
    heard(&t, "calls-idle");
    assert_int_equal(poll(&t, DESCRIBED(OF_SERVICE("calls-idle", "OK", "calls"), "")), 0);
    struct reply r = state_fixture_redis(&t.state, "ZSCORE {ebb}:timers %.*s", STR_ARG(d.drain_id));
    int64_t at = 0;
    assert_true(str_to_int(r.text, &at));
    assert_int_equal(at, t.fake.now_ms);
    end(&t);
}
