/* SPDX-License-Identifier: Apache-2.0
 * ebb close DRAIN --force: ends a drain whose undoing or release nobody will ever confirm. */
#include "commands/order.h"

#include "lib/store/state.h"

static const struct field FIELDS[] = {
    F_CONFIG(struct order_options),
    F_JSON(struct order_options),
    F_BOOL(struct order_options, force, "force",
           .help = "end it although that is not confirmed; without it, only say what that is"),
    F_STR(struct order_options, by, "by", .max = 256,
          .help = "who asks, for the records (otherwise the variable USER)"),
    F_STR(struct order_options, why, "why", .max = 1024, .help = "why, for the records"),
};
const struct record CLOSE_OPTIONS = RECORD_OF(struct order_options, FIELDS);

static int refuse_state(const struct ordering *o, const struct drain *d)
{
    return command_fail_with(o->self, EXIT_CODE_FAILED,
                             "drain %.*s is %.*s; only one that is UNDOING or RELEASING can be "
                             "closed, `ebb cancel` undoes one that is not drained yet",
                             STR_ARG(d->drain_id), STR_ARG(enum_word(&DRAIN_STATES, d->state)));
}

/* Without --force: what would be given up. */
static int say_what(struct ordering *o)
{
    struct found_drain found;
    struct err e = {0};
    struct arena *a = &o->process.arena;
    if (find_drain(&o->process.context.ports.store, o->given.words[0], a, &found, &e))
        return command_fail(o->self, &e);
    const struct drain *d = &found.held.record;
    if (!found.held.exists)
        return command_fail_with(o->self, EXIT_CODE_NOTHING, "the record of drain %.*s has expired",
                                 STR_ARG(found.drain_id));
    struct str unconfirmed = operator_unconfirmed(d, a);
    if (!unconfirmed.n) return refuse_state(o, d);
    return command_fail_with(o->self, EXIT_CODE_FAILED,
                             "drain %.*s is %.*s, and %.*s; --force ends it all the same, and Ebb "
                             "tries no more",
                             STR_ARG(d->drain_id), STR_ARG(enum_word(&DRAIN_STATES, d->state)),
                             STR_ARG(unconfirmed));
}

static int close_drain(struct ordering *o)
{
    struct err e = {0};
    enum order_answer answer;
    const struct drain *d = &o->shown.drain;
    if (!o->options.force) return say_what(o);
    if (!o->options.why.n) return order_lacks_why(o);
    if (order_give(o, operator_close, &answer, &e)) return command_fail(o->self, &e);
    switch (answer) {
    case ORDER_GIVEN:
        return order_answered(
            o, arena_format(&o->process.arena, "it ends, and %.*s", STR_ARG(d->unconfirmed)).p);
    case ORDER_GIVEN_BEFORE:
        return order_answered(o, drain_is_final(d->state) ? "it has ended already"
                                                          : "it is being ended already");
    case ORDER_TOO_LATE:
    case ORDER_TOO_EARLY:
    case ORDER_NEWER: break;
    }
    return refuse_state(o, d);
}

int close_command(const struct command *self, int argc, char **argv)
{
    struct ordering o;
    int exit_code;
    if (order_open(&o, self, argc, argv, 1, 1, &exit_code)) exit_code = close_drain(&o);
    order_close(&o);
    return exit_code;
}
