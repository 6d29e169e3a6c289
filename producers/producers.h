/* SPDX-License-Identifier: Apache-2.0
 * The producers: roles that put messages on the stages' topics. */
#ifndef EBB_PRODUCERS_PRODUCERS_H
#define EBB_PRODUCERS_PRODUCERS_H

#include "lib/run/role.h"

/* _check: what the role's settings lack, before anything is opened; E_CONFIG. */

/* Receives events from SQS and publishes what they ask for; deletes each only once Kafka has it. */
int relay_check(const struct config *c, struct err *e) EBB_MUST_CHECK;
int relay_start(const struct role_context *context, struct role *out, struct err *e) EBB_MUST_CHECK;
/* Publishes timers that are due, and rebuilds state after Redis lost it. Any number may run; one
 * leads. */
int timers_start(const struct role_context *context, struct role *out,
                 struct err *e) EBB_MUST_CHECK;
/* Takes the tasks' word that they are empty, checks it, and publishes it. */
int callback_check(const struct config *c, struct err *e) EBB_MUST_CHECK;
int callback_start(const struct role_context *context, struct role *out,
                   struct err *e) EBB_MUST_CHECK;

#endif
