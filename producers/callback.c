/* SPDX-License-Identifier: Apache-2.0
 * Callback: a task says that it is empty. The token is checked, the word is published, and only the
 * stages move state.
 *
 * Clauses:
 *  B1 POST only; the body names task and drain, or it is 400
 *  B2 a peer that sent too many wrong tokens is answered 429 for a while
 *  B3 the token must be that of this drain and task, or it is 401; compared in constant time
 *  B4 a drain that there is not, of another task, or that is not draining: 409
 *  B5 one that has moved on already: 200 already, so that a repeated callback ends
 *  B6 otherwise the word is in Kafka before the task is answered: 200 accepted
 *  B7 Redis or Kafka does not answer, or Redis lost its state and may not know the drain yet: 503
 *     with Retry-After, and the task calls again */
#include "producers/callback.h"
#include "lib/distributor/token.h"
#include "lib/effect/publish.h"
#include "lib/record/walkers.h"
#include "lib/store/state.h"
#include "schemas/contract.h"

#define RETRY_AFTER "5"

static void answer(struct http_reply *reply, struct arena *a, int status, const char *message,
                   const char *word)
{
    struct message_body body = {.message = str_from(message), .status = str_from(word)};
    struct err e = {0};
    struct buf b;
    buf_init(&b, CONTRACT_BODY_MAX);
    if (json_encode(&MESSAGE_BODY_RECORD, &body, JSON_PLAIN, &b, &e)) buf_clear(&b);
    reply->status = status;
    reply->content_type = STR("application/json");
    reply->body = arena_copy(a, buf_view(&b));
    buf_release(&b);
}

/* B7. */
static void answer_later(struct http_reply *reply, struct arena *a)
{
    static const struct http_header AGAIN[] = {{{"Retry-After", 11}, {RETRY_AFTER, 1}}};
    answer(reply, a, 503, "not available now", NULL);
    reply->headers = AGAIN;
    reply->headers_n = EBB_COUNT(AGAIN);
}

static struct str bearer(const struct http_incoming *request)
{
    struct str value = http_incoming_header(request, STR("authorization"));
    struct str scheme = str_cut(&value, ' ');
    return str_eq_nocase(scheme, STR("Bearer")) ? str_trim(value) : STR("");
}

enum standing { STANDING_DRAINS, STANDING_MOVED_ON, STANDING_NONE };

/* B4, B5. */
static enum standing standing_of(const struct drain_held *held, struct str task_arn)
{
    const struct drain *d = &held->record;
    if (!held->exists || !str_eq(d->task_arn, task_arn)) return STANDING_NONE;
    switch ((enum drain_state)d->state) {
    case DRAIN_REMOVED: return d->start_sent_at ? STANDING_DRAINS : STANDING_NONE;
    case DRAIN_DRAINING: return STANDING_DRAINS;
    case DRAIN_DRAINED:
    case DRAIN_RELEASING:
    case DRAIN_SCALED_OUT:
    case DRAIN_REPLACED:
    case DRAIN_GONE: return STANDING_MOVED_ON;
    case DRAIN_CLAIMED:
    case DRAIN_UNDOING:
    case DRAIN_RESTORED:
    case DRAIN_OTHER: return STANDING_NONE;
    }
    return STANDING_NONE;
}

static int publish(const struct callback_desk *c, const struct drain *d, struct arena *a,
                   struct err *e)
{
    struct message m = message_about(c->ports, d, a);
    m.proof = token_proof(&c->config->callback, d->drain_id, d->task_arn, a);
    return publish_message(&c->ports->bus, STR(TOPIC_DRAIN), &m, STR_NONE, a, e);
}

/* B4 to B7, for a caller whose token is right. */
static void accept_word(const struct callback_desk *c, const struct drain_body *body,
                        struct arena *a, struct http_reply *reply)
{
    struct err e = {0};
    struct drain_held held;
    int code = state_read_drain(&c->ports->store, body->drain_id, a, &held, &e);
    enum standing standing = standing_of(&held, body->task_arn);
    if (!code && !held.exists) code = state_is_whole(&c->ports->store, a, &e);
    if (!code && standing == STANDING_DRAINS) code = publish(c, &held.record, a, &e);
    if (code) {
        LOG(c->log, LOG_WARN, "callback_later", LOG_STR("drainId", body->drain_id),
            LOG_STR("why", str_from(e.text)));
        answer_later(reply, a);
        return;
    }
    if (standing == STANDING_NONE) answer(reply, a, 409, "no such drain", NULL);
    if (standing == STANDING_MOVED_ON) answer(reply, a, 200, NULL, "already");
    if (standing == STANDING_DRAINS) answer(reply, a, 200, NULL, "accepted");
    LOG(c->log, LOG_INFO, "callback", LOG_STR("drainId", body->drain_id),
        LOG_STR("taskArn", body->task_arn), LOG_NUM("status", reply->status));
}

void callback_take(void *ctx, const struct http_incoming *request, struct arena *a,
                   struct http_reply *reply)
{
    const struct callback_desk *c = ctx;
    struct drain_body body = {0};
    struct err e = {0};
    int64_t now_ms = clock_mono_ms(&c->ports->clock);
    /* B1. */
    if (!str_eq(request->method, STR("POST"))) {
        answer(reply, a, 405, "POST only", NULL);
        return;
    }
    /* B2. */
    if (strikes_are_too_many(c->strikes, request->peer, now_ms)) {
        answer(reply, a, 429, "too many wrong tokens", NULL);
        return;
    }
    if (json_decode(&DRAIN_BODY_RECORD, request->body, a, &body, &e)) {
        answer(reply, a, 400, "taskArn and drainId required", NULL);
        return;
    }
    /* B3. */
    if (!token_is_right(&c->config->callback, bearer(request), body.drain_id, body.task_arn, a)) {
        strikes_add(c->strikes, request->peer, now_ms);
        LOG(c->log, LOG_WARN, "callback_unauthorized", LOG_STR("peer", request->peer));
        answer(reply, a, 401, "unauthorized", NULL);
        return;
    }
    accept_word(c, &body, a, reply);
}
