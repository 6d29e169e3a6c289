/* SPDX-License-Identifier: Apache-2.0
 * Goal: each look becomes the CloudWatch metrics that the table in emf.c says, in lines that the
 * embedded metric format allows. Method: views as stages leave them, written by hand, are shown to
 * emf_look; what it wrote into a file is compared by metric and dimension. */
#include "lib/run/emf.h"

#include "tests/support/test.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SERVICE       "aws:eu-west-1:123456789012:demo/sip"
#define TASK          "arn:aws:ecs:eu-west-1:123456789012:task/demo/0123456789abcdef0123456789abcdef"
#define SKIPPED(word) "ScaleInSkipped[\"Reason\"] 1 " word "\n"
#define ERRORS(word)  "ScaleInErrors[\"Reason\"] 1 " word "\n"
#define BEFORE        ((int64_t)1700000000000)
#define NOW           ((int64_t)1700000005000)

static int64_t now_ms(void *ctx)
{
    (void)ctx;
    return NOW;
}

static const struct clock CLOCK = {NULL, now_ms, now_ms};

struct game {
    struct arena a;
    struct message message;
    struct view v;
    struct look_report report;
    struct step_note first;
};

/* A look that began NOW, at a drain that has been moved. */
static void begin(struct game *g)
{
    *g = (struct game){0};
    arena_init(&g->a);
    g->message = (struct message){.id = STR("m"), .service = STR(SERVICE), .cause = STR("event-1")};
    g->first = (struct step_note){.effect = STR("read_drain"), .outcome = STR("ok"), .at = NOW};
    g->report = (struct look_report){
        .verdict = {.kind = VERDICT_DONE, .reason = REASON_NONE}, .steps = &g->first, .steps_n = 1};
    g->v = (struct view){.message = &g->message, .arena = &g->a};
    g->v.drain_known = g->v.drain_exists = true;
    g->v.drain.record = (struct drain){
        .drain_id = STR("3366f10b5f0aa7ab"),
        .service = STR(SERVICE),
        .task_arn = STR(TASK),
        .address = STR("10.0.0.7"),
        .cause = STR("event-1"),
        .claimed_at = BEFORE,
    };
    g->v.did[EFFECT_MOVE] = (struct attempt){.outcome = OUTCOME_OK, .times = 1};
}

static struct str written(struct arena *a, int fd)
{
    off_t n = lseek(fd, 0, SEEK_END);
    char *bytes = arena_alloc(a, (size_t)n + 1);
    assert_int_equal(pread(fd, bytes, (size_t)n, 0), n);
    return (struct str){bytes, (size_t)n};
}

/* What stands between two texts, or "-". */
static struct str between(struct str text, const char *before, char after)
{
    const char *at = strstr(text.p, before);
    struct str rest = str_from(at ? at + strlen(before) : "-");
    return str_cut(&rest, after);
}

static struct str shorten(struct arena *a, struct str line)
{
    line = arena_copy(a, line);
    struct str metric = between(line, "\"Name\":\"", '"'),
               dimension = between(line, "\"Dimensions\":[[", ']'),
               reason = between(line, "\"Reason\":\"", '"');
    const char *member = arena_format(a, "]}]},\"%.*s\":", STR_ARG(metric)).p;
    return arena_format(a, "%.*s[%.*s] %.*s %.*s\n", STR_ARG(metric), STR_ARG(dimension),
                        STR_ARG(between(line, member, ',')), STR_ARG(reason));
}

/* "Metric["Dimension"] value reason" a line; ends the game. */
static void check(struct game *g, struct str stage, const char *expected)
{
    int fd = memfd_create("emf", 0);
    struct emf *emf = emf_new(CLOCK, fd);
    struct buf all;
    buf_init(&all, 4096);
    emf_look(emf, stage, &g->v, &g->report);
    struct str rest = written(&g->a, fd);
    while (rest.n) {
        struct str line = str_cut(&rest, '\n');
        assert_true(str_starts(line, STR("{\"_aws\":{\"Timestamp\":1700000005000,")));
        buf_add(&all, shorten(&g->a, line));
    }
    assert_str(buf_view(&all), expected);
    assert_int_equal(emf_lost(emf), 0);
    buf_release(&all);
    emf_free(emf);
    close(fd);
    arena_release(&g->a);
}

