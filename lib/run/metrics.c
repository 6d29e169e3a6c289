/* SPDX-License-Identifier: Apache-2.0
 * See metrics.h. One mutex, held for a few additions; the numbers are written from a copy, so that
 * a slow reader of the page never holds up a look. */
#include "lib/run/metrics.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define STAGE_CHARS_MAX 32
#define OUTCOMES        5
#define VERDICTS        6
#define BUCKETS_MAX     12

/* Upper bounds in milliseconds; what is larger falls into +Inf. An effect is one call; a look is
 * some of them; from an event to its verdict there may lie a queue. */
static const int64_t EFFECT_BUCKETS_MS[] = {1,   5,   10,   25,   50,   100,
                                            250, 500, 1000, 2500, 5000, 10000};
static const int64_t LOOK_BUCKETS_MS[] = {5,   10,   25,   50,   100,   250,
                                          500, 1000, 2500, 5000, 10000, 30000};
static const int64_t EVENT_BUCKETS_MS[] = {50,   100,   250,   500,   1000,   2500,
                                           5000, 10000, 30000, 60000, 300000, 900000};

struct histogram {
    int64_t counts[BUCKETS_MAX], count, sum_ms;
};

struct stage_numbers {
    char name[STAGE_CHARS_MAX + 1];
    int64_t looks[VERDICTS][REASONS];
    int64_t effects[EFFECT_KINDS][OUTCOMES];
    struct histogram took, since_event;
};

struct numbers {
    struct stage_numbers stages[METRICS_STAGES_MAX + 1]; /* the last is all others */
    size_t stages_n;
    struct histogram effects[EFFECT_KINDS];
};

struct metrics {
    struct clock clock;
    int64_t started_at;
    pthread_mutex_t mutex;
    struct numbers numbers;
};

struct metrics *metrics_new(struct clock clock)
{
    struct metrics *m = calloc(1, sizeof(*m));
    if (!m) abort();
    m->clock = clock;
    m->started_at = clock_wall_ms(&clock);
    pthread_mutex_init(&m->mutex, NULL);
    return m;
}

void metrics_free(struct metrics *m)
{
    if (!m) return;
    pthread_mutex_destroy(&m->mutex);
    free(m);
}

static void observe(struct histogram *h, const int64_t *bounds, size_t n, int64_t ms)
{
    /* A clock that was set back, ours or the event's sender's, makes no negative time. */
    if (ms < 0) ms = 0;
    for (size_t i = 0; i < n; i++)
        if (ms <= bounds[i]) {
            h->counts[i]++;
            break;
        }
    h->count++;
    h->sum_ms += ms;
}

static struct stage_numbers *stage_of(struct numbers *n, struct str stage)
{
    for (size_t i = 0; i < n->stages_n; i++)
        if (str_eq(stage, str_from(n->stages[i].name))) return &n->stages[i];
    if (n->stages_n == METRICS_STAGES_MAX || !stage.n || stage.n > STAGE_CHARS_MAX) {
        memcpy(n->stages[METRICS_STAGES_MAX].name, "other", sizeof("other"));
        return &n->stages[METRICS_STAGES_MAX];
    }
    struct stage_numbers *fresh = &n->stages[n->stages_n++];
    memcpy(fresh->name, stage.p, stage.n);
    return fresh;
}

static enum effect_kind effect_of(struct str word)
{
    for (int kind = 0; kind < EFFECT_KINDS; kind++)
        if (str_eq(word, str_from(effect_word((enum effect_kind)kind))))
            return (enum effect_kind)kind;
    return EFFECT_KINDS;
}

static enum outcome outcome_of(struct str word)
{
    for (int outcome = OUTCOME_NONE; outcome < OUTCOMES; outcome++)
        if (str_eq(word, outcome_word((enum outcome)outcome))) return (enum outcome)outcome;
    return OUTCOME_NONE;
}

void metrics_look(struct metrics *m, struct str stage, const struct view *v,
                  const struct look_report *r, int64_t took_ms)
{
    int64_t now_ms = clock_wall_ms(&m->clock);
    EBB_ASSERT(r->verdict.kind < VERDICTS && r->verdict.reason < REASONS);
    pthread_mutex_lock(&m->mutex);
    struct stage_numbers *s = stage_of(&m->numbers, stage);
    s->looks[r->verdict.kind][r->verdict.reason]++;
    observe(&s->took, LOOK_BUCKETS_MS, EBB_COUNT(LOOK_BUCKETS_MS), took_ms);
    /* Time since a message that waited on purpose for its timer says nothing of us; timers are
     * stamped when they fire, so it does not come to that. */
    if (v->message->time)
        observe(&s->since_event, EVENT_BUCKETS_MS, EBB_COUNT(EVENT_BUCKETS_MS),
                now_ms - v->message->time);
    for (size_t i = 0; i < r->steps_n; i++) {
        enum effect_kind kind = effect_of(r->steps[i].effect);
        if (kind == EFFECT_KINDS) continue;
        s->effects[kind][outcome_of(r->steps[i].outcome)]++;
        observe(&m->numbers.effects[kind], EFFECT_BUCKETS_MS, EBB_COUNT(EFFECT_BUCKETS_MS),
                r->steps[i].took_ms);
    }
    pthread_mutex_unlock(&m->mutex);
}

