/* SPDX-License-Identifier: Apache-2.0
 * See watch.h. */
#include "tests/sim/watch.h"

#include "lib/record/walkers.h"
#include "schemas/control.h"
#include "schemas/message.h"
#include "tests/sim/invariants.h"
#include "tests/sim/scene.h"
#include "tests/sim/story.h"
#include "world/region/snapshot.h"

#include <stdlib.h>

static void *grow(void *items, size_t n, size_t *max, size_t bytes)
{
    if (n < *max) return items;
    *max = *max ? 2 * *max : 64;
    items = realloc(items, *max * bytes);
    if (!items) abort();
    return items;
}

static struct watch *watch_of(const struct sim *sim)
{
    return &sim->invariants->watch;
}

void watch_free(struct watch *w)
{
    free(w->drains);
    free(w->tasks);
    free(w->exclusions);
    free(w->services);
}

bool is_by_us(const struct log_entry *entry)
{
    return str_eq(entry->access_key_id, STR(SIM_EBB_KEY));
}

/* ---------------------------------------------------------------- what is known */

struct seen_drain *seen_drain_named(const struct sim *sim, struct str id)
{
    const struct watch *w = watch_of(sim);
    for (size_t i = w->drains_n; i > 0; i--)
        if (str_eq(w->drains[i - 1].id, id)) return &w->drains[i - 1];
    return NULL;
}

const struct drain *seen_drain_of(const struct sim *sim, struct str task_arn)
{
    const struct watch *w = watch_of(sim);
    for (size_t i = w->drains_n; i > 0; i--)
        if (str_eq(w->drains[i - 1].newest.task_arn, task_arn)) return &w->drains[i - 1].newest;
    return NULL;
}

struct seen_task *seen_task_named(const struct sim *sim, struct str arn)
{
    const struct watch *w = watch_of(sim);
    for (size_t i = w->tasks_n; i > 0; i--)
        if (str_eq(w->tasks[i - 1].arn, arn)) return &w->tasks[i - 1];
    return NULL;
}

const struct seen_exclusion *seen_exclusion_of(const struct sim *sim, struct str address)
{
    const struct watch *w = watch_of(sim);
    for (size_t i = 0; i < w->exclusions_n; i++)
        if (str_eq(w->exclusions[i].address, address)) return &w->exclusions[i];
    return NULL;
}

struct seen_service *seen_service_named(struct sim *sim, struct str key)
{
    struct watch *w = watch_of(sim);
    for (size_t i = 0; i < w->services_n; i++)
        if (str_eq(w->services[i].key, key)) return &w->services[i];
    w->services = grow(w->services, w->services_n, &w->services_max, sizeof(*w->services));
    struct seen_service *s = &w->services[w->services_n++];
    *s = (struct seen_service){.key = arena_copy(&sim->arena, key)};
    return s;
}

size_t planned_service_number(const struct sim *sim, struct str key)
{
    const struct scene *s = sim->scene;
    size_t i = 0;
    struct str name = key;
    while (name.p && str_contains(name, STR("/")))
        str_cut(&name, '/');
    while (i < s->services_n && !str_eq(s->services[i], name))
        i++;
    return i;
}

const struct plan_service *planned_service(const struct sim *sim, struct str key)
{
    size_t i = planned_service_number(sim, key);
    return i < sim->scene->services_n ? &sim->scene->plan.services[i] : NULL;
}

/* ---------------------------------------------------------------- the region */

static void see_task(struct sim *sim, const struct log_entry *e)
{
    struct watch *w = watch_of(sim);
    struct seen_task *t = seen_task_named(sim, e->subject);
    if (!t) {
        w->tasks = grow(w->tasks, w->tasks_n, &w->tasks_max, sizeof(*w->tasks));
        t = &w->tasks[w->tasks_n++];
        *t = (struct seen_task){.arn = arena_copy(&sim->arena, e->subject),
                                .service = arena_copy(&sim->arena, e->service)};
    }
    if (e->kind == LOG_TASK_STARTED) t->address = arena_copy(&sim->arena, e->detail);
    if (e->kind == LOG_TASK_STOPPING) t->is_stopping = true;
    if (e->kind == LOG_PROTECTION) t->protected_until_ms = e->after;
    if (e->kind == LOG_TASK_STOPPED) t->is_gone = true;
    if (e->kind == LOG_DRAIN && str_starts(e->reason, STR("start"))) {
        t->is_draining = true;
        t->drain_id = arena_copy(&sim->arena, e->detail);
    }
    if (e->kind == LOG_DRAIN && str_starts(e->reason, STR("cancel"))) t->is_draining = false;
}

