/* SPDX-License-Identifier: Apache-2.0
 * The newest dead letters of all that are read, or the one that is named. What is held in memory is
 * these and one more, however many there are on the topic. */
#ifndef EBB_COMMANDS_LETTERS_H
#define EBB_COMMANDS_LETTERS_H

#include "lib/base/arena.h"
#include "lib/bus/bus.h"
#include "schemas/show.h"

struct letters {
    struct str wanted; /* place; absent: any */
    size_t max;
    struct shown_letter *items; /* in no order */
    size_t n;
    struct arena *arenas; /* each item's own, in the same place until they are sorted */
    struct arena next;    /* of the letter that is looked at */
};

/* wanted is borrowed. */
void letters_init(struct letters *l, struct str wanted, size_t max);
void letters_release(struct letters *l);
/* A bus_read_callback: ctx is the letters. What others wrote to the topic is passed over. */
int letters_take(void *ctx, const struct bus_message *m, struct err *e);
/* The oldest first; the last thing that is done to them. */
void letters_sort(struct letters *l);

#endif
