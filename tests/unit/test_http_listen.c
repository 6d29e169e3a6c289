/* SPDX-License-Identifier: Apache-2.0
 * Goal: what is written as an address to listen on is understood or refused with words that help.
 * Method: tables of both. */
#include "lib/http/listen.h"

#include "tests/support/test.h"

TEST(listen_parse_takes_addresses_only)
{
    static const struct {
        const char *text, *address;
        int port;
    } good[] = {{"127.0.0.1:8090", "127.0.0.1", 8090},
                {":8090", "0.0.0.0", 8090},
                {"[::1]:0", "::1", 0},
                {"[::]:65535", "::", 65535}};
    static const char *const bad[] = {"",      "127.0.0.1",    "127.0.0.1:",   "127.0.0.1:65536",
                                      "::1:1", "localhost:80", "[::1]",        "[]:80",
                                      "1:x",   "1.2.3.4:-1",   "1.2.3.4.5:80", "[1:80"};
    for (size_t i = 0; i < EBB_COUNT(good); i++) {
        struct listen_address at;
        struct err e = {0};
        assert_ok(listen_parse(str_from(good[i].text), &at, &e), e);
        assert_string_equal(at.address, good[i].address);
        assert_int_equal(at.port, good[i].port);
    }
    for (size_t i = 0; i < EBB_COUNT(bad); i++) {
        struct listen_address at;
        struct err e = {0};
        assert_int_equal(listen_parse(str_from(bad[i]), &at, &e), E_CONFIG);
        assert_contains(str_from(e.text), "write address:port");
    }
}
