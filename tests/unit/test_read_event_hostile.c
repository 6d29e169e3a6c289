/* SPDX-License-Identifier: Apache-2.0
 * Goal: whatever bytes SQS hands out, the reading is a dead letter, a verdict or a message that can
 * be published, and never a crash. Method: each field missing or of another type, cuts at every
 * byte, names beyond every limit, and thousands of mutations from a seed. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/arn.h"
#include "lib/effect/publish.h"
#include "producers/read_event.h"
#include "tests/support/events.h"
#include "tests/support/test.h"

#define MUTATIONS 3000

static const struct config NO_CONFIG;

/* What the relay does with a reading must be possible: the record it becomes can be encoded. */
static void assert_publishable(const struct event_reading *r, struct arena *a)
{
    struct bus_record out;
    struct err e = {0};
    struct service_key key;
    struct verdict_note note = {.format = 1,
                                .id = r->message.id,
                                .cause = r->message.cause,
                                .reason = reason_word(r->reason),
                                .why = r->why,
                                .event_time = r->message.time};
    struct dead_letter letter = {.format = 1, .error = r->why};
    switch (r->kind) {
    case EVENT_ASKS:
        assert_int_equal(service_key_parse(r->message.service, &key), E_OK);
        assert_ok(record_check(&MESSAGE_RECORD, &r->message, &e), e);
        assert_ok(message_record(STR(TOPIC_SELECT), &r->message, STR_NONE, a, &out, &e), e);
        break;
    case EVENT_NOTHING: assert_ok(verdict_record_of(&note, a, &out, &e), e); break;
    case EVENT_DEAD:
        assert_int_equal(r->reason, REASON_MALFORMED);
        assert_ok(dead_record(&letter, r->message.id, a, &out, &e), e);
        break;
    default: fail_msg("a reading of kind %d", r->kind);
    }
    if (r->kind != EVENT_ASKS) assert_true(r->why.n > 0);
}

/* The bytes in memory that ends where they end. */
static enum event_kind read_exact(struct str body, const struct config *c)
{
    struct arena a;
    struct event_reading r;
    char *copy = malloc(body.n ? body.n : 1);
    assert_non_null(copy);
    if (body.n) memcpy(copy, body.p, body.n);
    arena_init(&a);
    read_event((struct str){copy, body.n}, c, &a, &r);
    free(copy); /* the reading borrows nothing from the body */
    assert_publishable(&r, &a);
    arena_release(&a);
    return r.kind;
}

TEST(read_event_envelope_without_a_required_field_is_dead)
{
    static const char *const REQUIRED[] = {"version", "id",   "detail-type", "source",
                                           "account", "time", "region",      "detail"};
    static const char *const WRONG[] = {NULL, "null", "true", "{\"a\":1}", "[1]", "3.5", "\"\""};
    struct arena a;
    arena_init(&a);
    assert_int_equal(read_exact(events_alarm(&a, NULL, 0), &NO_CONFIG), EVENT_ASKS);
    for (size_t i = 0; i < EBB_COUNT(REQUIRED); i++)
        for (size_t k = 0; k < EBB_COUNT(WRONG); k++) {
            struct events_change change = {REQUIRED[i], WRONG[k]};
            /* An empty version, and a time as AWS's own protocols write it. */
            bool may_be = (i == 0 && k == 6) || (i == 5 && k == 5);
            enum event_kind kind = read_exact(events_alarm(&a, &change, 1), &NO_CONFIG);
            if (kind != (may_be ? EVENT_ASKS : EVENT_DEAD))
                fail_msg("%s = %s: kind %d", REQUIRED[i], WRONG[k] ? WRONG[k] : "missing", kind);
        }
    arena_release(&a);
}

