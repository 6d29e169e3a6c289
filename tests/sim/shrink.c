/* SPDX-License-Identifier: Apache-2.0
 * See shrink.h. */
#include "tests/sim/shrink.h"

#include "tests/sim/faults.h"
#include "tests/sim/invariants.h"
#include "tests/sim/report.h"
#include "tests/sim/scene.h"

#include <stdio.h>
#include <string.h>

#define CHANCES    16                  /* orders of things that a smaller history is tried in */
#define ROUNDS_MAX 4                   /* through everything that can be taken away */
#define CALLS_MAX  ((uint64_t)6000000) /* of ports in all tries: a minute, or so */

struct search {
    struct sim_options best;
    struct violation rule;
    struct played played;
    uint64_t calls;
};

static bool is_same_rule(const struct violation *a, const struct violation *b)
{
    return a->format && b->format && strcmp(a->format, b->format) == 0 &&
           strcmp(a->file, b->file) == 0;
}

/* Becomes the best if it fails in the same way, in one order of things or another. */
static bool try(struct search *s, const struct sim_options *smaller)
{
    struct sim_options o = *smaller;
    for (uint64_t i = 0; i <= CHANCES && s->calls < CALLS_MAX; i++) {
        struct played played;
        o.chance = i ? i - 1 : smaller->chance;
        play_through(&o, &played);
        s->calls += played.effects;
        if (!is_same_rule(&played.violation, &s->rule)) continue;
        s->best = o;
        s->played = played;
        return true;
    }
    return false;
}

/* What the best one has. */
struct contents {
    uint64_t calls, events_on, happened_calls, happened_events;
    int64_t events, minutes, processes;
    uint64_t services;
};

static void look_into(const struct sim_options *o, struct contents *out)
{
    struct sim sim;
    play(&sim, o, NULL);
    const struct plan *p = &sim.scene->plan;
    *out = (struct contents){.events = (int64_t)p->events_n,
                             .minutes = p->active_ms / 60000,
                             .processes = (int64_t)p->processes_n};
    faults_chosen(&sim, &out->calls, &out->events_on);
    for (size_t i = 0; i < p->services_n; i++)
        out->services |= UINT64_C(1) << p->services[i].number;
    for (int i = 1; i < CALL_FAULTS; i++)
        if (sim.faults->happened_call[i]) out->happened_calls |= UINT64_C(1) << i;
    for (int i = 0; i < EVENT_FAULTS; i++)
        if (sim.faults->happened_event[i]) out->happened_events |= UINT64_C(1) << i;
    play_clear(&sim);
}

static bool without(struct search *s, uint64_t calls, uint64_t events)
{
    struct sim_options o = s->best;
    if (!calls && !events) return false;
    o.without_calls |= calls;
    o.without_events |= events;
    return try(s, &o);
}

/* All at once, then those that never acted, then one after another. */
static bool fewer_faults(struct search *s)
{
    struct contents c;
    bool any = false;
    look_into(&s->best, &c);
    if (without(s, c.calls, c.events_on)) return true;
    any |= without(s, c.calls & ~c.happened_calls, c.events_on & ~c.happened_events);
    look_into(&s->best, &c);
    for (int i = 0; i < 64; i++) {
        uint64_t bit = UINT64_C(1) << i;
        if (c.calls & bit) any |= without(s, bit, 0);
        if (c.events_on & bit) any |= without(s, 0, bit);
    }
    return any;
}

static bool fewer_services(struct search *s)
{
    struct contents c;
    bool any = false;
    look_into(&s->best, &c);
    if (!(c.services & (c.services - 1))) return false;
    /* One alone, else each of them away. */
    for (int i = 0; i < SIM_SERVICES_MAX; i++) {
        struct sim_options o = s->best;
        o.services = c.services & UINT64_C(1) << i;
        if (o.services && try(s, &o)) return true;
    }
    for (int i = 0; i < SIM_SERVICES_MAX; i++) {
        struct sim_options o = s->best;
        look_into(&s->best, &c);
        o.services = c.services & ~(UINT64_C(1) << i);
        if (o.services && o.services != c.services) any |= try(s, &o);
    }
    return any;
}

