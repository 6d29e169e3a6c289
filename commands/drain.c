/* SPDX-License-Identifier: Apache-2.0
 * ebb drain SERVICE|TASK: an operator asks for a drain. It goes the same way as an alarm's, through
 * select and all its limits; only the choice of the task may be the operator's. */
#include "commands/drain.h"

#include "commands/order.h"
#include "lib/base/crypto.h"
#include "lib/effect/publish.h"

static const struct field FIELDS[] = {
    F_CONFIG(struct drain_options),
    F_JSON(struct drain_options),
    F_STR(struct drain_options, service, "service", .max = 512,
          .help = "the task's service, where its ARN does not lead to it"),
    F_STR(struct drain_options, by, "by", .max = 256,
          .help = "who asks, for the records (otherwise the variable USER)"),
    F_BOOL(struct drain_options, dry_run, "dry-run",
           .help = "say what would be decided now; ask for nothing"),
    F_BOOL(struct drain_options, wait, "wait",
           .help = "follow the drain to its end; exit code 0 only if the task was scaled in"),
    F_SPAN(struct drain_options, timeout_ms, "timeout", .min = 1000, .max = INT64_MAX / 1000,
           .fallback = "5h", .unit = "ms", .help = "with --wait: give up following after"),
};
const struct record DRAIN_OPTIONS = RECORD_OF(struct drain_options, FIELDS);

static int publish(struct drain_request *r, struct err *e)
{
    struct arena *a = &r->process.arena;
    struct message m = {
        .format = MESSAGE_FORMAT,
        .id = crypto_uuid(a),
        .service = r->shown.service,
        .cause = r->shown.cause,
        .time = r->shown.time,
        .task = r->shown.task,
        .asked_by = r->shown.asked_by,
    };
    int code = process_need(&r->process, NEEDS_BUS | NEEDS_TOPICS, e);
    if (code) return code;
    return publish_message(&r->process.context.ports.bus, STR(TOPIC_SELECT), &m, STR_NONE, a, e);
}

void drain_print_mode(const struct drain_request *r)
{
    const struct service_settings *s = config_service(&r->process.config, r->shown.service);
    if (s && s->mode != MODE_ACT)
        printf("mode observe: Ebb records what it would do and touches nothing\n");
}

static void print_asked(const struct drain_request *r)
{
    const struct shown_request *shown = &r->shown;
    printf("asked for a drain of %.*s", STR_ARG(text_service(shown->service)));
    if (shown->task.n) printf(", task %.*s", STR_ARG(shown->task));
    printf("\n  cause %.*s, asked by %.*s\n", STR_ARG(shown->cause), STR_ARG(shown->asked_by));
    drain_print_mode(r);
}

static int ask(struct drain_request *r, struct err *e)
{
    if (publish(r, e)) return command_fail(r->self, e);
    if (!r->options.json) print_asked(r);
    if (r->options.wait) return drain_follow(r);
    if (r->options.json) return show_json(r->self, &SHOWN_REQUEST_RECORD, &r->shown);
    printf("`ebb why %.*s` says what was decided; --wait follows it to its end\n",
           STR_ARG(r->shown.service));
    return show_flushed(r->self);
}

static int run(struct drain_request *r, struct str word)
{
    struct err e = {0};
    struct arena *a = &r->process.arena;
    if (process_open(&r->process, r->options.config, NEEDS_STORE, str_from(r->self->name), &e) ||
        drain_find_target(r, word, &e))
        return command_fail(r->self, &e);
    r->shown.format = SHOW_FORMAT;
    r->shown.time = clock_wall_ms(&r->process.context.ports.clock);
    r->shown.asked_by = order_by(r->options.by);
    r->shown.cause = arena_format(a, "operator-%.*s", STR_ARG(crypto_uuid(a)));
    return r->options.dry_run ? drain_dry_run(r) : ask(r, &e);
}

int drain_command(const struct command *self, int argc, char **argv)
{
    struct arena typed;
    struct arguments given;
    struct drain_request r = {.self = self};
    int exit_code;
    arena_init(&typed);
    if (!command_parse(self, argc, argv, &typed, &r.options, &given, &exit_code)) {
        if (given.n != 1)
            exit_code = command_fail_with(self, EXIT_CODE_USAGE, "usage: ebb %s", self->usage);
        else if (r.options.wait && r.options.dry_run)
            exit_code = command_fail_with(self, EXIT_CODE_USAGE,
                                          "--dry-run begins nothing that --wait could follow");
        else
            exit_code = run(&r, given.words[0]);
    }
    process_close(&r.process);
    arena_release(&typed);
    return exit_code;
}
