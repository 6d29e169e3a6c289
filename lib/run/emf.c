/* SPDX-License-Identifier: Apache-2.0
 * See emf.h. This file decides which metric a look is; a reader of CloudWatch finds here what a
 * number there means. Each line below is one rule, in this order; a look may match several.
 *
 *  stage   when                                                   metric
 *  select  the limits were asked (state not lost)                 DrainingCount: open drains of the
 *                                                                 service, the new one included
 *          refused: not managed, no alarm, event or task seen     none: no scale-in was asked for
 *          refused: task_not_found, no_ip, and a service that     ScaleInErrors{Reason}
 *          does not exist or cannot be scaled in by us
 *          refused for any other reason                           ScaleInSkipped{Reason}
 *          given up (retry), dead                                 ScaleInErrors{unexpected_error}
 *  any     the drain was undone: trigger_over                     ScaleInSkipped{trigger_over}
 *  remove  the drain was undone: kamailio_failed                  KamailioInvocationFailures
 *          the drain was undone for another reason                ScaleInErrors{Reason}
 *          dead                                                   ScaleInErrors{unexpected_error}
 *  drain   the task accepted the start, or called back first      DrainStarted
 *          the drain was undone: asterisk_failed                  AsteriskDrainStartFailures
 *          the drain was undone for another reason (deadline)     ScaleInErrors{Reason}
 *          dead                                                   ScaleInErrors{unexpected_error}
 *  scale   lowering the count failed or is not known              ScalerErrors{
 *                                                                     update_service_failed}
 *          a drain was undone: at_min_capacity                    ScalerSkipped{at_min_capacity}
 *          a drain was undone for another reason                  ScalerErrors{Reason}
 *          a drained task was stopped by our scale-in             ScaleOutCompleted
 *          a task that was not drained stopped                    WrongTaskStopped (ours)
 *          dead                                                   ScalerErrors{unexpected_error}
 *  any     the look did not come to an end                        Errors{unexpected_error} as above
 *  callback a wrong token; a call for no such drain               ScalerAuthFailures;
 *                                                                 ScalerInvalidState */
#include "lib/run/emf.h"

#include "lib/base/arn.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#define NAMESPACE "ECS/SafeScaleIn"
#define LINE_MAX_SIZE                                                                              \
    ((size_t)16 * 1024) /* CloudWatch takes 256 KB; ours have some hundred bytes */
/* CloudWatch's limit of a dimension's value. */
#define DIMENSION_VALUE_MAX 1024

struct emf {
    struct clock clock;
    int fd;
    pthread_mutex_t mutex; /* lines are whole */
    atomic_llong lost;
};

static const struct {
    const char *name;
    enum emf_dimension dimension;
} METRICS[] = {
#define X(name, word, dimension) [EMF_##name] = {word, EMF_##dimension},
    EMF_METRICS(X)
#undef X
};

struct emf *emf_new(struct clock clock, int fd)
{
    struct emf *emf = calloc(1, sizeof(*emf));
    if (!emf) abort();
    emf->clock = clock;
    emf->fd = fd;
    pthread_mutex_init(&emf->mutex, NULL);
    return emf;
}

void emf_free(struct emf *emf)
{
    if (!emf) return;
    pthread_mutex_destroy(&emf->mutex);
    free(emf);
}

int64_t emf_lost(const struct emf *emf)
{
    return atomic_load(&emf->lost);
}

static void add_member(struct buf *out, const char *name, struct str value)
{
    if (!value.n) return;
    buf_add_format(out, ",\"%s\":", name);
    buf_add_json_string(out, value);
}

