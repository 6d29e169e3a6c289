/* SPDX-License-Identifier: Apache-2.0
 * Goal: whatever happens to the server, a command reports truthfully whether it surely did not run
 * or may have, nothing is sent twice, and the store recovers by itself. Method: a redis-server that
 * is killed, frozen and restarted, and a server that says what the test wants. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "lib/store/reply.h"
#include "lib/store/store.h"
#include "tests/support/fake_redis.h"
#include "tests/support/redis.h"
#include "tests/support/test.h"

#define URL_BYTES     64
#define TIMEOUT_MS    10000
#define SHORT_TIME_MS 100

static struct store_options options_of(const struct fake_redis *fake, char url[URL_BYTES])
{
    (void)snprintf(url, URL_BYTES, "redis://127.0.0.1:%d", fake_redis_port(fake));
    return test_redis_options(url);
}

static struct store *open_fake(const struct fake_redis *fake)
{
    char url[URL_BYTES];
    struct store_options options = options_of(fake, url);
    struct store *store;
    struct err e = {0};
    assert_ok(store_open(&options, &store, &e), e);
    return store;
}

static int try_incr(struct store *store, struct err *e)
{
    struct store_port port = store_port_of(store);
    struct str args[] = {STR("INCR"), STR("n")};
    struct arena a;
    arena_init(&a);
    struct reply r;
    int code = store_command(&port, args, EBB_COUNT(args), &a, &r, e);
    arena_release(&a);
    return code;
}

TEST(store_command_on_a_dead_server_surely_did_not_run)
{
    struct test_redis *redis = test_redis_start(NULL);
    struct store *store = test_redis_open(redis);
    struct err e = {0};
    assert_ok(try_incr(store, &e), e);
    test_redis_kill(redis);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(try_incr(store, &e), E_UNREACHABLE);
        assert_contains(str_from(e.text), redis->socket);
    }
    test_redis_restart(redis);
    assert_ok(try_incr(store, &e), e);
    /* Killed and restarted between two commands: the dead connection is replaced unseen. */
    test_redis_kill(redis);
    test_redis_restart(redis);
    assert_ok(try_incr(store, &e), e);
    store_close(store);
    test_redis_stop(redis);
}

struct blocked {
    struct store *store;
    struct err e;
    int code;
};

static void *block(void *ctx)
{
    struct blocked *blocked = ctx;
    struct store_port port = store_port_of(blocked->store);
    struct str args[] = {STR("BLPOP"), STR("never"), STR("0")};
    struct arena a;
    arena_init(&a);
    struct reply r;
    blocked->code = store_command(&port, args, EBB_COUNT(args), &a, &r, &blocked->e);
    arena_release(&a);
    return NULL;
}

static void wait_until_blocked(struct store *store)
{
    struct arena a;
    arena_init(&a);
    struct clock clock = clock_system();
    int64_t deadline_ms = clock_mono_ms(&clock) + TIMEOUT_MS;
    for (;;) {
        struct reply r = test_redis_command(store, &a, "INFO clients");
        if (str_contains(r.text, STR("blocked_clients:1"))) break;
        assert_true(clock_mono_ms(&clock) < deadline_ms);
    }
    arena_release(&a);
}

TEST(store_command_cut_off_in_the_middle_is_unknown)
{
    struct test_redis *redis = test_redis_start(NULL);
    struct store *store = test_redis_open(redis);
    struct blocked blocked = {.store = store};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, block, &blocked), 0);
    wait_until_blocked(store);
    test_redis_kill(redis);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(blocked.code, E_UNKNOWN_OUTCOME);
    test_redis_restart(redis);
    struct err e = {0};
    assert_ok(try_incr(store, &e), e);
    store_close(store);
    test_redis_stop(redis);
}

TEST(store_command_without_an_answer_is_unknown_and_never_repeated)
{
    struct test_redis *redis = test_redis_start(NULL);
    struct store_options options = test_redis_options(redis->url);
    options.command_timeout_ms = SHORT_TIME_MS;
    struct store *store;
    struct err e = {0};
    assert_ok(store_open(&options, &store, &e), e);
    assert_ok(try_incr(store, &e), e);
    test_redis_freeze(redis);
    assert_int_equal(try_incr(store, &e), E_UNKNOWN_OUTCOME);
    assert_contains(str_from(e.text), "no answer within 100 ms");
    test_redis_thaw(redis);
    /* It did run after all, once; its late answer is not taken for another command's. */
    struct store *patient = test_redis_open(redis);
    struct arena a;
    arena_init(&a);
    struct reply r = test_redis_command(patient, &a, "GET n");
    assert_str(reply_text(&r), "2");
    arena_release(&a);
    store_close(patient);
    store_close(store);
    test_redis_stop(redis);
}

