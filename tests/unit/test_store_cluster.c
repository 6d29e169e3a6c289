/* SPDX-License-Identifier: Apache-2.0
 * Goal: redirects of a cluster-mode endpoint are followed a few times, remembered, and left again
 * when the node they lead to is gone. Method: servers that redirect as the test says, and a real
 * cluster of two nodes. */
#include <stdio.h>

#include "lib/store/store.h"
#include "tests/support/fake_redis.h"
#include "tests/support/redis.h"
#include "tests/support/test.h"

#define TEXT_BYTES         64
#define CLUSTER_TIMEOUT_MS 30000
#define PAUSE_MS           5

static struct store *open_at(int port)
{
    char url[TEXT_BYTES];
    (void)snprintf(url, sizeof(url), "redis://127.0.0.1:%d", port);
    struct store_options options = test_redis_options(url);
    struct store *store;
    struct err e = {0};
    assert_ok(store_open(&options, &store, &e), e);
    return store;
}

static int get(struct store *store, struct err *e)
{
    struct store_port port = store_port_of(store);
    struct str args[] = {STR("GET"), STR("{ebb}k")};
    struct arena a;
    arena_init(&a);
    struct reply r;
    int code = store_command(&port, args, EBB_COUNT(args), &a, &r, e);
    if (!code && r.kind != REPLY_STR) code = E_BUG;
    arena_release(&a);
    return code;
}

TEST(store_follows_a_redirect_and_remembers_it)
{
    struct fake_redis_rule there_rules[] = {{"GET", "$1\r\nx\r\n", FAKE_REDIS_GO_ON, 0}, {0}};
    struct fake_redis *there = fake_redis_start(there_rules);
    char moved[TEXT_BYTES];
    (void)snprintf(moved, sizeof(moved), "-MOVED 42 127.0.0.1:%d\r\n", fake_redis_port(there));
    struct fake_redis_rule here_rules[] = {{"GET", moved, FAKE_REDIS_GO_ON, 0}, {0}};
    struct fake_redis *here = fake_redis_start(here_rules);
    struct store *store = open_at(fake_redis_port(here));
    struct err e = {0};
    for (int i = 0; i < 5; i++)
        assert_ok(get(store, &e), e);
    assert_int_equal(fake_redis_count(here, "GET"), 1);
    assert_int_equal(fake_redis_count(there, "GET"), 5);
    assert_int_equal(fake_redis_connections(there), 1);
    store_close(store);
    fake_redis_stop(here);
    fake_redis_stop(there);
}

TEST(store_returns_home_when_the_node_it_was_sent_to_is_gone)
{
    struct fake_redis_rule there_rules[] = {{"GET", "$1\r\nx\r\n", FAKE_REDIS_GO_ON, 0}, {0}};
    struct fake_redis *there = fake_redis_start(there_rules);
    char moved[TEXT_BYTES];
    (void)snprintf(moved, sizeof(moved), "-MOVED 42 127.0.0.1:%d\r\n", fake_redis_port(there));
    struct fake_redis_rule here_rules[] = {
        {"GET", moved, FAKE_REDIS_GO_ON, 1}, {"GET", "$1\r\ny\r\n", FAKE_REDIS_GO_ON, 0}, {0}};
    struct fake_redis *here = fake_redis_start(here_rules);
    struct store *store = open_at(fake_redis_port(here));
    struct err e = {0};
    assert_ok(get(store, &e), e);
    assert_int_equal(fake_redis_count(there, "GET"), 1);
    fake_redis_stop(there);
    assert_ok(get(store, &e), e);
    assert_int_equal(fake_redis_count(here, "GET"), 2);
    store_close(store);
    fake_redis_stop(here);
}