void metrics_head(struct buf *out, const char *name, const char *kind, const char *help)
{
    buf_add_format(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind);
}

void metrics_label(struct buf *out, struct str value)
{
    for (size_t i = 0; i < value.n; i++) {
        if (value.p[i] == '"' || value.p[i] == '\\') buf_add_char(out, '\\');
        if (value.p[i] == '\n')
            buf_add_text(out, "\\n");
        else
            buf_add_char(out, value.p[i]);
    }
}

/* Milliseconds as seconds, without the rounding of a double. */
static void add_seconds(struct buf *out, int64_t ms)
{
    buf_add_format(out, "%lld.%03lld", (long long)(ms / 1000), (long long)(ms % 1000));
}

static void add_histogram(struct buf *out, const char *name, const char *label, const char *value,
                          const struct histogram *h, const int64_t *bounds, size_t n)
{
    int64_t below = 0;
    for (size_t i = 0; i < n; i++) {
        below += h->counts[i];
        buf_add_format(out, "%s_bucket{%s=\"%s\",le=\"", name, label, value);
        add_seconds(out, bounds[i]);
        buf_add_format(out, "\"} %lld\n", (long long)below);
    }
    buf_add_format(out, "%s_bucket{%s=\"%s\",le=\"+Inf\"} %lld\n", name, label, value,
                   (long long)h->count);
    buf_add_format(out, "%s_sum{%s=\"%s\"} ", name, label, value);
    add_seconds(out, h->sum_ms);
    buf_add_format(out, "\n%s_count{%s=\"%s\"} %lld\n", name, label, value, (long long)h->count);
}

static void write_looks(const struct numbers *n, struct buf *out)
{
    metrics_head(out, "ebb_looks_total", "counter",
                 "Looks of stages at messages, by how they ended.");
    for (size_t i = 0; i < EBB_COUNT(n->stages); i++)
        for (int k = 0; k < VERDICTS; k++)
            for (int r = 0; r < REASONS; r++)
                if (n->stages[i].looks[k][r])
                    buf_add_format(
                        out,
                        "ebb_looks_total{stage=\"%s\",verdict=\"%.*s\",reason=\"%.*s\"} %lld\n",
                        n->stages[i].name, STR_ARG(verdict_word((enum verdict_kind)k)),
                        STR_ARG(reason_word((enum reason)r)), (long long)n->stages[i].looks[k][r]);
}

static void write_effects(const struct numbers *n, struct buf *out)
{
    metrics_head(out, "ebb_effects_total", "counter", "Effects of looks, by how they ended.");
    for (size_t i = 0; i < EBB_COUNT(n->stages); i++)
        for (int k = 0; k < EFFECT_KINDS; k++)
            for (int o = 0; o < OUTCOMES; o++)
                if (n->stages[i].effects[k][o])
                    buf_add_format(
                        out,
                        "ebb_effects_total{stage=\"%s\",effect=\"%s\",outcome=\"%.*s\"} %lld\n",
                        n->stages[i].name, effect_word((enum effect_kind)k),
                        STR_ARG(outcome_word((enum outcome)o)),
                        (long long)n->stages[i].effects[k][o]);
    metrics_head(out, "ebb_effect_seconds", "histogram", "How long effects took.");
    for (int k = 0; k < EFFECT_KINDS; k++)
        if (n->effects[k].count)
            add_histogram(out, "ebb_effect_seconds", "effect", effect_word((enum effect_kind)k),
                          &n->effects[k], EFFECT_BUCKETS_MS, EBB_COUNT(EFFECT_BUCKETS_MS));
}

static void write_times(const struct numbers *n, struct buf *out)
{
    metrics_head(out, "ebb_look_seconds", "histogram", "How long looks took.");
    for (size_t i = 0; i < EBB_COUNT(n->stages); i++)
        if (n->stages[i].took.count)
            add_histogram(out, "ebb_look_seconds", "stage", n->stages[i].name, &n->stages[i].took,
                          LOOK_BUCKETS_MS, EBB_COUNT(LOOK_BUCKETS_MS));
    metrics_head(out, "ebb_event_to_verdict_seconds", "histogram",
                 "From the event, timer or message that asked for a look to its verdict.");
    for (size_t i = 0; i < EBB_COUNT(n->stages); i++)
        if (n->stages[i].since_event.count)
            add_histogram(out, "ebb_event_to_verdict_seconds", "stage", n->stages[i].name,
                          &n->stages[i].since_event, EVENT_BUCKETS_MS, EBB_COUNT(EVENT_BUCKETS_MS));
}

void metrics_write(struct metrics *m, struct buf *out)
{
    struct numbers *copy = malloc(sizeof(*copy));
    if (!copy) abort();
    pthread_mutex_lock(&m->mutex);
    *copy = m->numbers;
    pthread_mutex_unlock(&m->mutex);
    metrics_head(out, "ebb_build_info", "gauge", "Always 1; the version is a label.");
    buf_add_format(out, "ebb_build_info{version=\"%s\"} 1\n", EBB_VERSION);
    metrics_head(out, "process_start_time_seconds", "gauge",
                 "When the process began, in seconds since 1970.");
    buf_add_text(out, "process_start_time_seconds ");
    add_seconds(out, m->started_at);
    buf_add_char(out, '\n');
    write_looks(copy, out);
    write_effects(copy, out);
    write_times(copy, out);
    free(copy);
}
