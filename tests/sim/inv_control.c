/* SPDX-License-Identifier: Apache-2.0
 * What operators order holds: no drain is claimed while a pause is acknowledged, whatever Redis has
 * lost meanwhile; a drain that was cancelled goes back into service, unless it died; one that was
 * closed says so; and no more drains are open in the account than is allowed. */
#include "tests/sim/inv_control.h"

#include "lib/record/walkers.h"
#include "schemas/message.h"
#include "tests/sim/invariants.h"
#include "tests/sim/redis_model.h"
#include "tests/sim/scene.h"

#include <string.h>

static struct said_control *said_of(struct sim *sim, struct str scope)
{
    struct orders *o = &sim->invariants->orders;
    for (size_t i = 0; i < o->said_n; i++)
        if (str_eq(o->said[i].scope, scope)) return &o->said[i];
    EBB_ASSERT(o->said_n < SIM_SCOPES_MAX);
    o->said[o->said_n] = (struct said_control){.scope = arena_copy(&sim->arena, scope)};
    return &o->said[o->said_n++];
}

void inv_control_record(struct sim *sim, const struct bus_message *message)
{
    struct err e = {0};
    struct control c = {0};
    if (!str_eq(message->topic, STR(TOPIC_STATE)) || !message->value.p) return;
    if (!str_starts(message->key, STR(CONTROL_KEY_PREFIX))) return;
    if (msgpack_decode(&CONTROL_RECORD, message->value, &sim->arena, &c, &e))
        sim_violation(sim, "a control record cannot be read: %s", e.text);
    struct said_control *s = said_of(sim, c.scope);
    sim_trace(sim, "%.*s: %.*s (version %lld)", STR_ARG(c.scope),
              STR_ARG(enum_word(&CONTROL_KINDS, c.kind)), (long long)c.version);
    if (c.version >= s->written.version) s->written = c;
}

/* ---------------------------------------------------------------- in Redis */

static bool is_ok(const struct reply *reply)
{
    struct str word = reply->kind == REPLY_LIST && reply->n ? reply->items[0].text : reply->text;
    return str_eq(word, STR("ok"));
}

/* What was set in Redis and is not in ebb.state yet is said as well, but nobody was told so: a
 * claim may go by either. A pause ends by Redis's clock. */
static void judge_pause(struct sim *sim, struct str service, int64_t now_ms)
{
    const struct orders *o = &sim->invariants->orders;
    for (size_t i = 0; i < o->said_n; i++) {
        const struct said_control *s = &o->said[i];
        if (!control_is_about(s->scope, service, &sim->arena)) continue;
        bool overruled = s->set_version > s->written.version;
        if (control_pauses(&s->written, now_ms) && !overruled)
            sim_violation(sim, "a drain of %.*s was claimed while %.*s is paused (version %lld)",
                          STR_ARG(service), STR_ARG(s->scope), (long long)s->written.version);
    }
}

static int64_t open_in_redis(struct sim *sim)
{
    struct arena a;
    int64_t n = 0;
    arena_init(&a);
    for (size_t i = 0; i < sim->scene->services_n; i++) {
        struct reply r;
        struct str args[] = {STR("HGETALL"),
                             arena_format(&a, "{ebb}:open:%.*s", STR_ARG(sim->scene->keys[i]))};
        redis_model_command(sim->redis, args, EBB_COUNT(args), &a, &r);
        for (size_t k = 1; k < r.n; k += 2)
            n += !str_starts(r.items[k].text, STR("RELEASING ")) &&
                 !str_starts(r.items[k - 1].text, STR(SIM_NEWER_PREFIX));
    }
    arena_release(&a);
    return n;
}

void inv_control_script(struct sim *sim, const char *script, const struct str *args, size_t n,
                        const struct reply *reply)
{
    bool claims = strcmp(script, "claim") == 0 && n >= 15 && str_eq(args[0], STR("claim"));
    if (!is_ok(reply)) return;
    if (strcmp(script, "set_control") == 0) {
        struct said_control *s = said_of(sim, args[0]);
        EBB_ASSERT(str_to_int(args[1], &s->set_version));
        s->set_version++;
    }
    if (!claims) return;
    int64_t now_ms = 0;
    EBB_ASSERT(reply->n > 1 && str_to_int(reply->items[1].text, &now_ms));
    judge_pause(sim, args[12], now_ms);
    int64_t limit = sim->config->limits.open_per_account, open = open_in_redis(sim);
    if (open > limit)
        sim_violation(sim, "%lld drains are open in the account, %lld are allowed", (long long)open,
                      (long long)limit);
}

