/* SPDX-License-Identifier: Apache-2.0
 * Every watched alarm, as CloudWatch says it is, with the service it means. */
#ifndef EBB_PRODUCERS_ALARM_READING_H
#define EBB_PRODUCERS_ALARM_READING_H

#include "lib/base/log.h"
#include "lib/effect/ports.h"
#include "lib/store/state_alarms.h"

struct alarm_reader {
    const struct ports *ports;
    const struct config *config;
    struct str region; /* of listed alarms whose entry names none */
    const struct log *log;
    enum log_level level; /* of what is told of a listed alarm that CloudWatch does not know */
    /* Lets time pass; true when it is time to stop. */
    bool (*wait)(void *ctx, int64_t ms);
    void *wait_ctx;
    size_t first; /* in the list of all: where reading begins */
};

/* What one alarm means for one service. */
struct alarm_meaning {
    struct str service;
    struct alarm_note note; /* is_gone: it means the service no more */
};
struct alarm_meanings {
    struct alarm_meaning *items; /* one service's stand together */
    size_t n;
    size_t next; /* where the next reading begins: with the first that the API budget left out */
};

/* Alarms that could not be read are left out. A code when it is not known which are watched, or when
 * it is time to stop: E_STOPPED. */
int alarm_reading(const struct alarm_reader *r, struct arena *a, struct alarm_meanings *out,
                  struct err *e) EBB_MUST_CHECK;

#endif
