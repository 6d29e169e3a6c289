/* SPDX-License-Identifier: Apache-2.0
 * A message that kills its worker each time it is worked on becomes a dead letter; no message does
 * for that reason whose workers did not go so often, or went because of others that kill; and in the
 * end nothing waits behind one. */
#include "lib/record/walkers.h"
#include "lib/run/taken.h"
#include "tests/sim/bus_internal.h"
#include "tests/sim/faults.h"
#include "tests/sim/invariants.h"
#include "tests/sim/scene.h"

/* "TOPIC/PARTITION/OFFSET", or with another separator */
static struct stored *stored_of(struct sim *sim, struct str place, char separator)
{
    int64_t partition, offset;
    struct topic *t = topic_named(sim->bus, str_cut(&place, separator));
    if (!t || !str_to_int(str_cut(&place, separator), &partition) || !str_to_int(place, &offset))
        return NULL;
    return &t->partitions[partition].items[offset];
}

void inv_poison_not_given_back(struct sim *sim, struct str key)
{
    (void)str_cut(&key, ':');
    (void)str_cut(&key, ':');
    struct stored *s = stored_of(sim, key, ':');
    EBB_ASSERT(s);
    s->unsaid++;
}

/* An event whose message is a dead letter is not lost sight of. */
static void answer_event(struct sim *sim, const struct stored *s)
{
    struct arena a;
    struct err e = {0};
    struct message m = {0};
    arena_init(&a);
    if (!msgpack_decode(&MESSAGE_RECORD, s->message.value, &a, &m, &e))
        for (size_t i = 0; i < sim->scene->events_n; i++)
            if (str_eq(sim->scene->events[i].id, m.cause)) sim->scene->events[i].is_answered = true;
    arena_release(&a);
}

/* Others may kill it before its last chance, when it is alone. Without Redis nobody knows when that is. */
static bool is_innocent(const struct sim *sim, const struct stored *s)
{
    return !s->is_poison && s->near && s->losses == s->near && s->near >= TAKEN_MAX &&
           !faults_of_redis(sim->faults);
}

void inv_poison_record(struct sim *sim, const struct bus_message *message)
{
    struct arena a;
    struct err e = {0};
    struct dead_letter letter = {0};
    if (!str_eq(message->topic, STR(TOPIC_DEAD))) return;
    arena_init(&a);
    if (msgpack_decode(&DEAD_LETTER_RECORD, message->value, &a, &letter, &e))
        sim_violation(sim, "a dead letter cannot be read: %s", e.text);
    struct str place = letter.origin; /* "kafka:..." */
    (void)str_cut(&place, ':');
    struct stored *s = stored_of(sim, place, '/');
    if (s) {
        s->is_dead_letter = true;
        answer_event(sim, s);
        bool is_taken = str_starts(letter.error, STR("taken "));
        int went = s->losses + s->late + s->unsaid;
        if (is_taken && (went < TAKEN_MAX || letter.times < TAKEN_MAX))
            sim_violation(sim, "%.*s is a dead letter (%.*s), and its workers went %d times",
                          STR_ARG(letter.origin), STR_ARG(letter.error), s->losses);
        if (is_taken && is_innocent(sim, s))
            sim_violation(sim, "%.*s is a dead letter (%.*s), and another message killed %d times",
                          STR_ARG(letter.origin), STR_ARG(letter.error), s->near);
    }
    sim_trace(sim, "dead letter of %.*s", STR_ARG(letter.origin));
    arena_release(&a);
}

static void judge_partition(struct sim *sim, const struct topic *t, int number)
{
    const struct partition *p = &t->partitions[number];
    if ((size_t)p->committed < p->n)
        sim_violation(sim, "%zu messages of %.*s/%d still wait", p->n - (size_t)p->committed,
                      STR_ARG(t->name), number);
    for (size_t i = 0; i < p->n; i++)
        if (p->items[i].is_poison && !p->items[i].is_dead_letter)
            sim_violation(sim, "message %zu of %.*s/%d kills, and is no dead letter", i,
                          STR_ARG(t->name), number);
}

void inv_poison_final(struct sim *sim)
{
    for (size_t i = 0; i < SIM_STAGES; i++)
        for (int number = 0; number < SIM_PARTITIONS; number++)
            judge_partition(sim, &sim->bus->topics[i], number);
}