/* The smallest number from 1 on, below `has`, with which it still fails. */
static bool fewer(struct search *s, int64_t has, size_t member)
{
    for (int64_t n = 1; n < has; n = n < 8 ? n + 1 : n + n / 4) {
        struct sim_options o = s->best;
        memcpy((char *)&o + member, &n, sizeof(n));
        if (try(s, &o)) return true;
    }
    return false;
}

/* Nothing after the violation counts, and every further try is as short. */
static void cut_off_the_rest(struct search *s)
{
    struct sim_options o = s->best;
    int64_t minutes = s->played.virtual_ms / 60000 + 1;
    if (!o.minutes || minutes < o.minutes) o.minutes = minutes;
    (void)try(s, &o); /* if it was about the end, the rest counts */
}

void shrink_find(struct sim_options *options, struct played *played)
{
    struct search s = {.best = *options, .rule = played->violation, .played = *played};
    s.best.prints = s.best.tells = false;
    cut_off_the_rest(&s);
    bool any = true;
    for (int round = 0; round < ROUNDS_MAX && any && !s.best.course; round++) {
        struct contents c;
        any = fewer_services(&s);
        any |= fewer_faults(&s);
        look_into(&s.best, &c);
        any |= fewer(&s, c.events, offsetof(struct sim_options, events));
        any |= fewer(&s, c.processes, offsetof(struct sim_options, processes));
        any |= fewer(&s, c.minutes, offsetof(struct sim_options, minutes));
    }
    *options = s.best;
    *played = s.played;
}

void shrink_and_tell(const struct sim_options *options, const struct played *played)
{
    struct sim_options small = *options;
    struct played smallest = *played;
    (void)printf("seed %llu, size %d: %s\n", (unsigned long long)options->seed, options->size,
                 played->violation.text);
    (void)fflush(stdout); /* shrinking takes a while */
    shrink_find(&small, &smallest);
    report_print(&small, &smallest.violation, true);
}

/* ---------------------------------------------------------------- does it find the cause? */

/* The first history in which the planted fault acts. */
static bool find_planted(struct sim_options *o, struct played *played)
{
    for (o->seed = 1; o->seed < 400; o->seed++) {
        o->size = options_size_of(o->seed);
        play_through(o, played);
        if (played->violation.format) return true;
    }
    return false;
}

static bool is_minimal(const struct sim_options *o, const char *planted)
{
    struct contents c;
    uint64_t calls, events;
    bool known = fault_bits(str_from(planted), &calls, &events);
    look_into(o, &c);
    return known && c.calls == calls && c.events_on == events && !(c.services & (c.services - 1)) &&
           c.processes == 1;
}

bool shrink_selftest(void)
{
    static const char *const PLANTED[] = {"AWS_AFTER", "REDIS_LOST", "KAFKA_AFTER", "CRASH",
                                          "WIPE",      "DEATH",      "TASK_BUSY"};
    bool all_well = true;
    for (size_t i = 0; i < EBB_COUNT(PLANTED); i++) {
        struct sim_options o = {.planted = PLANTED[i], .idle_ms = SIM_IDLE_MS};
        struct played played;
        bool is_small = find_planted(&o, &played);
        uint64_t seed = o.seed;
        if (is_small) {
            shrink_find(&o, &played);
            is_small = is_minimal(&o, PLANTED[i]);
        }
        all_well &= is_small;
        (void)printf("%s: %s, planted in seed %llu\n", is_small ? "small" : "NOT SMALL", PLANTED[i],
                     (unsigned long long)seed);
        if (!is_small && played.violation.format) report_print(&o, &played.violation, false);
    }
    return all_well;
}
