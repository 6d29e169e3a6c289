/* SPDX-License-Identifier: Apache-2.0
 * ebb run, relay, work, timers, callback: roles that run until SIGTERM or SIGINT. A second signal
 * stops at once. */
#include "commands/roles.h"
#include "lib/run/page.h"
#include "lib/run/rest.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define GLANCE_MS 200 /* between looks at whether a role has failed */
/* How long stopping may take: less than the 30 s after which ECS kills; and without order, less. */
#define STOP_MAX_S        27
#define FAILED_STOP_MAX_S 10

struct run_options {
    struct str config;
};
static const struct field OPTIONS[] = {
    F_CONFIG(struct run_options),
};
const struct record RUN_OPTIONS = RECORD_OF(struct run_options, OPTIONS);

struct running {
    struct process process;
    struct role roles[ROLES_MAX];
    size_t roles_n;
    struct page *page;
};

static int start_role(struct running *r, struct str name, struct err *e)
{
    int code = role_start(name, &r->process.context, &r->roles[r->roles_n], e);
    /* The page may be reading them. */
    if (!code) __atomic_store_n(&r->roles_n, r->roles_n + 1, __ATOMIC_RELEASE);
    return code;
}

/* Whatever a role lacks at its start is missing, also what a command would call not found. */
static int fail_start(const struct command *c, struct err *e)
{
    if (e->code != E_CONFIG && e->code != E_BUG) e->code = E_MISSING;
    return command_fail(c, e);
}

/* Every setting that is missing or wrong is told, a line each, before anything is opened. */
static int check_settings(const struct command *c, const struct process *p, const struct str *names,
                          size_t n)
{
    struct err e = {0};
    int exit_code = EXIT_CODE_OK;
    if (process_check(p, roles_need(names, n) & NEEDS_BUS, &e)) exit_code = command_fail(c, &e);
    if (process_check(p, roles_need(names, n) & NEEDS_STORE, &e)) exit_code = command_fail(c, &e);
    for (size_t i = 0; i < n; i++)
        if (role_check(names[i], &p->config, &e)) exit_code = command_fail(c, &e);
    if (page_check(&p->config, &e)) exit_code = command_fail(c, &e);
    return exit_code;
}

/* Waits for a signal, or for a role that cannot go on; gives memory back while nothing is to do. */
static int wait_for_end(struct running *r, const sigset_t *signals, struct err *e)
{
    struct timespec glance = {.tv_nsec = GLANCE_MS * 1000000L};
    struct rest rest = {0};
    for (;;) {
        if (sigtimedwait(signals, NULL, &glance) > 0) return EXIT_CODE_OK;
        rest_look(&rest, clock_mono_ms(&r->process.context.ports.clock));
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
    for (size_t i = 0; i < n && !code; i++)
        code = start_role(r, names[i], e);
    return code ? fail_start(c, e) : EXIT_CODE_OK;
}

static void say_ready(struct running *r, const struct str *names, size_t n)
{
    process_has_started(&r->process);
    page_all_started(r->page);
    for (size_t i = 0; i < n; i++) {
        struct log log = r->process.log;
        log.role = names[i];
        log_write(&log, LOG_INFO, "role_started", NULL, 0);
    }
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
        say_ready(r, names, n);
        exit_code = wait_for_end(r, &signals, &e);
        if (exit_code) command_fail(c, &e);
    }
    if (!exit_code) LOG(&r->process.log, LOG_INFO, "stopping", LOG_NUM("roles", (int64_t)n));
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
    size_t n;
    exit_code = roles_of(self, &given, &a, names, &n);
    if (exit_code) goto out;
    /* In the logs a process that is one role has its name, another that of the command. */
    struct str who = n == 1 ? names[0] : str_from(self->name);
    exit_code = process_open(&r.process, options.config, 0, who, &e)
                    ? fail_start(self, &e)
                    : check_settings(self, &r.process, names, n);
    if (!exit_code && process_need(&r.process, roles_need(names, n), &e))
        exit_code = fail_start(self, &e);
    if (!exit_code) exit_code = run(&r, self, names, n);
    process_close(&r.process);
out:
    arena_release(&a);
    return exit_code;
}
