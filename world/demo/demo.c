/* SPDX-License-Identifier: Apache-2.0
 * See demo.h. Here: the command line, the life of one demo from its folder to its end, and the one
 * place where it waits. Signals are blocked and taken while waiting; none interrupts anything. */
#include "world/demo/demo.h"

#include "world/demo/folder.h"
#include "world/demo/frame.h"
#include "world/demo/judge.h"
#include "world/demo/scene.h"
#include "world/demo/stack.h"
#include "world/demo/story.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXIT_USAGE      2
#define EXIT_BY_SIGNAL  128
#define FRAME_BYTES_MAX ((size_t)64 * 1024)
#define FRAME_ROWS      40 /* all that is told of part 2, too */
#define FRAME_COLUMNS   79

static const char USAGE[] =
    "ebb-world demo [--keep] [--plain] [--ebb PATH]\n"
    "\n"
    "One service, scaled in twice under the same load: the way AWS does it, and\n"
    "Ebb's way. Starts all it needs by itself, on free ports and in a folder of its\n"
    "own, and removes it again. Takes less than a minute.\n"
    "  --keep      leave everything running until Ctrl-C, and say what can be tried;\n"
    "              so does KEEP=1 in the environment\n"
    "  --plain     lines instead of a live screen, also on a terminal\n"
    "  --ebb PATH  the ebb to show (the one beside this program)\n"
    "Exit codes: 0 no session was cut by Ebb and exactly the drained task stopped;\n"
    "1 something else happened, and it says what; 2 wrong usage; 128 and the number\n"
    "of the signal that ended it.\n";

struct options {
    bool keep, plain;
    const char *ebb;
};

