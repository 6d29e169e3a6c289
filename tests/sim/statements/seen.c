/* SPDX-License-Identifier: Apache-2.0
 * See written.h. Here: what an operator sees of a history. */
#include "lib/record/walkers.h"
#include "schemas/message.h"
#include "tests/sim/scene.h"
#include "tests/sim/statements/written.h"

static void take_drain(struct written *w, const struct drain *d)
{
    for (size_t i = 0; i < w->drains_n; i++)
        if (str_eq(w->drains[i].drain_id, d->drain_id)) {
            if (d->version > w->drains[i].version) w->drains[i] = *d;
            return;
        }
    EBB_ASSERT(w->drains_n < WRITTEN_DRAINS_MAX);
    w->drains[w->drains_n++] = *d;
}

void written_stored(struct sim *sim, const struct bus_message *message)
{
    struct written *w = (void *)sim;
    struct err e = {0};
    struct drain d = {0};
    struct verdict_note note = {0};
    w->drain_messages += str_eq(message->topic, STR(TOPIC_DRAIN));
    w->dead_letters += str_eq(message->topic, STR(TOPIC_DEAD));
    if (str_eq(message->topic, STR(TOPIC_STATE)) &&
        !msgpack_decode(&DRAIN_RECORD, message->value, &w->arena, &d, &e))
        take_drain(w, &d);
    if (str_eq(message->topic, STR(TOPIC_HISTORY)) &&
        !msgpack_decode(&VERDICT_RECORD, message->value, &w->arena, &note, &e))
        w->verdicts[reason_of_word(note.reason)]++;
}

void written_is(struct written *w, size_t i, enum drain_state state)
{
    if (i >= w->drains_n) fail_msg("there are %zu drains only", w->drains_n);
    assert_str(enum_word(&DRAIN_STATES, w->drains[i].state),
               enum_word(&DRAIN_STATES, (int)state).p);
}

int64_t written_count(struct written *w, enum log_kind kind, struct str reason, struct str subject)
{
    struct log_query query = {.kind = (int)kind, .reason = reason, .subject = subject};
    return region_log_total(w->sim.region, &query);
}

int64_t written_lowered(struct written *w)
{
    struct log_query query = {.kind = LOG_DESIRED, .access_key_id = STR(SIM_EBB_KEY)};
    struct list found = region_log_find(w->sim.region, &query, &w->arena);
    int64_t by = 0;
    for (size_t i = 0; i < found.n; i++) {
        const struct log_entry *entry = LIST_AT(found, struct log_entry, i);
        by += entry->before - entry->after;
    }
    return by;
}

struct snapshot_service written_service(struct written *w)
{
    struct snapshot_service shown;
    assert_int_equal(region_snapshot_service(w->sim.region, STR(WRITTEN_KEY), &w->arena, &shown),
                     0);
    return shown;
}

struct snapshot_task written_task(struct written *w, size_t i)
{
    struct snapshot_service shown = written_service(w);
    if (i >= shown.tasks.n) fail_msg("there is no task %zu", i);
    return *LIST_AT(shown.tasks, struct snapshot_task, i);
}

struct snapshot_task written_task_named(struct written *w, struct str arn)
{
    struct snapshot_service shown = written_service(w);
    for (size_t i = 0; i < shown.tasks.n; i++)
        if (str_eq(LIST_AT(shown.tasks, struct snapshot_task, i)->arn, arn))
            return *LIST_AT(shown.tasks, struct snapshot_task, i);
    fail_msg("there is no task %.*s", STR_ARG(arn));
    return (struct snapshot_task){0};
}

void written_sessions(struct written *w, int64_t count)
{
    struct snapshot_service shown = written_service(w);
    for (size_t i = 0; i < shown.tasks.n; i++) {
        struct str arn = LIST_AT(shown.tasks, struct snapshot_task, i)->arn;
        assert_int_equal(region_sessions_add(w->sim.region, arn, count, 0), 0);
    }
}

void written_empty(struct written *w, struct str arn)
{
    assert_int_equal(region_sessions_end(w->sim.region, arn, 0), 0);
}

struct request {
    struct written *w;
    struct http_incoming incoming;
    int status;
};

/* The desk waits for ports, so it is asked from within a task of its process. */
static void ask_desk(struct task *task, void *ctx)
{
    struct request *r = ctx;
    struct http_reply reply = {0};
    callback_take(&task->process->desk, &r->incoming, &r->w->sim.arena, &reply);
    r->status = reply.status;
}

static struct request *asked(struct written *w)
{
    return ARENA_NEW(&w->sim.arena, struct request);
}

int written_callback(struct written *w, struct str method, struct str token, struct str body)
{
    struct request *r = asked(w);
    struct http_header *header = ARENA_NEW(&w->sim.arena, struct http_header);
    *header = (struct http_header){STR("authorization"),
                                   arena_format(&w->sim.arena, "Bearer %.*s", STR_ARG(token))};
    r->w = w;
    r->incoming = (struct http_incoming){.method = method,
                                         .path = STR("/"),
                                         .headers = header,
                                         .headers_n = 1,
                                         .body = body,
                                         .peer = STR("10.0.0.1")};
    (void)sim_start_task(&w->sim.processes[0], "callback", ask_desk, r); /* ends by itself */
    for (int i = 0; i < 100 && !r->status; i++)
        written_pass(w, 100);
    return r->status;
}

bool all_drains_are_final(struct written *w)
{
    for (size_t i = 0; i < w->drains_n; i++)
        if (!drain_is_final(w->drains[i].state)) return false;
    return w->drains_n > 0;
}

bool a_drain_drains(struct written *w)
{
    for (size_t i = 0; i < w->drains_n; i++)
        if (w->drains[i].state == DRAIN_DRAINING) return true;
    return false;
}
