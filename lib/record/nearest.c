/* SPDX-License-Identifier: Apache-2.0
 * Which field, or which variable, somebody meant who mistyped its name. */
#include "lib/record/record.h"

/* Longer names get no suggestion. */
#define NAME_BYTES_MAX ((size_t)63)
/* Typing mistakes that still lead to a suggestion. */
#define DISTANCE_MAX ((size_t)2)

/* Levenshtein's distance, by rows. */
static size_t distance(struct str a, struct str b)
{
    size_t row[NAME_BYTES_MAX + 1];
    if (a.n > NAME_BYTES_MAX || b.n > NAME_BYTES_MAX) return SIZE_MAX;
    for (size_t j = 0; j <= b.n; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.n; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.n; j++) {
            size_t change = diagonal + (a.p[i - 1] != b.p[j - 1]);
            size_t other = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            diagonal = row[j];
            row[j] = change < other ? change : other;
        }
    }
    return row[b.n];
}

const struct field *record_nearest(const struct record *r, struct str name)
{
    const struct field *nearest = NULL;
    size_t best = DISTANCE_MAX + 1;
    for (size_t i = 0; i < r->n; i++) {
        size_t far = distance(name, str_from(r->fields[i].name));
        /* A suggestion that shares nothing with what was written helps nobody. */
        if (far >= best || far >= name.n) continue;
        best = far;
        nearest = &r->fields[i];
    }
    return nearest;
}

/* Walks the fields that have a variable, in records and lists of records too; keeps the nearest. */
static void look_for_variable(const struct record *r, struct str name, size_t *best,
                              const char **nearest)
{
    for (size_t i = 0; i < r->n; i++) {
        const struct field *f = &r->fields[i];
        if (f->of) look_for_variable(f->of, name, best, nearest);
        if (!f->env) continue;
        size_t far = distance(name, str_from(f->env));
        if (far >= *best || far >= name.n) continue;
        *best = far;
        *nearest = f->env;
    }
}

const char *record_nearest_variable(const struct record *r, struct str name)
{
    size_t best = DISTANCE_MAX + 1;
    const char *nearest = NULL;
    look_for_variable(r, name, &best, &nearest);
    return nearest;
}

bool record_has_variable(const struct record *r, struct str name)
{
    size_t best = 1;
    const char *nearest = NULL;
    look_for_variable(r, name, &best, &nearest);
    return nearest != NULL;
}
