/* SPDX-License-Identifier: Apache-2.0
 * ebb verify-aws: whether AWS behaves as Ebb believes, tried on a throwaway service. SIGINT and
 * SIGTERM end the trying, and what was made is removed; a second one ends the process at once. */
#include "commands/verify_aws.h"

#include "lib/run/remedy.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#define PREFIX_CHARS_MAX 40
#define IMAGE_DEFAULT    "public.ecr.aws/docker/library/busybox:stable"

static const struct field FIELDS[] = {
    F_BOOL(struct verify_aws_options, yes, "yes", .help = "do it; without it, it is only said"),
    F_STR(struct verify_aws_options, run.cluster, "cluster", .max = 255,
          .help = "an existing cluster to use; without it one is made and removed"),
    F_STRS(struct verify_aws_options, run.subnets, "subnets", .max = 16,
           .help = "subnets of the tasks, separated by commas; Fargate needs one"),
    F_STRS(struct verify_aws_options, run.security_groups, "security-groups", .max = 5,
           .help = "security groups of the tasks; none: the VPC's own"),
    F_BOOL(struct verify_aws_options, run.public_ip, "public-ip",
           .help = "public addresses for the tasks: subnets without a NAT gateway need them"),
    F_STR(struct verify_aws_options, run.launch_type, "launch-type", .fallback = "FARGATE",
          .help = "FARGATE or EC2; EC2 needs --cluster, with room for 7 tasks"),
    F_STR(struct verify_aws_options, run.image, "image", .fallback = IMAGE_DEFAULT, .max = 255,
          .help = "a small image that has sh, trap and sleep"),
    F_STR(struct verify_aws_options, run.prefix, "prefix", .fallback = "ebb-verify",
          .max = PREFIX_CHARS_MAX, .help = "what all names that are made begin with"),
    F_SPAN(struct verify_aws_options, run.timeout_ms, "timeout", .fallback = "30m", .min = 1000,
           .max = (int64_t)24 * 3600 * 1000, .unit = "ms",
           .help = "what was not checked by then is not checked"),
    F_BOOL(struct verify_aws_options, clean_up, "clean-up",
           .help =
               "only remove what earlier runs with this prefix left, also one that is going on"),
    F_JSON(struct verify_aws_options),
    F_STR(struct verify_aws_options, config, "config", .max = 4096,
          .help = "path of ebb.yaml (or EBB_CONFIG), for its region; none is needed"),
    F_STR(struct verify_aws_options, simulated_clock, "simulated-clock",
          .help = "SPEED,THEIRS,OURS: for a simulated region whose time is not ours"),
};
const struct record VERIFY_AWS_OPTIONS = RECORD_OF(struct verify_aws_options, FIELDS);

/* One run of the command. */
struct verify_aws {
    const struct command *self;
    struct verify_aws_options options;
    struct process process;
    struct scaled_clock clock;
    sigset_t signals;
    bool interrupted;
};

static void end_at_once(int signal)
{
    _exit(128 + signal);
}

/* The first signal was taken while waiting; the next one is not waited for. */
static void obey_the_next(struct verify_aws *v)
{
    v->interrupted = true;
    signal(SIGTERM, end_at_once);
    signal(SIGINT, end_at_once);
    pthread_sigmask(SIG_UNBLOCK, &v->signals, NULL);
}

static bool wait_for(void *ctx, int64_t ms)
{
    struct verify_aws *v = ctx;
    int64_t real_ms = (int64_t)((double)ms / v->clock.speed);
    struct timespec span = {.tv_sec = real_ms / 1000, .tv_nsec = real_ms % 1000 * 1000000L};
    if (v->interrupted) {
        clock_sleep_ms(real_ms);
        return true;
    }
    if (sigtimedwait(&v->signals, NULL, &span) <= 0) return false;
    fprintf(stderr, "ebb verify-aws: interrupted; removing what was made (a second signal does not "
                    "wait for it)\n");
    obey_the_next(v);
    return true;
}

static void say(void *ctx, struct str line)
{
    (void)ctx; /* standard error is everybody's */
    fprintf(stderr, "%.*s\n", STR_ARG(line));
}

