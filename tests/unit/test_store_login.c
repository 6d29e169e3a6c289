/* SPDX-License-Identifier: Apache-2.0
 * Goal: the store opens with every way to log in, and refuses with cause and remedy, never with the
 * password, where it may not or must not work. Method: a real redis-server per test; the password
 * is always "hunter2", which no error may contain. */
#include <stdio.h>

#include "lib/base/crypto.h"
#include "lib/store/reply.h"
#include "lib/store/store.h"
#include "tests/support/redis.h"
#include "tests/support/test.h"

/* Opens, expects the code, and that the words hold the part and never the password "hunter2". */
static void expect_refusal(const struct store_options *options, int code, const char *part)
{
    struct store *store;
    struct err e = {0};
    assert_int_equal(store_open(options, &store, &e), code);
    assert_null(store);
    assert_contains(str_from(e.text), part);
    if (str_contains(str_from(e.text), STR("hunter2"))) fail_msg("%s", e.text);
}

static struct store *open_ok(const struct store_options *options)
{
    struct store *store;
    struct err e = {0};
    assert_ok(store_open(options, &store, &e), e);
    return store;
}

#define ACL                                                                                        \
    "requirepass hunter2\n"                                                                        \
    "user ebb on >hunter2@:/% ~* +@all\n"                                                          \
    "user asleep off >hunter2 ~* +@all\n"                                                          \
    "user narrow on >hunter2 ~ebb:* +ping +info +get +evalsha +eval +script\n"                     \
    "user noinfo on >hunter2 ~* +ping +get\n"

TEST(store_logs_in_with_password_or_user)
{
    struct test_redis *redis = test_redis_start(ACL);
    char url[TEST_REDIS_PATH_BYTES + 96];
    struct store_options options = test_redis_options(url);

    (void)snprintf(url, sizeof(url), "unix://:hunter2@%s", redis->socket);
    options.url = str_from(url);
    store_close(open_ok(&options));
    (void)snprintf(url, sizeof(url), "unix://ebb:hunter2%%40%%3A%%2F%%25@%s", redis->socket);
    options.url = str_from(url);
    store_close(open_ok(&options));

    /* What is given beside the URL wins over what is in it. */
    (void)snprintf(url, sizeof(url), "unix://nobody:nothing@%s", redis->socket);
    options.url = str_from(url);
    options.username = STR("ebb");
    options.password = STR("hunter2@:/%");
    struct store *store = open_ok(&options);
    struct arena a;
    arena_init(&a);
    struct reply r = test_redis_command(store, &a, "ACL WHOAMI");
    assert_str(reply_text(&r), "ebb");
    arena_release(&a);
    store_close(store);
    test_redis_stop(redis);
}

TEST(store_tells_why_it_may_not_log_in)
{
    struct test_redis *redis = test_redis_start(ACL);
    struct test_redis *open = test_redis_start(NULL);
    struct store_options options = test_redis_options(redis->url);
    expect_refusal(&options, E_DENIED, "wants a password");
    options.password = STR("not-hunter2");
    expect_refusal(&options, E_DENIED, "the user or the password is wrong");
    options.username = STR("asleep");
    options.password = STR("hunter2");
    expect_refusal(&options, E_DENIED, "disabled");
    options.username = STR("noinfo");
    expect_refusal(&options, E_DENIED, "lacks a right");
    options.password = STR_NONE;
    expect_refusal(&options, E_CONFIG, "no password");
    options = test_redis_options(open->url);
    options.password = STR("hunter2");
    expect_refusal(&options, E_DENIED, "the server has none");
    test_redis_stop(open);
    test_redis_stop(redis);
}

TEST(store_does_not_repeat_what_a_server_makes_of_the_password)
{
    /* A server without AUTH answers with the arguments it was given. */
    struct test_redis *redis = test_redis_start("rename-command AUTH \"\"");
    struct store_options options = test_redis_options(redis->url);
    options.password = STR("hunter2");
    expect_refusal(&options, E_DENIED, "AUTH was refused (ERR)");
    test_redis_stop(redis);
}

