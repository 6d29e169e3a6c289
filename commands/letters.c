/* SPDX-License-Identifier: Apache-2.0
 * See letters.h. */
#include "commands/letters.h"

#include "lib/record/walkers.h"

#include <stdlib.h>

void letters_init(struct letters *l, struct str wanted, size_t max)
{
    *l = (struct letters){.wanted = wanted, .max = max};
    l->items = calloc(max, sizeof(*l->items));
    l->arenas = calloc(max, sizeof(*l->arenas));
    if (!l->items || !l->arenas) abort();
    for (size_t i = 0; i < max; i++)
        arena_init(&l->arenas[i]);
    arena_init(&l->next);
}

void letters_release(struct letters *l)
{
    for (size_t i = 0; i < l->max; i++)
        arena_release(&l->arenas[i]);
    arena_release(&l->next);
    free(l->items);
    free(l->arenas);
    *l = (struct letters){0};
}

/* Where the letter is to be; max: nowhere, it is older than all. */
static size_t place_for(const struct letters *l, const struct shown_letter *letter)
{
    size_t oldest = 0;
    if (l->n < l->max) return l->n;
    for (size_t i = 1; i < l->n; i++)
        if (l->items[i].letter.time < l->items[oldest].letter.time) oldest = i;
    return letter->letter.time > l->items[oldest].letter.time ? oldest : l->max;
}

int letters_take(void *ctx, const struct bus_message *m, struct err *e)
{
    struct letters *l = ctx;
    struct err unreadable;
    (void)e;
    arena_clear(&l->next);
    struct shown_letter letter = {
        .place = arena_format(&l->next, "%d/%lld", (int)m->partition, (long long)m->offset)};
    if (l->wanted.n && !str_eq(l->wanted, letter.place)) return E_OK;
    if (!m->value.p ||
        msgpack_decode(&DEAD_LETTER_RECORD, m->value, &l->next, &letter.letter, &unreadable))
        return E_OK;
    letter.key = arena_copy(&l->next, m->key);
    size_t at = place_for(l, &letter);
    if (at == l->max) return E_OK;
    if (at == l->n) l->n++;
    struct arena replaced = l->arenas[at];
    l->arenas[at] = l->next;
    l->next = replaced;
    l->items[at] = letter;
    return E_OK;
}

static int by_time(const void *one, const void *other)
{
    const struct shown_letter *a = one, *b = other;
    if (a->letter.time != b->letter.time) return a->letter.time < b->letter.time ? -1 : 1;
    return str_compare(a->place, b->place);
}

void letters_sort(struct letters *l)
{
    if (l->n) qsort(l->items, l->n, sizeof(*l->items), by_time);
}
