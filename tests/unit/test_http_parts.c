/* SPDX-License-Identifier: Apache-2.0
 * Goal: the pure parts of HTTP: what of a reply is kept, which requests are refused before anything
 * is sent, and which connection is taken. Method: one table or a few calls each. */
#include <string.h>

#include "lib/http/collect.h"
#include "lib/http/field.h"
#include "lib/http/outgoing.h"
#include "lib/http/pool.h"
#include "tests/support/test.h"

TEST(http_collect_keeps_the_final_headers)
{
    static const char *const lines[] = {
        "HTTP/1.1 100 Continue\r\n",
        "X-Early: 1\r\n",
        "\r\n",
        "HTTP/1.1 201 \r\n",
        "Content-TYPE:text/plain  ",
        "Set-Cookie: a=1",
        "set-cookie: b=2",
        "X-Folded: one",
        "   two ",
        "no colon here",
        "X-Empty:",
        "",
        "X-Trailer: 1",
    };
    struct arena a;
    struct http_collect c;
    struct http_response r;
    arena_init(&a);
    http_collect_init(&c, &a, 10);
    for (size_t i = 0; i < EBB_COUNT(lines); i++)
        assert_true(http_collect_line(&c, str_from(lines[i])));
    assert_true(http_collect_body(&c, STR("12345")));
    http_collect_view(&c, &r);
    assert_int_equal(r.status, 201);
    assert_int_equal(r.headers_n, 5);
    assert_str(http_response_header(&r, STR("content-type")), "text/plain");
    assert_str(http_response_header(&r, STR("set-cookie")), "a=1");
    assert_str(r.headers[2].value, "b=2");
    assert_str(http_response_header(&r, STR("x-folded")), "one two");
    assert_str(http_response_header(&r, STR("x-empty")), "");
    assert_str(r.body, "12345");
    assert_true(http_collect_body(&c, STR("67890")));
    assert_false(http_collect_body(&c, STR("1")));
    assert_non_null(c.refusal);
    http_collect_release(&c);
    arena_release(&a);
}

/* Folded lines are copied into the value before them, each time anew. */
TEST(http_collect_bounds_the_memory_of_folded_headers)
{
    struct arena a;
    struct http_collect c;
    bool good = true;
    arena_init(&a);
    http_collect_init(&c, &a, 10);
    assert_true(http_collect_line(&c, STR("HTTP/1.1 200 OK\r\n")));
    assert_true(http_collect_line(&c, STR("a: b\r\n")));
    for (int i = 0; i < 20000 && good; i++)
        good = http_collect_line(&c, STR(" c\n"));
    assert_false(good);
    assert_string_equal(c.refusal, "headers larger than allowed");
    assert_true(a.used_bytes < 4 * HTTP_REPLY_HEADER_BYTES_MAX);
    http_collect_release(&c);
    arena_release(&a);
}

static int prepare(struct http_request request, const char *words)
{
    struct arena a;
    struct err e = {0};
    struct http_outgoing out;
    arena_init(&a);
    int code = http_outgoing_prepare(&request, &a, &out, &e);
    if (words) assert_contains(str_from(e.text), words);
    arena_release(&a);
    return code;
}

