/* SPDX-License-Identifier: Apache-2.0
 * Goal: what holds for every encoding alike: nothing is lost on the way there and back, limits are
 * kept both ways. Method: the same record through each walker of record_sample.h. */
#include <math.h>
#include <string.h>

#include "tests/support/record_sample.h"
#include "tests/support/test.h"

#define BUF_MAX ((size_t)1 << 20)

struct bench {
    struct arena arena;
    struct buf buf;
    struct sample in;
    struct err err;
};

static void bench_init(struct bench *b)
{
    memset(b, 0, sizeof(*b));
    arena_init(&b->arena);
    buf_init(&b->buf, BUF_MAX);
    sample_fill(&b->in, &b->arena);
}

static void bench_release(struct bench *b)
{
    buf_release(&b->buf);
    arena_release(&b->arena);
}

TEST(record_walkers_round_trip)
{
    for (size_t i = 0; i < SAMPLE_WALKERS; i++) {
        struct bench b;
        struct sample out;
        bench_init(&b);
        b.in.created_at_ms = 1;
        assert_ok(WALKERS[i].encode(&SAMPLE, &b.in, &b.buf, &b.err), b.err);
        assert_ok(sample_decode_exact(&WALKERS[i], buf_view(&b.buf), &b.arena, &out, &b.err),
                  b.err);
        sample_assert_equal(&out, &b.in);
        bench_release(&b);
    }
}

TEST(record_walkers_round_trip_extremes)
{
    static const int64_t INTEGERS[] = {INT64_MIN, INT64_MIN + 1, -2147483649, -129,     -33,
                                       -1,        127,           128,         255,      256,
                                       65536,     4294967295,    4294967296,  INT64_MAX};
    static const double DOUBLES[] = {1e308, -1e308, 5e-324, 1.0 / 3, 1e22, 123456789012345680.0,
                                     -0.5};
    for (size_t i = 0; i < SAMPLE_WALKERS; i++) {
        for (size_t k = 0; k < EBB_COUNT(INTEGERS); k++) {
            struct bench b;
            struct sample out;
            bench_init(&b);
            b.in.big = b.in.always = INTEGERS[k];
            b.in.ratio = DOUBLES[k % EBB_COUNT(DOUBLES)];
            assert_ok(WALKERS[i].encode(&SAMPLE, &b.in, &b.buf, &b.err), b.err);
            assert_ok(sample_decode_exact(&WALKERS[i], buf_view(&b.buf), &b.arena, &out, &b.err),
                      b.err);
            sample_assert_equal(&out, &b.in);
            bench_release(&b);
        }
    }
}

TEST(record_walkers_equal_the_golden_files)
{
    static const char *const FILES[][3] = {
        {"tests/vectors/record/sample.msgpack", "tests/vectors/record/foreign.msgpack"},
        {"tests/vectors/record/sample.json"},
        {"tests/vectors/record/sample_aws.json", "tests/vectors/record/foreign_aws.json"},
        {"tests/vectors/record/sample.query", "tests/vectors/record/foreign.query"},
        {"tests/vectors/record/sample.xml"},
    };
    for (size_t i = 0; i < SAMPLE_WALKERS; i++) {
        struct bench b;
        struct sample out;
        bench_init(&b);
        assert_ok(WALKERS[i].encode(&SAMPLE, &b.in, &b.buf, &b.err), b.err);
        struct str golden = test_read_file(&b.arena, FILES[i][0]), ours = buf_view(&b.buf);
        if (!str_eq(ours, golden))
            fail_msg("%s:\n%.*s\nis not\n%.*s", FILES[i][0], STR_ARG(ours), STR_ARG(golden));
        for (size_t k = 0; FILES[i][k]; k++) {
            struct str file = test_read_file(&b.arena, FILES[i][k]);
            assert_ok(sample_decode_exact(&WALKERS[i], file, &b.arena, &out, &b.err), b.err);
            sample_assert_equal(&out, &b.in);
        }
        bench_release(&b);
    }
}

TEST(record_walkers_limit_depth_both_ways)
{
    for (size_t i = 0; i < SAMPLE_WALKERS; i++) {
        struct bench b;
        struct nest out = {0};
        bench_init(&b);
        struct nest *deep = sample_nest(&b.arena, RECORD_DEPTH_MAX);
        struct nest *deeper = sample_nest(&b.arena, RECORD_DEPTH_MAX + 1);
        assert_ok(WALKERS[i].encode(&NEST, deep, &b.buf, &b.err), b.err);
        assert_ok(WALKERS[i].decode(&NEST, buf_view(&b.buf), &b.arena, &out, &b.err), b.err);
        buf_clear(&b.buf);
        assert_int_equal(WALKERS[i].encode(&NEST, deeper, &b.buf, &b.err), E_TOO_LARGE);
        assert_contains(str_from(b.err.text), "children[0].children[0].");
        bench_release(&b);
    }
}

