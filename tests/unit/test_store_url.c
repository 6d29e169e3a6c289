/* SPDX-License-Identifier: Apache-2.0
 * Goal: the URL of Redis is read exactly, refused with a reason when it is not one, and no error
 * shows any part of a password. Method: tables of URLs, no server. */
#include "lib/store/url.h"

#include <string.h>

#include "tests/support/test.h"

struct good_row {
    const char *url, *name, *user, *password;
    int64_t database;
    bool tls;
};

static const struct good_row GOOD[] = {
    {"redis://localhost", "localhost:6379", "", "", 0, false},
    {"redis://10.0.0.1:7000/", "10.0.0.1:7000", "", "", 0, false},
    {"redis://h:1/3", "h:1", "", "", 3, false},
    {"rediss://cache.example:6380/0", "cache.example:6380", "", "", 0, true},
    {"redis://:pw@h", "h:6379", "", "pw", 0, false},
    {"redis://ebb:p%40%3A%2f%25@h:1/2", "h:1", "ebb", "p@:/%", 2, false},
    {"redis://a%20b:c@h", "h:6379", "a b", "c", 0, false},
    {"redis://u:with@sign@h:5", "h:5", "u", "with@sign", 0, false},
    {"redis://u:a:b@h:5", "h:5", "u", "a:b", 0, false},
    {"redis://[::1]:6379/1", "[::1]:6379", "", "", 1, false},
    {"rediss://u:p@[fe80::2]", "[fe80::2]:6379", "u", "p", 0, true},
    {"unix:///run/redis/r.sock", "/run/redis/r.sock", "", "", 0, false},
    {"unix:///with%20blank", "/with blank", "", "", 0, false},
    {"unix://u:p%2F@/run/r", "/run/r", "u", "p/", 0, false},
};

TEST(store_url_reads_what_it_says)
{
    for (size_t i = 0; i < EBB_COUNT(GOOD); i++) {
        const struct good_row *row = &GOOD[i];
        struct redis_url url;
        struct err e = {0};
        assert_ok(redis_url_parse(str_from(row->url), &url, &e), e);
        char name[REDIS_NAME_BYTES];
        redis_address_name(&url.address, name);
        assert_string_equal(name, row->name);
        assert_str(((struct str){url.login.user, url.login.user_n}), row->user);
        assert_str(((struct str){url.login.password, url.login.password_n}), row->password);
        assert_int_equal(url.database, row->database);
        assert_int_equal(url.address.tls, row->tls);
    }
}

TEST(store_url_password_may_hold_any_byte)
{
    struct redis_url url;
    struct err e = {0};
    assert_ok(redis_url_parse(STR("redis://u:%00%FF@h"), &url, &e), e);
    assert_int_equal(url.login.password_n, 2);
    assert_memory_equal(url.login.password, "\x00\xFF", 2);
}

struct bad_row {
    const char *url, *part_of_error;
};

/* Every one of them holds "hunter2" where a password could stand. */
static const struct bad_row BAD[] = {
    {"http://u:hunter2@h", "must begin with"},
    {"hunter2", "must begin with"},
    {"redis:/hunter2", "must begin with"},
    {"redis://u:hunter2@", "no valid host"},
    {"redis://u:hunter2@:6379", "no valid host"},
    {"redis://u:hunter2@a b", "no valid host"},
    {"redis://u:hunter2@h:x", "port"},
    {"redis://u:hunter2@h:0", "port"},
    {"redis://u:hunter2@h:65536", "port"},
    {"redis://u:hunter2@h:", "port"},
    {"redis://u:hunter2/x@h", "port"},
    {"redis://u:12/hunter2@h", "database"},
    {"redis://u:hunter2@h/-1", "database"},
    {"redis://u:hunter2@h/x", "database"},
    {"redis://u:hunter2%@h", "password"},
    {"redis://u:hunter2%4@h", "password"},
    {"redis://u:hunter2%zz@h", "password"},
    {"redis://hunter2%zz:x@h", "user"},
    {"redis://u:hunter2@[::1", "["},
    {"redis://u:hunter2@[::1]x", "after ]"},
    {"unix://u:hunter2", "absolute path"},
    {"unix://hunter2/path", "absolute path"},
    {"unix:///hunter2%", "socket path"},
    {"unix:///hunter2%00", "socket path"},
    {"unix:///hunter2/0123456789/0123456789/0123456789/0123456789/0123456789/0123456789/0123456789/"
     "0123456789/0123456789x",
     "socket path"},
};

TEST(store_url_refuses_without_showing_the_password)
{
    for (size_t i = 0; i < EBB_COUNT(BAD); i++) {
        struct redis_url url;
        struct err e = {0};
        assert_int_equal(redis_url_parse(str_from(BAD[i].url), &url, &e), E_CONFIG);
        assert_contains(str_from(e.text), BAD[i].part_of_error);
        if (str_contains(str_from(e.text), STR("hunter2"))) fail_msg("%s", e.text);
    }
}

TEST(store_url_refuses_a_password_that_does_not_fit)
{
    char text[REDIS_PASSWORD_BYTES + 32];
    memset(text, 'x', sizeof(text));
    memcpy(text, "redis://u:", 10);
    memcpy(text + 10 + REDIS_PASSWORD_BYTES, "@h", 2);
    struct redis_url url;
    struct err e = {0};
    assert_ok(redis_url_parse((struct str){text, REDIS_PASSWORD_BYTES + 12}, &url, &e), e);
    memcpy(text + 10 + REDIS_PASSWORD_BYTES, "x@h", 3);
    assert_int_equal(redis_url_parse((struct str){text, REDIS_PASSWORD_BYTES + 13}, &url, &e),
                     E_CONFIG);
}

TEST(store_redirect_names_a_node)
{
    struct redis_address address = {.host = "old", .port = 1, .tls = true};
    assert_int_equal(redis_address_redirect(STR("10.1.2.3:6381"), &address), 0);
    assert_string_equal(address.host, "10.1.2.3");
    assert_int_equal(address.port, 6381);
    assert_true(address.tls);
    assert_int_equal(redis_address_redirect(STR(":7000"), &address), 0);
    assert_string_equal(address.host, "10.1.2.3");
    assert_int_equal(address.port, 7000);
    assert_int_equal(redis_address_redirect(STR("::1:7001"), &address), 0);
    assert_string_equal(address.host, "::1");
    assert_int_equal(redis_address_redirect(STR("[::2]:7001"), &address), 0);
    assert_string_equal(address.host, "::2");
    assert_int_equal(redis_address_redirect(STR("?:7001"), &address), E_MALFORMED);
    assert_int_equal(redis_address_redirect(STR("h"), &address), E_MALFORMED);
    assert_int_equal(redis_address_redirect(STR("h:0"), &address), E_MALFORMED);
    struct redis_address local = {.path = "/run/r"};
    assert_int_equal(redis_address_redirect(STR(":7000"), &local), E_MALFORMED);
}
