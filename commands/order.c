/* SPDX-License-Identifier: Apache-2.0
 * See order.h. */
#include "commands/order.h"

#include <stdlib.h>

struct str order_by(struct str by)
{
    if (by.n) return by;
    struct str user = str_from(getenv("USER"));
    return user.n ? user : STR("operator");
}

bool order_open(struct ordering *o, const struct command *self, int argc, char **argv,
                size_t words_min, size_t words_max, int *exit_code)
{
    struct err e = {0};
    *o = (struct ordering){.self = self};
    arena_init(&o->typed);
    if (command_parse(self, argc, argv, &o->typed, &o->options, &o->given, exit_code)) return false;
    if (o->given.n < words_min || o->given.n > words_max) {
        *exit_code = command_fail_with(self, EXIT_CODE_USAGE, "usage: ebb %s", self->usage);
        return false;
    }
    o->order = (struct order){
        .by = order_by(o->options.by), .why = o->options.why, .log = &o->process.context.log};
    if (process_open(&o->process, o->options.config, NEEDS_STORE | NEEDS_BUS | NEEDS_TOPICS,
                     str_from(self->name), &e)) {
        *exit_code = command_fail(self, &e);
        return false;
    }
    o->shown.format = SHOW_FORMAT;
    if (state_time(&o->process.context.ports.store, &o->process.arena, &o->shown.time, &e)) {
        *exit_code = command_fail(self, &e);
        return false;
    }
    return true;
}

void order_close(struct ordering *o)
{
    process_close(&o->process);
    arena_release(&o->typed);
}

int order_lacks_why(const struct ordering *o)
{
    return command_fail_with(o->self, EXIT_CODE_USAGE,
                             "--why is missing: those who come after you will ask");
}

int order_give(struct ordering *o, order_about *what, enum order_answer *answer, struct err *e)
{
    struct found_drain found;
    const struct ports *ports = &o->process.context.ports;
    struct arena *a = &o->process.arena;
    int code = find_drain(&ports->store, o->given.words[0], a, &found, e);
    if (code) return code;
    return what(ports, found.drain_id, &o->order, a, &o->shown.drain, answer, e);
}

int order_answered(struct ordering *o, const char *words)
{
    const struct drain *d = &o->shown.drain;
    o->shown.answer = str_from(words);
    if (o->options.json) return show_json(o->self, &SHOWN_ORDER_RECORD, &o->shown);
    printf("drain %.*s  %.*s: %s\n", STR_ARG(d->drain_id),
           STR_ARG(enum_word(&DRAIN_STATES, d->state)), words);
    return show_flushed(o->self);
}
