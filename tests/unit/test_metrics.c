/* SPDX-License-Identifier: Apache-2.0
 * Goal: looks are counted under the right words, and the sets of labels are bounded. Method: looks
 * written by hand; what is written of them is read. */
#include "lib/run/metrics.h"

#include "tests/support/test.h"

#include <pthread.h>
#include <string.h>

#define BYTES_MAX ((size_t)1024 * 1024)

static int64_t five_seconds(void *ctx)
{
    (void)ctx;
    return 5000;
}

static const struct clock CLOCK = {NULL, five_seconds, five_seconds};

static void count(struct metrics *m, struct str stage, enum verdict_kind kind, enum reason reason)
{
    struct message message = {.time = 4000};
    struct step_note steps[] = {
        {.effect = STR("read_drain"), .outcome = STR("ok"), .took_ms = 3},
        {.effect = STR("start"), .outcome = STR("unknown"), .took_ms = 20000},
        {.effect = STR("of a newer program"), .outcome = STR("ok")},
        {.effect = STR("move"), .outcome = STR("of a newer program")},
    };
    struct view v = {.message = &message};
    struct look_report report = {
        .verdict = {.kind = kind, .reason = reason}, .steps = steps, .steps_n = EBB_COUNT(steps)};
    metrics_look(m, stage, &v, &report, 1500);
}

static struct str text_of(struct metrics *m, struct arena *a)
{
    struct buf b;
    buf_init(&b, BYTES_MAX);
    metrics_write(m, &b);
    assert_false(buf_failed(&b));
    struct str text = arena_copy(a, buf_view(&b));
    buf_release(&b);
    return text;
}

static size_t lines_with(struct str text, struct str part)
{
    size_t n = 0;
    while (text.p)
        n += str_contains(str_cut(&text, '\n'), part);
    return n;
}

TEST(metrics_count_looks_and_effects)
{
    struct arena a;
    struct metrics *m = metrics_new(CLOCK);
    arena_init(&a);
    count(m, STR("select"), VERDICT_REFUSED, REASON_COOLDOWN);
    count(m, STR("select"), VERDICT_REFUSED, REASON_COOLDOWN);
    count(m, STR("drain"), VERDICT_WAIT, REASON_DRAINING);
    struct str text = text_of(m, &a);
    const char *expected[] = {
        "ebb_build_info{version=\"" EBB_VERSION "\"} 1\n",
        "process_start_time_seconds 5.000\n",
        "ebb_looks_total{stage=\"select\",verdict=\"refused\",reason=\"cooldown\"} 2\n",
        "ebb_looks_total{stage=\"drain\",verdict=\"wait\",reason=\"draining\"} 1\n",
        "ebb_effects_total{stage=\"select\",effect=\"read_drain\",outcome=\"ok\"} 2\n",
        "ebb_effects_total{stage=\"drain\",effect=\"start\",outcome=\"unknown\"} 1\n",
        "ebb_effects_total{stage=\"drain\",effect=\"move\",outcome=\"none\"} 1\n",
        "ebb_effect_seconds_bucket{effect=\"read_drain\",le=\"0.001\"} 0\n",
        "ebb_effect_seconds_bucket{effect=\"read_drain\",le=\"0.005\"} 3\n",
        "ebb_effect_seconds_bucket{effect=\"start\",le=\"10.000\"} 0\n",
        "ebb_effect_seconds_bucket{effect=\"start\",le=\"+Inf\"} 3\n",
        "ebb_effect_seconds_sum{effect=\"start\"} 60.000\n",
        "ebb_look_seconds_bucket{stage=\"select\",le=\"1.000\"} 0\n",
        "ebb_look_seconds_bucket{stage=\"select\",le=\"2.500\"} 2\n",
        "ebb_event_to_verdict_seconds_bucket{stage=\"select\",le=\"1.000\"} 2\n",
        "ebb_event_to_verdict_seconds_count{stage=\"drain\"} 1\n",
    };
    for (size_t i = 0; i < EBB_COUNT(expected); i++)
        assert_contains(text, expected[i]);
    assert_false(str_contains(text, STR("newer program")));
    arena_release(&a);
    metrics_free(m);
}

TEST(metrics_have_bounded_stages)
{
    struct arena a;
    struct metrics *m = metrics_new(CLOCK);
    arena_init(&a);
    for (int i = 0; i < 3 * METRICS_STAGES_MAX; i++)
        count(m, arena_format(&a, "stage-%d", i), VERDICT_DONE, REASON_NONE);
    struct str text = text_of(m, &a);
    assert_int_equal(lines_with(text, STR("ebb_looks_total{")), METRICS_STAGES_MAX + 1);
    assert_contains(text, "ebb_looks_total{stage=\"other\",verdict=\"done\",reason=\"none\"} 32\n");
    arena_release(&a);
    metrics_free(m);
}

TEST(metrics_labels_are_one_line_each)
{
    struct buf b;
    buf_init(&b, 100);
    metrics_label(&b, STR("a\"b\\c\nd"));
    assert_str(buf_view(&b), "a\\\"b\\\\c\\nd");
    buf_release(&b);
}

static void *count_many(void *m)
{
    for (int i = 0; i < 1000; i++)
        count(m, STR("select"), VERDICT_DONE, REASON_CLAIMED);
    return NULL;
}

TEST(metrics_lose_nothing_of_several_threads)
{
    struct arena a;
    pthread_t threads[4];
    struct metrics *m = metrics_new(CLOCK);
    arena_init(&a);
    for (size_t i = 0; i < EBB_COUNT(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count_many, m), 0);
    for (int i = 0; i < 20; i++)
        (void)text_of(m, &a); /* read while they count */
    for (size_t i = 0; i < EBB_COUNT(threads); i++)
        pthread_join(threads[i], NULL);
    assert_contains(text_of(m, &a), "verdict=\"done\",reason=\"claimed\"} 4000\n");
    arena_release(&a);
    metrics_free(m);
}
