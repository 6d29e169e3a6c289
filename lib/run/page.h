/* SPDX-License-Identifier: Apache-2.0
 * What a running process shows of itself: /metrics for Prometheus, /live and /ready for whoever
 * restarts it, and the original documents' CloudWatch metrics as EMF lines on standard output. */
#ifndef EBB_RUN_PAGE_H
#define EBB_RUN_PAGE_H

#include "lib/run/process.h"

struct page;

/* Whether it could be served where the settings say; E_CONFIG. */
int page_check(const struct config *c, struct err *e) EBB_MUST_CHECK;
/* Sets the observer and the EMF of the process's roles, and serves the page where run.metricsListen
 * says; called before the first role starts. roles and roles_n are read whenever the page is asked
 * for: roles are only ever added, and roles_n is stored with __ATOMIC_RELEASE after its role.
 * E_MISSING when the port is in use. */
int page_start(struct process *p, const struct role *roles, const size_t *roles_n,
               struct page **out, struct err *e) EBB_MUST_CHECK;
/* Every role has started: from now on /ready says what they say. */
void page_all_started(struct page *page);
/* Stops serving; called before the first role stops. What roles still observe is counted until
 * page_free, which comes after the last of them. */
void page_stop(struct page *page);
void page_free(struct page *page);
/* Where it is served; 0 when it is not. */
int page_port(const struct page *page);

#endif
