/* SPDX-License-Identifier: Apache-2.0
 * The distributor behind a Lambda function: takes an address out, gives it work again, forgets it.
 * RequestResponse is confirmed by its answer; Event (202) only says that the order was taken. */
#include "lib/aws/shapes/lambda.h"
#include "lib/base/arn.h"
#include "lib/effect/ports.h"
#include "lib/record/walkers.h"
#include "schemas/contract.h"

static struct str action_of(const struct distributor_settings *s, enum effect_kind kind)
{
    if (kind == EFFECT_EXCLUDE) return s->remove_action;
    if (kind == EFFECT_RESTORE) return s->restore_action;
    return s->release_action;
}

/* Programs also write "no error" as an empty text, or as false. */
static bool is_error(struct str json)
{
    return json.n && !str_eq(json, STR("null")) && !str_eq(json, STR("false")) &&
           !str_eq(json, STR("\"\""));
}

/* A function may answer with any JSON, or nothing. What counts as "no": an error of the function,
 * ok: false, a statusCode of 400 or more, or an error that is told. */
static int judge(const struct lambda_invoke_output *output, struct arena *a, struct err *e)
{
    struct distributor_reply reply = {0};
    struct err unreadable;
    if (output->function_error.n)
        return err_set(e, E_UNAVAILABLE, "the distributor's function failed (%.*s): %.*s",
                       STR_ARG(output->function_error), STR_ARG(output->payload));
    struct str body = str_trim(output->payload);
    /* Bodies that are no object ("null", a string, nothing) carry no "no". */
    if (!str_starts(body, STR("{"))) return E_OK;
    if (json_decode(&DISTRIBUTOR_REPLY_RECORD, body, a, &reply, &unreadable))
        return err_set(e, E_UNAVAILABLE, "the distributor's answer cannot be read: %s",
                       unreadable.text);
    bool says_no =
        str_eq(reply.ok, STR("false")) || reply.status_code >= 400 || is_error(reply.error);
    if (!says_no) return E_OK;
    return err_set(e, E_UNAVAILABLE, "the distributor answered: %.*s", STR_ARG(body));
}

static int invoke(const struct ports *ports, const struct view *v, const struct effect *effect,
                  struct str payload, struct aws_failure *failure, bool *answered)
{
    const struct distributor_settings *s = &v->settings->distributor;
    bool event = s->invocation == INVOCATION_EVENT;
    struct lambda_invoke_input input = {
        .function_name = s->function,
        .invocation_type = event ? STR("Event") : STR("RequestResponse"),
        .payload = payload,
    };
    struct lambda_invoke_output output = {0};
    struct service_key key;
    if (service_key_parse(effect->drain.service, &key))
        return err_set(&failure->err, E_BUG, "not a service key");
    int code = aws_call(&ports->aws, &LAMBDA_INVOKE, key.region, &input, v->arena, &output,
                        effect->not_after, failure);
    *answered = !code;
    if (code || (event && output.status_code == 202)) return code;
    if (event)
        return err_set(&failure->err, E_UNAVAILABLE, "Lambda answered %lld to an Event invocation",
                       (long long)output.status_code);
    return judge(&output, v->arena, &failure->err);
}

void perform_distributor(const struct ports *ports, const struct view *v,
                         const struct effect *effect, struct result *out)
{
    const struct distributor_settings *s = &v->settings->distributor;
    struct aws_failure failure = {0};
    bool answered = false;
    struct buf b;
    struct distributor_body body = {
        .action = action_of(s, effect->kind),
        .target_ip = effect->drain.address,
        .drain_id = effect->drain.drain_id,
    };
    /* An action set to nothing means that this distributor has no such step. */
    if (str_is_empty(body.action)) {
        out->outcome = OUTCOME_OK;
        out->detail = STR("this distributor has no such action");
        return;
    }
    buf_init(&b, CONTRACT_BODY_MAX);
    int code = json_encode(&DISTRIBUTOR_BODY_RECORD, &body, JSON_PLAIN, &b, &failure.err);
    if (!code) code = invoke(ports, v, effect, buf_view(&b), &failure, &answered);
    buf_release(&b);
    result_of_aws(out, code, &failure, v->arena);
    out->answered |= code && answered;
    if (!code) out->detail = body.action;
}
