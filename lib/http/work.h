/* SPDX-License-Identifier: Apache-2.0
 * The threads handlers run on. A handler that waits holds one of them and never a connection of
 * somebody else. */
#ifndef EBB_HTTP_WORK_H
#define EBB_HTTP_WORK_H

/* Lives in the one who queues it, who queues at most one at a time; so the queue has no limit of
 * its own. run may free it. */
struct http_job {
    struct http_job *next;
    void (*run)(void *ctx);
    void *ctx;
};

struct http_work;

struct http_work *http_work_new(unsigned threads);
void http_work_push(struct http_work *work, struct http_job *job);
/* Runs what is queued, ends the threads and frees. Nobody may push any more. */
void http_work_free(struct http_work *work);

#endif
