/* SPDX-License-Identifier: Apache-2.0
 * See page.h. What is counted is in metrics.c, what is told to CloudWatch in emf.c; here is who
 * counts, what is asked of the roles when the page is read, and what a probe is answered. */
#include "lib/run/page.h"

#include "lib/http/listen.h"
#include "lib/http/server.h"
#include "lib/run/emf.h"
#include "lib/run/metrics.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#define PAGE_BYTES_MAX  ((size_t)4 * 1024 * 1024) /* every label of every table would fit */
#define READY_BYTES_MAX ((size_t)64 * 1024)
#define BODY_BYTES_MAX  ((size_t)1024) /* nobody has anything to send here */
#define CONNECTIONS_MAX 64
#define TIMEOUT_S       10
#define THREADS         2

#define TEXT_PLAIN   STR("text/plain; charset=utf-8")
#define TEXT_METRICS STR("text/plain; version=0.0.4; charset=utf-8")

struct page {
    struct metrics *metrics;
    struct emf *emf;       /* NULL unless run.emf */
    struct budget *budget; /* NULL when nothing calls AWS for drains */
    struct http_server *server;
    const struct role *roles;
    const size_t *roles_n;
    struct str process;
    atomic_bool all_started;
};

/* A gauge of one role that consumes. */
struct consumer_gauge {
    const char *name, *help;
    int64_t (*value)(const struct bus_consumer_stats *s);
};

static int64_t assigned(const struct bus_consumer_stats *s)
{
    return s->assigned;
}

static int64_t unfinished(const struct bus_consumer_stats *s)
{
    return s->unfinished;
}

static int64_t paused(const struct bus_consumer_stats *s)
{
    return s->paused;
}

static int64_t lag(const struct bus_consumer_stats *s)
{
    return s->lag;
}

static int64_t connected(const struct bus_consumer_stats *s)
{
    return s->connected;
}

static const struct consumer_gauge CONSUMER_GAUGES[] = {
    {"ebb_consumer_assigned_partitions", "Partitions this role's consumer has.", assigned},
    {"ebb_consumer_unfinished_messages", "Messages taken and not finished yet.", unfinished},
    {"ebb_consumer_paused_partitions", "Partitions paused because their window is full.", paused},
    {"ebb_consumer_lag_messages",
     "Messages behind the end of the assigned partitions; no sample while that is not known.", lag},
    {"ebb_consumer_connected", "1 while a Kafka broker answers.", connected},
};

static size_t roles_n(const struct page *page)
{
    return __atomic_load_n(page->roles_n, __ATOMIC_ACQUIRE);
}

static void add_sample(struct buf *out, const char *name, struct str role, int64_t value)
{
    buf_add_format(out, "%s{role=\"", name);
    metrics_label(out, role);
    buf_add_format(out, "\"} %lld\n", (long long)value);
}

static void write_readiness(const struct page *page, struct buf *out)
{
    metrics_head(out, "ebb_role_ready", "gauge", "1 while the role does its work.");
    for (size_t i = 0; i < roles_n(page); i++) {
        const struct role *r = &page->roles[i];
        struct str why = STR_NONE;
        add_sample(out, "ebb_role_ready", r->name, r->is_ready(r->self, &why));
    }
}

static void write_consumers(const struct page *page, struct arena *a, struct buf *out)
{
    size_t n = roles_n(page);
    struct bus_consumer_stats *stats = ARENA_ARRAY(a, n, struct bus_consumer_stats);
    bool any = false;
    for (size_t i = 0; i < n; i++)
        if (page->roles[i].stats) {
            stats[i] = page->roles[i].stats(page->roles[i].self);
            any = true;
        }
    for (size_t g = 0; any && g < EBB_COUNT(CONSUMER_GAUGES); g++) {
        const struct consumer_gauge *gauge = &CONSUMER_GAUGES[g];
        metrics_head(out, gauge->name, "gauge", gauge->help);
        for (size_t i = 0; i < n; i++) {
            int64_t value = page->roles[i].stats ? gauge->value(&stats[i]) : -1;
            if (value >= 0) add_sample(out, gauge->name, page->roles[i].name, value);
        }
    }
}

static void answer(struct http_reply *reply, struct arena *a, int status, struct buf *body)
{
    bool too_large = buf_failed(body);
    reply->status = too_large ? 500 : status;
    reply->content_type = TEXT_PLAIN;
    reply->body = too_large ? STR("larger than any page of ours\n") : arena_copy(a, buf_view(body));
    buf_release(body);
}

static void answer_metrics(const struct page *page, struct arena *a, struct http_reply *reply)
{
    struct buf b;
    buf_init(&b, PAGE_BYTES_MAX);
    metrics_write(page->metrics, &b);
    write_readiness(page, &b);
    write_consumers(page, a, &b);
    metrics_budget(page->budget, &b);
    if (page->emf) {
        metrics_head(&b, "ebb_emf_lines_lost_total", "counter",
                     "Lines for CloudWatch that standard output did not take.");
        buf_add_format(&b, "ebb_emf_lines_lost_total %lld\n", (long long)emf_lost(page->emf));
    }
    answer(reply, a, 200, &b);
    if (reply->status == 200) reply->content_type = TEXT_METRICS;
}

