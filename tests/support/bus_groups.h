/* SPDX-License-Identifier: Apache-2.0
 * Consumers of the shared mock cluster. A group of the mock takes 3 s to form, so the first test
 * that asks opens the consumers of all tests, and the groups form side by side. */
#ifndef EBB_TESTS_SUPPORT_BUS_GROUPS_H
#define EBB_TESTS_SUPPORT_BUS_GROUPS_H

#include "tests/support/bus_fixture.h"

#define BUS_GROUPS_TIMEOUT_MS 20000
#define BUS_GROUPS_QUIET_MS   400 /* in which nothing more may come */
#define BUS_GROUPS_WINDOW     6   /* of PAUSE and HANDLERS */
#define BUS_GROUPS_PARTITIONS 4   /* of SHARE */
#define BUS_GROUPS_KEYS       20

/* One for each test: a topic, a group, a consumer. */
enum bus_place { PLACE_RESTART, PLACE_PAUSE, PLACE_SHARE, PLACE_HANDLERS, PLACES };

struct bus_groups {
    struct mock_broker *mock;
    struct bus *bus;
    struct bus_port port;
    struct bus_consumer *consumers[PLACES];
    int revokes[PLACES];
    char topics[PLACES][32];
    struct err e;
};

struct bus_groups *bus_groups_get(void);
/* One more consumer of that place's group. */
struct bus_consumer *bus_groups_open(struct bus_groups *f, enum bus_place place, int *revokes);
/* n messages, with the numbers 0 to n - 1 as values and BUS_GROUPS_KEYS different keys. */
void bus_groups_publish(struct bus_groups *f, enum bus_place place, int n);
/* NULL when nothing came in that time. */
struct bus_message *bus_groups_poll(struct bus_groups *f, struct bus_consumer *consumer,
                                    int64_t timeout_ms);
/* A message, or the test fails. */
struct bus_message *bus_groups_one(struct bus_groups *f, struct bus_consumer *consumer);

#endif
