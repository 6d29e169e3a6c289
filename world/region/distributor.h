/* SPDX-License-Identifier: Apache-2.0
 * Lambda functions of the region. A function is of a kind; the one kind is "distributor": it keeps
 * the addresses no new session may be sent to. Payload:
 *   {"action":"comment_out_ip"|"restore_ip"|"release_ip","target_ip":"10.0.0.11","drainId":"..."}
 * Idempotent. Answers {"ok":true,"action":...,"target_ip":...,"changed":true|false}. Anything it
 * does not understand is a function error (200 with FunctionError "Unhandled"). */
#ifndef EBB_WORLD_REGION_DISTRIBUTOR_H
#define EBB_WORLD_REGION_DISTRIBUTOR_H

#include "world/region/region.h"

struct function_options {
    struct str name;
    struct str kind;            /* "distributor", also when absent */
    int64_t event_delay_ms;     /* InvocationType Event: the effect comes that much later; 500 */
    int64_t event_lost_percent; /* Event invocations that never have one, of 100 */
    int64_t error_percent;      /* invocations that end in a function error without effect */
};
extern const struct record function_options_record;

/* Adds it, or changes the options of one that is there (its exclusions stay). E_MALFORMED. */
int region_function_set(struct region *region, const struct function_options *options,
                        struct err *e) EBB_MUST_CHECK;
struct str region_function_arn(const struct region *region, struct str name, struct arena *a);

/* Whether a function of that name shuts the address out; drain_id, if not NULL, says for whom. */
bool region_excluded(const struct region *region, struct str function, struct str address,
                     struct str *drain_id);

#endif