TEST(store_connect_has_a_time_limit)
{
    struct test_redis *redis = test_redis_start(NULL);
    struct store_options options = test_redis_options(redis->url);
    options.connect_timeout_ms = SHORT_TIME_MS;
    test_redis_freeze(redis);
    struct store *store;
    struct err e = {0};
    assert_int_equal(store_open(&options, &store, &e), E_UNREACHABLE);
    assert_contains(str_from(e.text), "no answer within 100 ms");
    test_redis_stop(redis);
}

struct stranger_row {
    struct fake_redis_rule rule;
    int code;
    const char *part_of_error;
};

static const struct stranger_row STRANGERS[] = {
    {{"*", "HTTP/1.1 400 Bad Request\r\n\r\n", FAKE_REDIS_CLOSE, 0}, E_MISSING, "protocol"},
    {{"*", "", FAKE_REDIS_CLOSE, 0}, E_UNREACHABLE, "TLS"},
    {{"*", "+PONG\r\n", FAKE_REDIS_FLOOD, 0}, E_MISSING, "redis at"},
    {{"*", "*2147483647\r\n", FAKE_REDIS_GO_ON, 0}, E_MISSING, "limit"},
    {{"PING", "+HELLO\r\n", FAKE_REDIS_GO_ON, 0}, E_MISSING, "not PONG"},
    {{"PING", "-LOADING Redis is loading\r\n", FAKE_REDIS_GO_ON, 0}, E_UNAVAILABLE, "loading"},
    {{"PING", "-MASTERDOWN Link\r\n", FAKE_REDIS_GO_ON, 0}, E_UNAVAILABLE, "replica"},
    {{"PING", "-ERR max number of clients reached\r\n", FAKE_REDIS_CLOSE, 0},
     E_UNAVAILABLE,
     "too many clients"},
    {{"INFO", "$-1\r\n", FAKE_REDIS_GO_ON, 0}, E_MISSING, "not text"},
    {{"INFO", "$2\r\nhi\r\n", FAKE_REDIS_GO_ON, 0}, E_MISSING, "not a Redis"},
    {{"INFO", "-ERR unknown command\r\n", FAKE_REDIS_GO_ON, 0}, E_MISSING, "refuses INFO"},
};

TEST(store_open_tells_who_answers_instead_of_redis)
{
    for (size_t i = 0; i < EBB_COUNT(STRANGERS); i++) {
        struct fake_redis_rule rules[] = {STRANGERS[i].rule, {0}};
        struct fake_redis *fake = fake_redis_start(rules);
        char url[URL_BYTES];
        struct store_options options = options_of(fake, url);
        struct store *store;
        struct err e = {0};
        int code = store_open(&options, &store, &e);
        if (code != STRANGERS[i].code) fail_msg("row %zu: %d, %s", i, code, e.text);
        assert_contains(str_from(e.text), STRANGERS[i].part_of_error);
        fake_redis_stop(fake);
    }
}

TEST(store_does_not_show_the_password_to_readers_of_errors)
{
    struct fake_redis_rule rules[] = {
        {"AUTH", "-ERR unknown command 'AUTH' with args 'ebb' 'hunter2'\r\n", FAKE_REDIS_GO_ON, 0},
        {0}};
    struct fake_redis *fake = fake_redis_start(rules);
    char url[URL_BYTES];
    struct store_options options = options_of(fake, url);
    options.username = STR("ebb");
    options.password = STR("hunter2");
    struct store *store;
    struct err e = {0};
    assert_int_equal(store_open(&options, &store, &e), E_DENIED);
    assert_false(str_contains(str_from(e.text), STR("hunter2")));
    fake_redis_stop(fake);
}

struct broken_row {
    const char *answer;
    enum fake_redis_then then;
    int code;
    int connections; /* 2: the one that heard it was given up */
};

