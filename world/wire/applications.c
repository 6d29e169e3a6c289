/* SPDX-License-Identifier: Apache-2.0
 * See applications.h. */
#include "world/wire/applications.h"

#include <stdlib.h>

#define APPLICATIONS_MAX 1000

void applications_release(struct applications *all)
{
    for (size_t i = 0; i < all->n; i++) {
        arena_release(&all->items[i]->memory);
        free(all->items[i]);
    }
    free(all->items);
    *all = (struct applications){0};
}

static struct application *find(const struct applications *all, struct str cluster,
                                struct str service)
{
    for (size_t i = 0; i < all->n; i++) {
        const struct app_options *options = &all->items[i]->options;
        if (str_eq(options->cluster, cluster) && str_eq(options->service, service))
            return all->items[i];
    }
    return NULL;
}

/* The strings of the options, copied; the rest by value. */
static struct app_options copy_options(const struct app_options *from, struct arena *a)
{
    struct app_options copy = *from;
    for (size_t i = 0; i < app_options_record.n; i++) {
        const struct field *f = &app_options_record.fields[i];
        if (f->kind != FIELD_STR) continue;
        struct str *text = field_at(f, &copy);
        if (text->p) *text = arena_copy(a, *text);
    }
    return copy;
}

struct app_options applications_find(const struct applications *all, struct str cluster,
                                     struct str service, struct arena *a)
{
    const struct application *known = find(all, cluster, service);
    if (known) return copy_options(&known->options, a);
    return (struct app_options){.cluster = cluster, .service = service};
}

static struct application *add(struct applications *all)
{
    if (all->n == all->size) {
        all->size = all->size ? all->size * 2 : 16;
        all->items = realloc(all->items, all->size * sizeof(struct application *));
        if (!all->items) abort();
    }
    struct application *fresh = calloc(1, sizeof(*fresh));
    if (!fresh) abort();
    arena_init(&fresh->memory);
    all->items[all->n++] = fresh;
    return fresh;
}

int applications_set(struct applications *all, struct region *region,
                     const struct app_options *options, struct err *e)
{
    struct application *place = find(all, options->cluster, options->service);
    if (!place && all->n == APPLICATIONS_MAX)
        return err_set(e, E_TOO_LARGE, "the world holds at most %d applications", APPLICATIONS_MAX);
    int rc = region_app_set(region, options, e);
    if (rc) return rc;
    if (!place) place = add(all);
    /* The new strings may be borrowed from the old ones: they are copied before those go. */
    struct arena old = place->memory;
    arena_init(&place->memory);
    place->options = copy_options(options, &place->memory);
    arena_release(&old);
    return E_OK;
}
