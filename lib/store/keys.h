/* SPDX-License-Identifier: Apache-2.0
 * Names of Ebb's keys in Redis. All carry one hash tag, so that scripts work on cluster-mode
 * endpoints. */
#ifndef EBB_STORE_KEYS_H
#define EBB_STORE_KEYS_H

#include "schemas/drain.h"

#define KEY_EPOCH         STR("{ebb}:epoch")
#define KEY_CLOCK         STR("{ebb}:clock")
#define KEY_TIMERS        STR("{ebb}:timers")
#define KEY_WATCHED       STR("{ebb}:watched")
#define KEY_CONTROLS      STR("{ebb}:controls")
#define KEY_FINISHED      STR("{ebb}:finished")
#define KEY_RIGHTS        STR("{ebb}:rights") /* scratch: holds nothing after the script that uses it */
#define KEY_LOOKS_PREFIX  "{ebb}:looks:"
#define KEY_INTENT_PREFIX "{ebb}:intent:"

struct str key_event(struct arena *a, struct str service, struct str event_id);
struct str key_drain(struct arena *a, struct str drain_id);
struct str key_open(struct arena *a, struct str service);
struct str key_begun(struct arena *a, struct str service);
struct str key_task(struct arena *a, struct str task_arn);
/* An address means one task within a region of an account. */
struct str key_address(struct arena *a, struct str service, struct str address);
struct str key_backoff(struct arena *a, struct str service);
struct str key_lease(struct arena *a, struct str name);
struct str key_intent(struct arena *a, struct str service);
/* What is known of a service's alarms, and that they have asked of late. */
struct str key_alarms(struct arena *a, struct str service);
struct str key_asked(struct arena *a, struct str service);
/* What an account has: its open drains, and the tasks that were stopped and were not drained. */
struct str key_account(struct arena *a, struct str service);
struct str key_wrong(struct arena *a, struct str service);
/* A message in some worker's hands. */
struct str key_taken(struct arena *a, struct str topic, int32_t partition, int64_t offset);
/* The API budget of an account's region. */
struct str key_budget(struct arena *a, struct str account, struct str region);
struct str key_looks(struct arena *a, struct str service);
struct str key_drain_looks(struct arena *a, struct str drain_id);

#endif
