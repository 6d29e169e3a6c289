/* SPDX-License-Identifier: Apache-2.0
 * The program ebb-world: `serve`, a simulated AWS region on loopback, and `broker`, an embedded
 * Kafka broker for demonstrations. Never part of an installation that runs Ebb for real. */
#include "world/broker.h"
#include "world/demo/demo.h"
#include "world/wire/options.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define EXIT_USAGE         2
#define HELP_BYTES_MAX     ((size_t)16 * 1024)
#define SCENARIO_BYTES_MAX ((size_t)4 * 1024 * 1024)

static int complain(const struct err *e)
{
    fprintf(stderr, "ebb-world: %s\n", e->text);
    return e->code == E_CONFIG ? EXIT_USAGE : EXIT_FAILURE;
}

static int read_scenario(const char *path, struct buf *out, struct err *e)
{
    char bytes[8192];
    FILE *file = fopen(path, "rb");
    if (!file) return err_set(e, E_CONFIG, "--scenario %s: %s", path, strerror(errno));
    for (size_t n; (n = fread(bytes, 1, sizeof(bytes), file)) > 0;)
        buf_add(out, (struct str){bytes, n});
    bool broken = ferror(file);
    (void)fclose(file); /* only read */
    if (broken) return err_set(e, E_CONFIG, "--scenario %s cannot be read", path);
    if (buf_failed(out))
        return err_set(e, E_CONFIG, "--scenario %s is larger than %zu bytes", path,
                       SCENARIO_BYTES_MAX);
    return E_OK;
}

/* Whole or not at all: whoever waits for the file may read it the moment it is there. */
static int write_port_file(const char *path, const char *address, const struct wire *wire,
                           struct err *e)
{
    struct arena a;
    arena_init(&a);
    const char *fresh = arena_cstr(&a, arena_format(&a, "%s.%ld", path, (long)getpid()));
    FILE *file = fopen(fresh, "w");
    bool ok = file != NULL;
    if (ok)
        ok = fprintf(file, "{\"endpoint\":\"http://%s:%d\",\"taskPort\":%d}\n", address, wire->port,
                     wire->task_port) > 0;
    if (file) ok = fclose(file) == 0 && ok;
    ok = ok && rename(fresh, path) == 0;
    int rc = ok ? E_OK : err_set(e, E_MISSING, "--port-file %s: %s", path, strerror(errno));
    arena_release(&a);
    return rc;
}

static int run(const struct serve_options *options, const sigset_t *signals, struct err *e)
{
    struct wire *wire = NULL;
    int received;
    int rc = wire_start(&options->wire, &wire, e);
    if (rc) return rc;
    if (options->port_file)
        rc = write_port_file(options->port_file, options->wire.address, wire, e);
    if (!rc) {
        fprintf(stderr, "ebb-world: http://%s:%d, tasks on port %d\n", options->wire.address,
                wire->port, wire->task_port);
        (void)sigwait(signals, &received); /* fails only for a set that is none */
        /* The next signal finds its default action and ends it at once. */
        (void)pthread_sigmask(SIG_UNBLOCK, signals, NULL);
    }
    wire_stop(wire);
    return rc;
}

static int serve(int argc, char **argv)
{
    struct serve_options options;
    struct err e = {0};
    struct buf text;
    sigset_t signals;
    pid_t parent = getppid();
    if (serve_options_read(argc, argv, &options, &e)) return complain(&e);
    buf_init(&text, options.help ? HELP_BYTES_MAX : SCENARIO_BYTES_MAX);
    if (options.help) {
        serve_options_help(&text);
        fwrite(text.p, 1, text.n, stdout);
        buf_release(&text);
        return EXIT_SUCCESS;
    }
    /* Blocked before any thread is started, so that only sigwait takes them. */
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    (void)pthread_sigmask(SIG_BLOCK, &signals, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    if (options.with_parent) {
        (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (getppid() != parent) return EXIT_SUCCESS; /* it was gone before it could be watched */
    }
    int rc = options.scenario_file ? read_scenario(options.scenario_file, &text, &e) : E_OK;
    if (options.scenario_file) options.wire.scenario = buf_view(&text);
    if (!rc) rc = run(&options, &signals, &e);
    buf_release(&text);
    return rc ? complain(&e) : EXIT_SUCCESS;
}

static int help(void)
{
    puts("Usage: ebb-world serve [OPTIONS]    a simulated AWS region (the default)\n"
         "       ebb-world broker [OPTIONS]   an embedded Kafka broker\n"
         "       ebb-world demo [OPTIONS]     one service scaled in twice: AWS's way and Ebb's\n"
         "\"ebb-world serve --help\" and \"ebb-world broker --help\" say more.");
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    const char *command = argc > 1 ? argv[1] : "serve";
    if (!strcmp(command, "--help") || !strcmp(command, "help")) return help();
    if (!strcmp(command, "broker")) return broker_main(argc - 1, argv + 1);
    if (!strcmp(command, "demo")) return demo_main(argc - 1, argv + 1);
    if (!strcmp(command, "serve"))
        return serve(argc - (argc > 1 ? 2 : 1), argv + (argc > 1 ? 2 : 1));
    if (command[0] == '-') return serve(argc - 1, argv + 1);
    fprintf(stderr, "ebb-world: \"%s\" is not a command; see ebb-world --help\n", command);
    return EXIT_USAGE;
}
