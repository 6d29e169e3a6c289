/* SPDX-License-Identifier: Apache-2.0
 * Goal: a user of Redis that lacks a right is found out at the start, whichever right it is, and
 * one with exactly what README.md says lacks none. Method: users of a real Redis's ACL. */
#include "tests/support/state_fixture.h"

#include <glob.h>

#define COMMANDS_MAX 64
#define README_ACL                                                                                 \
    "~{ebb}:* +@read +@write +@scripting -@dangerous +info +ping +time +client|setname"

/* The code of trying as a user with those rules, which are ACL SETUSER's. */
static int try_as(struct state_fixture *f, struct str rules, struct err *e)
{
    struct store *store;
    struct reply made =
        state_fixture_redis(f, "ACL SETUSER tried reset on >EXAMPLEword %.*s", STR_ARG(rules));
    assert_int_not_equal(made.kind, REPLY_ERROR);
    struct store_options options = test_redis_options(f->redis->url);
    options.username = STR("tried");
    options.password = STR("EXAMPLEword");
    assert_ok(store_open(&options, &store, e), *e);
    struct store_port port = store_port_of(store);
    int code = state_try_rights(&port, &f->arena, e);
    store_close(store);
    return code;
}

/* The commands a script calls, each once, added to those there are. */
static size_t add_commands(struct str text, struct str *commands, size_t n)
{
    struct str call = STR("redis.call('");
    for (size_t i = 0; i + call.n < text.n; i++) {
        struct str rest = {text.p + i, text.n - i};
        if (!str_starts(rest, call)) continue;
        rest = (struct str){rest.p + call.n, rest.n - call.n};
        struct str command = str_cut(&rest, '\'');
        bool known = false;
        for (size_t k = 0; k < n; k++)
            known = known || str_eq(commands[k], command);
        assert_in_range(n, 0, COMMANDS_MAX - 1);
        if (!known) commands[n++] = command;
    }
    return n;
}

TEST(state_rights_of_the_documents_are_enough)
{
    struct state_fixture f;
    struct str before;
    state_fixture_open(&f);
    struct str readme = test_read_file(&f.arena, "README.md");
    assert_true(str_contains(readme, STR("`" README_ACL "`")));
    before = state_fixture_dump(&f);
    assert_ok(try_as(&f, STR(README_ACL), &f.e), f.e);
    assert_true(str_eq(state_fixture_dump(&f), before)); /* it leaves nothing behind */
    state_fixture_close(&f);
}

TEST(state_rights_that_lack_any_one_command_are_told)
{
    struct state_fixture f;
    struct str commands[COMMANDS_MAX];
    state_fixture_open(&f);
    struct str text = test_read_file(&f.arena, "lib/store/scripts/try_rights.lua");
    size_t n = add_commands(text, commands, 0);
    assert_in_range(n, 20, COMMANDS_MAX);
    for (size_t i = 0; i < n; i++) {
        /* Without INFO it does not even open (test_store_login.c). */
        if (str_eq(commands[i], STR("INFO"))) continue;
        struct str rules = arena_format(&f.arena, README_ACL " -%.*s", STR_ARG(commands[i]));
        int code = try_as(&f, rules, &f.e);
        if (code != E_DENIED) fail_msg("%.*s: %d %s", STR_ARG(commands[i]), code, f.e.text);
        assert_contains(str_from(f.e.text), "lacks a right");
    }
    assert_int_equal(try_as(&f, STR("~other:* +@all"), &f.e), E_DENIED);
    assert_int_equal(try_as(&f, STR("~{ebb}:* +@all -evalsha"), &f.e), E_DENIED);
    state_fixture_close(&f);
}

/* A script that begins to call another command must be tried as well. */
TEST(state_rights_are_tried_for_every_command_of_every_script)
{
    struct arena a;
    struct str commands[COMMANDS_MAX];
    arena_init(&a);
    size_t tried =
        add_commands(test_read_file(&a, "lib/store/scripts/try_rights.lua"), commands, 0);
    size_t n = tried;
    glob_t scripts;
    assert_int_equal(glob("lib/store/scripts/*.lua", 0, NULL, &scripts), 0);
    assert_in_range(scripts.gl_pathc, 10, 100);
    for (size_t i = 0; i < scripts.gl_pathc; i++)
        n = add_commands(test_read_file(&a, scripts.gl_pathv[i]), commands, n);
    globfree(&scripts);
    if (n != tried) fail_msg("%.*s is not tried", STR_ARG(commands[tried]));
    arena_release(&a);
}
