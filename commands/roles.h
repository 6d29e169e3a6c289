/* SPDX-License-Identifier: Apache-2.0
 * The roles by their names: the producers, and a worker for each stage. */
#ifndef EBB_COMMANDS_ROLES_H
#define EBB_COMMANDS_ROLES_H

#include "commands/command.h"
#include "lib/run/process.h"

#define ROLES_MAX 16

/* The names a command line means, at most ROLES_MAX; EXIT_CODE_OK, or another after a line about
 * what is wrong. */
int roles_of(const struct command *c, const struct arguments *given, struct arena *a,
             struct str *out, size_t *n);
/* What they need of a process: NEEDS_... of process.h. */
unsigned roles_need(const struct str *names, size_t n);
/* What its settings lack: E_CONFIG. */
int role_check(struct str name, const struct config *c, struct err *e) EBB_MUST_CHECK;
int role_start(struct str name, const struct role_context *context, struct role *out,
               struct err *e) EBB_MUST_CHECK;

#endif
