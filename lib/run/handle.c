/* SPDX-License-Identifier: Apache-2.0
 * See handle.h. The order: count it as taken, look, timers, history; only then is the message done.
 */
#include "lib/run/handle.h"

#include "lib/base/crypto.h"
#include "lib/effect/publish.h"
#include "lib/record/walkers.h"
#include "lib/run/taken.h"
#include "lib/store/state.h"

#define RETRY_MS                                                                                   \
    ((int64_t)5 * 1000) /* a drain whose look could not be finished is looked at again then */
#define DEAD_BODY_MAX ((size_t)256 * 1024)
#define HOLD_FIRST_MS ((int64_t)250)
#define HOLD_MAX_MS   ((int64_t)30 * 1000)

static struct str header(const struct bus_message *m, struct str name)
{
    for (size_t i = 0; i < m->headers_n; i++)
        if (str_eq_nocase(m->headers[i].name, name)) return m->headers[i].value;
    return STR_NONE;
}

static enum handled bury(const struct worker_options *o, const struct ports *ports,
                         const struct bus_message *m, const char *error, int64_t tries,
                         struct arena *a)
{
    struct err e = {0};
    struct str body =
        m->value.n > DEAD_BODY_MAX ? (struct str){m->value.p, DEAD_BODY_MAX} : m->value;
    struct dead_letter dead = {
        .format = 1,
        .origin = arena_format(a, "kafka:%.*s/%d/%lld", STR_ARG(m->topic), m->partition,
                               (long long)m->offset),
        .error = str_from(error),
        .body = crypto_base64(a, body),
        .body_bytes = (int64_t)m->value.n,
        .received_at = m->time_ms,
        .time = clock_wall_ms(&ports->clock),
        .times = tries + 1,
    };
    if (publish_dead(&ports->bus, &dead, m->key, a, &e)) {
        LOG(&o->log, LOG_ERROR, "dead_letter_failed", LOG_STR("origin", dead.origin),
            LOG_STR("why", str_from(e.text)));
        return HANDLED_HOLD;
    }
    LOG(&o->log, LOG_ERROR, "dead_letter", LOG_STR("origin", dead.origin),
        LOG_STR("why", dead.error));
    return HANDLED_DONE;
}

/* Not at once: of those who seem to have died with it one may live, and give it back just now. */
static enum handled bury_killer(const struct worker_options *o, const struct ports *ports,
                                const struct bus_message *m, int64_t deaths, struct handling *h,
                                struct arena *a)
{
    if (!h->is_suspected) {
        h->is_suspected = true;
        h->hold_ms = TAKEN_SETTLED_MS;
        return HANDLED_HOLD;
    }
    struct str error = arena_format(a,
                                    "taken %lld times, and each time the process that worked on it "
                                    "died before anything came of it",
                                    (long long)deaths);
    return bury(o, ports, m, error.p, deaths - 1, a);
}

/* The last effect of the look that did not go well; NULL when all did. */
static const struct step_note *last_failure(const struct look_report *r)
{
    for (size_t i = r->steps_n; i > 0; i--)
        if (!str_eq(r->steps[i - 1].outcome, outcome_word(OUTCOME_OK))) return &r->steps[i - 1];
    return NULL;
}

/* The text for people: the verdict's sentence, and what failed. */
static struct str why(const struct look_report *r, struct arena *a)
{
    struct str text = verdict_text(&r->verdict, a);
    const struct step_note *failed = last_failure(r);
    if (failed)
        text = arena_format(a, "%.*s; %.*s: %.*s: %.*s", STR_ARG(text), STR_ARG(failed->effect),
                            STR_ARG(failed->outcome),
                            STR_ARG(failed->detail.n ? failed->detail : failed->code));
    return text;
}

static struct verdict_note note_of(const struct worker_options *o, const struct view *v,
                                   const struct look_report *r, int64_t now_ms, int64_t took_ms)
{
    const struct message *m = v->message;
    const struct drain *d = &v->drain.record;
    struct verdict_note n = {
        .format = 1,
        .id = m->id,
        .stage = o->stage,
        .service = m->service,
        .drain_id = d->drain_id.n ? d->drain_id : m->drain_id,
        .task_arn = d->task_arn,
        .cause = m->cause,
        .verdict = verdict_word(r->verdict.kind),
        .reason = reason_word(r->verdict.reason),
        .why = why(r, v->arena),
        .time = now_ms,
        .took_ms = took_ms,
        .event_time = m->time,
        .steps = LIST_OF(r->steps, r->steps_n),
    };
    if (v->drain_known && v->drain_exists) n.state = enum_word(&DRAIN_STATES, d->state);
    return n;
}