void emf_line(enum emf_metric metric, int64_t value, const struct emf_about *about, int64_t now_ms,
              struct buf *out)
{
    static const char *const DIMENSIONS[] = {
        [EMF_NO_DIMENSION] = "", [EMF_REASON] = "Reason", [EMF_SERVICE_ARN] = "ServiceArn"};
    enum emf_dimension dimension = METRICS[metric].dimension;
    struct service_key key;
    struct arena a;
    arena_init(&a);
    struct str service =
        service_key_parse(about->service, &key) ? about->service : service_key_arn(&a, &key);
    struct str of_dimension = dimension == EMF_REASON        ? about->reason
                              : dimension == EMF_SERVICE_ARN ? service
                                                             : STR_NONE;
    /* A dimension that is named must be there, with a text that CloudWatch takes. */
    if (!of_dimension.n || of_dimension.n > DIMENSION_VALUE_MAX) dimension = EMF_NO_DIMENSION;
    const char *quote = dimension ? "\"" : "";
    buf_add_format(out,
                   "{\"_aws\":{\"Timestamp\":%lld,\"CloudWatchMetrics\":[{\"Namespace\":\"%s\","
                   "\"Dimensions\":[[%s%s%s]],\"Metrics\":[{\"Name\":\"%s\",\"Unit\":\"Count\"}]}]}"
                   ",\"%s\":%lld",
                   (long long)now_ms, NAMESPACE, quote, DIMENSIONS[dimension], quote,
                   METRICS[metric].name, METRICS[metric].name, (long long)value);
    add_member(out, "Reason", about->reason);
    add_member(out, "ServiceArn", service);
    add_member(out, "TaskArn", about->task_arn);
    add_member(out, "TargetIP", about->address);
    add_member(out, "DrainId", about->drain_id);
    add_member(out, "Cause", about->cause);
    buf_add_text(out, "}\n");
    arena_release(&a);
}

static bool write_all(int fd, struct str line)
{
    while (line.n) {
        ssize_t n = write(fd, line.p, line.n);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        line = (struct str){line.p + n, line.n - (size_t)n};
    }
    return true;
}

static void send(struct emf *emf, enum emf_metric metric, int64_t value,
                 const struct emf_about *about)
{
    struct buf b;
    buf_init(&b, LINE_MAX_SIZE);
    emf_line(metric, value, about, clock_wall_ms(&emf->clock), &b);
    pthread_mutex_lock(&emf->mutex);
    bool sent = !buf_failed(&b) && write_all(emf->fd, buf_view(&b));
    pthread_mutex_unlock(&emf->mutex);
    if (!sent) atomic_fetch_add(&emf->lost, 1);
    buf_release(&b);
}

void emf_count(struct emf *emf, enum emf_metric metric, const struct emf_about *about)
{
    if (emf) send(emf, metric, 1, about);
}

static struct emf_about about_drain(const struct view *v, const struct drain *d, struct str reason)
{
    return (struct emf_about){
        .reason = reason,
        .service = v->message->service,
        .task_arn = d->task_arn,
        .address = d->address,
        .drain_id = d->drain_id,
        .cause = d->cause.n ? d->cause : v->message->cause,
    };
}

static void count(struct emf *emf, enum emf_metric metric, const struct view *v,
                  const struct drain *d, struct str reason)
{
    struct emf_about about = about_drain(v, d, reason);
    send(emf, metric, 1, &about);
}

/* Whether a time of a record was set by this look: it moved a drain, and the time is none of before
 * it began. */
static bool is_of_now(const struct view *v, const struct look_report *r, int64_t at)
{
    return v->did[EFFECT_MOVE].times && r->steps_n && at >= r->steps[0].at;
}

static enum emf_metric metric_of_refusal(enum reason reason)
{
    switch (reason) {
    case REASON_NOT_MANAGED:
    case REASON_NOT_IN_ALARM:
    case REASON_EVENT_SEEN:
    case REASON_ALREADY_DRAINING: return EMF_METRICS_N;
    case REASON_TASK_NOT_FOUND:
    case REASON_NO_IP:
    case REASON_SERVICE_NOT_FOUND:
    case REASON_SERVICE_NOT_ACTIVE:
    case REASON_DAEMON_SERVICE:
    case REASON_FOREIGN_CONTROLLER: return EMF_SCALE_IN_ERRORS;
    default: return EMF_SCALE_IN_SKIPPED; /* rule 15: every other word is a reason not to now */
    }
}