static void check_select(enum verdict_kind kind, enum reason reason, const char *expected)
{
    struct game g;
    begin(&g);
    g.report.verdict = (struct verdict){.kind = kind, .reason = reason};
    check(&g, STR("select"), expected);
}

TEST(emf_select_refusals)
{
    check_select(VERDICT_REFUSED, REASON_COOLDOWN, SKIPPED("cooldown"));
    check_select(VERDICT_REFUSED, REASON_HOURLY_LIMIT, SKIPPED("hourly_limit"));
    check_select(VERDICT_REFUSED, REASON_CONCURRENCY_LIMIT, SKIPPED("concurrency_limit"));
    check_select(VERDICT_REFUSED, REASON_AT_MIN_CAPACITY, SKIPPED("at_min_capacity"));
    check_select(VERDICT_REFUSED, REASON_DEPLOYING, SKIPPED("deploying"));
    check_select(VERDICT_REFUSED, REASON_TASK_NOT_FOUND, ERRORS("task_not_found"));
    check_select(VERDICT_REFUSED, REASON_NO_IP, ERRORS("no_ip"));
    check_select(VERDICT_REFUSED, REASON_DAEMON_SERVICE, ERRORS("daemon_service"));
}

TEST(emf_select_says_nothing_where_nothing_was_asked_for)
{
    check_select(VERDICT_REFUSED, REASON_NOT_MANAGED, "");
    check_select(VERDICT_REFUSED, REASON_NOT_IN_ALARM, "");
    check_select(VERDICT_REFUSED, REASON_EVENT_SEEN, "");
    check_select(VERDICT_REFUSED, REASON_ALREADY_DRAINING, "");
    check_select(VERDICT_WOULD, REASON_CLAIMED, "");
}

TEST(emf_select_gave_up)
{
    check_select(VERDICT_RETRY, REASON_UNREACHABLE, ERRORS("unexpected_error"));
    check_select(VERDICT_DEAD, REASON_MALFORMED, ERRORS("unexpected_error"));
}

TEST(emf_draining_count_is_of_open_drains)
{
    struct game g;
    begin(&g);
    g.v.limits = (struct limits_fact){.known = true, .open_tasks_n = 2};
    g.v.claim = g.v.limits;
    g.v.did[EFFECT_CLAIM] = (struct attempt){.outcome = OUTCOME_OK, .times = 1};
    check(&g, STR("select"), "DrainingCount[\"ServiceArn\"] 3 -\n");

    begin(&g);
    g.v.limits =
        (struct limits_fact){.known = true, .refusal = REASON_CONCURRENCY_LIMIT, .open_tasks_n = 1};
    g.report.verdict = (struct verdict){VERDICT_REFUSED, .reason = REASON_CONCURRENCY_LIMIT};
    check(&g, STR("select"), "DrainingCount[\"ServiceArn\"] 1 -\n" SKIPPED("concurrency_limit"));

    /* A Redis that lost its state knows of no drains, which is not the same as none. */
    begin(&g);
    g.v.limits = (struct limits_fact){.known = true, .refusal = REASON_STATE_LOST};
    g.report.verdict = (struct verdict){VERDICT_REFUSED, .reason = REASON_STATE_LOST};
    check(&g, STR("select"), SKIPPED("state_lost"));
}

static void check_times(int64_t started_at, int64_t drained_at, int moves, const char *expected)
{
    struct game g;
    begin(&g);
    g.v.drain.record.started_at = started_at;
    g.v.drain.record.drained_at = drained_at;
    g.v.did[EFFECT_MOVE].times = moves;
    check(&g, STR("drain"), expected);
}