/* Looks that only found that it is not time yet are not history: a drain of hours has hundreds of
 * them. */
static bool is_worth_noting(const struct look_report *r)
{
    return r->acted || (r->verdict.kind != VERDICT_WAIT && r->verdict.reason != REASON_API_BUDGET &&
                        r->verdict.reason != REASON_NOTHING_DRAINED);
}

static int record_verdict(const struct worker_options *o, const struct ports *ports,
                          const struct view *v, const struct verdict_note *n, struct err *e)
{
    int code = publish_verdict(&ports->bus, n, v->arena, e);
    if (code) return code;
    /* The history has it; what commands show of it may miss one look. */
    if (state_note_look(&ports->store, n, v->arena, e))
        LOG(&o->log, LOG_WARN, "look_not_noted", LOG_STR("why", str_from(e->text)));
    return E_OK;
}

static void log_verdict(const struct worker_options *o, const struct view *v,
                        const struct verdict_note *n, const struct look_report *r)
{
    enum log_level level = LOG_INFO;
    if (r->verdict.kind == VERDICT_WAIT && !r->acted) level = LOG_DEBUG;
    if (r->verdict.kind == VERDICT_RETRY)
        level = r->verdict.reason == REASON_API_BUDGET ? LOG_DEBUG : LOG_WARN;
    if (r->verdict.reason == REASON_WRONG_TASK_STOPPED) level = LOG_ERROR;
    LOG(&o->log, level, "verdict", LOG_STR("verdict", n->verdict), LOG_STR("reason", n->reason),
        LOG_STR("service", n->service), LOG_STR("drainId", n->drain_id),
        LOG_STR("taskArn", n->task_arn), LOG_STR("state", n->state), LOG_STR("why", n->why),
        LOG_NUM("effects", (int64_t)r->steps_n), LOG_NUM("tookMs", n->took_ms),
        LOG_STR("cause", v->message->cause));
}

/* WAIT and RETRY of a drain are timers: they outlive this process, and the message is done. */
static int set_timers(const struct ports *ports, const struct view *v,
                      const struct verdict *verdict, struct err *e)
{
    int64_t now_ms = clock_wall_ms(&ports->clock);
    int64_t at = verdict->at ? verdict->at : now_ms + RETRY_MS;
    struct str drain_id = v->message->drain_id;
    /* One of the drains that a look was about wakes for all of them, always the same; the others
     * have their sweep. */
    for (size_t i = v->drained_n; i > 0; i--)
        if (v->drained[i - 1].record.state == DRAIN_DRAINED)
            drain_id = v->drained[i - 1].record.drain_id;
    if (!drain_id.n) return E_OK;
    int code = state_wake(&ports->store, v->message->service, drain_id, at, v->arena, e);
    /* Nothing is left to wait for. But what could not be finished must be, and no timer will see to
     * it: a final move whose answer was lost is not in ebb.state yet. */
    return code == E_NOT_FOUND && verdict->kind == VERDICT_WAIT ? E_OK : code;
}

static void give_lease_back(const struct worker_options *o, const struct ports *ports,
                            const struct view *v)
{
    struct err e = {0};
    if (v->did[EFFECT_TAKE_LEASE].outcome != OUTCOME_OK) return;
    struct str name = state_scale_lease(v->arena, v->message->service);
    if (state_release_lease(&ports->store, name, ports->holder, v->arena, &e))
        LOG(&o->log, LOG_WARN, "lease_not_released", LOG_STR("why", str_from(e.text)));
}

static enum handled settle(const struct worker_options *o, const struct ports *ports,
                           const struct view *v, const struct look_report *r,
                           const struct bus_message *m, int64_t tries, int64_t took_ms)
{
    struct err e = {0};
    struct verdict_note n = note_of(o, v, r, clock_wall_ms(&ports->clock), took_ms);
    bool is_retry = r->verdict.kind == VERDICT_RETRY,
         has_drain = v->message->drain_id.n || v->drained_n;
    log_verdict(o, v, &n, r);
    if (r->verdict.kind == VERDICT_DEAD) return bury(o, ports, m, n.why.p, tries, v->arena);
    if (r->unpublished) return HANDLED_HOLD;
    /* A request without a drain has no timer: it is tried in place until it is too old. While state
     * is lost no drain has one. */
    if (is_retry && (!has_drain || r->verdict.reason == REASON_STATE_LOST)) return HANDLED_HOLD;
    if ((is_retry || r->verdict.kind == VERDICT_WAIT) && has_drain &&
        set_timers(ports, v, &r->verdict, &e)) {
        LOG(&o->log, LOG_WARN, "timer_not_set", LOG_STR("why", str_from(e.text)));
        return HANDLED_HOLD;
    }
    if (!is_worth_noting(r)) return HANDLED_DONE;
    if (record_verdict(o, ports, v, &n, &e)) {
        LOG(&o->log, LOG_WARN, "verdict_not_recorded", LOG_STR("why", str_from(e.text)));
        return HANDLED_HOLD;
    }
    return HANDLED_DONE;
}