static int check(struct verify_aws *v)
{
    const struct verify_options *run = &v->options.run;
    struct str kind = run->launch_type;
    for (size_t i = 0; i < run->prefix.n; i++) {
        char c = run->prefix.p[i];
        bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '-' || c == '_';
        if (!good)
            return command_fail_with(v->self, EXIT_CODE_USAGE,
                                     "--prefix: only letters, digits, - and _");
    }
    if (run->prefix.n < 3)
        return command_fail_with(v->self, EXIT_CODE_USAGE, "--prefix: at least three characters");
    if (!str_eq(kind, STR("FARGATE")) && !str_eq(kind, STR("EC2")))
        return command_fail_with(v->self, EXIT_CODE_USAGE, "--launch-type: must be FARGATE or EC2");
    if (v->options.clean_up) return EXIT_CODE_OK;
    if (str_eq(kind, STR("FARGATE")) && !run->subnets.n)
        return command_fail_with(v->self, EXIT_CODE_USAGE,
                                 "--subnets: Fargate needs one that the image can be pulled from");
    if (str_eq(kind, STR("EC2")) && !run->cluster.n)
        return command_fail_with(v->self, EXIT_CODE_USAGE,
                                 "--cluster: EC2 needs one that has instances");
    return EXIT_CODE_OK;
}

static int show(struct verify_aws *v, const struct verify_report *report)
{
    struct shown_verify shown = {
        .format = SHOW_FORMAT,
        .time = clock_wall_ms(&v->process.context.ports.clock),
        .report = *report,
    };
    if (v->options.json) return show_json(v->self, &SHOWN_VERIFY_RECORD, &shown);
    if (!v->options.clean_up) verify_aws_print(report, &v->process.arena);
    return show_flushed(v->self);
}

/* What was found counts more than what went wrong on the way. */
static int exit_code_of(struct verify_aws *v, const struct verify_report *report, int code,
                        const struct err *e)
{
    bool tried = report->proven || report->broken;
    int exit_code = code ? command_fail(v->self, e) : EXIT_CODE_OK;
    if (report->broken) return EXIT_CODE_BROKEN;
    if (tried && (code || report->not_checked)) return EXIT_CODE_FAILED;
    if (v->interrupted || (!code && report->not_checked)) return EXIT_CODE_FAILED;
    return exit_code;
}

static int run(struct verify_aws *v)
{
    struct err e = {0};
    struct verify_report report;
    struct verify_ports ports = {
        .aws = v->process.context.ports.aws,
        .clock = scaled_clock_of(&v->clock),
        .ctx = v,
        .wait = wait_for,
        .say = say,
    };
    struct arena *a = &v->process.arena;
    int code = v->options.clean_up ? verify_clean_up(&ports, &v->options.run, a, &report, &e)
                                   : verify_run(&ports, &v->options.run, a, &report, &e);
    int exit_code = show(v, &report);
    return exit_code ? exit_code : exit_code_of(v, &report, code, &e);
}

static int open_and_run(struct verify_aws *v)
{
    struct err e = {0};
    unsigned needs = v->options.yes || v->options.clean_up ? NEEDS_AWS | NEEDS_ECS : NEEDS_AWS;
    sigemptyset(&v->signals);
    sigaddset(&v->signals, SIGTERM);
    sigaddset(&v->signals, SIGINT);
    /* Before any thread is made, so that all of them leave these signals to this one. */
    pthread_sigmask(SIG_BLOCK, &v->signals, NULL);
    if (process_open(&v->process, v->options.config, needs, str_from(v->self->name), &e))
        return command_fail(v->self, &e);
    if (!v->options.yes && !v->options.clean_up)
        return verify_aws_plan(&v->options, v->process.context.region, &v->process.arena);
    return run(v);
}

int verify_aws_command(const struct command *self, int argc, char **argv)
{
    struct arena typed;
    struct verify_aws v = {.self = self};
    struct arguments given;
    struct err e = {0};
    int exit_code;
    arena_init(&typed);
    if (command_parse(self, argc, argv, &typed, &v.options, &given, &exit_code)) goto out;
    if (given.n)
        exit_code = command_fail_with(self, EXIT_CODE_USAGE, "usage: ebb %s", self->usage);
    else if (scaled_clock_parse(v.options.simulated_clock, &v.clock, &e))
        exit_code = command_fail_with(self, EXIT_CODE_USAGE, "%s", e.text);
    else
        exit_code = check(&v);
    if (!exit_code) exit_code = open_and_run(&v);
    process_close(&v.process);
out:
    arena_release(&typed);
    return exit_code;
}
