/* SPDX-License-Identifier: Apache-2.0
 * The application's side of the task's contract: start, status, cancel, and what it does once it is
 * empty. Every wrong way it can behave is an option. */
#include "world/region/tasks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/record/walkers.h"
#include "world/region/ecs_model.h"
#include "world/region/event_model.h"

#define REPLY_BYTES_MAX   4096
#define URL_BYTES_MAX     2048
#define SPAN_MS_MAX       ((int64_t)24 * 3600 * 1000)
#define SIGTERM_GRACE_MAX ((int64_t)120 * 1000)
#define COPIES_MAX        100

static const struct field app_options_fields[] = {
    F_STR(struct app_options, cluster, "cluster", .flags = FIELD_REQUIRED, .max = 255),
    F_STR(struct app_options, service, "service", .flags = FIELD_REQUIRED, .max = 255),
    F_INT(struct app_options, arrivals_per_hour, "arrivalsPerHour", .max = 3600 * 1000),
    F_SPAN(struct app_options, session_mean_ms, "sessionMean", .max = SPAN_MS_MAX),
    F_BOOL(struct app_options, session_fixed, "sessionFixed"),
    F_INT(struct app_options, capacity, "capacity", .max = 1000000),
    F_STR(struct app_options, distributor, "distributor", .max = 140),
    F_SPAN(struct app_options, start_ms, "start", .max = SPAN_MS_MAX),
    F_SPAN(struct app_options, stop_ms, "stop", .max = SPAN_MS_MAX),
    F_SPAN(struct app_options, sigterm_grace_ms, "sigtermGrace", .max = SIGTERM_GRACE_MAX),
    F_BOOL(struct app_options, exits_when_drained, "exitsWhenDrained"),
    F_BOOL(struct app_options, no_cancel, "noCancel"),
    F_BOOL(struct app_options, no_status, "noStatus"),
    F_INT(struct app_options, start_status, "startStatus", .max = 599),
    F_BOOL(struct app_options, start_hangs, "startHangs"),
    F_SPAN(struct app_options, start_delay_ms, "startDelay", .max = SPAN_MS_MAX),
    F_INT(struct app_options, callback_copies, "callbackCopies", .max = COPIES_MAX),
    F_BOOL(struct app_options, callback_never, "callbackNever"),
    F_SPAN(struct app_options, callback_delay_ms, "callbackDelay", .max = SPAN_MS_MAX),
    F_BOOL(struct app_options, callback_wrong_drain, "callbackWrongDrain"),
    F_BOOL(struct app_options, callback_before_empty, "callbackBeforeEmpty"),
    F_BOOL(struct app_options, lies_about_task, "liesAboutTask"),
    F_BOOL(struct app_options, not_tasks, "notTasks"),
};
const struct record app_options_record = RECORD_OF(struct app_options, app_options_fields);

/* Both requests: cancel uses the first two fields only. */
struct drain_request {
    struct str task_arn, drain_id, callback_url, token;
    int64_t max_drain_seconds;
};
static const struct field drain_request_fields[] = {
    F_STR(struct drain_request, task_arn, "taskArn", .flags = FIELD_REQUIRED, .max = ARN_BYTES - 1),
    F_STR(struct drain_request, drain_id, "drainId", .flags = FIELD_REQUIRED, .max = 128),
    F_INT(struct drain_request, max_drain_seconds, "maxDrainSeconds", .max = 7 * 24 * 3600),
    F_STR(struct drain_request, callback_url, "callbackUrl", .max = URL_BYTES_MAX),
    F_SECRET(struct drain_request, token, "token", .max = URL_BYTES_MAX),
};
static const struct record drain_request_record =
    RECORD_OF(struct drain_request, drain_request_fields);