static const struct broken_row BROKEN[] = {
    {"garbage\r\n", FAKE_REDIS_GO_ON, E_UNKNOWN_OUTCOME, 2},
    {"", FAKE_REDIS_CLOSE, E_UNKNOWN_OUTCOME, 2},
    {":12", FAKE_REDIS_CLOSE, E_UNKNOWN_OUTCOME, 2},
    {":1\r\n:2\r\n", FAKE_REDIS_GO_ON, E_UNKNOWN_OUTCOME, 2},
    {"*1000000\r\n", FAKE_REDIS_GO_ON, E_TOO_LARGE, 2},
    {"$1000000000\r\nx", FAKE_REDIS_CLOSE, E_UNKNOWN_OUTCOME, 2},
    {"-READONLY You can't write\r\n", FAKE_REDIS_GO_ON, E_UNAVAILABLE, 2},
    {"-NOAUTH Authentication required.\r\n", FAKE_REDIS_GO_ON, E_DENIED, 2},
    {"-LOADING Redis is loading\r\n", FAKE_REDIS_GO_ON, E_UNAVAILABLE, 1},
};

TEST(store_command_met_by_a_broken_answer_is_reported_and_not_repeated)
{
    for (size_t i = 0; i < EBB_COUNT(BROKEN); i++) {
        struct fake_redis_rule rules[] = {{"INCR", BROKEN[i].answer, BROKEN[i].then, 1},
                                          {"INCR", ":7\r\n", FAKE_REDIS_GO_ON, 0},
                                          {0}};
        struct fake_redis *fake = fake_redis_start(rules);
        struct store *store = open_fake(fake);
        struct err e = {0};
        int code = try_incr(store, &e);
        if (code != BROKEN[i].code) fail_msg("row %zu: %d, %s", i, code, e.text);
        assert_int_equal(fake_redis_count(fake, "INCR"), 1);
        assert_ok(try_incr(store, &e), e);
        assert_int_equal(fake_redis_count(fake, "INCR"), 2);
        assert_int_equal(fake_redis_connections(fake), BROKEN[i].connections);
        store_close(store);
        fake_redis_stop(fake);
    }
}

TEST(store_replies_end_at_the_limit_or_the_deadline)
{
    struct fake_redis_rule rules[] = {{"INCR", "+xxxxxxxxxxxxxxxxxxxxxxxx", FAKE_REDIS_FLOOD, 1},
                                      {"INCR", ":1\r\n", FAKE_REDIS_SILENT, 1},
                                      {0}};
    struct fake_redis *fake = fake_redis_start(rules);
    char url[URL_BYTES];
    struct store_options options = options_of(fake, url);
    options.command_timeout_ms = SHORT_TIME_MS;
    struct store *store;
    struct err e = {0};
    assert_ok(store_open(&options, &store, &e), e);
    int code = try_incr(store, &e);
    assert_true(code == E_UNKNOWN_OUTCOME || code == E_TOO_LARGE);
    assert_int_equal(try_incr(store, &e), E_UNKNOWN_OUTCOME);
    store_close(store);
    fake_redis_stop(fake);
}

TEST(store_uses_a_connection_until_the_server_closes_it)
{
    struct fake_redis_rule rules[] = {{"INCR", ":1\r\n", FAKE_REDIS_GO_ON, 3},
                                      {"INCR", ":2\r\n", FAKE_REDIS_CLOSE, 1},
                                      {"INCR", ":3\r\n", FAKE_REDIS_GO_ON, 0},
                                      {0}};
    struct fake_redis *fake = fake_redis_start(rules);
    struct store *store = open_fake(fake);
    struct err e = {0};
    for (int i = 0; i < 4; i++)
        assert_ok(try_incr(store, &e), e);
    assert_int_equal(fake_redis_connections(fake), 1);
    /* The fake closes right after its answer; the end of the stream is there at once on loopback
     * or a moment later, when the command is reported as unknown instead. */
    int code = try_incr(store, &e);
    assert_true(code == 0 || code == E_UNKNOWN_OUTCOME);
    assert_ok(try_incr(store, &e), e);
    assert_int_equal(fake_redis_connections(fake), 2);
    store_close(store);
    fake_redis_stop(fake);
}
