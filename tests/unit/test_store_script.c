/* SPDX-License-Identifier: Apache-2.0
 * Goal: scripts run by their digest, are loaded when the server does not know them, and their
 * failures are told apart: ours, the server's, and those after which nobody knows. Method: a real
 * redis-server per test, scripts written here. */
#include <stdio.h>
#include <string.h>

#include "lib/base/crypto.h"
#include "lib/store/reply.h"
#include "lib/store/store.h"
#include "tests/support/fake_redis.h"
#include "tests/support/redis.h"
#include "tests/support/test.h"

struct fixture {
    struct test_redis *redis;
    struct store *store;
    struct store_port port;
    struct arena a;
};

static struct fixture start(const char *config)
{
    struct fixture f = {.redis = test_redis_start(config)};
    f.store = test_redis_open(f.redis);
    f.port = store_port_of(f.store);
    arena_init(&f.a);
    return f;
}

static void stop(struct fixture *f)
{
    arena_release(&f->a);
    store_close(f->store);
    test_redis_stop(f->redis);
}

static struct script make_script(struct fixture *f, const char *text, size_t keys_n)
{
    struct str sha1 = crypto_sha1_hex(&f->a, str_from(text));
    return (struct script){"tried", text, sha1.p, keys_n};
}

TEST(store_script_is_loaded_when_the_server_forgot_it)
{
    struct fixture f = start(NULL);
    struct script script =
        make_script(&f, "return {redis.call('INCRBY', KEYS[1], ARGV[1]), KEYS[2], ARGV[2]}", 2);
    struct str keys[] = {STR("k"), {"\0k", 2}}, args[] = {STR("5"), {"\r\n\0", 3}};
    struct reply r;
    struct err e = {0};
    for (int64_t i = 1; i <= 4; i++) {
        assert_ok(store_script(&f.port, &script, keys, args, 2, &f.a, &r, &e), e);
        assert_int_equal(reply_item(&r, 0)->integer, 5 * i);
        assert_true(str_eq(reply_item(&r, 1)->text, keys[1]));
        assert_true(str_eq(reply_item(&r, 2)->text, args[1]));
        if (i == 2) (void)test_redis_command(f.store, &f.a, "SCRIPT FLUSH");
    }
    r = test_redis_command(f.store, &f.a, "INFO commandstats");
    assert_contains(r.text, "cmdstat_script|load:calls=2,");
    stop(&f);
}

TEST(store_script_without_keys_and_arguments)
{
    struct fixture f = start(NULL);
    struct script script = make_script(&f, "return #KEYS + #ARGV", 0);
    struct reply r;
    struct err e = {0};
    assert_ok(store_script(&f.port, &script, NULL, NULL, 0, &f.a, &r, &e), e);
    assert_int_equal(r.integer, 0);
    stop(&f);
}

TEST(store_script_faults_are_bugs_with_their_words)
{
    struct fixture f = start(NULL);
    static const char *const TEXTS[][2] = {
        {"return redis.call('INCR', KEYS[1])", "WRONGTYPE"},
        {"return nothing + 1", "nothing"},
        {"return redis.error_reply('STALE version 3')", "STALE version 3"},
        {"this is not Lua", "cannot be loaded"},
    };
    (void)test_redis_command(f.store, &f.a, "RPUSH k x");
    for (size_t i = 0; i < EBB_COUNT(TEXTS); i++) {
        struct script script = make_script(&f, TEXTS[i][0], 1);
        struct str key = STR("k");
        struct reply r;
        struct err e = {0};
        assert_int_equal(store_script(&f.port, &script, &key, NULL, 0, &f.a, &r, &e), E_BUG);
        assert_contains(str_from(e.text), "script tried");
        assert_contains(str_from(e.text), TEXTS[i][1]);
    }
    stop(&f);
}

TEST(store_script_must_be_what_its_digest_says)
{
    struct fixture f = start(NULL);
    struct script script = make_script(&f, "return 1", 0);
    script.text = "return 2";
    struct reply r;
    struct err e = {0};
    assert_int_equal(store_script(&f.port, &script, NULL, NULL, 0, &f.a, &r, &e), E_BUG);
    assert_contains(str_from(e.text), "sha1");
    stop(&f);
}

TEST(store_script_out_of_memory_is_the_servers_trouble)
{
    struct fixture f = start("maxmemory 1\nmaxmemory-policy noeviction");
    struct script script = make_script(&f, "return redis.call('SET', KEYS[1], 1)", 1);
    struct str key = STR("k");
    struct reply r;
    struct err e = {0};
    assert_int_equal(store_script(&f.port, &script, &key, NULL, 0, &f.a, &r, &e), E_UNAVAILABLE);
    assert_contains(str_from(e.text), "out of memory");
    struct str set[] = {STR("SET"), STR("k"), STR("v")};
    assert_int_equal(store_command(&f.port, set, 3, &f.a, &r, &e), E_UNAVAILABLE);
    stop(&f);
}

TEST(store_script_on_a_replica_is_not_run)
{
    struct fixture f = start(NULL);
    struct script script = make_script(&f, "return redis.call('SET', KEYS[1], 1)", 1);
    struct str key = STR("k");
    struct reply r;
    struct err e = {0};
    assert_ok(store_script(&f.port, &script, &key, NULL, 0, &f.a, &r, &e), e);
    /* It becomes a replica of nobody; the connection that hears READONLY is given up, and what
     * answers at the address is looked at anew. */
    (void)test_redis_command(f.store, &f.a, "REPLICAOF 127.0.0.1 1");
    assert_int_equal(store_script(&f.port, &script, &key, NULL, 0, &f.a, &r, &e), E_UNAVAILABLE);
    assert_contains(str_from(e.text), "READONLY");
    assert_int_equal(store_script(&f.port, &script, &key, NULL, 0, &f.a, &r, &e), E_UNAVAILABLE);
    assert_contains(str_from(e.text), "replica");
    stop(&f);
}

/* Whatever becomes of the loading, the script itself surely did not run. */
TEST(store_script_that_cannot_be_loaded_did_not_run)
{
    static const struct {
        struct fake_redis_rule load;
        int code;
        const char *words;
    } ROWS[] = {
        {{"SCRIPT", "", FAKE_REDIS_CLOSE, 0}, E_UNREACHABLE, "loading script tried"},
        {{"SCRIPT", "$40\r\ne0e1f9fabfc9d4800c877a703b823ac0578ff8db\r\n", FAKE_REDIS_GO_ON, 0},
         E_UNAVAILABLE,
         "gone again"},
    };
    for (size_t i = 0; i < EBB_COUNT(ROWS); i++) {
        struct fake_redis_rule rules[] = {
            {"EVALSHA", "-NOSCRIPT No matching script.\r\n", FAKE_REDIS_GO_ON, 0},
            ROWS[i].load,
            {0}};
        struct fake_redis *fake = fake_redis_start(rules);
        char url[64];
        (void)snprintf(url, sizeof(url), "redis://127.0.0.1:%d", fake_redis_port(fake));
        struct store_options options = test_redis_options(url);
        struct fixture f = {0};
        struct reply r;
        struct err e = {0};
        arena_init(&f.a);
        assert_ok(store_open(&options, &f.store, &e), e);
        f.port = store_port_of(f.store);
        struct script script = make_script(&f, "return 1", 0);
        assert_int_equal(store_script(&f.port, &script, NULL, NULL, 0, &f.a, &r, &e), ROWS[i].code);
        assert_contains(str_from(e.text), ROWS[i].words);
        store_close(f.store);
        fake_redis_stop(fake);
        arena_release(&f.a);
    }
}
