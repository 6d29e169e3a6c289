/* SPDX-License-Identifier: Apache-2.0
 * The timers as a role: a thread that makes one pass after another (timers.h), and another that polls
 * alarms while that one leads (alarms.h): CloudWatch may take its time, and timers may not. */
#include "lib/base/pause.h"
#include "producers/alarms.h"
#include "producers/producers.h"
#include "producers/timers.h"

#include <stdatomic.h>
#include <stdlib.h>

struct timers {
    struct role_context context;
    struct log log;
    struct timers_pass pass;
    struct alarms_pass alarms;
    pthread_t thread, alarms_thread;
    struct pause pause;
    atomic_bool ready;
};

static void *run_timers(void *arg)
{
    struct timers *t = arg;
    int64_t pause_ms = 0;
    while (!pause_for(&t->pause, pause_ms)) {
        struct err e = {0};
        int code = timers_pass(&t->pass, &pause_ms, &e);
        if (code) LOG(&t->log, LOG_WARN, "timers_failed", LOG_STR("why", str_from(e.text)));
        t->ready = code == E_OK;
    }
    return NULL;
}

static bool wait_for_budget(void *ctx, int64_t ms)
{
    struct timers *t = ctx;
    return pause_for(&t->pause, ms) || !atomic_load(&t->pass.leads);
}

static void *run_alarms(void *arg)
{
    struct timers *t = arg;
    int64_t pause_ms = 0;
    while (!pause_for(&t->pause, pause_ms)) {
        struct err e = {0};
        int code = alarms_pass(&t->alarms, atomic_load(&t->pass.leads), &pause_ms, &e);
        if (code && code != E_STOPPED)
            LOG(&t->log, LOG_WARN, "poll_failed", LOG_STR("why", str_from(e.text)));
    }
    return NULL;
}

static void stop(void *self)
{
    struct timers *t = self;
    struct err e = {0};
    pause_stop(&t->pause);
    pthread_join(t->thread, NULL);
    pthread_join(t->alarms_thread, NULL);
    if (timers_resign(&t->pass, &e))
        LOG(&t->log, LOG_WARN, "lease_not_released", LOG_STR("why", str_from(e.text)));
    pause_release(&t->pause);
    free(t);
}

static int failure(void *self, struct err *e)
{
    (void)self;
    (void)e;
    return E_OK; /* what fails here is tried again */
}

static bool is_ready(void *self, struct str *why)
{
    struct timers *t = self;
    bool ready = t->ready;
    if (!ready) *why = STR("timers: Redis or Kafka does not answer");
    return ready;
}

int timers_start(const struct role_context *context, struct role *out, struct err *e)
{
    (void)e;
    struct timers *t = calloc(1, sizeof(*t));
    if (!t) abort();
    t->context = *context;
    t->log = context->log;
    t->log.role = STR("timers");
    t->pass = (struct timers_pass){
        .ports = &t->context.ports, .log = &t->log, .holder = context->process};
    t->alarms = (struct alarms_pass){.ports = &t->context.ports,
                                     .log = &t->log,
                                     .config = context->config,
                                     .region = context->region,
                                     .wait = wait_for_budget,
                                     .wait_ctx = t};
    pause_init(&t->pause);
    if (pthread_create(&t->thread, NULL, run_timers, t)) abort();
    if (pthread_create(&t->alarms_thread, NULL, run_alarms, t)) abort();
    *out = (struct role){
        .self = t, .name = STR("timers"), .stop = stop, .failure = failure, .is_ready = is_ready};
    return E_OK;
}
