/* SPDX-License-Identifier: Apache-2.0
 * See taken.h. */
#include "lib/run/taken.h"

#include "lib/store/state_control.h"

/* Redis may come back, or a reply have been lost. */
#define SAY_TRIES 3
/* Whoever gives back has to let go of a partition, and others wait for that. */
#define GIVE_BACK_MS ((int64_t)1000)

static struct message_place place_of(const struct bus_message *m)
{
    return (struct message_place){
        .topic = m->topic, .partition = m->partition, .offset = m->offset};
}

static void complain(const struct log *log, const struct bus_message *m, const struct err *e)
{
    LOG(log, LOG_DEBUG, "taken_not_counted", LOG_STR("topic", m->topic),
        LOG_NUM("offset", m->offset), LOG_STR("why", str_from(e->text)));
}

/* False when it is not known. */
static bool count(const struct ports *ports, const struct log *log, const struct bus_message *m,
                  enum taken_what what, int64_t *others)
{
    struct arena a;
    struct err e = {0};
    struct message_place place = place_of(m);
    *others = 0;
    if (!m->may_be_again) return true;
    arena_init(&a);
    int code = state_count_taken(&ports->store, &place, what, ports->holder, &a, others, &e);
    if (code) complain(log, m, &e);
    arena_release(&a);
    return !code;
}

int64_t taken_before(const struct ports *ports, const struct log *log, const struct bus_message *m)
{
    int64_t others;
    (void)count(ports, log, m, TAKEN_ASK, &others);
    return others;
}

int64_t taken_begin(const struct ports *ports, const struct log *log, const struct bus_message *m)
{
    int64_t others;
    (void)count(ports, log, m, TAKEN_TAKE, &others);
    return others;
}

static bool give_back(const struct ports *ports, const struct log *log, const struct bus_message *m)
{
    int64_t others; /* what they have is theirs */
    return count(ports, log, m, TAKEN_GIVE_BACK, &others);
}

static bool forget(const struct ports *ports, const struct log *log, const struct bus_message *m)
{
    struct arena a;
    struct err e = {0};
    struct message_place place = place_of(m);
    if (!m->may_be_again) return true;
    arena_init(&a);
    int code = state_forget_taken(&ports->store, &place, &a, &e);
    if (code) complain(log, m, &e);
    arena_release(&a);
    return !code;
}

bool taken_give_back(const struct ports *ports, const struct log *log, const struct bus_message *m)
{
    int64_t end_ms = clock_mono_ms(&ports->clock) + GIVE_BACK_MS;
    bool is_said = give_back(ports, log, m);
    for (int i = 1; i < SAY_TRIES && !is_said && clock_mono_ms(&ports->clock) < end_ms; i++)
        is_said = give_back(ports, log, m);
    return is_said;
}

void taken_end(const struct ports *ports, const struct log *log, const struct bus_message *m)
{
    bool is_said = forget(ports, log, m);
    for (int i = 1; i < SAY_TRIES && !is_said; i++)
        is_said = forget(ports, log, m);
}
