/* SPDX-License-Identifier: Apache-2.0
 * Goal: the page says of the roles what they say of themselves, and of what was looked at. Method: the
 * page asked over HTTP with roles that are not there. What Prometheus thinks of it is asked of
 * promtool in tests/integration/test_page.py. */
#include "lib/run/page.h"

#include "lib/http/http.h"
#include "tests/support/test.h"

#include <stdio.h>

static bool ready_if(void *self, struct str *why)
{
    const bool *ready = self;
    if (!*ready) *why = STR("waits for \"Redis\"");
    return *ready;
}

static struct bus_consumer_stats stats(void *self)
{
    (void)self;
    return (struct bus_consumer_stats){.assigned = 6, .unfinished = 2, .lag = -1};
}

struct page_game {
    struct process p;
    bool relay_ready;
    struct role roles[2];
    size_t roles_n;
    struct page *page;
    struct http_client *client;
};

static void page_begin(struct page_game *g, bool emf)
{
    struct err e = {0};
    struct http_client_options options = {.clock = clock_system()};
    *g = (struct page_game){.relay_ready = true};
    g->p.context.ports.clock = clock_system();
    g->p.context.process = STR("host/1/abc");
    g->p.config.run.metrics_listen = STR("127.0.0.1:0");
    g->p.config.run.emf = emf;
    g->p.log = log_open(clock_system(), STR("error"), STR("test"));
    g->roles[0] =
        (struct role){.self = &g->relay_ready, .name = STR("relay"), .is_ready = ready_if};
    g->roles[1] = (struct role){
        .self = &g->relay_ready, .name = STR("select"), .is_ready = ready_if, .stats = stats};
    assert_ok(page_start(&g->p, g->roles, &g->roles_n, &g->page, &e), e);
    assert_ok(http_client_new(&options, &g->client, &e), e);
}

static void page_end(struct page_game *g)
{
    http_client_free(g->client);
    page_stop(g->page);
    page_free(g->page);
}

static int ask(struct page_game *g, struct arena *a, const char *method, const char *path,
               struct str *body)
{
    struct http_port port = http_client_port(g->client);
    struct http_response response;
    struct err e = {0};
    struct http_request request = {
        .method = str_from(method),
        .url = arena_format(a, "http://127.0.0.1:%d%s", page_port(g->page), path),
    };
    assert_ok(http_send(&port, &request, a, &response, &e), e);
    *body = response.body;
    return response.status;
}

TEST(page_is_ready_when_every_role_is)
{
    struct page_game g;
    struct arena a;
    struct str body;
    arena_init(&a);
    page_begin(&g, false);
    assert_int_equal(ask(&g, &a, "GET", "/live", &body), 200);
    assert_int_equal(ask(&g, &a, "GET", "/ready", &body), 503);
    assert_str(body, "not all roles have started yet\n");
    __atomic_store_n(&g.roles_n, 2, __ATOMIC_RELEASE);
    page_all_started(g.page);
    assert_int_equal(ask(&g, &a, "GET", "/ready", &body), 200);
    assert_str(body, "ready\n");
    g.relay_ready = false;
    assert_int_equal(ask(&g, &a, "GET", "/ready", &body), 503);
    assert_str(body, "relay: waits for \"Redis\"\nselect: waits for \"Redis\"\n");
    assert_int_equal(ask(&g, &a, "GET", "/live", &body), 200);
    page_end(&g);
    arena_release(&a);
}

TEST(page_shows_what_was_looked_and_the_consumers)
{
    struct page_game g;
    struct arena a;
    struct str body;
    struct message message = {.time = 1};
    struct view v = {.message = &message};
    struct look_report report = {.verdict = {.kind = VERDICT_WOULD, .reason = REASON_CLAIMED}};
    arena_init(&a);
    page_begin(&g, false);
    g.roles_n = 2;
    g.p.context.observer.looked(g.p.context.observer.ctx, STR("select"), &v, &report, 10);
    assert_int_equal(ask(&g, &a, "GET", "/metrics", &body), 200);
    assert_contains(body, "{stage=\"select\",verdict=\"would\",reason=\"claimed\"} 1\n");
    assert_contains(body, "ebb_role_ready{role=\"relay\"} 1\n");
    assert_contains(body, "ebb_consumer_assigned_partitions{role=\"select\"} 6\n");
    assert_false(str_contains(body, STR("ebb_consumer_lag_messages{")));
    assert_int_equal(ask(&g, &a, "GET", "/", &body), 200);
    assert_contains(body, "roles: relay select\n");
    assert_int_equal(ask(&g, &a, "GET", "/else", &body), 404);
    assert_int_equal(ask(&g, &a, "POST", "/metrics", &body), 405);
    assert_null(g.p.context.emf);
    page_end(&g);
    arena_release(&a);
}

TEST(page_tells_of_lines_for_cloudwatch_that_were_lost)
{
    struct page_game g;
    struct arena a;
    struct str body;
    arena_init(&a);
    page_begin(&g, true);
    assert_non_null(g.p.context.emf);
    assert_int_equal(ask(&g, &a, "GET", "/metrics", &body), 200);
    assert_contains(body, "\nebb_emf_lines_lost_total 0\n");
    page_end(&g);
    arena_release(&a);
}

TEST(page_counts_without_being_served)
{
    struct err e = {0};
    struct page *page;
    size_t none = 0;
    struct process p = {.context.ports.clock = clock_system()};
    assert_ok(page_start(&p, NULL, &none, &page, &e), e);
    assert_int_equal(page_port(page), 0);
    assert_non_null(p.context.observer.looked);
    page_all_started(page);
    page_free(page);
}

TEST(page_refuses_what_is_no_address)
{
    struct err e = {0};
    struct page *page = NULL;
    size_t none = 0;
    struct process p = {.context.ports.clock = clock_system(),
                        .config.run.metrics_listen = STR("9090")};
    assert_int_equal(page_start(&p, NULL, &none, &page, &e), E_CONFIG);
    assert_string_equal(
        e.text,
        "run.metricsListen (EBB_METRICS_LISTEN): \"9090\" has no port; write address:port, such as "
        "127.0.0.1:9090, [::1]:9090, or :9090 for all addresses");
    assert_null(p.context.observer.looked);
}

TEST(page_refuses_an_address_that_another_holds)
{
    struct page_game g;
    struct err e = {0};
    struct page *page = NULL;
    char listen[32];
    page_begin(&g, false);
    (void)snprintf(listen, sizeof(listen), "127.0.0.1:%d", page_port(g.page));
    struct process p = {.context.ports.clock = clock_system(),
                        .config.run.metrics_listen = str_from(listen)};
    assert_int_not_equal(page_start(&p, NULL, &g.roles_n, &page, &e), 0);
    assert_contains(str_from(e.text), "run.metricsListen (EBB_METRICS_LISTEN): ");
    page_end(&g);
}