TEST(store_says_when_the_acl_forbids_a_command)
{
    struct test_redis *redis = test_redis_start(ACL);
    struct store_options options = test_redis_options(redis->url);
    options.username = STR("narrow");
    options.password = STR("hunter2");
    struct store *store = open_ok(&options);
    struct store_port port = store_port_of(store);
    struct arena a;
    arena_init(&a);
    struct reply r;
    struct err e = {0};
    struct str allowed[] = {STR("GET"), STR("ebb:x")}, other_key[] = {STR("GET"), STR("x")};
    struct str other_command[] = {STR("SET"), STR("ebb:x"), STR("1")};
    assert_ok(store_command(&port, allowed, 2, &a, &r, &e), e);
    assert_int_equal(store_command(&port, other_key, 2, &a, &r, &e), E_DENIED);
    assert_int_equal(store_command(&port, other_command, 3, &a, &r, &e), E_DENIED);
    assert_contains(str_from(e.text), "ACL");

    struct str text = STR("return redis.call('SET', KEYS[1], 1)");
    struct script script = {"forbidden", text.p, crypto_sha1_hex(&a, text).p, 1};
    struct str key = STR("ebb:x");
    assert_int_equal(store_script(&port, &script, &key, NULL, 0, &a, &r, &e), E_DENIED);
    assert_contains(str_from(e.text), "ACL");
    arena_release(&a);
    store_close(store);
    test_redis_stop(redis);
}

TEST(store_refuses_a_redis_that_evicts)
{
    struct test_redis *redis = test_redis_start("maxmemory-policy allkeys-lru");
    struct store_options options = test_redis_options(redis->url);
    char expected[256];
    (void)snprintf(expected, sizeof(expected),
                   "redis at %s: it has maxmemory_policy allkeys-lru: keys that hold drains could "
                   "be evicted; set it to noeviction",
                   redis->socket);
    expect_refusal(&options, E_MISSING, expected);
    options.allow_eviction = true;
    store_close(open_ok(&options));
    test_redis_stop(redis);
}

TEST(store_uses_tcp_and_a_database)
{
    char config[64], url[64];
    int port = test_redis_free_port();
    (void)snprintf(config, sizeof(config), "port %d", port);
    struct test_redis *redis = test_redis_start(config);
    (void)snprintf(url, sizeof(url), "redis://localhost:%d/3", port);
    struct store_options options = test_redis_options(url);
    struct store *third = open_ok(&options);
    struct store *zeroth = test_redis_open(redis);
    struct arena a;
    arena_init(&a);
    (void)test_redis_command(third, &a, "SET where three");
    struct reply r = test_redis_command(zeroth, &a, "GET where");
    assert_true(reply_is_nil(&r));
    (void)test_redis_command(zeroth, &a, "SELECT 3");
    r = test_redis_command(zeroth, &a, "GET where");
    assert_str(reply_text(&r), "three");
    (void)snprintf(url, sizeof(url), "redis://localhost:%d/9", port);
    options.url = str_from(url);
    expect_refusal(&options, E_MISSING, "database 9 cannot be used");
    arena_release(&a);
    store_close(zeroth);
    store_close(third);
    test_redis_stop(redis);
}

TEST(store_refuses_options_that_make_no_sense)
{
    struct store_options options = test_redis_options("redis://:hunter2@h:x");
    expect_refusal(&options, E_CONFIG, "port");
    options = test_redis_options("redis://h");
    options.connections_max = 0;
    expect_refusal(&options, E_CONFIG, "connections");
    options = test_redis_options("redis://h");
    options.command_timeout_ms = 0;
    expect_refusal(&options, E_CONFIG, "time-outs");
    options = test_redis_options("rediss://h");
    options.ca_file = "/nonexistent/ca.pem";
    expect_refusal(&options, E_CONFIG, "/nonexistent/ca.pem");
    options = test_redis_options("redis://:hunter2@name.invalid");
    expect_refusal(&options, E_UNREACHABLE, "name.invalid:6379");
    options = test_redis_options("unix://:hunter2@/nonexistent/sock");
    expect_refusal(&options, E_UNREACHABLE, "/nonexistent/sock: No such file");
}
