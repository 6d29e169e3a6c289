/* SPDX-License-Identifier: Apache-2.0
 * The reading half of the control API: the truth about the region, whatever AWS would show. */
#include "world/wire/control.h"

#include "lib/record/walkers.h"
#include "world/region/log.h"
#include "world/region/snapshot.h"

static int read_snapshot(struct control *c)
{
    struct region_snapshot *snapshot = ARENA_NEW(c->a, struct region_snapshot);
    region_snapshot(c->region, c->a, snapshot);
    c->record = &region_snapshot_record;
    c->answer = snapshot;
    return E_OK;
}

/* The snapshot's totals without its lists. */
static int read_sessions(struct control *c)
{
    int rc = read_snapshot(c);
    struct region_snapshot *totals = ARENA_NEW(c->a, struct region_snapshot);
    *totals = *(const struct region_snapshot *)c->answer;
    totals->services = totals->queues = totals->alarms = totals->calls = totals->excluded =
        (struct list){0};
    c->answer = totals;
    return rc;
}

static int read_log(struct control *c)
{
    struct log_query query = {0};
    struct control_log *log = ARENA_NEW(c->a, struct control_log);
    struct str form = c->request->query;
    if (form.n) {
        int rc = query_decode(&log_query_record, form, c->a, &query, &c->e);
        if (rc) return rc;
    }
    log->entries = region_log_find(c->region, &query, c->a);
    c->record = &control_log_record;
    c->answer = log;
    return E_OK;
}

static int read_health(struct control *c)
{
    struct control_state *state = ARENA_NEW(c->a, struct control_state);
    *state = (struct control_state){
        .ok = true,
        .now_ms = region_now_ms(c->region),
        .speed = c->wire->pace.speed,
        .paused = c->wire->pace.paused,
        .task_port = c->wire->task_port,
    };
    c->record = &control_state_record;
    c->answer = state;
    return E_OK;
}

const struct control_row CONTROL_READS[] = {
    {"GET", "/world/health", read_health, "time, speed, the tasks' port"},
    {"GET", "/world/time", read_health, "the same"},
    {"GET", "/world/snapshot", read_snapshot, "services, tasks, queues, alarms, calls as they are"},
    {"GET", "/world/sessions", read_sessions, "totals of sessions"},
    {"GET", "/world/log", read_log,
     "who did what; ?kind= &operation= &subject= &afterNumber= &limit= ... narrow it"},
    {0},
};
