/* SPDX-License-Identifier: Apache-2.0
 * Tasks followed from look to look: when each began to stop, when it had stopped, and what was said
 * of it on the way. */
#include "lib/verify/scene.h"

static void note(struct scene *s, struct watched *w, const struct ecs_task *t)
{
    bool stopped = str_eq(t->last_status, STR("STOPPED"));
    w->wanted = str_eq(t->desired_status, STR("RUNNING"));
    w->running = str_eq(t->last_status, STR("RUNNING"));
    if (w->running) {
        struct str address = ecs_task_private_ipv4(t);
        w->started_at = t->started_at;
        if (address.n && !str_eq(address, w->address)) w->address = arena_copy(s->arena, address);
    }
    /* It ran once: what is neither RUNNING nor STOPPED now is on its way out. */
    bool ran = w->started_at || w->address.n || w->stopping_at;
    bool on_the_way = !stopped && (!w->wanted || (ran && !w->running));
    w->was_on_the_way |= on_the_way;
    w->on_the_way_wanted |= on_the_way && !w->running && w->wanted;
    if ((stopped || on_the_way) && !w->stopping_at) w->stopping_at = scene_mono(s);
    if (stopped && !w->ended_at) w->ended_at = scene_mono(s);
    if (t->stop_code.n && !str_eq(t->stop_code, w->stop_code))
        w->stop_code = arena_copy(s->arena, t->stop_code);
}

static void note_missing(struct scene *s, struct watched *w)
{
    w->missing = true;
    w->wanted = w->running = false;
    if (!w->stopping_at) w->stopping_at = scene_mono(s);
    if (!w->ended_at) w->ended_at = scene_mono(s);
}

int watch_look(struct scene *s, struct watch *w)
{
    struct str *arns = ARENA_ARRAY(&s->round, w->n + 1, struct str);
    struct list tasks;
    for (size_t i = 0; i < w->n; i++)
        arns[i] = w->items[i].arn;
    if (!w->n) return E_OK;
    int code = ecs_read_tasks(&s->ports->aws, &s->key, LIST_OF(arns, w->n), &s->round, &tasks,
                              &s->failure);
    if (code) return code;
    for (size_t i = 0; i < w->n; i++) {
        const struct ecs_task *found = NULL;
        for (size_t k = 0; k < tasks.n && !found; k++)
            if (str_eq(LIST_AT(tasks, struct ecs_task, k)->task_arn, w->items[i].arn))
                found = LIST_AT(tasks, struct ecs_task, k);
        if (found)
            note(s, &w->items[i], found);
        else
            note_missing(s, &w->items[i]);
    }
    return E_OK;
}

int watch_begin(struct scene *s, struct watch *out)
{
    struct list tasks;
    int code = ecs_read_service_tasks(&s->ports->aws, &s->key, &s->round, &tasks, &s->failure);
    if (code) return code;
    *out = (struct watch){.items = ARENA_ARRAY(s->arena, tasks.n + 1, struct watched)};
    for (size_t i = 0; i < tasks.n; i++) {
        const struct ecs_task *t = LIST_AT(tasks, struct ecs_task, i);
        struct watched *w = &out->items[out->n++];
        w->arn = arena_copy(s->arena, t->task_arn);
        note(s, w, t);
    }
    return E_OK;
}

size_t watch_stopping(const struct watch *w, bool of_protected)
{
    size_t n = 0;
    for (size_t i = 0; i < w->n; i++)
        n += w->items[i].stopping_at && w->items[i].is_protected == of_protected;
    return n;
}

size_t watch_ended(const struct watch *w)
{
    size_t n = 0;
    for (size_t i = 0; i < w->n; i++)
        n += w->items[i].ended_at != 0;
    return n;
}

bool watch_is_in(const struct watch *w, struct str arn)
{
    for (size_t i = 0; i < w->n; i++)
        if (str_eq(w->items[i].arn, arn)) return true;
    return false;
}
