/* SPDX-License-Identifier: Apache-2.0
 * The producers: roles that put messages on the stages' topics. */
#ifndef EBB_PRODUCERS_PRODUCERS_H
#define EBB_PRODUCERS_PRODUCERS_H

#include "lib/run/role.h"

/* Each *_check: E_CONFIG when a setting the role cannot do without is missing or wrong, so that it
 * is told before any role starts. */
int relay_check(const struct config *config, struct err *e) EBB_MUST_CHECK;
int callback_check(const struct config *config, struct err *e) EBB_MUST_CHECK;

/* Receives events from SQS and publishes what they ask for; deletes each only once Kafka has it. */
int relay_start(const struct role_context *context, struct role *out, struct err *e) EBB_MUST_CHECK;
/* Publishes timers that are due, and rebuilds state after Redis lost it. Any number may run; one
 * leads. */
int timers_start(const struct role_context *context, struct role *out,
                 struct err *e) EBB_MUST_CHECK;
/* Takes the tasks' word that they are empty, checks it, and publishes it. */
int callback_start(const struct role_context *context, struct role *out,
                   struct err *e) EBB_MUST_CHECK;

#endif