bool inv_control_is_paused(const struct sim *sim, struct str service)
{
    const struct orders *o = &sim->invariants->orders;
    struct arena a;
    bool is_paused = false;
    arena_init(&a);
    for (size_t i = 0; i < o->said_n; i++)
        is_paused = is_paused || (control_is_about(o->said[i].scope, service, &a) &&
                                  control_pauses(&o->said[i].written, sim->now_ms));
    arena_release(&a);
    return is_paused;
}

/* ---------------------------------------------------------------- drains */

void inv_control_told(struct sim *sim, struct str drain_id, bool closes)
{
    struct orders *o = &sim->invariants->orders;
    if (o->told_n < SIM_ORDERS_MAX) o->told[o->told_n++] = (struct told_order){drain_id, closes};
}

bool inv_control_excuses(const struct sim *sim, struct str drain_id, struct str task_arn,
                         struct str address)
{
    const struct watch *w = &sim->invariants->watch;
    for (size_t i = 0; i < w->drains_n; i++) {
        const struct drain *d = &w->drains[i].newest;
        bool is_it = (drain_id.n && str_eq(d->drain_id, drain_id)) ||
                     (task_arn.n && str_eq(d->task_arn, task_arn)) ||
                     (address.n && str_eq(d->address, address));
        if (is_it && d->closed_at) return true;
    }
    return false;
}

static void judge_drain(struct sim *sim, const struct drain *d)
{
    bool is_back =
        d->state == DRAIN_RESTORED || d->state == DRAIN_REPLACED || d->state == DRAIN_GONE;
    if (d->cancel_asked_at && !is_back)
        sim_violation(sim, "drain %.*s was cancelled and ended %.*s", STR_ARG(d->drain_id),
                      STR_ARG(enum_word(&DRAIN_STATES, d->state)));
    if (d->closed_at && (!d->closed_by.n || !d->unconfirmed.n))
        sim_violation(sim, "drain %.*s does not say who closed it and what was unconfirmed",
                      STR_ARG(d->drain_id));
}

static void judge_told(struct sim *sim, const struct told_order *told)
{
    const struct seen_drain *s = seen_drain_named(sim, told->drain_id);
    if (!s || !(told->closes ? s->newest.closed_at : s->newest.cancel_asked_at))
        sim_violation(sim, "drain %.*s was %s, and its record does not know",
                      STR_ARG(told->drain_id), told->closes ? "closed" : "cancelled");
}

/* The version that Redis decides by; 0: none. */
static int64_t version_in_redis(const struct sim *sim, struct str scope)
{
    struct arena a;
    struct reply r;
    int64_t version = 0;
    struct str args[] = {STR("HGET"), STR("{ebb}:controls"), scope};
    arena_init(&a);
    redis_model_command(sim->redis, args, EBB_COUNT(args), &a, &r);
    struct str rest = r.text;
    if (r.kind == REPLY_STR) EBB_ASSERT(str_to_int(str_cut(&rest, ' '), &version));
    arena_release(&a);
    return version;
}

bool inv_control_is_settled(const struct sim *sim)
{
    const struct orders *o = &sim->invariants->orders;
    for (size_t i = 0; i < o->said_n; i++)
        if (version_in_redis(sim, o->said[i].scope) != o->said[i].written.version) return false;
    return true;
}

/* What ebb.state has is what Redis decides by, in the end. */
static void judge_said(struct sim *sim, const struct said_control *s)
{
    int64_t version = version_in_redis(sim, s->scope);
    if (version < s->written.version)
        sim_violation(sim, "%.*s: Redis has version %lld, ebb.state %lld", STR_ARG(s->scope),
                      (long long)version, (long long)s->written.version);
    if (version > s->written.version)
        sim_violation(sim, "%.*s: version %lld never got into ebb.state", STR_ARG(s->scope),
                      (long long)version);
}

void inv_control_final(struct sim *sim)
{
    const struct watch *w = &sim->invariants->watch;
    const struct orders *o = &sim->invariants->orders;
    for (size_t i = 0; i < w->drains_n; i++)
        judge_drain(sim, &w->drains[i].newest);
    for (size_t i = 0; i < o->told_n; i++)
        judge_told(sim, &o->told[i]);
    for (size_t i = 0; i < o->said_n; i++)
        judge_said(sim, &o->said[i]);
}