TEST(read_event_detail_that_is_no_alarm_is_dead)
{
    static const char *const DETAILS[] = {
        "{}",
        "{\"alarmName\":\"x\"}",
        "{\"alarmName\":\"\",\"state\":{\"value\":\"ALARM\"}}",
        "{\"alarmName\":5,\"state\":{\"value\":\"ALARM\"}}",
        "{\"alarmName\":\"x\",\"state\":{}}",
        "{\"alarmName\":\"x\",\"state\":\"ALARM\"}",
        "{\"alarmName\":\"x\",\"state\":{\"value\":7}}",
        "{\"alarmName\":\"x\",\"state\":{\"value\":\"ALARM\"},\"configuration\":[]}",
        "{\"alarmName\":\"x\",\"state\":{\"value\":\"ALARM\"},\"configuration\":{\"metrics\":{}}}",
        "{\"alarmName\":\"x\",\"state\":{\"value\":\"ALARM\"},\"configuration\":{\"metrics\":"
        "[{\"metricStat\":{\"metric\":{\"dimensions\":{\"ClusterName\":1}}}}]}}",
    };
    struct arena a;
    arena_init(&a);
    for (size_t i = 0; i < EBB_COUNT(DETAILS); i++) {
        struct events_change change = {"detail", DETAILS[i]};
        enum event_kind kind = read_exact(events_alarm(&a, &change, 1), &NO_CONFIG);
        if (kind != EVENT_DEAD) fail_msg("%s: kind %d", DETAILS[i], kind);
    }
    arena_release(&a);
}

TEST(read_event_bodies_that_are_no_event_are_dead)
{
    static const char *const BODIES[] = {
        "",
        " ",
        "null",
        "[]",
        "7",
        "\"text\"",
        "{}",
        "{}{}",
        "{\"Type\":\"Notification\"}",
        "{\"Type\":\"Notification\",\"Message\":\"\"}",
        "{\"Type\":\"Notification\",\"Message\":\"{}\"}",
        "{\"Type\":\"Notification\",\"Message\":{\"version\":\"0\"}}",
        "{\"Type\":\"SubscriptionConfirmation\",\"Message\":\"You have chosen to subscribe\"}",
        "\xff\xfe",
        "{\"version\":\"\xff\"}",
    };
    struct arena a;
    arena_init(&a);
    for (size_t i = 0; i < EBB_COUNT(BODIES); i++)
        assert_int_equal(read_exact(str_from(BODIES[i]), &NO_CONFIG), EVENT_DEAD);
    /* Two envelopes are opened, a third is not. */
    struct str body = events_alarm(&a, NULL, 0);
    for (int layers = 1; layers <= 3; layers++) {
        body = events_in_sns(&a, body);
        assert_int_equal(read_exact(body, &NO_CONFIG), layers < 3 ? EVENT_ASKS : EVENT_DEAD);
    }
    arena_release(&a);
}

TEST(read_event_cut_anywhere_is_dead)
{
    struct arena a;
    arena_init(&a);
    struct str body = str_trim(test_read_file(&a, "tests/vectors/events/alarm-ecs-service.json"));
    struct str wrapped = events_in_sns(&a, body);
    for (size_t n = 0; n < body.n; n++)
        assert_int_equal(read_exact((struct str){body.p, n}, &NO_CONFIG), EVENT_DEAD);
    for (size_t n = 0; n < wrapped.n; n++)
        assert_int_equal(read_exact((struct str){wrapped.p, n}, &NO_CONFIG), EVENT_DEAD);
    arena_release(&a);
}

static struct str repeat(struct arena *a, const char *text, size_t times)
{
    size_t n = strlen(text);
    char *out = arena_alloc(a, n * times + 1);
    for (size_t i = 0; i < times; i++)
        memcpy(out + i * n, text, n);
    return (struct str){out, n * times};
}

static enum event_kind read_named(struct arena *a, struct str cluster, struct str service,
                                  struct str alarm)
{
    struct str detail = arena_format(
        a,
        "{\"alarmName\":\"%.*s\",\"state\":{\"value\":\"ALARM\"},\"configuration\":{\"metrics\":[{"
        "\"metricStat\":{\"metric\":{\"dimensions\":{\"ClusterName\":\"%.*s\",\"ServiceName\":"
        "\"%.*s\"}}}}]}}",
        STR_ARG(alarm), STR_ARG(cluster), STR_ARG(service));
    struct events_change change = {"detail", detail.p};
    return read_exact(events_alarm(a, &change, 1), &NO_CONFIG);
}

