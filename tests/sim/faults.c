/* SPDX-License-Identifier: Apache-2.0
 * See faults.h. Here: which faults a history has, and what becomes of a call. */
#include "tests/sim/faults.h"

#include "tests/sim/directed.h"
#include "tests/sim/points.h"
#include "tests/sim/redis_model.h"
#include "tests/sim/story.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND_MS ((int64_t)1000)

static const struct {
    enum call_port port;
    const char *name, *mode, *text;
    int64_t most;
} CALLS[CALL_FAULTS] = {[FAULT_IS_NONE] = {CALL_ANY, "", "", "", 0},
#define X(port, mode, text, most)                                                                  \
    [FAULT_OF_##port##_##mode] = {CALL_##port, #port "_" #mode, #mode, text, most},
                        SIM_CALL_FAULTS(X)
#undef X
};
static const struct {
    const char *name, *text;
    int64_t seconds;
} EVENTS[EVENT_FAULTS] = {
#define X(name, text, seconds) [EVENT_OF_##name] = {#name, text, seconds},
    SIM_EVENT_FAULTS(X)
#undef X
};
static const char *const PORTS[CALL_PORTS] = {
#define X(name, word) [CALL_##name] = word,
    SIM_PORTS(X)
#undef X
};
_Static_assert(CALL_FAULTS <= 64 && EVENT_FAULTS <= 64, "a bit each, in struct sim_options");

const char *call_fault_name(enum call_fault fault)
{
    return CALLS[fault].name;
}

bool faults_of_redis(const struct faults *faults)
{
    return faults->per_million[FAULT_OF_REDIS_BEFORE] || faults->per_million[FAULT_OF_REDIS_LOST] ||
           faults->per_million[FAULT_OF_REDIS_AFTER];
}

const char *call_fault_text(enum call_fault fault)
{
    return CALLS[fault].text;
}

const char *event_fault_name(enum event_fault fault)
{
    return EVENTS[fault].name;
}

const char *call_port_word(enum call_port port)
{
    return PORTS[port];
}

/* ---------------------------------------------------------------- calls */

/* The distributor's function is called through AWS. */
static bool is_row_of(enum call_port row, enum call_port port)
{
    return row == port || row == CALL_ANY || (row == CALL_AWS && port == CALL_DISTRIBUTOR);
}

static enum call_fault by_chance(struct sim *sim, const struct call *call)
{
    for (int i = 1; i < CALL_FAULTS; i++) {
        if (!is_row_of(CALLS[i].port, call->port)) continue;
        if (sim_chance(sim, sim->faults->per_million[i])) return (enum call_fault)i;
    }
    return FAULT_IS_NONE;
}

static bool is_denied(const struct sim *sim, const struct call *call)
{
    const struct faults *f = sim->faults;
    return f->denied && sim->now_ms < f->denied_until_ms &&
           (call->port == CALL_AWS || call->port == CALL_DISTRIBUTOR) &&
           str_eq(call->name, str_from(f->denied));
}

enum call_fault fault_of_call(struct sim *sim, const struct call *call)
{
    points_count(sim, call);
    if (sim->now_ms >= sim->quiet_from_ms) return FAULT_IS_NONE;
    enum call_fault fault = directed_take(sim, call);
    if (!fault && is_denied(sim, call)) fault = FAULT_OF_AWS_DENIED;
    if (!fault) fault = by_chance(sim, call);
    if (!fault) return fault;
    sim->faults->happened_call[fault]++;
    tell_fault(sim, call, fault);
    if (sim->options->planted && strcmp(sim->options->planted, CALLS[fault].name) == 0)
        sim_violation(sim, "planted: %s of %.*s", CALLS[fault].name, STR_ARG(call->name));
    return fault;
}

/* ---------------------------------------------------------------- events */

static void happen_again(struct sim *sim, void *ctx, uint64_t number)
{
    struct faults *f = ctx;
    enum event_fault kind = (enum event_fault)number;
    if (sim->now_ms >= sim->quiet_from_ms) return;
    event_happens(sim, kind);
    int64_t next = 1 + (int64_t)sim_random(sim, (uint64_t)(2 * f->mean_ms[kind]));
    sim_at(sim, sim->now_ms + next, happen_again, f, number);
}

static void happen_once(struct sim *sim, void *ctx, uint64_t number)
{
    (void)ctx;
    event_happens(sim, (enum event_fault)number);
}

/* A row's choice depends on the seed and its own name only: what is added to the table, or switched
 * off, changes no other row's. */
static void choose_rows(struct sim *sim)
{
    struct faults *f = sim->faults;
    const struct sim_options *o = sim->options;
    uint64_t all = sim_stream(sim, "any fault", 0);
    /* One history in eight has none. */
    if (sim_draw(&all, 8) == 0) return;
    for (int i = 1; i < CALL_FAULTS; i++) {
        uint64_t own = sim_stream(sim, CALLS[i].name, 0);
        bool chosen = sim_draw(&own, 4) == 0;
        if (chosen && !(o->without_calls & UINT64_C(1) << i))
            f->per_million[i] = 1 + (int64_t)sim_draw(&own, (uint64_t)CALLS[i].most);
    }
    for (int i = 0; i < EVENT_FAULTS; i++) {
        uint64_t own = sim_stream(sim, EVENTS[i].name, 0);
        bool chosen = sim_draw(&own, 4) == 0;
        if (chosen && !(o->without_events & UINT64_C(1) << i))
            f->mean_ms[i] = EVENTS[i].seconds * SECOND_MS * (1 + (int64_t)sim_draw(&own, 4));
    }
}

static void read_directed(struct sim *sim)
{
    const struct sim_options *o = sim->options;
    struct faults *f = sim->faults;
    f->directed = ARENA_ARRAY(&sim->arena, o->directed_n, struct directed);
    for (; f->directed_n < o->directed_n; f->directed_n++) {
        struct directed *d = &f->directed[f->directed_n];
        struct err e;
        if (directed_read(o->directed[f->directed_n], d, &e)) abort(); /* options_read has */
        if (d->is_event) sim_at(sim, sim->now_ms + d->at_ms, happen_once, NULL, (uint64_t)d->event);
    }
}

void faults_choose(struct sim *sim)
{
    struct faults *f = ARENA_NEW(&sim->arena, struct faults);
    sim->faults = f;
    if (!sim->options->course) choose_rows(sim);
    read_directed(sim);
    for (int i = 0; i < EVENT_FAULTS; i++)
        if (f->mean_ms[i])
            sim_at(sim, sim->now_ms + (int64_t)sim_random(sim, (uint64_t)(2 * f->mean_ms[i])),
                   happen_again, f, (uint64_t)i);
}

void faults_free(struct sim *sim)
{
    if (sim->faults->copy) redis_copy_free(sim->faults->copy);
}

/* ---------------------------------------------------------------- for people */

bool fault_bits(struct str name, uint64_t *calls, uint64_t *events)
{
    *calls = *events = 0;
    for (int i = 1; i < CALL_FAULTS; i++)
        if (str_eq(name, str_from(CALLS[i].name))) *calls = UINT64_C(1) << i;
    for (int i = 0; i < EVENT_FAULTS; i++)
        if (str_eq(name, str_from(EVENTS[i].name))) *events = UINT64_C(1) << i;
    return *calls || *events;
}

void faults_chosen(const struct sim *sim, uint64_t *calls, uint64_t *events)
{
    *calls = *events = 0;
    for (int i = 1; i < CALL_FAULTS; i++)
        if (sim->faults->per_million[i]) *calls |= UINT64_C(1) << i;
    for (int i = 0; i < EVENT_FAULTS; i++)
        if (sim->faults->mean_ms[i]) *events |= UINT64_C(1) << i;
}

void faults_print(const struct sim *sim)
{
    const struct faults *f = sim->faults;
    for (int i = 1; i < CALL_FAULTS; i++)
        if (f->per_million[i])
            (void)printf("  %-26s %7.3f %% of calls, %llu times\n", CALLS[i].name,
                         (double)f->per_million[i] / 10000,
                         (unsigned long long)f->happened_call[i]);
    for (int i = 0; i < EVENT_FAULTS; i++)
        if (f->mean_ms[i])
            (void)printf("  %-26s every %lld s or so, %llu times\n", EVENTS[i].name,
                         (long long)(f->mean_ms[i] / SECOND_MS),
                         (unsigned long long)f->happened_event[i]);
}

void faults_list(void)
{
    for (int i = 1; i < CALL_FAULTS; i++)
        (void)printf("  %-26s %s\n", CALLS[i].name, CALLS[i].text);
    for (int i = 0; i < EVENT_FAULTS; i++)
        (void)printf("  %-26s %s\n", EVENTS[i].name, EVENTS[i].text);
}
