/* SPDX-License-Identifier: Apache-2.0
 * Every event that SQS took has a verdict, or a dead letter, in the end. */
#include "lib/record/walkers.h"
#include "schemas/message.h"
#include "tests/sim/invariants.h"
#include "tests/sim/scene.h"
#include "tests/sim/story.h"

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
        if (str_eq(sim->scene->events[i].id, note.cause)) sim->scene->events[i].is_answered = true;
    tell_verdict(sim, &note);
    arena_release(&a);
}

void inv_events_final(struct sim *sim)
{
    for (size_t i = 0; i < sim->scene->events_n; i++)
        if (!sim->scene->events[i].is_answered)
            sim_violation(sim, "event %.*s has no verdict", STR_ARG(sim->scene->events[i].id));
}
