/* SPDX-License-Identifier: Apache-2.0
 * Every event that SQS took has a verdict, or a dead letter, in the end. No drain begins because of
 * one that says that the alarm is over, or that is older than allowed. */
#include "lib/record/walkers.h"
#include "schemas/message.h"
#include "tests/sim/invariants.h"
#include "tests/sim/scene.h"
#include "tests/sim/story.h"

/* From judging its age to the claim a look takes as long as its process stands still. */
#define LOOK_MS ((int64_t)5 * 60 * 1000)

void inv_events_claim(struct sim *sim, const struct seen_drain *seen)
{
    const struct drain *d = &seen->newest;
    const struct plan_service *p = planned_service(sim, d->service);
    for (size_t i = 0; i < sim->scene->events_n; i++) {
        const struct scene_event *event = &sim->scene->events[i];
        if (!str_eq(event->id, d->cause)) continue;
        if (event->is_over)
            sim_violation(sim, "drain %.*s began because an alarm was over", STR_ARG(d->drain_id));
        if (p && d->claimed_at > event->at_ms + p->settings.event_age_max_ms + LOOK_MS)
            sim_violation(sim, "drain %.*s began because of an event too old",
                          STR_ARG(d->drain_id));
    }
}

void inv_events_record(struct sim *sim, const struct bus_message *message)
{
    struct arena a;
    struct err e = {0};
    struct verdict_note note = {0};
    if (!str_eq(message->topic, STR(TOPIC_HISTORY))) return;
    arena_init(&a);
    if (msgpack_decode(&VERDICT_RECORD, message->value, &a, &note, &e))
        sim_violation(sim, "a verdict cannot be read: %s", e.text);
    for (size_t i = 0; i < sim->scene->events_n; i++)
        if (str_eq(sim->scene->events[i].id, note.cause))
            sim->scene->events[i].is_answered = sim->scene->events[i].is_heard = true;
    tell_verdict(sim, &note);
    arena_release(&a);
}

void inv_events_final(struct sim *sim)
{
    for (size_t i = 0; i < sim->scene->events_n; i++)
        if (!sim->scene->events[i].is_answered)
            sim_violation(sim, "event %.*s has no verdict", STR_ARG(sim->scene->events[i].id));
}
