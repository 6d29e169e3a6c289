/* SPDX-License-Identifier: Apache-2.0
 * The table of assumptions, in groups that are tried together: one file a group. observe() acts on
 * the service and notes what it saw; judge(), which is pure, says what that means. */
#ifndef EBB_VERIFY_ASSUME_H
#define EBB_VERIFY_ASSUME_H

#include "lib/verify/scene.h"

struct finding {
    enum verify_end end;
    struct str seen;
};

struct assumption {
    const char *id, *words;
    /* seen: what the group's observe() noted; all zero where it did not come to it. A finding
     * without words that is VERIFY_NOT_CHECKED: it never came to it. */
    struct finding (*judge)(const void *seen, struct arena *a);
};

struct verify_group {
    const char *name;
    const struct assumption *rows;
    size_t n, seen_bytes;
    /* 0, or a code with s->failure: what was noted until then is judged all the same. */
    int (*observe)(struct scene *s, void *seen);
};

#define VERIFY_GROUP(name_, rows_, seen_, observe_)                                                \
    {                                                                                              \
        .name = (name_), .rows = (rows_), .n = EBB_COUNT(rows_), .seen_bytes = sizeof(seen_),      \
        .observe = (observe_)                                                                      \
    }

struct finding proven(struct arena *a, const char *format, ...) EBB_PRINTF(2, 3);
struct finding broken(struct arena *a, const char *format, ...) EBB_PRINTF(2, 3);
struct finding not_checked(struct arena *a, const char *format, ...) EBB_PRINTF(2, 3);
/* observe() did not come to it. */
struct finding never_seen(void);

/* In the order in which they are tried; the last one deletes the service. */
extern const struct verify_group VERIFY_READS, VERIFY_PROTECTION, VERIFY_SCALE_IN, VERIFY_HELD_BACK,
    VERIFY_EXPIRY, VERIFY_STOP_TASK, VERIFY_DEPLOYMENT, VERIFY_DELETION;
extern const struct verify_group *const VERIFY_GROUPS[];
extern const size_t VERIFY_GROUPS_N;

#endif
