/* SPDX-License-Identifier: Apache-2.0
 * What the commands that order something have in common: pause, resume, cancel, close. */
#ifndef EBB_COMMANDS_ORDER_H
#define EBB_COMMANDS_ORDER_H

#include "commands/find.h"
#include "producers/operator.h"

struct order_options {
    struct str config, account, by, why;
    bool json, all, force;
    int64_t for_ms;
};

/* One run of such a command. */
struct ordering {
    const struct command *self;
    struct arena typed; /* holds options and words */
    struct order_options options;
    struct arguments given;
    struct process process;
    struct order order;
    struct shown_order shown;
};

/* Reads the command line, with from words_min to words_max words; opens Redis and Kafka. False when
 * the command is over, with *exit_code. order_close also then. */
bool order_open(struct ordering *o, const struct command *self, int argc, char **argv,
                size_t words_min, size_t words_max, int *exit_code);
void order_close(struct ordering *o);
/* Usage: an order of this kind is given with a reason. */
int order_lacks_why(const struct ordering *o);
/* Who asks, for the records: --by, or the variable USER. */
struct str order_by(struct str by);

/* Finds the drain that is meant, gives the order, and fills o->shown.drain. */
int order_give(struct ordering *o, order_about *what, enum order_answer *answer,
               struct err *e) EBB_MUST_CHECK;
/* One line for people, or the document with --json. */
int order_answered(struct ordering *o, const char *words);

#endif
