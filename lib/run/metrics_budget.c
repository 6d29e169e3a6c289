/* SPDX-License-Identifier: Apache-2.0
 * What a process has spent of the API budget, for Prometheus. */
#include "lib/run/metrics.h"

static const char *const PRIORITY_WORDS[PRIORITIES] = {
#define X(name, word, reserve, what) [PRIORITY_##name] = word,
    EBB_PRIORITIES(X)
#undef X
};

static void write_of_buckets(struct buf *out, const char *name, const char *help,
                             const int64_t counts[BUCKETS])
{
    metrics_head(out, name, "counter", help);
    for (size_t i = 0; i < BUCKETS; i++)
        if (counts[i])
            buf_add_format(out, "%s{bucket=\"%s\"} %lld\n", name, BUCKET_FACTS[i].word,
                           (long long)counts[i]);
}

static void write_put_off(struct buf *out, const struct budget_counts *c)
{
    metrics_head(out, "ebb_budget_put_off_total", "counter",
                 "Calls to AWS that were put off, because the API budget had no token for them.");
    for (size_t i = 0; i < BUCKETS; i++)
        for (size_t p = 0; p < PRIORITIES; p++)
            if (c->put_off[i][p])
                buf_add_format(
                    out, "ebb_budget_put_off_total{bucket=\"%s\",priority=\"%s\"} %lld\n",
                    BUCKET_FACTS[i].word, PRIORITY_WORDS[p], (long long)c->put_off[i][p]);
    metrics_head(out, "ebb_budget_wait_seconds_total", "counter",
                 "How long calls that were put off were told to wait.");
    for (size_t i = 0; i < BUCKETS; i++)
        if (c->put_off_ms[i])
            buf_add_format(out, "ebb_budget_wait_seconds_total{bucket=\"%s\"} %lld.%03lld\n",
                           BUCKET_FACTS[i].word, (long long)(c->put_off_ms[i] / 1000),
                           (long long)(c->put_off_ms[i] % 1000));
}

void metrics_budget(struct budget *b, struct buf *out)
{
    struct budget_counts c;
    if (!b) return;
    budget_count(b, &c);
    write_of_buckets(out, "ebb_budget_taken_total",
                     "Tokens of the API budget that calls to AWS have taken.", c.taken);
    write_put_off(out, &c);
    write_of_buckets(out, "ebb_aws_throttled_total",
                     "Calls to AWS that AWS throttled all the same.", c.throttled);
    metrics_head(
        out, "ebb_budget_alone_total", "counter",
        "Calls to AWS that went by this process's own rate, because Redis did not answer.");
    buf_add_format(out, "ebb_budget_alone_total %lld\n", (long long)c.alone);
}