static void see_exclusion(struct sim *sim, const struct log_entry *e)
{
    struct watch *w = watch_of(sim);
    size_t i = 0;
    while (i < w->exclusions_n && !str_eq(w->exclusions[i].address, e->subject))
        i++;
    if (str_eq(e->reason, STR("comment_out_ip"))) {
        if (i == w->exclusions_n) {
            w->exclusions = grow(w->exclusions, i, &w->exclusions_max, sizeof(*w->exclusions));
            w->exclusions_n++;
        }
        w->exclusions[i] = (struct seen_exclusion){.address = arena_copy(&sim->arena, e->subject),
                                                   .drain_id = arena_copy(&sim->arena, e->detail)};
    } else if (i < w->exclusions_n) {
        w->exclusions[i] = w->exclusions[--w->exclusions_n];
    }
}

static void see_count(struct sim *sim, const struct log_entry *e)
{
    struct seen_service *s = seen_service_named(sim, e->service);
    if (is_by_us(e)) {
        s->lowered += e->before - e->after;
        s->lowered_ms = e->at_ms;
    } else {
        s->others_moved = true;
        s->touched_ms = e->at_ms;
        if (e->after < e->before) s->others_lowered += e->before - e->after;
    }
}

/* Not what is short of an address only until another task is gone. */
static bool is_crowded(const struct sim *sim)
{
    int64_t wanted = 0;
    for (size_t i = 0; i < sim->scene->services_n; i++) {
        struct snapshot_counts shown;
        if (!region_snapshot_counts(sim->region, sim->scene->paths[i], &shown))
            wanted += shown.desired;
    }
    return wanted > sim->scene->plan.addresses;
}

void watch_entry(struct sim *sim, const struct log_entry *e)
{
    bool ours = e->kind == LOG_TASK_STOPPING && is_by_us(e) &&
                (e->cause == STOP_SCALE_IN || e->cause == STOP_USER);
    switch ((enum log_kind)e->kind) {
    case LOG_DESIRED: see_count(sim, e); break;
    case LOG_DISTRIBUTOR: see_exclusion(sim, e); break;
    case LOG_TASK_STARTED:
    case LOG_TASK_STOPPING:
    case LOG_TASK_STOPPED:
        if (!ours) seen_service_named(sim, e->service)->touched_ms = e->at_ms;
        if (e->cause == STOP_DEPLOYMENT) {
            seen_service_named(sim, e->service)->others_deployed = true;
            seen_service_named(sim, e->service)->deployed_ms = e->at_ms;
        }
        if (e->cause == STOP_NOT_STARTED && is_crowded(sim))
            seen_service_named(sim, e->service)->crowded_ms = e->at_ms;
        see_task(sim, e);
        break;
    case LOG_DRAIN:
    case LOG_PROTECTION: see_task(sim, e); break;
    default: break;
    }
}

/* ---------------------------------------------------------------- ebb.state */

static struct seen_drain *see_drain(struct sim *sim, struct str id)
{
    struct watch *w = watch_of(sim);
    struct seen_drain *s = seen_drain_named(sim, id);
    if (s) return s;
    w->drains = grow(w->drains, w->drains_n, &w->drains_max, sizeof(*w->drains));
    s = &w->drains[w->drains_n++];
    *s = (struct seen_drain){.id = arena_copy(&sim->arena, id), .first_ms = sim->now_ms};
    return s;
}

struct seen_drain *watch_record(struct sim *sim, const struct bus_message *message)
{
    struct err e = {0};
    struct drain d = {0};
    bool foreign = str_eq(message->key, STR(SIM_NONSENSE_KEY)) ||
                   str_starts(message->key, STR(SIM_NEWER_PREFIX)) ||
                   str_starts(message->key, STR(CONTROL_KEY_PREFIX));
    if (!str_eq(message->topic, STR(TOPIC_STATE)) || !message->value.p || foreign) return NULL;
    if (msgpack_decode(&DRAIN_RECORD, message->value, &sim->arena, &d, &e)) {
        sim_violation(sim, "a record cannot be read: %s", e.text);
        return NULL;
    }
    struct seen_drain *s = see_drain(sim, d.drain_id);
    s->last_version = d.version;
    if (d.version <= s->newest.version) return s;
    s->newest = d;
    s->bytes = message->value; /* the bus keeps it */
    s->stored_ms = sim->now_ms;
    sim_trace(sim, "drain %.*s is %.*s (version %lld)", STR_ARG(d.drain_id),
              STR_ARG(enum_word(&DRAIN_STATES, d.state)), (long long)d.version);
    tell_drain(sim, &d);
    scene_drain_moved(sim, &d);
    return s;
}