struct drain_status {
    struct str task_arn, drain_id, state, message;
    int64_t sessions;
};
static const struct field drain_status_fields[] = {
    F_STR(struct drain_status, task_arn, "taskArn"),
    F_STR(struct drain_status, drain_id, "drainId"),
    F_STR(struct drain_status, state, "state"),
    F_STR(struct drain_status, message, "message"),
    F_INT(struct drain_status, sessions, "sessions", .flags = FIELD_ALWAYS),
};
static const struct record drain_status_record =
    RECORD_OF(struct drain_status, drain_status_fields);

const struct app_options *app_of(const struct task *task)
{
    static const struct app_options plain;
    return task->service ? &task->service->app : &plain;
}

/* What is remembered of a service's application, whether the service is there or not. */
struct kept_app {
    struct arena text;
    struct app_options options;
};

static struct kept_app *app_find(const struct region *region, struct str cluster,
                                 struct str service)
{
    for (size_t i = 0; i < region->apps.n; i++) {
        struct kept_app *kept = region->apps.items[i];
        if (str_eq(kept->options.cluster, cluster) && str_eq(kept->options.service, service))
            return kept;
    }
    return NULL;
}

void app_attach(struct region *region, struct service *service)
{
    const struct kept_app *kept =
        app_find(region, str_from(service->cluster->name), str_from(service->name));
    if (!kept) return;
    service->app = kept->options;
    load_begin(region, service);
}

int region_app_set(struct region *region, const struct app_options *options, struct err *e)
{
    int code = record_check(&app_options_record, options, e);
    for (size_t i = 0; i < app_options_record.n && !code; i++)
        code = field_check(&app_options_record.fields[i], options, e);
    if (code) return code;
    struct kept_app *kept = app_find(region, options->cluster, options->service);
    if (!kept) {
        kept = calloc(1, sizeof(*kept));
        if (!kept) abort();
        vector_push(&region->apps, kept);
    }
    struct arena text;
    arena_init(&text);
    struct app_options copy = *options;
    copy.cluster = arena_copy(&text, options->cluster);
    copy.service = arena_copy(&text, options->service);
    copy.distributor = arena_copy(&text, options->distributor);
    struct arena old = kept->text;
    *kept = (struct kept_app){text, copy};
    for (size_t i = 0; i < region->services.n; i++) {
        struct service *service = service_at(region, i);
        if (str_eq(copy.service, str_from(service->name)) &&
            str_eq(copy.cluster, str_from(service->cluster->name)))
            app_attach(region, service);
    }
    arena_release(&old); /* only now: services borrowed from it until they were attached */
    return 0;
}

void apps_release(struct region *region)
{
    for (size_t i = 0; i < region->apps.n; i++) {
        struct kept_app *kept = region->apps.items[i];
        arena_release(&kept->text);
        free(kept);
    }
}

static void log_drain(struct region *region, const struct task *task, struct str reason)
{
    log_add(region,
            (struct log_entry){.kind = LOG_DRAIN,
                               .service = task->service ? str_from(task->service->key) : STR_NONE,
                               .subject = str_from(task->arn),
                               .reason = reason,
                               .detail = str_from(task->app.drain_id),
                               .count = task->app.sessions});
}

static void answer(struct arena *a, const struct task *task, int status, const char *message,
                   struct task_reply *reply)
{
    const struct task_app *app = &task->app;
    bool lies = app_of(task)->lies_about_task;
    struct drain_status body = {
        .task_arn = str_from(task->arn),
        .drain_id = app->draining ? str_from(app->drain_id) : STR_NONE,
        .state = !app->draining       ? STR("RUNNING")
                 : app->sessions == 0 ? STR("DRAINED")
                                      : STR("DRAINING"),
        .message = str_from(message),
        .sessions = app->sessions,
    };
    if (lies) body.task_arn = arena_format(a, "%s-of-somebody-else", task->arn);
    struct buf text;
    struct err e;
    buf_init(&text, REPLY_BYTES_MAX);
    int code = json_encode(&drain_status_record, &body, JSON_PLAIN, &text, &e);
    EBB_ASSERT(code == 0);
    reply->status = status;
    reply->body = arena_copy(a, buf_view(&text));
    buf_release(&text);
}