TEST(store_does_not_follow_redirects_for_ever)
{
    /* An empty host is the host that answered: this one sends us to itself. */
    char moved[TEXT_BYTES];
    struct fake_redis_rule rules[] = {{"GET", moved, FAKE_REDIS_GO_ON, 0}, {0}};
    struct fake_redis *fake = fake_redis_start(rules);
    (void)snprintf(moved, sizeof(moved), "-MOVED 42 :%d\r\n", fake_redis_port(fake));
    struct store *store = open_at(fake_redis_port(fake));
    struct err e = {0};
    assert_int_equal(get(store, &e), E_UNAVAILABLE);
    assert_contains(str_from(e.text), "from node to node");
    assert_int_equal(fake_redis_count(fake, "GET"), 4);
    store_close(store);
    fake_redis_stop(fake);
}

static const char *const UNUSABLE[] = {
    "-MOVED\r\n",           "-MOVED 42\r\n",
    "-MOVED 42 ?:6379\r\n", "-MOVED 42 127.0.0.1:99999\r\n",
    "-MOVED 42 a b:1\r\n",  "-CLUSTERDOWN The cluster is down\r\n",
    "-TRYAGAIN later\r\n",  "-ASK 42 127.0.0.1:1\r\n",
};

TEST(store_cluster_trouble_is_reported_as_unavailable)
{
    for (size_t i = 0; i < EBB_COUNT(UNUSABLE); i++) {
        struct fake_redis_rule rules[] = {{"GET", UNUSABLE[i], FAKE_REDIS_GO_ON, 1},
                                          {"GET", "$1\r\nx\r\n", FAKE_REDIS_GO_ON, 0},
                                          {0}};
        struct fake_redis *fake = fake_redis_start(rules);
        struct store *store = open_at(fake_redis_port(fake));
        struct err e = {0};
        assert_int_equal(get(store, &e), E_UNAVAILABLE);
        assert_ok(get(store, &e), e);
        store_close(store);
        fake_redis_stop(fake);
    }
}

/* A node that listens on a unix socket and on TCP; its ports go into the two out-pointers. */
static struct test_redis *start_node(int *port, int *bus_port)
{
    char config[256];
    *port = test_redis_free_port();
    *bus_port = test_redis_free_port();
    (void)snprintf(config, sizeof(config),
                   "port %d\ncluster-enabled yes\ncluster-port %d\ncluster-node-timeout 2000",
                   *port, *bus_port);
    return test_redis_start(config);
}

TEST(store_works_on_a_real_cluster_through_a_node_without_our_keys)
{
    int empty_port, empty_bus_port, full_port, full_bus_port;
    struct test_redis *empty = start_node(&empty_port, &empty_bus_port);
    struct test_redis *full = start_node(&full_port, &full_bus_port);
    struct store *empty_store = open_at(empty_port), *full_store = open_at(full_port);
    struct arena a;
    arena_init(&a);
    char meet[TEXT_BYTES];
    (void)snprintf(meet, sizeof(meet), "CLUSTER MEET 127.0.0.1 %d %d", full_port, full_bus_port);
    struct reply r = test_redis_command(full_store, &a, "CLUSTER ADDSLOTSRANGE 0 16383");
    assert_str(r.text, "OK");
    r = test_redis_command(empty_store, &a, meet);
    assert_str(r.text, "OK");
    struct clock clock = clock_system();
    int64_t deadline_ms = clock_mono_ms(&clock) + CLUSTER_TIMEOUT_MS;
    struct store_port port = store_port_of(empty_store);
    struct str set[] = {STR("SET"), STR("{ebb}k"), STR("x")};
    struct err e = {0};
    /* Until the nodes have met, the one without slots has no cluster to speak of. */
    while (store_command(&port, set, EBB_COUNT(set), &a, &r, &e) == E_UNAVAILABLE) {
        assert_contains(str_from(e.text), "CLUSTERDOWN");
        assert_true(clock_mono_ms(&clock) < deadline_ms);
        clock_sleep_ms(PAUSE_MS);
    }
    assert_str(r.text, "OK");
    r = test_redis_command(full_store, &a, "GET {ebb}k");
    assert_str(r.text, "x");
    assert_ok(get(empty_store, &e), e);
    arena_release(&a);
    store_close(empty_store);
    store_close(full_store);
    test_redis_stop(empty);
    test_redis_stop(full);
}