TEST(http_outgoing_refuses_what_would_break_the_message)
{
    static const struct {
        const char *method, *url, *name, *value, *words;
    } rows[] = {
        {"GET", "http://h/a b", "A", "b", "byte 11 "},
        {"GET", "http://h/\r\nX: y", "A", "b", "byte 10 "},
        {"GET", "http://h/\xc3\xa9", "A", "b", "byte 10 "},
        {"GET", "ftp://h/", "A", "b", "must begin with http"},
        {"GET", "h/x", "A", "b", "must begin with http"},
        {"GET", "", "A", "b", "must begin with http"},
        {"GET", "http:///x", "A", "b", "must begin with http"},
        {"GE T", "http://h/", "A", "b", "method"},
        {"", "http://h/", "A", "b", "method"},
        {"HEAD", "http://h/", "A", "b", "HEAD request has no body"},
        {"POST", "http://h/", "A b", "c", "name of a header"},
        {"POST", "http://h/", "", "c", "name of a header"},
        {"POST", "http://h/", "A", "secret\r\nB: c", "header A has a control character"},
        {"POST", "http://h/", "Content-Length", "5", "not the body's length"},
        {"POST", "http://h/", "transfer-encoding", "chunked", "cannot be set"},
        {"POST", "http://h/", "Expect", "100-continue", "cannot be set"},
    };
    for (size_t i = 0; i < EBB_COUNT(rows); i++) {
        struct http_header header = {str_from(rows[i].name), str_from(rows[i].value)};
        struct http_request request = {.method = str_from(rows[i].method),
                                       .url = str_from(rows[i].url),
                                       .headers = &header,
                                       .headers_n = 1,
                                       .body = STR("x")};
        assert_int_equal(prepare(request, rows[i].words), E_MALFORMED);
    }
    struct http_header many[100];
    for (size_t i = 0; i < EBB_COUNT(many); i++)
        many[i] = (struct http_header){STR("A"), STR("b")};
    struct http_request request = {
        .method = STR("GET"), .url = STR("HTTP://h"), .headers = many, .headers_n = 61};
    assert_int_equal(prepare(request, NULL), 0);
    request.headers_n = 62;
    assert_int_equal(prepare(request, "more headers than"), E_MALFORMED);
}

TEST(http_origins_and_near_hosts)
{
    static const struct {
        const char *url, *origin, *host;
        bool near;
    } rows[] = {
        {"http://127.0.0.1:80/x", "http://127.0.0.1:80", "127.0.0.1", true},
        {"https://[::1]:8443?x", "https://[::1]:8443", "::1", true},
        {"http://localhost", "http://localhost", "localhost", true},
        {"http://169.254.170.2/v2", "http://169.254.170.2", "169.254.170.2", true},
        {"https://ecs.eu-west-1.amazonaws.com/", "https://ecs.eu-west-1.amazonaws.com",
         "ecs.eu-west-1.amazonaws.com", false},
        {"http://10.0.0.1#f", "http://10.0.0.1", "10.0.0.1", false},
    };
    for (size_t i = 0; i < EBB_COUNT(rows); i++) {
        struct str origin = http_origin(str_from(rows[i].url));
        assert_str(origin, rows[i].origin);
        assert_str(http_origin_host(origin), rows[i].host);
        assert_int_equal(http_host_is_near(http_origin_host(origin)), rows[i].near);
    }
}

static void count_release(void *p)
{
    ++*(int *)p;
}

TEST(http_pool_prefers_the_same_origin)
{
    struct http_pool pool;
    int a = 0, b = 0, c = 0;
    http_pool_init(&pool, 2, count_release);
    assert_null(http_pool_take(&pool, STR("http://a")));
    http_pool_give(&pool, STR("http://a"), &a, 0);
    assert_null(http_pool_take(&pool, STR("http://b"))); /* room for one more */
    http_pool_give(&pool, STR("http://b"), &b, 1);
    assert_ptr_equal(http_pool_take(&pool, STR("http://a")), &a);
    http_pool_give(&pool, STR("http://a"), &a, 2);
    assert_ptr_equal(http_pool_take(&pool, STR("http://c")), &b); /* full: the oldest is turned */
    http_pool_give(&pool, STR("http://c"), &b, 3);
    http_pool_give(&pool, STR("http://c"), &c, 4); /* one too many: the oldest goes */
    assert_int_equal(a, 1);
    assert_ptr_equal(http_pool_take(&pool, STR("http://c")), &c);
    http_pool_give(&pool, STR("http://c"), &c, 1000 * 1000); /* b was idle for too long */
    assert_int_equal(b, 1);
    http_pool_release(&pool);
    assert_int_equal(c, 1);
}

TEST(http_pool_without_room)
{
    struct http_pool pool;
    int a = 0;
    http_pool_init(&pool, 0, count_release);
    http_pool_give(&pool, STR("http://a"), &a, 0);
    assert_int_equal(a, 1);
    assert_null(http_pool_take(&pool, STR("http://a")));
    http_pool_release(&pool);
}