static char *kept_text(char *old, struct str text)
{
    free(old);
    return str_dup(text);
}

void app_check_empty(struct region *region, struct task *task)
{
    struct task_app *app = &task->app;
    if (!app->draining) return;
    if (!app->drained && (app->sessions == 0 || app_of(task)->callback_before_empty)) {
        app->drained = true;
        log_drain(region, task, STR("empty"));
        callback_queue(region, task);
    }
    bool leaves = app_of(task)->exits_when_drained && app->drained && app->sessions == 0;
    if (leaves && !callbacks_pending(region, task))
        task_stop(region, task, STOP_EXITED, STR_NONE, STR_NONE);
}

static void start_drain(struct region *region, struct task *task,
                        const struct drain_request *request, struct arena *a,
                        struct task_reply *reply)
{
    struct task_app *app = &task->app;
    const struct app_options *options = app_of(task);
    if (options->start_hangs) {
        reply->hangs = true;
        return;
    }
    if (options->start_status && options->start_status / 100 != 2) {
        log_drain(region, task, STR("refused"));
        answer(a, task, (int)options->start_status, "refused", reply);
        return;
    }
    if (!str_eq(request->task_arn, str_from(task->arn))) {
        log_drain(region, task, STR("not me"));
        answer(a, task, 409, "taskArn is not mine", reply);
        return;
    }
    bool same = app->draining && str_eq(request->drain_id, str_from(app->drain_id));
    if (!same) {
        app->draining = true;
        app->drained = false;
        (void)snprintf(app->drain_id, sizeof(app->drain_id), "%.*s", STR_ARG(request->drain_id));
        app->callback_url = kept_text(app->callback_url, request->callback_url);
        app->token = kept_text(app->token, request->token);
    }
    log_drain(region, task, same ? STR("start again") : STR("start"));
    reply->delay_ms = options->start_delay_ms;
    answer(a, task, options->start_status ? (int)options->start_status : 202, "draining", reply);
    app_check_empty(region, task);
}

static void cancel_drain(struct region *region, struct task *task,
                         const struct drain_request *request, struct arena *a,
                         struct task_reply *reply)
{
    struct task_app *app = &task->app;
    if (!str_eq(request->task_arn, str_from(task->arn))) {
        answer(a, task, 409, "taskArn is not mine", reply);
        return;
    }
    if (app->draining && !str_eq(request->drain_id, str_from(app->drain_id))) {
        answer(a, task, 409, "another drain is under way", reply);
        return;
    }
    log_drain(region, task, app->draining ? STR("cancel") : STR("cancel again"));
    app->draining = app->drained = false;
    callbacks_drop(region, task);
    answer(a, task, 200, "accepting", reply);
}

void region_task_request(struct region *region, const struct task_request *request, struct arena *a,
                         struct task_reply *reply)
{
    *reply = (struct task_reply){0};
    struct task *task = task_by_address(region, request->address);
    if (!task || !task->app.alive || app_of(task)->not_tasks) {
        reply->unreachable = true;
        return;
    }
    bool post = str_eq(request->method, STR("POST"));
    bool get = str_eq(request->method, STR("GET"));
    bool start = post && str_eq(request->path, STR("/drain/start"));
    bool cancel = post && str_eq(request->path, STR("/drain/cancel")) && !app_of(task)->no_cancel;
    bool status = get && str_eq(request->path, STR("/drain/status")) && !app_of(task)->no_status;
    if (status) {
        answer(a, task, 200, NULL, reply);
        return;
    }
    if (!start && !cancel) {
        answer(a, task, 404, "no such thing here", reply);
        return;
    }
    struct drain_request body = {0};
    struct err e;
    if (json_decode(&drain_request_record, request->body, a, &body, &e)) {
        answer(a, task, 400, e.text, reply);
        return;
    }
    if (start)
        start_drain(region, task, &body, a, reply);
    else
        cancel_drain(region, task, &body, a, reply);
}