/* The exit code when the program is not to run, or -1. */
static int read_options(int argc, char **argv, struct options *o)
{
    static const struct option LONG[] = {
        {"keep", no_argument, NULL, 'k'},
        {"plain", no_argument, NULL, 'p'},
        {"ebb", required_argument, NULL, 'e'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    const char *keep = getenv("KEEP");
    int option;
    *o = (struct options){.keep = keep && *keep && strcmp(keep, "0")};
    optind = 1;
    while ((option = getopt_long(argc, argv, "", LONG, NULL)) != -1) {
        switch (option) {
        case 'k': o->keep = true; break;
        case 'p': o->plain = true; break;
        case 'e': o->ebb = optarg; break;
        case 'h': (void)fputs(USAGE, stdout); return EXIT_SUCCESS;
        default: (void)fputs(USAGE, stderr); return EXIT_USAGE;
        }
    }
    if (optind == argc) return -1;
    (void)fputs(USAGE, stderr);
    return EXIT_USAGE;
}

int64_t demo_now_ms(const struct demo *d)
{
    return clock_mono_ms(&d->clock) - d->began_ms;
}

/* Ctrl-Z: the terminal is given back for as long as it lasts. */
static void stand_still(struct demo *d)
{
    bool entered = d->screen.entered;
    screen_leave(&d->screen);
    (void)raise(SIGSTOP);
    if (entered) screen_enter(&d->screen);
}

int demo_pause(struct demo *d, int64_t ms, struct err *e)
{
    int64_t until_ms = demo_now_ms(d) + ms;
    for (int64_t left_ms = ms; left_ms > 0; left_ms = until_ms - demo_now_ms(d)) {
        struct timespec left = {.tv_sec = left_ms / 1000, .tv_nsec = left_ms % 1000 * 1000000};
        int number = sigtimedwait(&d->signals, NULL, &left);
        if (number == SIGTSTP) {
            stand_still(d);
        } else if (number > 0) {
            d->ended_by = number;
            return err_set(e, E_FATAL, "ended by %s", strsignal(number));
        }
    }
    if (d->deadline_ms && demo_now_ms(d) > d->deadline_ms)
        return err_set(e, E_TIMEOUT, "it took longer than %lld s, which is as long as it may",
                       (long long)(DEMO_RUN_MS_MAX / 1000));
    return children_check(&d->children, e);
}

static void say_what_to_try(const struct demo *d)
{
    (void)printf("\nEverything keeps running until Ctrl-C. In another shell:\n\n"
                 "  . %s/" SCENE_ENV "\n"
                 "  ebb status\n"
                 "  ebb why " DEMO_SERVICE_KEY "\n"
                 "  ebb timeline %s\n"
                 "  ebb drain " DEMO_SERVICE_KEY "\n",
                 d->folder, d->sight.drain_id);
    /* Only what can be tried here: the demo needs neither. */
    if (programs_has("aws"))
        (void)printf("  aws --endpoint-url $AWS_ENDPOINT_URL ecs describe-services \\\n"
                     "    --cluster " DEMO_CLUSTER " --services " DEMO_SERVICE "\n"
                     "  aws --endpoint-url $AWS_ENDPOINT_URL cloudwatch set-alarm-state \\\n"
                     "    --alarm-name " DEMO_ALARM " --state-value ALARM --state-reason try\n");
    if (programs_has("curl"))
        (void)printf("  curl -s $AWS_ENDPOINT_URL/world/snapshot\n"
                     "  curl -s $AWS_ENDPOINT_URL/world/\n");
    (void)printf("\nWhat every process says is in %s/*.log; Ctrl-C removes it.\n", d->folder);
    (void)fflush(stdout);
}

/* Nothing is over any more but by a signal, or by the end of one of the processes. */
static int keep_running(struct demo *d, struct err *e)
{
    int rc = folder_write(d->folder, SCENE_ENV, scene_shell_file(d, &d->arena), e);
    /* The trigger is gone, as it would be: what happens next is for the person to say. */
    if (!rc) rc = story_set_alarm(d, "OK", e);
    if (rc) return rc;
    say_what_to_try(d);
    d->deadline_ms = 0;
    while (!rc)
        rc = demo_pause(d, 1000, e);
    /* What is to be told has been told; this signal only ends the waiting. */
    if (d->ended_by) rc = E_OK;
    d->ended_by = 0;
    return rc;
}

/* The last picture stays where a person can scroll to it. */
static void show_last_frame(struct demo *d)
{
    struct frame_style style = {.columns = FRAME_COLUMNS, .rows = FRAME_ROWS};
    struct buf frame;
    if (!d->live) return;
    screen_leave(&d->screen);
    style.color = d->screen.color;
    buf_init(&frame, FRAME_BYTES_MAX);
    frame_draw(d, &style, &frame);
    screen_write(buf_view(&frame));
    buf_release(&frame);
}

/* Prints the summary; E_REFUSED when it is not as it should be. */
static int conclude(struct demo *d, struct err *e)
{
    struct judgement judgement;
    int rc = judge(d, &judgement, e);
    if (rc) return rc;
    (void)printf("\n%.*s", STR_ARG(judgement.summary));
    for (size_t i = 0; i < judgement.wrongs_n; i++)
        (void)printf("  Wrong: %.*s.\n", STR_ARG(judgement.wrongs[i]));
    (void)fflush(stdout);
    if (judgement.wrongs_n) return err_set(e, E_REFUSED, "%.*s", STR_ARG(judgement.wrongs[0]));
    return E_OK;
}

static int run(struct demo *d, const struct options *options, struct err *e)
{
    int rc = programs_find(options->ebb, &d->arena, &d->programs, e);
    if (!rc) rc = folder_make(&d->arena, &d->folder, e);
    if (!rc) rc = stack_start(d, e);
    if (rc) return rc;
    (void)printf("%6.1f s  the world: %.*s   logs: %s\n", (double)demo_now_ms(d) / 1000,
                 STR_ARG(d->places.endpoint), d->folder);
    (void)fflush(stdout);
    d->live = !options->plain && screen_find(&d->screen);
    d->tale.prints = !d->live;
    if (d->live) screen_enter(&d->screen);
    rc = story_run(d, e);
    show_last_frame(d);
    if (!rc) rc = conclude(d, e);
    if (options->keep && (!rc || rc == E_REFUSED)) {
        struct err later = {0};
        int kept = keep_running(d, &later);
        if (!rc && kept) *e = later;
        if (!rc) rc = kept;
    }
    return rc;
}

/* The folder of a demo that failed is kept: its logs say why. */
static int finish(struct demo *d, int rc, const struct err *e)
{
    bool keep_logs = rc && !d->ended_by && d->folder;
    stack_stop(d);
    if (rc && !d->ended_by) (void)fprintf(stderr, "\nebb-world demo: %s\n", e->text);
    if (keep_logs) (void)fprintf(stderr, "The logs of all processes are in %s\n", d->folder);
    if (!keep_logs) folder_remove(d->folder);
    sight_release(&d->sight);
    arena_release(&d->arena);
    if (rc && d->ended_by) return EXIT_BY_SIGNAL + d->ended_by;
    return rc ? EXIT_FAILURE : EXIT_SUCCESS;
}

int demo_main(int argc, char **argv)
{
    static const int ENDING[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    struct options options;
    struct demo d = {.clock = clock_system()};
    struct err e = {0};
    int code = read_options(argc, argv, &options);
    if (code >= 0) return code;
    d.began_ms = clock_mono_ms(&d.clock);
    d.began_wall_ms = clock_wall_ms(&d.clock);
    d.deadline_ms = DEMO_RUN_MS_MAX - DEMO_STOP_MS_MAX;
    arena_init(&d.arena);
    sight_init(&d.sight);
    (void)sigemptyset(&d.signals);
    for (size_t i = 0; i < EBB_COUNT(ENDING); i++)
        (void)sigaddset(&d.signals, ENDING[i]);
    (void)sigaddset(&d.signals, SIGTSTP);
    (void)sigprocmask(SIG_BLOCK, &d.signals, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    return finish(&d, run(&d, &options, &e), &e);
}