TEST(read_event_longest_names_of_aws_pass_and_longer_ones_hold_up_nobody)
{
    struct arena a;
    arena_init(&a);
    struct str longest = repeat(&a, "x", 255), longest_alarm = repeat(&a, "\xf0\x9f\x8c\x8a", 255),
               cjk = repeat(&a, "\xe6\xbd\xae", 255);
    struct str short_name = STR("x");
    assert_int_equal(read_named(&a, longest, longest, short_name), EVENT_ASKS);
    assert_int_equal(read_named(&a, short_name, short_name, longest_alarm), EVENT_ASKS);
    assert_int_equal(read_named(&a, short_name, short_name, cjk), EVENT_ASKS);
    assert_int_equal(read_named(&a, STR(""), short_name, longest_alarm), EVENT_NOTHING);
    struct str too_long = repeat(&a, "x", 1000);
    assert_int_equal(read_named(&a, too_long, short_name, short_name), EVENT_NOTHING);
    assert_int_equal(read_named(&a, short_name, too_long, longest_alarm), EVENT_NOTHING);
    assert_int_equal(read_named(&a, short_name, short_name, repeat(&a, "x", 2000)), EVENT_DEAD);
    assert_int_equal(read_named(&a, repeat(&a, "x", 70000), short_name, short_name), EVENT_DEAD);
    struct events_change type = {"detail-type",
                                 arena_format(&a, "\"%s\"", repeat(&a, "y", 256).p).p};
    assert_int_equal(read_exact(events_alarm(&a, &type, 1), &NO_CONFIG), EVENT_NOTHING);
    /* Deeper than anything of AWS's. */
    struct events_change deep = {"detail", repeat(&a, "[", 5000).p};
    assert_int_equal(read_exact(events_alarm(&a, &deep, 1), &NO_CONFIG), EVENT_DEAD);
    arena_release(&a);
}

TEST(read_event_names_that_aws_never_gives_ask_for_nothing)
{
    static const struct events_change WRONG[] = {
        {"region", "\"us-east-1.evil\""}, {"region", "\"US-EAST-1\""}, {"region", "\"-\""},
        {"account", "\"12345678901x\""},  {"account", "\" \""},
    };
    struct arena a;
    arena_init(&a);
    for (size_t i = 0; i < EBB_COUNT(WRONG); i++)
        assert_int_equal(read_exact(events_alarm(&a, &WRONG[i], 1), &NO_CONFIG), EVENT_NOTHING);
    struct str good = STR("x");
    assert_int_equal(read_named(&a, STR("de mo"), good, good), EVENT_NOTHING);
    assert_int_equal(read_named(&a, good, STR("*"), good), EVENT_NOTHING);
    assert_int_equal(read_named(&a, good, STR("a/b"), good), EVENT_NOTHING);
    arena_release(&a);
}

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* Bytes exchanged, put in, taken out, and pieces doubled. */
static struct str mutate(struct arena *a, struct str body, uint64_t *seed)
{
    char *out = arena_alloc(a, body.n * 2 + 64);
    size_t n = body.n;
    memcpy(out, body.p, n);
    for (uint64_t i = next_random(seed) % 4 + 1; i > 0 && n > 8; i--) {
        size_t at = next_random(seed) % n, bytes = next_random(seed) % 8;
        switch (next_random(seed) % 4) {
        case 0: out[at] = (char)next_random(seed); break;
        case 1: out[at] = "{}[]\":,\\0-e"[next_random(seed) % 11]; break;
        case 2:
            if (at + bytes > n) break;
            memmove(out + at, out + at + bytes, n - at - bytes);
            n -= bytes;
            break;
        default:
            if (at + bytes > n) break;
            memmove(out + at + bytes, out + at, n - at);
            n += bytes;
            break;
        }
    }
    return (struct str){out, n};
}

TEST(read_event_survives_mutations)
{
    struct arena a;
    uint64_t seed = 20261121;
    int kinds[3] = {0};
    arena_init(&a);
    struct str file = str_trim(test_read_file(&a, "tests/vectors/events/alarm-ecs-service.json"));
    struct str bodies[] = {file, events_in_sns(&a, file), events_alarm(&a, NULL, 0)};
    for (int i = 0; i < MUTATIONS; i++) {
        struct arena one;
        arena_init(&one);
        enum event_kind kind = read_exact(mutate(&one, bodies[i % 3], &seed), &NO_CONFIG);
        kinds[kind]++;
        arena_release(&one);
    }
    /* The mutations reach every reading. */
    assert_true(kinds[EVENT_ASKS] && kinds[EVENT_NOTHING] && kinds[EVENT_DEAD]);
    arena_release(&a);
}
