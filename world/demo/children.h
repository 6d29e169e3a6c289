/* SPDX-License-Identifier: Apache-2.0
 * The processes the demo starts. Each has a process group of its own, so that Ctrl-C reaches the
 * demo alone, which then stops them in order; a log of its own; and is killed by the kernel when
 * the demo is. They are ended by their process ids and by nothing else. */
#ifndef EBB_WORLD_DEMO_CHILDREN_H
#define EBB_WORLD_DEMO_CHILDREN_H

#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"

#include <signal.h>
#include <sys/types.h>

#define CHILDREN_MAX ((size_t)16)

struct child {
    const char *name; /* its log is "<name>.log" in the folder */
    pid_t pid;        /* 0 once it has ended */
    int status;       /* of waitpid, then */
};

struct children {
    const char *folder;
    struct child all[CHILDREN_MAX];
    size_t n;
};

/* argv[0] is a path. E_MISSING when it cannot be started. The words are borrowed for the call, the
 * name for good. */
int children_start(struct children *c, const char *name, const char *const *argv,
                   const char *const *environment, struct err *e) EBB_MUST_CHECK;
/* E_FATAL naming one that has ended, with the last thing it said. */
int children_check(struct children *c, struct err *e) EBB_MUST_CHECK;
/* Asks those from the first-th on to end, and kills what has not within that time; at once when one
 * of the signals (which are blocked) comes meanwhile. True when it did. */
bool children_stop(struct children *c, size_t first, const sigset_t *signals, int64_t patience_ms,
                   const struct clock *clock);
/* The end of what it has said, without control characters; for people. */
struct str children_last_line(const struct children *c, size_t i, struct arena *a);

#endif
