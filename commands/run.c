/* SPDX-License-Identifier: Apache-2.0
 * ebb run, relay, work, timers, callback: roles that run until SIGTERM or SIGINT. A second signal
 * stops at once. */
#include "commands/command.h"
#include "lib/http/listen.h"
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
#define NEEDED    ((unsigned)NEEDS_STORE | NEEDS_BUS | NEEDS_TOPICS | NEEDS_AWS)

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
    int (*check)(const struct config *config, struct err *e); /* NULL: needs nothing of its own */
    int (*start)(const struct role_context *context, struct role *out, struct err *e);
};
static const struct named_role PRODUCERS[] = {
    {{"relay", 5}, relay_check, relay_start},
    {{"timers", 6}, NULL, timers_start},
    {{"callback", 8}, callback_check, callback_start},
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

static const struct named_role *producer_named(struct str name)
{
    for (size_t i = 0; i < EBB_COUNT(PRODUCERS); i++)
        if (str_eq(PRODUCERS[i].name, name)) return &PRODUCERS[i];
    return NULL;
}

static int start_role(struct running *r, struct str name, struct err *e)
{
    struct role *out = &r->roles[r->roles_n];
    const struct stage *stage = stage_named(name);
    int code = stage ? start_stage(stage, &r->process.context, out, e)
                     : producer_named(name)->start(&r->process.context, out, e);
    /* The page may be reading them. */
    if (!code) __atomic_store_n(&r->roles_n, r->roles_n + 1, __ATOMIC_RELEASE);
    return code;
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

/* What is needed at start is there or missing: nobody asked for anything to be shown or done. */
static int cannot_start(const struct command *c, const struct err *e)
{
    int exit_code = command_fail(c, e);
    bool is_missing = exit_code == EXIT_CODE_NOTHING || exit_code == EXIT_CODE_FAILED;
    return is_missing ? EXIT_CODE_MISSING : exit_code;
}

static int start_all(struct running *r, const struct command *c, const struct str *names, size_t n,
                     struct err *e)
{
    int code = page_start(&r->process, r->roles, &r->roles_n, &r->page, e);
    for (size_t i = 0; i < n && !code; i++) {
        struct log log = r->process.log;
        log.role = names[i];
        code = start_role(r, names[i], e);
        if (!code) log_write(&log, LOG_INFO, "role_started", NULL, 0);
    }
    return code ? cannot_start(c, e) : EXIT_CODE_OK;
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
        page_all_started(r->page);
        LOG(&r->process.log, LOG_INFO, "ready", LOG_NUM("roles", (int64_t)n));
        exit_code = wait_for_end(r, &signals, &e);
        if (exit_code) command_fail(c, &e);
    }
    signal(SIGTERM, end_at_once);
    signal(SIGINT, end_at_once);
    pthread_sigmask(SIG_UNBLOCK, &signals, NULL);
    process_stop_waiting(&r->process);
    page_stop(r->page);
    /* Those that feed stop first. */
    for (size_t i = 0; i < r->roles_n; i++)
        r->roles[i].stop(r->roles[i].self);
    page_free(r->page);
    if (r->roles_n) LOG(&r->process.log, LOG_INFO, "stopped", LOG_NUM("exit", exit_code));
    return exit_code;
}

/* Every setting that is missing or wrong is told, a line each, before anything is opened. */
static int check_settings(const struct command *c, const struct process *p, const struct str *names,
                          size_t n)
{
    struct listen_address at;
    struct err e = {0};
    int exit_code = EXIT_CODE_OK;
    if (process_check(p, NEEDS_BUS, &e)) exit_code = command_fail(c, &e);
    if (process_check(p, NEEDS_STORE, &e)) exit_code = command_fail(c, &e);
    for (size_t i = 0; i < n; i++) {
        const struct named_role *producer = producer_named(names[i]);
        if (producer && producer->check && producer->check(&p->config, &e))
            exit_code = command_fail(c, &e);
    }
    if (p->config.run.metrics_listen.n && listen_parse(p->config.run.metrics_listen, &at, &e)) {
        (void)err_prefix(&e, "run.metricsListen");
        exit_code = command_fail(c, &e);
    }
    return exit_code;
}

/* "relay, timers, callback, select, ..."; for `work` the stages only. */
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
    if ((is_work && !given->n) || (!takes_any && given->n))
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
    exit_code = check_words(self, &given, &a);
    if (exit_code) goto out;
    size_t n = roles_of(self, &given, names);
    /* In the logs a process that is one role has its name, another that of the command. */
    struct str who = n == 1 ? names[0] : str_from(self->name);
    if (process_open(&r.process, options.config, 0, who, &e))
        exit_code = cannot_start(self, &e);
    else
        exit_code = check_settings(self, &r.process, names, n);
    if (!exit_code && process_need(&r.process, NEEDED, &e)) exit_code = cannot_start(self, &e);
    if (!exit_code) exit_code = run(&r, self, names, n);
    process_close(&r.process);
out:
    arena_release(&a);
    return exit_code;
}
