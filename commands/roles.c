/* SPDX-License-Identifier: Apache-2.0
 * See roles.h. */
#include "commands/roles.h"

#include "lib/run/page.h"
#include "producers/producers.h"
#include "workers/stage.h"

struct named_role {
    struct str name;
    unsigned needs;
    /* What its settings lack; NULL: nothing is asked of them. */
    int (*check)(const struct config *c, struct err *e);
    int (*start)(const struct role_context *context, struct role *out, struct err *e);
};

#define NEEDS_KAFKA (NEEDS_BUS | NEEDS_TOPICS)
#define NEEDS_REDIS (NEEDS_STORE | NEEDS_RIGHTS)
#define STAGE_NEEDS (NEEDS_REDIS | NEEDS_KAFKA | NEEDS_AWS | NEEDS_ECS)
/* In the order they are started: those that may still fail then before those that begin work. */
static const struct named_role PRODUCERS[] = {
    {{"callback", 8}, NEEDS_REDIS | NEEDS_KAFKA, callback_check, callback_start},
    {{"relay", 5}, NEEDS_KAFKA | NEEDS_AWS, relay_check, relay_start},
    {{"timers", 6}, NEEDS_REDIS | NEEDS_KAFKA | NEEDS_AWS, NULL, timers_start},
};

static void stop_worker(void *self)
{
    worker_stop(self);
}

static int worker_has_failed(void *self, struct err *e)
{
    return worker_failure(self, e);
}

static bool worker_is_ready(void *self, struct str *why)
{
    if (worker_stats(self).connected) return true;
    *why = STR("a consumer has no connection to Kafka");
    return false;
}

static struct bus_consumer_stats stats_of_worker(void *self)
{
    return worker_stats(self);
}

static int start_stage(const struct stage *stage, const struct role_context *context,
                       struct role *out, struct err *e)
{
    struct worker *worker;
    struct worker_options options = {
        .stage = stage->name,
        .topic = stage->topic,
        .next = stage->next,
        .ports = context->ports,
        .process = context->process,
        .bus = context->bus_options,
        .config = context->config,
        .log = context->log,
        .observer = context->observer,
        .alone = context->alone,
    };
    options.log.role = stage->name;
    int code = worker_start(&options, &worker, e);
    if (code) return code;
    *out = (struct role){
        .self = worker,
        .name = stage->name,
        .stop = stop_worker,
        .failure = worker_has_failed,
        .is_ready = worker_is_ready,
        .stats = stats_of_worker,
    };
    return E_OK;
}

static const struct named_role *producer_named(struct str name)
{
    for (size_t i = 0; i < EBB_COUNT(PRODUCERS); i++)
        if (str_eq(PRODUCERS[i].name, name)) return &PRODUCERS[i];
    return NULL;
}

int role_start(struct str name, const struct role_context *context, struct role *out, struct err *e)
{
    const struct stage *stage = stage_named(name);
    return stage ? start_stage(stage, context, out, e)
                 : producer_named(name)->start(context, out, e);
}

unsigned roles_need(const struct str *names, size_t n)
{
    unsigned needs = 0;
    for (size_t i = 0; i < n; i++) {
        const struct named_role *producer = producer_named(names[i]);
        needs |= producer ? producer->needs : (unsigned)STAGE_NEEDS;
    }
    return needs;
}

int role_check(struct str name, const struct config *c, struct err *e)
{
    const struct named_role *producer = producer_named(name);
    return producer && producer->check ? producer->check(c, e) : E_OK;
}

/* "callback, relay, timers, select, ..."; for `work` the stages only. */
static struct str names_of_roles(bool is_work, struct arena *a)
{
    struct str names = STR_NONE;
    for (size_t i = 0; i < EBB_COUNT(PRODUCERS) && !is_work; i++)
        names = arena_format(a, "%.*s%s%.*s", STR_ARG(names), names.n ? ", " : "",
                             STR_ARG(PRODUCERS[i].name));
    for (size_t i = 0; i < STAGES_N; i++)
        names = arena_format(a, "%.*s%s%.*s", STR_ARG(names), names.n ? ", " : "",
                             STR_ARG(STAGES[i].name));
    return names;
}

/* Whether the words are ones this command takes. */
static int check_words(const struct command *c, const struct arguments *given, struct arena *a)
{
    bool is_work = str_eq(str_from(c->name), STR("work"));
    bool takes_any = is_work || str_eq(str_from(c->name), STR("run"));
    if ((is_work && !given->n) || (!takes_any && given->n) || given->n > ROLES_MAX)
        return command_fail_with(c, EXIT_CODE_USAGE, "usage: ebb %s", c->usage);
    for (size_t i = 0; i < given->n; i++) {
        struct str word = given->words[i];
        if (stage_named(word) || (!is_work && producer_named(word))) continue;
        const char *kind = is_work ? "stage" : "role";
        return command_fail_with(c, EXIT_CODE_USAGE, "there is no %s '%.*s'; %ss are %.*s", kind,
                                 STR_ARG(word), kind, STR_ARG(names_of_roles(is_work, a)));
    }
    return EXIT_CODE_OK;
}

/* The roles a command line means. */
static size_t names_meant(const struct command *c, const struct arguments *given, struct str *out)
{
    size_t n = 0;
    struct str command = str_from(c->name);
    if (!str_eq(command, STR("run")) && !str_eq(command, STR("work"))) out[n++] = command;
    for (size_t i = 0; i < given->n && n < ROLES_MAX; i++)
        out[n++] = given->words[i];
    if (n || !str_eq(command, STR("run"))) return n;
    for (size_t i = 0; i < EBB_COUNT(PRODUCERS); i++)
        out[n++] = PRODUCERS[i].name;
    for (size_t i = 0; i < STAGES_N; i++)
        out[n++] = STAGES[i].name;
    return n;
}

int roles_of(const struct command *c, const struct arguments *given, struct arena *a,
             struct str *out, size_t *n)
{
    int exit_code = check_words(c, given, a);
    *n = exit_code ? 0 : names_meant(c, given, out);
    return exit_code;
}
