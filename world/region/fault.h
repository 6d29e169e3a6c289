/* SPDX-License-Identifier: Apache-2.0
 * Faults on demand. Whoever carries a call in asks once, before, and does what the answer says
 * before and after it; the core itself never fails by these rules. */
#ifndef EBB_WORLD_REGION_FAULT_H
#define EBB_WORLD_REGION_FAULT_H

#include "world/region/region.h"

enum fault_effect {
    FAULT_NONE,
    FAULT_THROTTLE,    /* answer ThrottlingException "Rate exceeded"; no effect */
    FAULT_5XX_BEFORE,  /* answer 500; no effect */
    FAULT_5XX_AFTER,   /* takes effect, the answer is 500: a lost reply */
    FAULT_DROP_BEFORE, /* close the connection; no effect */
    FAULT_DROP_AFTER,  /* takes effect, close the connection */
    FAULT_DELAY,       /* takes effect delay_ms later than asked, then answers */
    FAULT_DELAY_AFTER, /* takes effect at once, answers delay_ms later */
    FAULT_DENY,        /* answer 403 AccessDeniedException; no effect */
};
extern const struct enum_names fault_effect_names; /* "throttle", "5xx_before", "drop_after", ... */

struct fault_rule {
    struct str
        operation;   /* shell-like: "ecs:Update*", "sqs:*", "lambda:Invoke", "task:/drain/start",
                        "task:*", "callback" (the task's own call to callbackUrl) */
    int effect;      /* enum fault_effect; "delay_ms" adds to any of them */
    int64_t percent; /* of matching calls, 1..100; 0 = all */
    int64_t count;   /* how many times it acts; 0 = without limit */
    int64_t skip;    /* matching calls let through first: "the third call" is skip 2, count 1 */
    int64_t delay_ms;
};
extern const struct record fault_rule_record;

/* Rules are asked in the order they were added; the first that acts decides. E_MALFORMED for a rule
 * that cannot be, E_TOO_LARGE when there are too many. */
int region_fault_add(struct region *region, const struct fault_rule *rule,
                     struct err *e) EBB_MUST_CHECK;
void region_fault_clear(struct region *region);

struct fault_verdict {
    enum fault_effect effect;
    int64_t delay_ms; /* before the effect, or before the answer with FAULT_DELAY_AFTER */
};
/* Uses up counts and chance: ask exactly once a call. Is written to the log when it acts. */
struct fault_verdict region_fault_take(struct region *region, struct str operation);

#endif
