/* SPDX-License-Identifier: Apache-2.0
 * ebb run, relay, work, timers, callback: roles that run until SIGTERM or SIGINT. A second signal
 * stops at once. */
#include "commands/command.h"
#include "lib/run/page.h"
#include "lib/run/process.h"
#include "producers/producers.h"
#include "workers/stage.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define ROLES_MAX 16
#define GLANCE_MS 200 /* between looks at whether a role has failed */
/* How long stopping may take: less than the 30 s after which ECS kills; and without order, less. */
#define STOP_MAX_S        27
#define FAILED_STOP_MAX_S 10

struct run_options {
    struct str config;
};
static const struct field OPTIONS[] = {
    F_STR(struct run_options, config, "config", .max = 4096,
          .help = "path of ebb.yaml (or EBB_CONFIG)"),
};
const struct record RUN_OPTIONS = RECORD_OF(struct run_options, OPTIONS);

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
    {{"timers", 6}, NEEDS_REDIS | NEEDS_KAFKA, NULL, timers_start},
};

struct running {
    struct process process;
    struct role roles[ROLES_MAX];
    size_t roles_n;
    struct page *page;
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

static int start_role(struct running *r, struct str name, struct err *e)
{
    struct role *out = &r->roles[r->roles_n];
    const struct stage *stage = stage_named(name);
    int code = E_CONFIG;
    if (stage) {
        code = start_stage(stage, &r->process.context, out, e);
    } else {
        for (size_t i = 0; i < EBB_COUNT(PRODUCERS); i++)
            if (str_eq(PRODUCERS[i].name, name))
                code = PRODUCERS[i].start(&r->process.context, out, e);
    }
    /* The page may be reading them. */
    if (!code) __atomic_store_n(&r->roles_n, r->roles_n + 1, __ATOMIC_RELEASE);
    return code;
}

static bool is_role(struct str name)
{
    for (size_t i = 0; i < EBB_COUNT(PRODUCERS); i++)
        if (str_eq(PRODUCERS[i].name, name)) return true;
    return stage_named(name) != NULL;
}

/* Opens what the roles need, after their settings were all looked at. */
static int open_for(struct process *p, const struct str *names, size_t n, struct err *e)
{
    unsigned needs = 0;
    int code = page_check(&p->config, e);
    for (size_t i = 0; i < n && !code; i++) {
        if (stage_named(names[i])) needs |= STAGE_NEEDS;
        for (size_t k = 0; k < EBB_COUNT(PRODUCERS) && !code; k++) {
            if (!str_eq(PRODUCERS[k].name, names[i])) continue;
            needs |= PRODUCERS[k].needs;
            if (PRODUCERS[k].check) code = PRODUCERS[k].check(&p->config, e);
        }
    }
    return code ? code : process_need(p, needs, e);
}

/* Whatever a role lacks at its start is missing, also what a command would call not found. */
static int fail_start(const struct command *c, struct err *e)
{
    if (e->code != E_CONFIG && e->code != E_BUG) e->code = E_MISSING;
    return command_fail(c, e);
}

/* The roles a command line means. */
static size_t roles_of(const struct command *c, const struct arguments *given, struct str *out)
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

/* Waits for a signal, or for a role that cannot go on. */
static int wait_for_end(struct running *r, const sigset_t *signals, struct err *e)
{
    struct timespec glance = {.tv_nsec = GLANCE_MS * 1000000L};
    for (;;) {
        if (sigtimedwait(signals, NULL, &glance) > 0) return EXIT_CODE_OK;
        for (size_t i = 0; i < r->roles_n; i++)
            if (r->roles[i].failure(r->roles[i].self, e)) return EXIT_CODE_STOPPED;
    }
}

static void end_at_once(int signal)
{
    _exit(128 + signal);
}

/* An orderly stop is a courtesy to those that go on: nothing rests on it, so it may not take for
 * ever. librdkafka waits without a bound for partitions of a topic that was deleted. */
static void end_late(int signal)
{
    static const char WORDS[] = "ebb: stopping took too long and was cut short; nothing is lost\n";
    (void)signal;
    /* Nowhere to tell that it could not be told. */
    ssize_t ignored = write(STDERR_FILENO, WORDS, sizeof(WORDS) - 1);
    (void)ignored;
    _exit(EXIT_CODE_STOPPED);
}

static int start_all(struct running *r, const struct command *c, const struct str *names, size_t n,
                     struct err *e)
{
    int code = page_start(&r->process, r->roles, &r->roles_n, &r->page, e);
    for (size_t i = 0; i < n && !code; i++) {
        code = start_role(r, names[i], e);
        if (!code) LOG(&r->process.log, LOG_DEBUG, "role_started", LOG_STR("name", names[i]));
    }
    return code ? fail_start(c, e) : EXIT_CODE_OK;
}

static void say_ready(struct running *r, size_t n)
{
    process_has_started(&r->process);
    page_all_started(r->page);
    if (!r->process.config.services.n)
        LOG(&r->process.log, LOG_WARN, "no_services",
            LOG_STR("why", STR("no service is configured, so none is ever touched: services of "
                               "ebb.yaml")));
    LOG(&r->process.log, LOG_INFO, "ready", LOG_NUM("roles", (int64_t)n));
}

static int run(struct running *r, const struct command *c, const struct str *names, size_t n)
{
    struct err e = {0};
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    /* Before any thread is made, so that all of them leave these signals to this one. */
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    int exit_code = start_all(r, c, names, n, &e);
    if (!exit_code) {
        say_ready(r, n);
        exit_code = wait_for_end(r, &signals, &e);
        if (exit_code) command_fail(c, &e);
    }
    signal(SIGTERM, end_at_once);
    signal(SIGINT, end_at_once);
    pthread_sigmask(SIG_UNBLOCK, &signals, NULL);
    signal(SIGALRM, end_late);
    alarm(exit_code ? FAILED_STOP_MAX_S : STOP_MAX_S);
    process_stop_waiting(&r->process);
    page_stop(r->page);
    /* Those that feed stop first. */
    for (size_t i = 0; i < r->roles_n; i++)
        r->roles[i].stop(r->roles[i].self);
    page_free(r->page);
    if (atomic_load(&r->process.speaks))
        LOG(&r->process.log, LOG_INFO, "stopped", LOG_NUM("exit", exit_code));
    return exit_code;
}

int run_command(const struct command *self, int argc, char **argv)
{
    struct arena a;
    struct err e = {0};
    struct run_options options = {0};
    struct arguments given;
    struct running r = {0};
    struct str names[ROLES_MAX];
    int exit_code;
    arena_init(&a);
    if (command_parse(self, argc, argv, &a, &options, &given, &exit_code)) goto out;
    size_t n = roles_of(self, &given, names);
    exit_code = n ? EXIT_CODE_OK
                  : command_fail_with(self, EXIT_CODE_USAGE,
                                      "name at least one stage: select, remove, drain, scale");
    for (size_t i = 0; i < n && !exit_code; i++)
        if (!is_role(names[i]))
            exit_code = command_fail_with(self, EXIT_CODE_USAGE,
                                          "there is no role '%.*s'; roles are relay, timers, "
                                          "callback, select, remove, drain, scale",
                                          STR_ARG(names[i]));
    if (exit_code) goto out;
    struct str name = n == 1 ? names[0] : str_from(self->name);
    if (process_open(&r.process, options.config, 0, name, &e) || open_for(&r.process, names, n, &e))
        exit_code = fail_start(self, &e);
    else
        exit_code = run(&r, self, names, n);
    process_close(&r.process);
out:
    arena_release(&a);
    return exit_code;
}
