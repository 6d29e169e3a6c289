/* SPDX-License-Identifier: Apache-2.0
 * A bus on the shared mock cluster with a topic of the test's own, and what was published there. */
#ifndef EBB_TESTS_SUPPORT_BUS_FIXTURE_H
#define EBB_TESTS_SUPPORT_BUS_FIXTURE_H

#include "tests/support/mock_broker.h"

#define BUS_SEEN_MAX    2000
#define BUS_TIMEOUT_MS  10000 /* where things must work */
#define BUS_QUEUE_SHORT "100" /* messages the client's own queue holds */

struct bus_fixture {
    struct mock_broker *mock;
    char topic[32];
    struct bus *bus;
    struct bus_port port;
    struct err e;
};

void bus_fixture_open(struct bus_fixture *f, struct mock_broker *mock, int64_t publish_timeout_ms);
void bus_fixture_close(struct bus_fixture *f);
struct bus_record bus_fixture_record(const struct bus_fixture *f, const char *key,
                                     const char *value);

struct bus_seen {
    struct arena arena;
    struct bus_message messages[BUS_SEEN_MAX];
    size_t n;
    int stop_with; /* a code the callback returns instead of collecting */
};

/* For bus_read_all; ctx is a struct bus_seen. */
int bus_seen_collect(void *ctx, const struct bus_message *message, struct err *e);
/* Everything in the test's topic. */
struct bus_seen *bus_fixture_read(struct bus_fixture *f);
void bus_seen_free(struct bus_seen *seen);

#endif
