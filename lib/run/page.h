/* SPDX-License-Identifier: Apache-2.0
 * What a running process shows of itself: /metrics for Prometheus, /live and /ready for whoever
 * restarts it, and the original documents' CloudWatch metrics as EMF lines on standard output. */
#ifndef EBB_RUN_PAGE_H
#define EBB_RUN_PAGE_H

#include "lib/run/process.h"

struct page;

/* Sets the observer of the process's roles, and serves the page where run.metricsListen says;
 * called before the first role starts. roles and roles_n are read whenever the page is asked for:
 * roles are only ever added. E_MISSING when the port is in use. */
int page_start(struct process *p, const struct role *roles, const size_t *roles_n,
               struct page **out, struct err *e) EBB_MUST_CHECK;
void page_stop(struct page *page);

#endif