TEST(record_walkers_refuse_to_write_what_cannot_be_read)
{
    for (size_t i = 0; i < SAMPLE_WALKERS; i++) {
        struct bench b;
        bench_init(&b);
        LIST_AT(b.in.branches, struct branch, 1)->share = NAN;
        assert_int_equal(WALKERS[i].encode(&SAMPLE, &b.in, &b.buf, &b.err), E_MALFORMED);
        assert_string_equal(b.err.text, "branches[1].share: not a finite number");
        LIST_AT(b.in.branches, struct branch, 1)->share = INFINITY;
        assert_int_equal(WALKERS[i].encode(&SAMPLE, &b.in, &b.buf, &b.err), E_MALFORMED);
        LIST_AT(b.in.branches, struct branch, 1)->share = 2;
        assert_int_equal(WALKERS[i].encode(&SAMPLE, &b.in, &b.buf, NULL), E_MALFORMED);
        bench_release(&b);
    }
}

TEST(record_walkers_hold_times_that_text_can_hold)
{
    static const int64_t TIMES_MS[] = {1, 253402300799999, -1, 253402300800000};
    for (size_t i = 0; i < SAMPLE_WALKERS * EBB_COUNT(TIMES_MS); i++) {
        const struct walker *w = &WALKERS[i / EBB_COUNT(TIMES_MS)];
        int64_t ms = TIMES_MS[i % EBB_COUNT(TIMES_MS)];
        bool is_text = w->decode == query_decode || w == &WALKERS[SAMPLE_WALKERS - 1];
        struct bench b;
        struct sample out;
        bench_init(&b);
        b.in.created_at_ms = ms;
        int rc = w->encode(&SAMPLE, &b.in, &b.buf, &b.err);
        assert_int_equal(rc, is_text && i % EBB_COUNT(TIMES_MS) > 1 ? E_MALFORMED : E_OK);
        if (!rc) {
            assert_ok(sample_decode_exact(w, buf_view(&b.buf), &b.arena, &out, &b.err), b.err);
            assert_int_equal(out.created_at_ms, ms);
        }
        bench_release(&b);
    }
}

TEST(record_walkers_say_when_the_buffer_is_too_small)
{
    for (size_t i = 0; i < SAMPLE_WALKERS; i++) {
        struct bench b;
        bench_init(&b);
        for (size_t max = 0; max < 400; max += 37) {
            buf_release(&b.buf);
            buf_init(&b.buf, max);
            assert_int_equal(WALKERS[i].encode(&SAMPLE, &b.in, &b.buf, &b.err), E_TOO_LARGE);
        }
        bench_release(&b);
    }
}

TEST(record_walkers_keep_secrets_out_of_our_own_encodings)
{
    for (size_t i = 0; i < SAMPLE_WALKERS; i++) {
        struct bench b;
        struct sample out;
        bool is_ours = i < 2; /* msgpack and plain JSON; the others are AWS's */
        bench_init(&b);
        b.in.password = STR("hunter2");
        assert_ok(WALKERS[i].encode(&SAMPLE, &b.in, &b.buf, &b.err), b.err);
        assert_int_equal(str_contains(buf_view(&b.buf), STR("hunter2")), !is_ours);
        assert_ok(sample_decode_exact(&WALKERS[i], buf_view(&b.buf), &b.arena, &out, &b.err),
                  b.err);
        assert_str(out.password, is_ours ? "" : "hunter2");
        bench_release(&b);
    }
}

TEST(record_walkers_write_bad_utf8_as_replacement)
{
    for (size_t i = 0; i < SAMPLE_WALKERS; i++) {
        struct bench b;
        struct sample out;
        bench_init(&b);
        b.in.name = STR("a\xff\xc3z");
        assert_ok(WALKERS[i].encode(&SAMPLE, &b.in, &b.buf, &b.err), b.err);
        assert_ok(sample_decode_exact(&WALKERS[i], buf_view(&b.buf), &b.arena, &out, &b.err),
                  b.err);
        assert_str(out.name, "a\xEF\xBF\xBD\xEF\xBF\xBDz");
        bench_release(&b);
    }
}

TEST(record_walkers_ask_for_required_fields_and_leave_unknown_words_alone)
{
    static const struct str WORDS[] = {{"other", 5}, {"red", 3}, {"green", 5}, {"violet", 6}};
    static const struct enum_names NEWER = {WORDS, EBB_COUNT(WORDS)};
    static const struct field FIELDS[] = {
        F_STR(struct sample, name, "name"),
        F_ENUM(struct sample, tint, NEWER, "tint"),
    };
    static const struct record RECORD = RECORD_OF(struct sample, FIELDS);
    for (size_t i = 0; i < SAMPLE_WALKERS; i++) {
        struct bench b;
        struct sample newer = {.name = STR("ab"), .tint = 3}, out;
        bench_init(&b);
        assert_ok(WALKERS[i].encode(&RECORD, &newer, &b.buf, &b.err), b.err);
        assert_true(str_contains(buf_view(&b.buf), STR("violet")));
        assert_ok(sample_decode_exact(&WALKERS[i], buf_view(&b.buf), &b.arena, &out, &b.err),
                  b.err);
        assert_int_equal(out.tint, ENUM_OTHER);
        buf_clear(&b.buf);
        newer.name = STR_NONE;
        assert_ok(WALKERS[i].encode(&RECORD, &newer, &b.buf, &b.err), b.err);
        assert_int_equal(sample_decode_exact(&WALKERS[i], buf_view(&b.buf), &b.arena, &out, &b.err),
                         E_MALFORMED);
        assert_string_equal(b.err.text, "name: required, and missing");
        bench_release(&b);
    }
}