static int64_t hold_after(int64_t tries)
{
    int64_t ms = HOLD_FIRST_MS;
    for (int64_t i = 0; i < tries && ms < HOLD_MAX_MS; i++)
        ms *= 2;
    return ms < HOLD_MAX_MS ? ms : HOLD_MAX_MS;
}

/* What was put off is told when its turn is: that is no attempt, and no reason to wait longer each
 * time. */
static int64_t hold_until(int64_t at, int64_t now_ms)
{
    int64_t ms = at - now_ms;
    if (ms < HOLD_FIRST_MS) return HOLD_FIRST_MS;
    return ms < HOLD_MAX_MS ? ms : HOLD_MAX_MS;
}

static enum handled look_at(const struct worker_options *o, const struct ports *ports,
                            const struct bus_message *bus_message, const struct message *m,
                            struct handling *h, struct arena *a)
{
    struct look_report report;
    int64_t began = clock_mono_ms(&ports->clock);
    struct view v = {
        .message = m,
        .settings = config_service(o->config, m->service),
        .arena = a,
        .traceparent = header(bus_message, STR("traceparent")),
    };
    look(ports, o->next, &v, &report);
    give_lease_back(o, ports, &v);
    int64_t took_ms = clock_mono_ms(&ports->clock) - began;
    enum handled handled = settle(o, ports, &v, &report, bus_message, h->tries, took_ms);
    if (report.verdict.reason == REASON_API_BUDGET)
        h->hold_ms = hold_until(report.verdict.at, clock_wall_ms(&ports->clock));
    if (handled == HANDLED_DONE && o->observer.looked)
        o->observer.looked(o->observer.ctx, o->stage, &v, &report, took_ms);
    return handled;
}

void handle_wait_turn(const struct worker_options *o, const struct ports *ports,
                      const struct bus_message *bus_message, struct handling *h)
{
    h->is_alone = taken_before(ports, &o->log, bus_message) == TAKEN_MAX - 1;
    alone_enter(&o->alone, h->is_alone);
}

static enum handled work(const struct worker_options *o, const struct ports *ports,
                         const struct bus_message *bus_message, int64_t deaths, struct handling *h,
                         struct arena *a)
{
    struct err e = {0};
    struct message m = {0};
    if (deaths >= TAKEN_MAX) return bury_killer(o, ports, bus_message, deaths, h, a);
    h->is_suspected = false;
    /* One who lives gave it back just now: its turn alone comes with the next try. */
    if (deaths == TAKEN_MAX - 1 && !h->is_alone) return HANDLED_HOLD;
    if (bus_message->value.n > MESSAGE_MAX)
        return bury(o, ports, bus_message, "larger than any message of ours", h->tries, a);
    if (msgpack_decode(&MESSAGE_RECORD, bus_message->value, a, &m, &e))
        return bury(o, ports, bus_message, e.text, h->tries, a);
    return look_at(o, ports, bus_message, &m, h, a);
}

enum handled handle(const struct worker_options *o, const struct ports *ports,
                    const struct bus_message *bus_message, struct handling *h)
{
    struct arena a;
    arena_init(&a);
    h->hold_ms = hold_after(h->tries);
    int64_t deaths = taken_begin(ports, &o->log, bus_message);
    enum handled handled = work(o, ports, bus_message, deaths, h, &a);
    /* One that is held is in nobody's hands; that others died with it stays known. One that kills
     * stays known as such: what comes after it may kill as well, before the offset is passed, and
     * then it comes again. */
    if (handled == HANDLED_HOLD) {
        h->tries++;
        (void)taken_give_back(ports, &o->log, bus_message); /* it told the log */
    } else if (deaths < TAKEN_MAX) {
        taken_end(ports, &o->log, bus_message);
    }
    alone_leave(&o->alone);
    arena_release(&a);
    return handled;
}
