/* SPDX-License-Identifier: Apache-2.0
 * See taken.h. */
#include "lib/run/taken.h"

#include "lib/store/state_control.h"

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

/* 0 when it is not known. */
static int64_t count(const struct ports *ports, const struct log *log, const struct bus_message *m,
                     int64_t change)
{
    struct arena a;
    struct err e = {0};
    struct message_place place = place_of(m);
    int64_t n = 0;
    if (!m->may_be_again) return 0;
    arena_init(&a);
    if (state_count_taken(&ports->store, &place, change, &a, &n, &e)) complain(log, m, &e);
    arena_release(&a);
    return n;
}

int64_t taken_before(const struct ports *ports, const struct log *log, const struct bus_message *m)
{
    return count(ports, log, m, 0);
}

int64_t taken_begin(const struct ports *ports, const struct log *log, const struct bus_message *m)
{
    int64_t n = count(ports, log, m, 1);
    return n > 0 ? n - 1 : 0;
}

void taken_give_back(const struct ports *ports, const struct log *log, const struct bus_message *m)
{
    (void)count(ports, log, m, -1); /* what is left is others' */
}

void taken_end(const struct ports *ports, const struct log *log, const struct bus_message *m)
{
    struct arena a;
    struct err e = {0};
    struct message_place place = place_of(m);
    if (!m->may_be_again) return;
    arena_init(&a);
    if (state_forget_taken(&ports->store, &place, &a, &e)) complain(log, m, &e);
    arena_release(&a);
}
