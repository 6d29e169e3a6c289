/* SPDX-License-Identifier: Apache-2.0
 * ebb cancel DRAIN|TASK: a drain that is not drained yet is undone. */
#include "commands/order.h"

static const struct field FIELDS[] = {
    F_CONFIG(struct order_options),
    F_JSON(struct order_options),
    F_STR(struct order_options, by, "by", .max = 256,
          .help = "who asks, for the records (otherwise the variable USER)"),
    F_STR(struct order_options, why, "why", .max = 1024, .help = "why, for the records"),
};
const struct record CANCEL_OPTIONS = RECORD_OF(struct order_options, FIELDS);

static int cancel(struct ordering *o)
{
    struct err e = {0};
    enum order_answer answer;
    const struct drain *d = &o->shown.drain;
    if (order_give(o, operator_cancel, &answer, &e)) return command_fail(o->self, &e);
    switch (answer) {
    case ORDER_GIVEN:
        return order_answered(o, "it is being undone; `ebb timeline DRAIN` shows how far it is");
    case ORDER_GIVEN_BEFORE:
        return order_answered(o, drain_is_final(d->state) ? "it is undone already"
                                                          : "it is being undone already");
    case ORDER_TOO_LATE:
        return command_fail_with(o->self, EXIT_CODE_FAILED,
                                 "too late: drain %.*s is %.*s; there is nothing left on its task, "
                                 "and ECS may have stopped it",
                                 STR_ARG(d->drain_id), STR_ARG(enum_word(&DRAIN_STATES, d->state)));
    case ORDER_TOO_EARLY:
    case ORDER_NEWER: break;
    }
    return command_fail_with(o->self, EXIT_CODE_FAILED,
                             "drain %.*s is one of a newer version of Ebb; use its `ebb cancel`",
                             STR_ARG(d->drain_id));
}

int cancel_command(const struct command *self, int argc, char **argv)
{
    struct ordering o;
    int exit_code;
    if (order_open(&o, self, argc, argv, 1, 1, &exit_code)) exit_code = cancel(&o);
    order_close(&o);
    return exit_code;
}