static void look_select(struct emf *emf, const struct view *v, const struct look_report *r)
{
    const struct limits_fact *limits = v->claim.known ? &v->claim : &v->limits;
    struct emf_about about = about_drain(v, &v->drain.record, STR_NONE);
    bool claimed = v->did[EFFECT_CLAIM].outcome == OUTCOME_OK;
    if (limits->known && limits->refusal != REASON_STATE_LOST)
        send(emf, EMF_DRAINING_COUNT, (int64_t)limits->open_tasks_n + claimed, &about);
    if (r->verdict.kind != VERDICT_REFUSED) return;
    enum emf_metric metric = metric_of_refusal(r->verdict.reason);
    about.reason = reason_word(r->verdict.reason);
    if (!about.task_arn.n) about.task_arn = v->message->task;
    if (metric != EMF_METRICS_N) send(emf, metric, 1, &about);
}

/* Stages remove and drain. */
static void look_drain(struct emf *emf, const struct view *v, const struct look_report *r)
{
    const struct drain *d = &v->drain.record;
    if (!v->drain_known || !v->drain_exists) return;
    /* A task that called back before its start was answered goes from REMOVED to DRAINED. */
    bool called_back_first = !d->started_at && is_of_now(v, r, d->drained_at);
    if (is_of_now(v, r, d->started_at) || called_back_first)
        count(emf, EMF_DRAIN_STARTED, v, d, STR_NONE);
    if (!is_of_now(v, r, d->undoing_at)) return;
    switch (reason_of_word(d->reason)) {
    case REASON_KAMAILIO_FAILED: count(emf, EMF_DISTRIBUTOR_FAILURES, v, d, d->reason); break;
    case REASON_ASTERISK_FAILED: count(emf, EMF_START_FAILURES, v, d, d->reason); break;
    case REASON_TRIGGER_OVER: count(emf, EMF_SCALE_IN_SKIPPED, v, d, d->reason); break;
    default: count(emf, EMF_SCALE_IN_ERRORS, v, d, d->reason); /* rule 15: any reason to undo */
    }
}

static void look_scale(struct emf *emf, const struct view *v, const struct look_report *r)
{
    static const struct drain NONE = {0};
    if (v->did[EFFECT_LOWER].times && v->did[EFFECT_LOWER].outcome != OUTCOME_OK)
        count(emf, EMF_SCALER_ERRORS, v, &NONE, STR("update_service_failed"));
    if (r->verdict.reason == REASON_WRONG_TASK_STOPPED)
        count(emf, EMF_WRONG_TASK_STOPPED, v, &NONE, STR_NONE);
    for (size_t i = 0; i < v->drained_n; i++) {
        const struct drain *d = &v->drained[i].record;
        if (d->state == DRAIN_RELEASING && d->becomes == DRAIN_SCALED_OUT &&
            is_of_now(v, r, d->stopped_at))
            count(emf, EMF_SCALE_OUT_COMPLETED, v, d, STR_NONE);
        if (d->state != DRAIN_UNDOING || !is_of_now(v, r, d->undoing_at)) continue;
        enum reason reason = reason_of_word(d->reason);
        enum emf_metric metric = reason == REASON_AT_MIN_CAPACITY ? EMF_SCALER_SKIPPED
                                 : reason == REASON_TRIGGER_OVER  ? EMF_SCALE_IN_SKIPPED
                                                                  : EMF_SCALER_ERRORS;
        count(emf, metric, v, d, d->reason);
    }
}

void emf_look(struct emf *emf, struct str stage, const struct view *v, const struct look_report *r)
{
    if (!emf) return;
    bool is_select = str_eq(stage, STR("select")), is_scale = str_eq(stage, STR("scale"));
    /* A retry of select that comes here is one that was given up; a drain's has a timer. */
    bool unexpected = r->verdict.kind == VERDICT_DEAD ||
                      r->verdict.reason == REASON_TOO_MANY_STEPS ||
                      (is_select && r->verdict.kind == VERDICT_RETRY);
    if (unexpected)
        count(emf, is_scale ? EMF_SCALER_ERRORS : EMF_SCALE_IN_ERRORS, v, &v->drain.record,
              STR("unexpected_error"));
    if (is_select) look_select(emf, v, r);
    if (str_eq(stage, STR("remove")) || str_eq(stage, STR("drain"))) look_drain(emf, v, r);
    if (is_scale) look_scale(emf, v, r);
}
