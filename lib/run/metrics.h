/* SPDX-License-Identifier: Apache-2.0
 * What a process counts of its looks, and how Prometheus reads it. The sets of labels are bounded:
 * stages by STAGES_MAX, all others by our own tables; never a service, a task or an address.
 * Thread-safe. */
#ifndef EBB_RUN_METRICS_H
#define EBB_RUN_METRICS_H

#include "lib/base/buf.h"
#include "lib/run/look.h"

/* Looks of further stages are counted together, as stage "other". */
#define METRICS_STAGES_MAX 16

struct metrics;

struct metrics *metrics_new(struct clock clock);
void metrics_free(struct metrics *m);

/* One look that ended, and how long it took. */
void metrics_look(struct metrics *m, struct str stage, const struct view *v,
                  const struct look_report *report, int64_t took_ms);

/* Appends every metric of this process's looks, and of the process itself, in Prometheus's text
 * format. */
void metrics_write(struct metrics *m, struct buf *out);

/* The same of its API budget; nothing for NULL. */
void metrics_budget(struct budget *b, struct buf *out);

/* The lines that begin a metric. kind is "counter", "gauge" or "histogram". */
void metrics_head(struct buf *out, const char *name, const char *kind, const char *help);
/* One label's value, escaped, without its quotes. */
void metrics_label(struct buf *out, struct str value);

#endif
