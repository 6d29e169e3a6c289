/* SPDX-License-Identifier: Apache-2.0
 * The parts of `ebb drain`: what is meant, what would be decided, and what becomes of it. */
#ifndef EBB_COMMANDS_DRAIN_H
#define EBB_COMMANDS_DRAIN_H

#include "commands/show.h"

struct drain_options {
    struct str config, service, by;
    bool json, wait, dry_run;
    int64_t timeout_ms;
};

/* One run of the command. */
struct drain_request {
    const struct command *self;
    struct drain_options options;
    struct process process;
    struct shown_request shown; /* what was asked, and what became of it */
};

/* Fills service and task of r->shown from the word that was typed; asks AWS where Redis does not
 * know. E_NOT_FOUND or E_REFUSED in words that help. */
int drain_find_target(struct drain_request *r, struct str word, struct err *e) EBB_MUST_CHECK;

/* Says so, where the configuration lets Ebb do nothing to the service. */
void drain_print_mode(const struct drain_request *r);

/* What select would decide now: reads, and touches nothing. Gives the exit code. */
int drain_dry_run(struct drain_request *r);

/* Follows the request until its drain is final or refused, or its time is up, with a line for every
 * look unless --json. Gives the exit code: EXIT_CODE_OK only when the task was stopped by our
 * scale-in. */
int drain_follow(struct drain_request *r);

#endif
