/* SPDX-License-Identifier: Apache-2.0
 * Goal: whatever call of verify-aws fails, and however, nothing is called broken that is not, and
 * nothing is left that is not told; what it believes is what docs/assumptions.md says. Method: all
 * of it on the simulated region in virtual time, the n-th call failing in each way in turn. */
#include "lib/verify/verify.h"
#include "tests/unit/region_fixture.h"
#include "world/region/departures.h"

#include <stdio.h>

enum way {
    WELL,
    NOT_DONE, /* a passing failure, without effect */
    DENIED,
    REPLY_LOST, /* it took effect, and nobody says so */
    INTERRUPTED,
    TOO_EARLY, /* what was just made is not known everywhere yet */
};

struct play {
    struct small_world w;
    int64_t calls, nth;
    enum way way;
    bool interrupted;
};

static int call(void *ctx, const struct aws_operation *operation, struct str region,
                const void *input, struct arena *a, void *output, int64_t not_after_ms,
                struct aws_failure *failure)
{
    struct play *p = ctx;
    (void)region;       /* there is one */
    (void)not_after_ms; /* none is given */
    *failure = (struct aws_failure){0};
    bool fails = ++p->calls == p->nth;
    if (fails && p->way == INTERRUPTED) p->interrupted = true;
    if (fails && p->way == NOT_DONE)
        return err_set(&failure->err, E_UNREACHABLE, "%s: no answer", operation->name);
    if (fails && p->way == DENIED) {
        (void)snprintf(failure->code, sizeof(failure->code), "AccessDeniedException");
        return err_set(&failure->err, E_DENIED, "%s: denied", operation->name);
    }
    if (p->way == TOO_EARLY && operation == &ECS_CREATE_SERVICE && p->nth-- > 0) {
        (void)snprintf(failure->code, sizeof(failure->code), "InvalidParameterException");
        return err_set(&failure->err, E_REFUSED, "Unable to assume the service linked role.");
    }
    int code = region_call(p->w.region, &p->w.caller, region_operation_of(operation), input, a,
                           output, &p->w.err);
    if (fails && p->way == REPLY_LOST) {
        for (size_t i = 0; i < operation->output->size; i++)
            ((unsigned char *)output)[i] = 0;
        return err_set(&failure->err, E_UNKNOWN_OUTCOME, "%s: reply lost", operation->name);
    }
    if (!code) return E_OK;
    (void)snprintf(failure->code, sizeof(failure->code), "%s", p->w.err.code);
    failure->http_status = p->w.err.http_status;
    bool found = !str_contains(str_from(failure->code), STR("NotFound"));
    return err_set(&failure->err, found ? E_REFUSED : E_NOT_FOUND, "%s: %s", operation->name,
                   p->w.err.message);
}

static int64_t now(void *ctx)
{
    const struct play *p = ctx;
    return region_now_ms(p->w.region);
}

static bool wait_for(void *ctx, int64_t ms)
{
    struct play *p = ctx;
    small_world_pass(&p->w, ms);
    bool interrupted = p->interrupted;
    p->interrupted = false; /* once is enough */
    return interrupted;
}

static void say(void *ctx, struct str line)
{
    (void)ctx; /* nobody listens */
    (void)line;
}

static struct verify_ports ports_of(struct play *p)
{
    return (struct verify_ports){
        .aws = {p, call}, .clock = {p, now, now}, .ctx = p, .wait = wait_for, .say = say};
}

static struct verify_options options_of(struct str *subnet)
{
    return (struct verify_options){
        .prefix = STR("ebb-verify"),
        .image = STR("x"),
        .launch_type = STR("FARGATE"),
        .subnets = LIST_OF(subnet, 1),
        .timeout_ms = 30 * MINUTE_MS,
    };
}

static struct play play_new(int64_t seed)
{
    struct region_options region = {.seed = seed,
                                    .throttling_off = true,
                                    .task_start_ms = 6000,
                                    .task_stop_ms = 8000,
                                    .consistency_delay_ms = seed % 3 * 500};
    return (struct play){.w = small_world_new(&region)};
}

/* Clusters and running tasks that are not the fixture's. */
static size_t left(struct play *p)
{
    struct ecs_list_clusters_input in = {0};
    struct ecs_list_clusters_output out;
    small_world_pass(&p->w, 5 * MINUTE_MS); /* what ECS still stops by itself */
    small_world_do(&p->w, &ECS_LIST_CLUSTERS, &in, &out);
    struct region_snapshot now;
    region_snapshot(p->w.region, &p->w.a, &now);
    return out.cluster_arns.n - 1 + (size_t)now.tasks_running;
}

static void play(struct play *p, struct verify_report *report, int *code, struct arena *a)
{
    struct str subnet = STR("subnet-1");
    struct verify_ports ports = ports_of(p);
    struct verify_options options = options_of(&subnet);
    struct err e = {0};
    *code = verify_run(&ports, &options, a, report, &e);
    assert_int_equal(report->proven + report->broken + report->not_checked, report->results.n);
}

