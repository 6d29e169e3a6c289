/* SPDX-License-Identifier: Apache-2.0
 * Goal: looks are counted under the right words, the sets of labels are bounded, and the page says
 * of the roles what they say of themselves. Method: looks written by hand; the page asked over HTTP
 * with roles that are not there. What Prometheus thinks of the page is asked of promtool in
 * tests/integration/test_page.py. */
#include "lib/run/metrics.h"

#include "lib/http/http.h"
#include "lib/run/emf.h"
#include "lib/run/page.h"
#include "tests/support/test.h"

#include <pthread.h>
#include <string.h>

#define BYTES_MAX ((size_t)1024 * 1024)

static int64_t five_seconds(void *ctx)
{
    (void)ctx;
    return 5000;
}

static const struct clock CLOCK = {NULL, five_seconds, five_seconds};

static void count(struct metrics *m, struct str stage, enum verdict_kind kind, enum reason reason)
{
    struct message message = {.time = 4000};
    struct step_note steps[] = {
        {.effect = STR("read_drain"), .outcome = STR("ok"), .took_ms = 3},
        {.effect = STR("start"), .outcome = STR("unknown"), .took_ms = 20000},
        {.effect = STR("of a newer program"), .outcome = STR("ok")},
    };
    struct view v = {.message = &message};
    struct look_report report = {
        .verdict = {.kind = kind, .reason = reason}, .steps = steps, .steps_n = EBB_COUNT(steps)};
    metrics_look(m, stage, &v, &report, 1500);
}

static struct str text_of(struct metrics *m, struct arena *a)
{
    struct buf b;
    buf_init(&b, BYTES_MAX);
    metrics_write(m, &b);
    assert_false(buf_failed(&b));
    struct str text = arena_copy(a, buf_view(&b));
    buf_release(&b);
    return text;
}

static size_t lines_with(struct str text, struct str part)
{
    size_t n = 0;
    while (text.p)
        n += str_contains(str_cut(&text, '\n'), part);
    return n;
}

TEST(metrics_count_looks_and_effects)
{
    struct arena a;
    struct metrics *m = metrics_new(CLOCK);
    arena_init(&a);
    count(m, STR("select"), VERDICT_REFUSED, REASON_COOLDOWN);
    count(m, STR("select"), VERDICT_REFUSED, REASON_COOLDOWN);
    count(m, STR("drain"), VERDICT_WAIT, REASON_DRAINING);
    struct str text = text_of(m, &a);
    const char *expected[] = {
        "ebb_build_info{version=\"" EBB_VERSION "\"} 1\n",
        "process_start_time_seconds 5.000\n",
        "ebb_looks_total{stage=\"select\",verdict=\"refused\",reason=\"cooldown\"} 2\n",
        "ebb_looks_total{stage=\"drain\",verdict=\"wait\",reason=\"draining\"} 1\n",
        "ebb_effects_total{stage=\"select\",effect=\"read_drain\",outcome=\"ok\"} 2\n",
        "ebb_effects_total{stage=\"drain\",effect=\"start\",outcome=\"unknown\"} 1\n",
        "ebb_effect_seconds_bucket{effect=\"read_drain\",le=\"0.001\"} 0\n",
        "ebb_effect_seconds_bucket{effect=\"read_drain\",le=\"0.005\"} 3\n",
        "ebb_effect_seconds_bucket{effect=\"start\",le=\"10.000\"} 0\n",
        "ebb_effect_seconds_bucket{effect=\"start\",le=\"+Inf\"} 3\n",
        "ebb_effect_seconds_sum{effect=\"start\"} 60.000\n",
        "ebb_look_seconds_bucket{stage=\"select\",le=\"1.000\"} 0\n",
        "ebb_look_seconds_bucket{stage=\"select\",le=\"2.500\"} 2\n",
        "ebb_event_to_verdict_seconds_bucket{stage=\"select\",le=\"1.000\"} 2\n",
        "ebb_event_to_verdict_seconds_count{stage=\"drain\"} 1\n",
    };
    for (size_t i = 0; i < EBB_COUNT(expected); i++)
        assert_contains(text, expected[i]);
    assert_false(str_contains(text, STR("newer program")));
    arena_release(&a);
    metrics_free(m);
}

TEST(metrics_have_bounded_stages)
{
    struct arena a;
    struct metrics *m = metrics_new(CLOCK);
    arena_init(&a);
    for (int i = 0; i < 3 * METRICS_STAGES_MAX; i++)
        count(m, arena_format(&a, "stage-%d", i), VERDICT_DONE, REASON_NONE);
    struct str text = text_of(m, &a);
    assert_int_equal(lines_with(text, STR("ebb_looks_total{")), METRICS_STAGES_MAX + 1);
    assert_contains(text, "ebb_looks_total{stage=\"other\",verdict=\"done\",reason=\"none\"} 32\n");
    arena_release(&a);
    metrics_free(m);
}

static void *count_many(void *m)
{
    for (int i = 0; i < 1000; i++)
        count(m, STR("select"), VERDICT_DONE, REASON_CLAIMED);
    return NULL;
}

TEST(metrics_lose_nothing_of_several_threads)
{
    struct arena a;
    pthread_t threads[4];
    struct metrics *m = metrics_new(CLOCK);
    arena_init(&a);
    for (size_t i = 0; i < EBB_COUNT(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count_many, m), 0);
    for (int i = 0; i < 20; i++)
        (void)text_of(m, &a); /* read while they count */
    for (size_t i = 0; i < EBB_COUNT(threads); i++)
        pthread_join(threads[i], NULL);
    assert_contains(text_of(m, &a), "verdict=\"done\",reason=\"claimed\"} 4000\n");
    arena_release(&a);
    metrics_free(m);
}

/* ------------------------------------------------------------------------------ the page itself */

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

static void page_begin(struct page_game *g)
{
    struct err e = {0};
    struct http_client_options options = {.clock = clock_system()};
    *g = (struct page_game){.relay_ready = true};
    g->p.context.ports.clock = clock_system();
    g->p.context.process = STR("host/1/abc");
    g->p.config.run.metrics_listen = STR("127.0.0.1:0");
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
    page_begin(&g);
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
    page_begin(&g);
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