TEST(emf_drain_started)
{
    const char *line = "DrainStarted[\"ServiceArn\"] 1 -\n";
    check_times(NOW + 3, 0, 1, line);
    /* It called back before the start was answered. */
    check_times(0, NOW + 3, 1, line);
    /* Started before this look, and counted then. */
    check_times(BEFORE, NOW + 3, 1, "");
    /* Another process moved it: its to tell. */
    check_times(NOW + 3, 0, 0, "");
}

static void check_undone(struct str stage, struct str reason, const char *expected)
{
    struct game g;
    begin(&g);
    /* The same look may have given it back already. */
    g.v.drain.record.state = DRAIN_RESTORED;
    g.v.drain.record.undoing_at = NOW + 1;
    g.v.drain.record.reason = reason;
    check(&g, stage, expected);

    begin(&g);
    g.v.drain.record.state = DRAIN_RESTORED;
    g.v.drain.record.undoing_at = BEFORE;
    g.v.drain.record.reason = reason;
    check(&g, stage, "");
}

TEST(emf_undone_drains)
{
    check_undone(STR("remove"), STR("kamailio_failed"),
                 "KamailioInvocationFailures[] 1 kamailio_failed\n");
    check_undone(STR("remove"), STR("protection_refused"), ERRORS("protection_refused"));
    check_undone(STR("drain"), STR("asterisk_failed"),
                 "AsteriskDrainStartFailures[] 1 asterisk_failed\n");
    check_undone(STR("drain"), STR("deadline"), ERRORS("deadline"));
    check_undone(STR("drain"), STR("trigger_over"), SKIPPED("trigger_over"));
}

TEST(emf_scale_counts_each_drain)
{
    struct game g;
    struct held drains[4];
    begin(&g);
    for (size_t i = 0; i < EBB_COUNT(drains); i++)
        drains[i] = g.v.drain;
    drains[0].record.state = DRAIN_RELEASING;
    drains[0].record.becomes = DRAIN_SCALED_OUT;
    drains[0].record.stopped_at = NOW + 1;
    drains[1] = drains[0];
    drains[1].record.becomes = DRAIN_GONE; /* it died; not a scale-in */
    drains[2].record.state = DRAIN_UNDOING;
    drains[2].record.undoing_at = NOW + 2;
    drains[2].record.reason = STR("at_min_capacity");
    drains[3] = drains[2];
    drains[3].record.reason = STR("blocked");
    g.v.drained = drains;
    g.v.drained_n = EBB_COUNT(drains);
    check(&g, STR("scale"),
          "ScaleOutCompleted[\"ServiceArn\"] 1 -\n"
          "ScalerSkipped[\"Reason\"] 1 at_min_capacity\n"
          "ScalerErrors[\"Reason\"] 1 blocked\n");
}

TEST(emf_scale_errors)
{
    struct game g;
    begin(&g);
    g.v.did[EFFECT_LOWER] = (struct attempt){.outcome = OUTCOME_UNKNOWN, .times = 1};
    check(&g, STR("scale"), "ScalerErrors[\"Reason\"] 1 update_service_failed\n");
    begin(&g);
    g.v.did[EFFECT_LOWER] = (struct attempt){.outcome = OUTCOME_OK, .times = 1};
    check(&g, STR("scale"), "");
    begin(&g);
    g.report.verdict.reason = REASON_WRONG_TASK_STOPPED;
    check(&g, STR("scale"), "WrongTaskStopped[\"ServiceArn\"] 1 -\n");
    begin(&g);
    g.report.verdict = (struct verdict){VERDICT_RETRY, .reason = REASON_TOO_MANY_STEPS};
    check(&g, STR("scale"), "ScalerErrors[\"Reason\"] 1 unexpected_error\n");
    /* A drain's retry is not the end of it: a timer brings it back. */
    begin(&g);
    g.report.verdict = (struct verdict){VERDICT_RETRY, .reason = REASON_UNREACHABLE};
    check(&g, STR("scale"), "");
}
