/* SPDX-License-Identifier: Apache-2.0
 * EventBridge event patterns: every field named must match one of its list. Understood in lists:
 * strings, numbers, true, false, null, {"prefix"}, {"suffix"}, {"equals-ignore-case"},
 * {"anything-but": value, list or {"prefix"|"suffix"}}, {"exists"}, {"numeric"}; and
 * "$or". Source: EventBridge User Guide, "Creating event patterns". */
#ifndef EBB_WORLD_REGION_PATTERN_H
#define EBB_WORLD_REGION_PATTERN_H

#include "lib/base/err.h"
#include "world/region/json.h"

#define PATTERN_BYTES_MAX ((size_t)4096)

struct pattern; /* lives in the arena it was compiled into */

/* E_MALFORMED with the words when it is no pattern, or uses what is not understood here. */
int pattern_compile(struct str text, struct arena *a, struct pattern **out,
                    struct err *e) EBB_MUST_CHECK;
bool pattern_matches(const struct pattern *pattern, const struct json *event);

#endif