TEST(verify_proves_a_sound_region_whatever_its_chance)
{
    for (int64_t seed = 1; seed <= 20; seed++) {
        struct play p = play_new(seed);
        struct verify_report report;
        int code;
        play(&p, &report, &code, &p.w.a);
        for (size_t i = 0; i < report.results.n; i++) {
            const struct verify_result *r = LIST_AT(report.results, struct verify_result, i);
            if (r->end != VERIFY_PROVEN)
                fail_msg("seed %lld: %.*s %.*s: %.*s", (long long)seed, STR_ARG(r->id),
                         STR_ARG(enum_word(&VERIFY_ENDS, r->end)), STR_ARG(r->seen));
        }
        assert_int_equal(code, 0);
        assert_int_equal(left(&p), 0);
        small_world_free(&p.w);
    }
}

/* Whatever fails: a sound region is not called broken, and what is left is told. */
static int64_t fail_nth(int64_t nth, enum way way)
{
    struct play p = play_new(3);
    struct verify_report report;
    int code;
    p.nth = nth;
    p.way = way;
    play(&p, &report, &code, &p.w.a);
    for (size_t i = 0; i < report.results.n; i++) {
        const struct verify_result *r = LIST_AT(report.results, struct verify_result, i);
        if (r->end == VERIFY_BROKEN)
            fail_msg("call %lld failing in way %d: %.*s is broken: %.*s", (long long)nth, (int)way,
                     STR_ARG(r->id), STR_ARG(r->seen));
        if (r->end != VERIFY_PROVEN) assert_true(r->seen.n > 0);
    }
    size_t n = left(&p);
    if (n && !(code && report.left.n))
        fail_msg("call %lld failing in way %d: %zu left, and not told", (long long)nth, (int)way,
                 n);
    if (n) {
        struct verify_ports ports = ports_of(&p);
        struct str subnet = STR("subnet-1");
        struct verify_options options = options_of(&subnet);
        struct err e = {0};
        assert_ok(verify_clean_up(&ports, &options, &p.w.a, &report, &e), e);
        assert_int_equal(left(&p), 0);
    }
    int64_t calls = p.calls;
    small_world_free(&p.w);
    return calls;
}

TEST(verify_is_right_whatever_call_fails)
{
    static const enum way ways[] = {NOT_DONE, DENIED, REPLY_LOST, INTERRUPTED};
    int64_t calls = fail_nth(0, WELL);
    assert_true(calls > 200);
    for (size_t i = 0; i < EBB_COUNT(ways); i++)
        for (int64_t nth = 1; nth <= calls; nth++)
            (void)fail_nth(nth, ways[i]); /* how many there were then */
}

static enum verify_end end_of(const struct verify_report *report, const char *id)
{
    for (size_t i = 0; i < report->results.n; i++)
        if (str_eq(LIST_AT(report->results, struct verify_result, i)->id, str_from(id)))
            return (enum verify_end)LIST_AT(report->results, struct verify_result, i)->end;
    fail_msg("no %s", id);
    return VERIFY_NOT_CHECKED;
}

TEST(verify_waits_for_what_ecs_does_not_know_yet)
{
    struct play p = play_new(1);
    struct verify_report report;
    int code;
    p.way = TOO_EARLY;
    p.nth = 5;
    play(&p, &report, &code, &p.w.a);
    assert_int_equal(code, 0);
    assert_int_equal(report.proven, report.results.n);
    small_world_free(&p.w);
    /* Not for ever. */
    p = play_new(1);
    p.way = TOO_EARLY;
    p.nth = 1000;
    play(&p, &report, &code, &p.w.a);
    assert_int_equal(code, E_REFUSED);
    assert_int_equal(report.not_checked, report.results.n);
    assert_int_equal(left(&p), 0);
    small_world_free(&p.w);
}

TEST(verify_says_when_tasks_do_not_come_to_their_end)
{
    struct region_options region = {
        .seed = 1, .throttling_off = true, .task_start_ms = 6000, .task_stop_ms = 340 * 1000};
    struct play p = {.w = small_world_new(&region)};
    struct verify_report report;
    int code;
    play(&p, &report, &code, &p.w.a);
    assert_int_equal(end_of(&report, "A11"), VERIFY_BROKEN);
    assert_int_equal(report.broken, 1);
    small_world_free(&p.w);
}

/* The page has a heading for each, with the same words, in the same order. */
TEST(verify_believes_what_the_page_says)
{
    struct arena a;
    arena_init(&a);
    struct str page = test_read_file(&a, "docs/assumptions.md");
    struct list all = verify_assumptions(&a);
    assert_true(all.n > 20);
    for (size_t i = 0; i < all.n; i++) {
        const struct verify_result *r = LIST_AT(all, struct verify_result, i);
        assert_str(r->id, arena_format(&a, "A%zu", i + 1).p);
        struct str heading =
            arena_format(&a, "\n### %.*s. %.*s\n", STR_ARG(r->id), STR_ARG(r->words));
        if (!str_contains(page, heading)) fail_msg("the page lacks %.*s", STR_ARG(heading));
    }
    arena_release(&a);
}
