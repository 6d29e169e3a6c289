/* SPDX-License-Identifier: Apache-2.0
 * See find.h. */
#include "commands/find.h"

#include "lib/base/arn.h"

#define OTHERS_MAX ((size_t)100)
#define SHORT_MIN  ((size_t)8) /* fewer characters of an id name nothing */

struct search {
    const struct store_port *store;
    struct str given;
    struct arena *arena;
    struct found_drain *out;
    int64_t newest_at;
    struct str meant, another; /* ids that begin as given: the first, and one that is not it */
};

/* Whether what was given is this id, or how it begins. */
static bool is_meant(struct search *s, struct str id)
{
    bool fits = s->given.n >= SHORT_MIN && str_starts(id, s->given);
    if (!id.n || !fits) return str_eq(id, s->given) && id.n;
    if (!s->meant.n) s->meant = id;
    if (!str_eq(s->meant, id)) s->another = id;
    return true;
}

static bool is_task(struct search *s, struct str task_arn)
{
    return task_arn.n && (str_eq(task_arn, s->given) || is_meant(s, arn_task_id(task_arn)));
}

static bool is_listed(const struct found_drain *out, struct str drain_id)
{
    for (size_t i = 0; i < out->other_ones_n; i++)
        if (str_eq(out->other_ones[i], drain_id)) return true;
    return str_eq(out->drain_id, drain_id);
}

/* Looks come newest first, services in any order. */
static void add(struct search *s, struct str drain_id, int64_t at)
{
    struct found_drain *out = s->out;
    if (!drain_id.n || is_listed(out, drain_id)) return;
    if (out->other_ones_n == OTHERS_MAX) return;
    bool newer = !out->drain_id.n || at > s->newest_at;
    struct str older = newer ? out->drain_id : drain_id;
    if (newer) {
        out->drain_id = drain_id;
        s->newest_at = at;
    }
    if (older.n) out->other_ones[out->other_ones_n++] = older;
}

static int search_service(struct search *s, struct str service, struct err *e)
{
    struct look_list looks;
    struct drain_list open;
    int code = state_read_open(s->store, service, DRAIN_OTHER, s->arena, &open, e);
    if (!code)
        code = show_read_looks(s->store, service, false, STATE_LOOKS_KEPT, s->arena, &looks, e);
    if (code) return code;
    for (size_t i = 0; i < open.n; i++) {
        const struct drain *d = &open.items[i].record;
        if (is_meant(s, d->drain_id) || is_task(s, d->task_arn)) add(s, d->drain_id, INT64_MAX);
    }
    for (size_t i = 0; i < looks.n; i++) {
        const struct verdict_note *n = &looks.items[i];
        if (is_meant(s, n->drain_id) || is_task(s, n->task_arn)) add(s, n->drain_id, n->time);
    }
    return E_OK;
}

static int search_all(struct search *s, struct err *e)
{
    struct str_list services;
    int code = state_services(s->store, SHOW_SERVICES_MAX, s->arena, &services, e);
    for (size_t i = 0; i < services.n && !code; i++)
        code = search_service(s, services.items[i], e);
    if (s->another.n && !code)
        return err_set(e, E_REFUSED, "'%.*s' begins %.*s and %.*s; give more of the one you mean",
                       STR_ARG(s->given), STR_ARG(s->meant), STR_ARG(s->another));
    if (code || s->out->drain_id.n) return code;
    return err_set(
        e, E_NOT_FOUND,
        "no drain and no task '%.*s' is among the open drains, nor among the last %d "
        "looks of %zu service%s; `ebb status` shows open drains, `ebb why SERVICE` names "
        "earlier ones",
        STR_ARG(s->given), STATE_LOOKS_KEPT, services.n, services.n == 1 ? "" : "s");
}

int find_drain(const struct store_port *store, struct str given, struct arena *a,
               struct found_drain *out, struct err *e)
{
    struct search s = {.store = store, .given = given, .arena = a, .out = out};
    *out = (struct found_drain){.other_ones = ARENA_ARRAY(a, OTHERS_MAX, struct str)};
    int code = state_read_drain(store, given, a, &out->held, e);
    if (code) return code;
    if (out->held.exists) {
        out->drain_id = given;
        return E_OK;
    }
    struct look_list looks;
    code = show_read_looks(store, given, true, 1, a, &looks, e);
    if (code) return code;
    if (looks.n) {
        /* The record has expired, its looks have not yet. */
        out->drain_id = given;
        return E_OK;
    }
    struct str open_one = STR_NONE;
    if (str_starts(given, STR("arn:"))) code = state_drain_of_task(store, given, a, &open_one, e);
    if (!code && open_one.n) add(&s, open_one, INT64_MAX);
    /* Open or not, an earlier drain of the same task is worth naming. */
    if (!code) code = search_all(&s, e);
    return code ? code : state_read_drain(store, out->drain_id, a, &out->held, e);
}
