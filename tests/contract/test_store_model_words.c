/* SPDX-License-Identifier: Apache-2.0
 * Goal: the model answers in the words of Redis 7.0 where those are long tables: errors of
 * commands, and how values cross between Lua and Redis. Method: the same lines to a real Redis and
 * to the model. */
#include "tests/contract/both_stores.h"
#include "tests/support/test.h"

static void assert_same(const struct both_stores *b)
{
    if (both_stores_differ(b)) fail_msg("%s", b->difference);
}

static const char *const COMMANDS[] = {
    "GET",
    "get a b",
    "SET a b",
    "SET a b PX",
    "SET a b PX 0",
    "SET a b PX 9223372036854775807",
    "SET a b px x",
    "SET a b FOO",
    "TYPE a",
    "TYPE missing",
    "ZADD a x y",
    "ZADD a 1 y",
    "ZADD z 1",
    "ZADD z 1 2 3",
    "ZADD z LT LT",
    "ZADD z LT 5 m",
    "ZADD z LT 7 m",
    "ZADD z LT 5.5 m",
    "ZADD z LT lt 3 m",
    "ZSCORE z m",
    "ZADD z -0 m",
    "ZADD z 0.1 m 1e17 n inf o",
    "ZRANGE z 0 -1 WITHSCORES",
    "ZRANGE z 0 -1 LIMIT 0 -1",
    "ZRANGE z 0 -1 LIMIT 0 1",
    "ZREVRANGE z 0 1 WITHSCORES",
    "ZREVRANGE missing x 0",
    "ZCOUNT z (0.1 +inf",
    "ZCOUNT z x 1",
    "ZRANGEBYSCORE z -inf +inf LIMIT -1 3",
    "ZRANGEBYSCORE z -inf +inf LIMIT 1",
    "PEXPIRE a x",
    "PEXPIRE a 9223372036854775807",
    "PEXPIRE missing 1",
    "PEXPIRE a 100000 FOO",
    "PEXPIREAT a x",
    "PEXPIREAT a 4000000000000",
    "PEXPIREAT missing 1",
    "PEXPIREAT a 1",
    "PEXPIREAT a 100000 FOO",
    "PTTL a",
    "PTTL missing",
    "HSET h a",
    "HSET h a b c",
    "HSET h a 1 b 2 a 3",
    "HGETALL h",
    "HGETALL a",
    "HMGET missing x y",
    "LPUSH l a b c",
    "LRANGE l -2 100",
    "LRANGE l x 0",
    "LTRIM l 0 x",
    "LTRIM l 5 1",
    "EXISTS l",
    "SCAN x",
    "SCAN 0 COUNT 0",
    "SCAN 0 COUNT",
    "SCAN 0 COUNT x",
    "SCAN 0 FOO x",
    "SCAN 0 MATCH a* COUNT 100",
    "KEYS ?",
    "DEL a a z",
    "FLUSHALL FOO",
    "PING a b",
    "PING a",
    "SELECT 0",
    "SELECT x",
    "CLIENT SETNAME",
    "CLIENT SETNAME ebb",
    "AUTH x",
    "TIME",
    "TIME x",
    "INFO",
    "INFO server",
    "DBSIZE",
    "SCRIPT",
    "SCRIPT LOAD",
    "SCRIPT LOAD return(",
    "SCRIPT EXISTS x y",
    "SCRIPT FLUSH X",
    "SCRIPT FLUSH ASYNC",
    "EVALSHA x 0",
    "EVAL return(1) x",
    "EVAL return(1) -1",
    "EVAL return(1) 3 a",
    "EVAL return 0",
    "EVALSHA 63143B6F8007B98C53CA2149822777B3566F9241 x",
    "EVALSHA 63143B6F8007B98C53CA2149822777B3566F9241 0",
};

TEST(store_model_commands_answer_in_redis_words)
{
    struct both_stores b;
    both_stores_open(&b);
    for (size_t i = 0; i < EBB_COUNT(COMMANDS); i++)
        both_stores_say(&b, COMMANDS[i]);
    both_stores_compare(&b);
    assert_same(&b);
    both_stores_close(&b);
}

/* KEYS[1] is a string, KEYS[2] a hash, KEYS[3] is not there. error({}) is left out: it makes Redis
 * 7.0.15 crash. */
