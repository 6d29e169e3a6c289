/* SPDX-License-Identifier: Apache-2.0
 * Callbacks on their way out: queued when a drain is done, handed to the wire when due, tried again
 * until somebody answers, dropped with their task. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world/region/ecs_model.h"
#include "world/region/event_model.h"

#define RETRY_FIRST_MS ((int64_t)1000)
#define RETRY_MAX_MS   ((int64_t)30 * 1000)
#define ATTEMPTS_MAX   1000 /* over eight hours */
#define BODY_BYTES     (ARN_BYTES + KEY_BYTES + 64)

enum outgoing_state { OUTGOING_WAITS, OUTGOING_DUE, OUTGOING_IN_FLIGHT };

struct outgoing {
    uint64_t number, task;
    enum outgoing_state state;
    int64_t attempt;
    char *url, *token;
    char body[BODY_BYTES];
};

static struct outgoing *find(const struct region *region, uint64_t number)
{
    for (size_t i = 0; i < region->outgoing.n; i++) {
        struct outgoing *call = region->outgoing.items[i];
        if (call->number == number) return call;
    }
    return NULL;
}

static void drop(struct region *region, struct outgoing *call)
{
    vector_remove(&region->outgoing, call);
    free(call->url);
    free(call->token);
    free(call);
}

void callbacks_release(struct region *region)
{
    while (region->outgoing.n)
        drop(region, region->outgoing.items[region->outgoing.n - 1]);
}

void callbacks_drop(struct region *region, const struct task *task)
{
    for (size_t i = region->outgoing.n; i > 0; i--) {
        struct outgoing *call = region->outgoing.items[i - 1];
        if (call->task == task->number) drop(region, call);
    }
}

bool callbacks_pending(const struct region *region, const struct task *task)
{
    for (size_t i = 0; i < region->outgoing.n; i++) {
        const struct outgoing *call = region->outgoing.items[i];
        if (call->task == task->number) return true;
    }
    return false;
}

static void become_due(struct region *region, uint64_t number, uint64_t detail)
{
    (void)detail; /* a call waits for one time only */
    struct outgoing *call = find(region, number);
    if (call && call->state == OUTGOING_WAITS) call->state = OUTGOING_DUE;
}

static char *copy_text(const char *text)
{
    char *copy = strdup(text ? text : "");
    if (!copy) abort();
    return copy;
}

static void write_body(struct outgoing *call, const struct task *task)
{
    struct buf body;
    buf_init(&body, sizeof(call->body) - 1);
    buf_add_text(&body, "{\"taskArn\":");
    buf_add_json_string(&body, str_from(task->arn));
    buf_add_text(&body, ",\"drainId\":");
    buf_add_json_string(&body, app_of(task)->callback_wrong_drain ? STR("ffffffffffffffff")
                                                                  : str_from(task->app.drain_id));
    buf_add_text(&body, "}");
    EBB_ASSERT(!buf_failed(&body));
    (void)snprintf(call->body, sizeof(call->body), "%.*s", STR_ARG(buf_view(&body)));
    buf_release(&body);
}

void callback_queue(struct region *region, struct task *task)
{
    const struct app_options *options = app_of(task);
    if (options->callback_never || !task->app.callback_url) return;
    int64_t copies = options->callback_copies ? options->callback_copies : 1;
    for (int64_t i = 0; i < copies; i++) {
        struct outgoing *call = calloc(1, sizeof(*call));
        if (!call) abort();
        call->number = region_number(region);
        call->task = task->number;
        call->attempt = 1;
        call->url = copy_text(task->app.callback_url);
        call->token = copy_text(task->app.token);
        write_body(call, task);
        vector_push(&region->outgoing, call);
        region_at(region, region->now_ms + options->callback_delay_ms, become_due, call->number, 0);
    }
}

bool region_take_outgoing(struct region *region, struct arena *a, struct region_outgoing *out)
{
    for (size_t i = 0; i < region->outgoing.n; i++) {
        struct outgoing *call = region->outgoing.items[i];
        if (call->state != OUTGOING_DUE) continue;
        call->state = OUTGOING_IN_FLIGHT;
        const struct task *task = task_by_number(region, call->task);
        *out = (struct region_outgoing){
            .id = call->number,
            .url = arena_copy(a, str_from(call->url)),
            .token = arena_copy(a, str_from(call->token)),
            .body = arena_copy(a, str_from(call->body)),
            .task_arn = task ? arena_copy(a, str_from(task->arn)) : STR_NONE,
            .attempt = call->attempt,
        };
        return true;
    }
    return false;
}

static int64_t backoff_ms(int64_t attempt)
{
    int64_t ms = RETRY_FIRST_MS;
    for (int64_t i = 1; i < attempt && ms < RETRY_MAX_MS; i++)
        ms *= 2;
    return ms < RETRY_MAX_MS ? ms : RETRY_MAX_MS;
}

static bool is_final(int status)
{
    return status >= 200 && status < 500 && status != 408 && status != 429;
}

void region_outgoing_done(struct region *region, uint64_t id, int http_status)
{
    struct outgoing *call = find(region, id);
    if (!call || call->state != OUTGOING_IN_FLIGHT) return;
    struct task *task = task_by_number(region, call->task);
    EBB_ASSERT(task); /* calls go with their task */
    log_add(region,
            (struct log_entry){.kind = LOG_CALLBACK,
                               .service = task->service ? str_from(task->service->key) : STR_NONE,
                               .subject = str_from(task->arn),
                               .detail = str_from(task->app.drain_id),
                               .before = call->attempt,
                               .after = http_status});
    if (!is_final(http_status) && call->attempt < ATTEMPTS_MAX) {
        call->state = OUTGOING_WAITS;
        region_at(region, region->now_ms + backoff_ms(call->attempt++), become_due, id, 0);
        return;
    }
    drop(region, call);
    app_check_empty(region, task);
}
