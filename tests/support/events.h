/* SPDX-License-Identifier: Apache-2.0
 * Events of EventBridge put together for tests, and SNS's envelope around them. */
#ifndef EBB_TESTS_SUPPORT_EVENTS_H
#define EBB_TESTS_SUPPORT_EVENTS_H

#include "lib/base/buf.h"
#include "lib/base/err.h"

/* One top-level field that is to be another JSON text, or with NULL is to be left out. */
struct events_change {
    const char *field, *json;
};

/* An alarm of demo/calls in us-east-1 that went into ALARM, as one line of JSON. */
struct str events_alarm(struct arena *a, const struct events_change *changes, size_t n);
/* As SNS hands it to SQS without raw delivery. */
struct str events_in_sns(struct arena *a, struct str message);

#endif
