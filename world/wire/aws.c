/* SPDX-License-Identifier: Apache-2.0
 * One AWS call, from the bytes received to the bytes answered: route, signature and permission,
 * input, faults, the region, output. In that order, which is AWS's: who is not allowed learns
 * nothing about his input. */
#include "world/wire/wire.h"

#include "lib/aws/shapes/sqs.h"
#include "world/region/fault.h"
#include "world/region/operations.h"
#include "world/wire/auth.h"
#include "world/wire/decode.h"
#include "world/wire/reply.h"

struct call {
    struct wire *wire;
    const struct http_incoming *request;
    struct arena *a;
    struct http_reply *reply;
    struct route route;
    const struct key *key;
};

static bool speaks_coral_json(const struct route *route)
{
    bool json = route->protocol == AWS_JSON_1_0 || route->protocol == AWS_JSON_1_1;
    return json && !(route->service && route->service->query_compatible);
}

static void refuse_caller(struct call *c, enum auth_verdict verdict, struct str message)
{
    const struct auth_name *name = auth_name(verdict);
    bool query = c->route.protocol == AWS_QUERY;
    int status = speaks_coral_json(&c->route) ? name->json_status : name->query_status;
    reply_words(&c->route, status, query ? name->query_code : name->json_code, name->query_code,
                message, c->a, c->reply);
}

/* What policies call the operation: the same for all but these (Service Authorization Reference,
 * actions of AWS Lambda and of Amazon SQS: a batch needs the permission of the single call). */
static struct str action_of(const struct region_operation *operation)
{
    struct str id = str_from(operation->id);
    if (str_eq(id, STR("lambda:Invoke"))) return STR("lambda:InvokeFunction");
    if (str_starts(id, STR("sqs:")) && str_ends(id, STR("Batch"))) id.n -= STR("Batch").n;
    return id;
}

/* Signature and permission; false when the call was refused and answered. */
static bool admit(struct call *c)
{
    struct str message = STR(""), id = auth_key_id(c->request);
    wire_enter(c->wire);
    c->key = id.p ? keyring_find(&c->wire->keyring, id, c->a) : NULL;
    struct str region = arena_copy(c->a, region_name(c->wire->region));
    wire_leave(c->wire);
    struct auth_question question = {
        .request = c->request,
        .region = region,
        .service = str_from(c->route.service->signing_name),
        .action = action_of(c->route.operation),
        .now_ms = clock_wall_ms(&c->wire->clock),
        .key = c->key,
    };
    enum auth_verdict verdict = auth_check(&question, c->a, &message);
    if (verdict) refuse_caller(c, verdict, message);
    return verdict == AUTH_GOOD;
}

/* What a fault rule answers before the call takes effect; true when it did. */
static bool fails_before(struct call *c, enum fault_effect effect)
{
    switch (effect) {
    case FAULT_THROTTLE: reply_throttled(&c->route, c->a, c->reply); return true;
    case FAULT_5XX_BEFORE: reply_failed(&c->route, c->a, c->reply); return true;
    case FAULT_DROP_BEFORE: c->reply->drop = true; return true;
    case FAULT_DENY:
        refuse_caller(c, AUTH_DENIED,
                      arena_format(c->a, "User: %.*s is not authorized to perform: %s",
                                   STR_ARG(c->key->user_arn), c->route.operation->id));
        return true;
    case FAULT_NONE:
    case FAULT_5XX_AFTER:
    case FAULT_DROP_AFTER:
    case FAULT_DELAY:
    case FAULT_DELAY_AFTER: return false;
    }
    return false;
}

/* ReceiveMessage waits here, not in the region: for the time it names, or else the queue's own. */
static void wait_for_messages(struct call *c, const void *in)
{
    if (!str_eq(str_from(c->route.operation->id), STR("sqs:ReceiveMessage"))) return;
    const struct sqs_receive_message_input *input = in;
    int64_t seconds = input->wait_time_seconds;
    if (seconds < 0) {
        seconds = region_sqs_wait_seconds(wire_enter(c->wire), input->queue_url);
        wire_leave(c->wire);
    }
    if (seconds <= 0 || seconds > SQS_WAIT_SECONDS_MAX) return;
    wire_wait_for_message(c->wire, input->queue_url, seconds * 1000);
}

static void run(struct call *c, const void *in)
{
    const struct region_operation *operation = c->route.operation;
    const struct record *output = operation->shape->output;
    struct caller caller = {.access_key_id = c->key->access_key_id, .arn = c->key->user_arn};
    struct aws_error error = {0};
    /* An operation whose output says nothing still has a struct of at least a byte. */
    void *out = arena_alloc(c->a, output ? output->size : 1);
    int rc = region_call(wire_enter(c->wire), &caller, operation, in, c->a, out, &error);
    wire_leave(c->wire);
    if (rc)
        reply_refusal(&c->route, &error, c->a, c->reply);
    else
        reply_output(&c->route, out, c->a, c->reply);
}

void wire_aws(struct wire *wire, const struct http_incoming *request, struct arena *a,
              struct http_reply *reply)
{
    struct call c = {.wire = wire, .request = request, .a = a, .reply = reply};
    route_find(request, a, &c.route);
    if (!c.route.operation) {
        reply_refusal(&c.route, &c.route.refusal, a, reply);
        return;
    }
    if (!admit(&c)) return;
    struct aws_error refusal;
    const void *in = decode_input(&c.route, request, a, &refusal);
    if (!in) {
        reply_refusal(&c.route, &refusal, a, reply);
        return;
    }
    struct fault_verdict fault =
        region_fault_take(wire_enter(wire), str_from(c.route.operation->id));
    wire_leave(wire);
    if (fault.effect != FAULT_DELAY_AFTER) (void)wire_wait_virtual(wire, fault.delay_ms);
    if (fails_before(&c, fault.effect)) return;
    wait_for_messages(&c, in);
    run(&c, in);
    if (fault.effect == FAULT_DELAY_AFTER) (void)wire_wait_virtual(wire, fault.delay_ms);
    if (fault.effect == FAULT_5XX_AFTER) reply_failed(&c.route, a, reply);
    if (fault.effect == FAULT_DROP_AFTER) *reply = (struct http_reply){.drop = true};
}