static const char *const SCRIPTS[] = {
    "return {KEYS[1], KEYS[2], KEYS[3], KEYS[4], ARGV[1], ARGV[2], #ARGV}",
    "return {1, 2.7, -2.7, 'a', false, nil, 3}",
    "return {1, {2, {redis.pcall('GET')}}, true, {}}",
    "return 1e30",
    "return -1e30",
    "return 0/0",
    "return 9007199254740993",
    "return function() end",
    "return {ok = 'fine'}",
    "return {ok = 'two\\nlines'}",
    "return {err = 'bad'}",
    "return {err = '-BAD word'}",
    "return {err = 3}",
    "return redis.error_reply('My words')",
    "return redis.error_reply('-MY words')",
    "return redis.error_reply('-MY')",
    "return redis.error_reply(3)",
    "return redis.error_reply()",
    "return redis.status_reply('OKAY')",
    "return redis.status_reply(3)",
    "return redis.sha1hex('x')",
    "return nil_global",
    "return _G.nil_global",
    "new_global = 1",
    "KEYS = 1",
    "string.x = 1",
    "redis.x = 1",
    "error('boom')",
    "\n\nerror('boom')",
    "error('boom', 0)",
    "error({err = 'MY boom'})",
    "error()",
    "local function f() error('deep') end f()",
    "local function f() return f() + 1 end return f()",
    "return 'x' < 1",
    "return nil .. 'x'",
    "return #ARGV[9]",
    "return redis.call()",
    "return redis.call('GET')",
    "return redis.call('GET', {})",
    "return redis.call('EXISTS', KEYS[1], 2.5, true)",
    "return redis.call('SCRIPT', 'LOAD', 'x')",
    "return redis.call('EVAL', 'return 1', 0)",
    "return redis.call('AUTH', 'x')",
    "return redis.call('HGET', KEYS[1], 'x')",
    "local x = redis.call('HGET', KEYS[1], 'x') return x",
    "return redis.pcall('HGET', KEYS[1], 'x')",
    "return redis.pcall('HGET', KEYS[1], 'x').err",
    "return redis.pcall('GET')",
    "return redis.call('HSET', KEYS[2], 'x')",
    "return redis.call('SET', KEYS[1], 'v')",
    "return redis.call('SET', KEYS[1], 'v').ok",
    "return redis.call('TYPE', KEYS[1])",
    "return redis.call('ping')",
    "return redis.call('SET', KEYS[1], 'v', 'PX', 0.5)",
    "return redis.call('GET', KEYS[3])",
    "return {redis.call('GET', KEYS[3])}",
    "return redis.call('GET', KEYS[3]) == false",
    "return redis.call('HMGET', KEYS[2], 'f', 'missing', 'g')",
    "return redis.call('HGETALL', KEYS[2])",
    "return redis.call('DEL', KEYS[3]) + 1",
    "return type(redis.call('TIME')[1])",
    "return #redis.call('TIME')",
    "local a, b = pcall(function() return redis.call('GET') end) return {a, b, type(b)}",
    "local a, b = pcall(error, {1}) return {a, type(b)}",
    "local a, b, c = pcall(function() return 1, 2 end) return {a, b, c}",
    "redis.call('SET', KEYS[1], 1e17) return redis.call('GET', KEYS[1])",
    "redis.call('SET', KEYS[1], 99999999999999984) return redis.call('GET', KEYS[1])",
    "redis.call('SET', KEYS[1], 0.1) return redis.call('GET', KEYS[1])",
    "redis.call('SET', KEYS[1], -0.0) return redis.call('GET', KEYS[1])",
    "redis.call('SET', KEYS[1], 1/0) return redis.call('GET', KEYS[1])",
    "redis.call('SET', KEYS[1], -1700000000000) return redis.call('GET', KEYS[1])",
    "redis.call('SET', KEYS[1], 'a\\0b') return redis.call('GET', KEYS[1])",
    "redis.call('ZADD', KEYS[3], 1700000000000, 'm', 0.1, 'n') "
    "return redis.call('ZRANGE', KEYS[3], 0, -1, 'WITHSCORES')",
    "return tostring(1700000000000)",
    "return tostring(1e15)",
    "return tonumber('0x10')",
    "return {tonumber(' 7 '), tonumber('') == nil}",
    "return string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')",
    "redis.call('SET', KEYS[1], 'kept') error('and yet it is written')",
};

TEST(store_model_scripts_give_what_redis_gives)
{
    struct both_stores b;
    both_stores_open(&b);
    for (size_t i = 0; i < EBB_COUNT(SCRIPTS); i++) {
        both_stores_say(&b, "FLUSHALL");
        both_stores_say(&b, "SET {t}:string 7");
        both_stores_say(&b, "HSET {t}:hash f 1 g two");
        struct str args[] = {
            STR("EVAL"),     str_from(SCRIPTS[i]), STR("3"),   STR("{t}:string"),
            STR("{t}:hash"), STR("{t}:none"),      STR("one"), STR(""),
        };
        struct reply reply;
        struct err e = {0};
        assert_ok(store_command(&b.port, args, EBB_COUNT(args), &b.arena, &reply, &e), e);
        both_stores_compare(&b);
        assert_same(&b);
    }
    both_stores_close(&b);
}

/* What it does not know, it says so, with the name. */
TEST(store_model_names_what_it_does_not_know)
{
    static const char *const UNKNOWN[][2] = {
        {"LPOP k", "the model does not know LPOP"},
        {"SET k v NX", "the model does not know SET NX"},
        {"ZADD k GT 1 m", "the model does not know ZADD GT"},
        {"SCAN 7", "the model does not know SCAN 7"},
        {"KEYS a[bc]", "the model does not know KEYS a[bc]"},
        {"EVAL return(cjson.encode(1)) 0", "the model does not know 'cjson'"},
        {"EVAL return(math.random()) 0", "the model does not know 'random'"},
        {"EVAL return(redis.log(1,2)) 0", "the model does not know 'log'"},
        {"EVAL return(redis.call('LPOP','k')) 0", "the model does not know LPOP"},
        {"EVAL return({double=1}) 0", "the model does not know double replies"},
    };
    struct both_stores b;
    both_stores_open(&b);
    for (size_t i = 0; i < EBB_COUNT(UNKNOWN); i++) {
        struct str words[8], rest = str_from(UNKNOWN[i][0]);
        struct reply reply;
        size_t n = 0;
        while (rest.p)
            words[n++] = str_cut(&rest, ' ');
        redis_model_command(b.model, words, n, &b.arena, &reply);
        assert_int_equal(reply.kind, REPLY_ERROR);
        assert_contains(reply.text, UNKNOWN[i][1]);
    }
    both_stores_close(&b);
}