static void answer_ready(const struct page *page, struct arena *a, struct http_reply *reply)
{
    struct buf b;
    buf_init(&b, READY_BYTES_MAX);
    if (!atomic_load(&page->all_started)) buf_add_text(&b, "not all roles have started yet\n");
    for (size_t i = 0; i < roles_n(page); i++) {
        const struct role *r = &page->roles[i];
        struct str why = STR_NONE;
        if (r->is_ready(r->self, &why)) continue;
        if (!why.n) why = STR("not ready");
        buf_add_format(&b, "%.*s: %.*s\n", STR_ARG(r->name), STR_ARG(why));
    }
    int status = b.n ? 503 : 200;
    if (!b.n) buf_add_text(&b, "ready\n");
    answer(reply, a, status, &b);
}

static void answer_index(const struct page *page, struct arena *a, struct http_reply *reply)
{
    struct buf b;
    buf_init(&b, READY_BYTES_MAX);
    buf_add_format(&b, "ebb %s, process %.*s\nroles:", EBB_VERSION, STR_ARG(page->process));
    for (size_t i = 0; i < roles_n(page); i++)
        buf_add_format(&b, " %.*s", STR_ARG(page->roles[i].name));
    buf_add_text(&b, "\n\n/metrics  for Prometheus\n/live     200 while the process runs\n"
                     "/ready    200 while every role does its work, else 503 and why\n");
    answer(reply, a, 200, &b);
}

static void serve(void *ctx, const struct http_incoming *request, struct arena *a,
                  struct http_reply *reply)
{
    const struct page *page = ctx;
    static const struct http_header ALLOW[] = {{{"Allow", 5}, {"GET, HEAD", 9}}};
    reply->content_type = TEXT_PLAIN;
    if (!str_eq(request->method, STR("GET")) && !str_eq(request->method, STR("HEAD"))) {
        reply->status = 405;
        reply->body = STR("GET and HEAD only\n");
        reply->headers = ALLOW;
        reply->headers_n = EBB_COUNT(ALLOW);
    } else if (str_eq(request->path, STR("/metrics"))) {
        answer_metrics(page, a, reply);
    } else if (str_eq(request->path, STR("/ready"))) {
        answer_ready(page, a, reply);
    } else if (str_eq(request->path, STR("/live"))) {
        reply->status = 200;
        reply->body = STR("live\n");
    } else if (str_eq(request->path, STR("/"))) {
        answer_index(page, a, reply);
    } else {
        reply->status = 404;
        reply->body = STR("there is /metrics, /live and /ready\n");
    }
}

static void looked(void *ctx, struct str stage, const struct view *v,
                   const struct look_report *report, int64_t took_ms)
{
    struct page *page = ctx;
    metrics_look(page->metrics, stage, v, report, took_ms);
    emf_look(page->emf, stage, v, report);
}

int page_check(const struct config *c, struct err *e)
{
    struct listen_address at;
    if (!c->run.metrics_listen.n || !listen_parse(c->run.metrics_listen, &at, e)) return E_OK;
    return config_blame(c, STR("run.metricsListen"), e);
}

static int start_server(struct page *page, const struct config *c, struct err *e)
{
    struct listen_address at;
    if (listen_parse(c->run.metrics_listen, &at, e))
        return config_blame(c, STR("run.metricsListen"), e);
    struct http_server_options options = {
        .address = at.address,
        .port = at.port,
        .listen_fd = -1,
        .body_max = BODY_BYTES_MAX,
        .connections_max = CONNECTIONS_MAX,
        .timeout_s = TIMEOUT_S,
        .threads = THREADS,
        .handler = serve,
        .ctx = page,
    };
    if (http_server_start(&options, &page->server, e))
        return config_blame(c, STR("run.metricsListen"), e);
    return E_OK;
}

int page_start(struct process *p, const struct role *roles, const size_t *n, struct page **out,
               struct err *e)
{
    const struct run_settings *s = &p->config.run;
    struct page *page = calloc(1, sizeof(*page));
    if (!page) abort();
    page->roles = roles;
    page->roles_n = n;
    page->process = p->context.process;
    page->budget = p->budget;
    page->metrics = metrics_new(p->context.ports.clock);
    if (s->emf) page->emf = emf_new(p->context.ports.clock, STDOUT_FILENO);
    int code = s->metrics_listen.n ? start_server(page, &p->config, e) : E_OK;
    if (code) {
        page_free(page);
        return code;
    }
    if (page->server)
        LOG(&p->log, LOG_INFO, "page_served", LOG_STR("listen", s->metrics_listen),
            LOG_NUM("port", http_server_port(page->server)));
    p->context.observer = (struct look_observer){.ctx = page, .looked = looked};
    p->context.emf = page->emf;
    *out = page;
    return E_OK;
}

void page_all_started(struct page *page)
{
    atomic_store(&page->all_started, true);
}

int page_port(const struct page *page)
{
    return page->server ? http_server_port(page->server) : 0;
}

void page_stop(struct page *page)
{
    if (!page || !page->server) return;
    http_server_stop(page->server);
    page->server = NULL;
}

void page_free(struct page *page)
{
    if (!page) return;
    page_stop(page);
    emf_free(page->emf);
    metrics_free(page->metrics);
    free(page);
}
