/* SPDX-License-Identifier: Apache-2.0
 * ebb pause, ebb resume: whether drains may begin, of one service, of an account or of everything.
 */
#include "commands/order.h"

#define ACCOUNT_CHARS 12
#define FOR_MAX_MS    ((int64_t)366 * 24 * 3600 * 1000)

#define SCOPE_FIELDS                                                                               \
    F_CONFIG(struct order_options), F_JSON(struct order_options),                                  \
        F_STR(struct order_options, account, "account", .max = 64,                                 \
              .help = "all services of this AWS account"),                                         \
        F_BOOL(struct order_options, all, "all", .help = "all services there are"),                \
        F_STR(struct order_options, by, "by", .max = 256,                                          \
              .help = "who asks, for the records (otherwise the variable USER)"),                  \
        F_STR(struct order_options, why, "why", .max = 1024, .help = "why, for the records")

static const struct field PAUSE_FIELDS[] = {
    SCOPE_FIELDS,
    F_SPAN(struct order_options, for_ms, "for", .max = FOR_MAX_MS, .fallback = "0s", .unit = "ms",
           .help = "it is over by itself after; 0s: only `ebb resume` ends it"),
};
const struct record PAUSE_OPTIONS = RECORD_OF(struct order_options, PAUSE_FIELDS);
static const struct field RESUME_FIELDS[] = {SCOPE_FIELDS};
const struct record RESUME_OPTIONS = RECORD_OF(struct order_options, RESUME_FIELDS);

static bool is_account(struct str s)
{
    bool digits = s.n == ACCOUNT_CHARS;
    for (size_t i = 0; i < s.n; i++)
        digits = digits && s.p[i] >= '0' && s.p[i] <= '9';
    return digits;
}

/* Exactly one of SERVICE, --account and --all says what is meant. */
static int find_scope(struct ordering *o, struct str *scope, struct err *e)
{
    struct arena *a = &o->process.arena;
    const struct order_options *options = &o->options;
    if ((o->given.n != 0) + (options->account.n != 0) + options->all != 1)
        return err_set(e, E_REFUSED, "say SERVICE, or --account A, or --all, and only one of them");
    *scope = STR(CONTROL_EVERYTHING);
    if (options->all) return E_OK;
    if (options->account.n) {
        if (!is_account(options->account))
            return err_set(e, E_REFUSED, "--account: an AWS account has %d digits", ACCOUNT_CHARS);
        *scope = control_account(a, options->account);
        return E_OK;
    }
    return show_find_service(&o->process.context.ports.store, o->given.words[0], a, scope, e);
}

/* What still holds the same services up; the order just given is among it. */
static int read_what_holds(struct ordering *o, struct str scope, struct err *e)
{
    struct arena *a = &o->process.arena;
    const struct store_port *store = &o->process.context.ports.store;
    return show_read_pauses(store, scope, o->shown.time, a, &o->shown.pauses, e);
}

static int answered(struct ordering *o, struct str first)
{
    struct arena *a = &o->process.arena;
    o->shown.answer = first;
    if (o->options.json) return show_json(o->self, &SHOWN_ORDER_RECORD, &o->shown);
    printf("%.*s\n", STR_ARG(first));
    show_print_pauses(a, &o->shown.pauses, "  ");
    return show_flushed(o->self);
}

/* Another pause of the scope, which this one did not make shorter. */
static bool lasts_longer(const struct ordering *o, struct str scope, int64_t until)
{
    for (size_t i = 0; i < o->shown.pauses.n; i++) {
        const struct control *c = LIST_AT(o->shown.pauses, struct control, i);
        if (str_eq(c->scope, scope)) return until && (!c->until || c->until > until);
    }
    return false;
}

static int pause_scope(struct ordering *o, struct str scope, struct err *e)
{
    const struct ports *ports = &o->process.context.ports;
    int64_t until;
    if (operator_pause(ports, scope, o->options.for_ms, &o->order, &o->process.arena, &until, e) ||
        read_what_holds(o, scope, e))
        return command_fail(o->self, e);
    return answered(o,
                    lasts_longer(o, scope, until)
                        ? STR("it was paused for longer already, and stays so (`ebb resume` ends "
                              "it); no drain begins:")
                        : STR("no drain begins; those that are open go on (`ebb cancel` undoes "
                              "one)"));
}

static int resume_scope(struct ordering *o, struct str scope, struct err *e)
{
    struct arena *a = &o->process.arena;
    bool was_paused;
    if (operator_resume(&o->process.context.ports, scope, &o->order, a, &was_paused, e) ||
        read_what_holds(o, scope, e))
        return command_fail(o->self, e);
    struct str first =
        arena_format(a, "%.*s %s%s", STR_ARG(scope), was_paused ? "is resumed" : "was not paused",
                     o->shown.pauses.n ? ", and is still held up:" : "");
    return answered(o, first);
}

static int run(const struct command *self, int argc, char **argv,
               int (*what)(struct ordering *, struct str, struct err *), bool needs_why)
{
    struct ordering o;
    struct err e = {0};
    struct str scope;
    int exit_code;
    if (order_open(&o, self, argc, argv, 0, 1, &exit_code)) {
        int code = find_scope(&o, &scope, &e);
        if (code == E_REFUSED && o.given.n == 0)
            exit_code = command_fail_with(self, EXIT_CODE_USAGE, "%s", e.text);
        else if (code)
            exit_code = command_fail(self, &e);
        else if (needs_why && !o.options.why.n)
            exit_code = order_lacks_why(&o);
        else
            exit_code = what(&o, scope, &e);
    }
    order_close(&o);
    return exit_code;
}

int pause_command(const struct command *self, int argc, char **argv)
{
    return run(self, argc, argv, pause_scope, true);
}

int resume_command(const struct command *self, int argc, char **argv)
{
    return run(self, argc, argv, resume_scope, false);
}
