/* SPDX-License-Identifier: Apache-2.0
 * Reads replies in each of AWS's protocols, and errors in whatever form they come: a header, JSON,
 * XML (also from services that otherwise speak JSON), or a page that no AWS service wrote. */
#include "lib/aws/reply.h"

#include <stdio.h>
#include <string.h>

#include "lib/record/walkers.h"

#define GARBAGE_SHOWN_MAX 80
#define MESSAGE_SHOWN_MAX 240

struct error_body {
    struct str type, code, message, message_capital;
};

static const struct field json_error_fields[] = {
    F_STR(struct error_body, type, "__type"),
    F_STR(struct error_body, code, "code"),
    F_STR(struct error_body, message, "message"),
    F_STR(struct error_body, message_capital, "Message"),
};
static const struct record json_error = RECORD_OF(struct error_body, json_error_fields);

static const struct field xml_error_fields[] = {
    F_STR(struct error_body, code, "Code"),
    F_STR(struct error_body, message, "Message"),
};
static const struct record xml_error = RECORD_OF(struct error_body, xml_error_fields);

/* One line that can be shown: control bytes become blanks, and it ends after max bytes, not within
 * a character. */
static struct str shown(struct str text, size_t max, struct arena *a)
{
    struct str s = str_trim(text);
    bool cut = s.n > max;
    if (cut) s.n = max;
    while (cut && s.n > 0 && ((unsigned char)s.p[s.n] & 0xC0) == 0x80)
        s.n--;
    char *copy = arena_alloc(a, s.n + 4);
    for (size_t i = 0; i < s.n; i++)
        copy[i] = (unsigned char)s.p[i] < ' ' || s.p[i] == 0x7F ? ' ' : s.p[i];
    if (cut) memcpy(copy + s.n, "...", 3);
    return (struct str){copy, cut ? s.n + 3 : s.n};
}

static int not_aws(const struct http_response *reply, struct arena *a, struct err *e)
{
    return err_set(e, E_UNAVAILABLE, "HTTP %d with something that is no AWS reply: %.*s",
                   reply->status, STR_ARG(shown(reply->body, GARBAGE_SHOWN_MAX, a)));
}

static int decode_rest(const struct aws_operation *o, const struct http_response *reply,
                       struct arena *a, void *output, struct err *e)
{
    int rc = E_OK;
    for (size_t i = 0; !rc && i < o->rest->output_n; i++) {
        const struct aws_binding *binding = &o->rest->output[i];
        const struct field *f = record_field(o->output, str_from(binding->field));
        EBB_ASSERT(f);
        void *at = field_at(f, output);
        switch (binding->place) {
        case AWS_IN_STATUS: *(int64_t *)at = reply->status; break;
        case AWS_IN_HEADER:
            *(struct str *)at = http_response_header(reply, str_from(binding->wire));
            break;
        case AWS_IN_PAYLOAD: *(struct str *)at = arena_copy(a, reply->body); break;
        case AWS_IN_PATH:
        case AWS_IN_QUERY: EBB_ASSERT(false);
        }
        rc = field_check(f, output, e);
    }
    return rc;
}

int aws_reply_decode(const struct aws_operation *o, const struct http_response *reply,
                     struct arena *a, void *output, struct err *e)
{
    int rc = E_BUG;
    struct str body = str_trim(reply->body);
    if (!o->output) return E_OK;
    switch (o->service->protocol) {
    case AWS_JSON_1_0:
    case AWS_JSON_1_1:
        if (!body.n) return E_OK; /* moto and others send nothing where AWS sends {} */
        if (str_starts(body, STR("<"))) return not_aws(reply, a, e);
        rc = json_decode(o->output, body, a, output, e);
        break;
    case AWS_QUERY: {
        struct str inside = arena_format(a, "%sResult", o->name);
        if (!str_contains(body, inside)) return not_aws(reply, a, e);
        rc = xml_decode(o->output, body, inside, a, output, e);
        break;
    }
    case AWS_REST_JSON: rc = decode_rest(o, reply, a, output, e); break;
    }
    return rc ? err_prefix(e, "the reply") : E_OK;
}

/* "com.amazonaws.sqs#QueueDoesNotExist:http://..." says QueueDoesNotExist. */
static struct str bare_code(struct str text)
{
    struct str rest = text, code = str_cut(&rest, ':');
    rest = code;
    (void)str_cut(&rest, '#');
    return str_trim(rest.p ? rest : code);
}

/* Where the code is, best source first; absent when there is none. */
static struct str find_code(const struct http_response *reply, const struct error_body *body)
{
    struct str query = http_response_header(reply, STR("x-amzn-query-error"));
    struct str type = http_response_header(reply, STR("x-amzn-errortype"));
    if (!str_is_empty(query)) return str_trim(str_cut(&query, ';'));
    if (!str_is_empty(type)) return bare_code(type);
    if (!str_is_empty(body->type)) return bare_code(body->type);
    return str_is_empty(body->code) ? STR_NONE : bare_code(body->code);
}

/* False when the body is neither JSON nor XML as AWS writes errors. */
static bool read_body(const struct http_response *reply, struct arena *a, struct error_body *out)
{
    struct str body = str_trim(reply->body);
    struct err why; /* what else it may be does not matter */
    *out = (struct error_body){0};
    if (!body.n) return true;
    if (str_starts(body, STR("<")))
        return str_contains(body, STR("<Error>")) &&
               xml_decode(&xml_error, body, STR("Error"), a, out, &why) == E_OK;
    return json_decode(&json_error, body, a, out, &why) == E_OK;
}

static int error_of(enum aws_meaning meaning)
{
    switch (meaning) {
    case AWS_MEANS_THROTTLED: return E_THROTTLED;
    case AWS_MEANS_NOT_DONE:
    case AWS_MEANS_TRANSIENT: return E_UNAVAILABLE;
    case AWS_MEANS_CONFLICT: return E_CONFLICT;
    case AWS_MEANS_EXPIRED: return E_EXPIRED;
    case AWS_MEANS_SIGNATURE:
    case AWS_MEANS_DENIED: return E_DENIED;
    case AWS_MEANS_NOT_FOUND: return E_NOT_FOUND;
    case AWS_MEANS_REFUSED: return E_REFUSED;
    }
    EBB_ASSERT(false);
    return E_BUG;
}

enum aws_meaning aws_reply_failure(const struct aws_operation *o, const struct http_response *reply,
                                   struct arena *a, struct aws_failure *out)
{
    struct error_body body;
    bool ours = read_body(reply, a, &body);
    struct str code = find_code(reply, &body);
    struct str message = body.message.p ? body.message : body.message_capital;
    *out = (struct aws_failure){.http_status = reply->status};
    if (!code.p && !ours) {
        /* Surely not done below 500: whoever wrote the page did not pass the request on. */
        (void)not_aws(reply, a, &out->err);
        (void)err_prefix(&out->err, "%s", o->name);
        return reply->status >= 500 ? AWS_MEANS_TRANSIENT : AWS_MEANS_NOT_DONE;
    }
    enum aws_meaning meaning = aws_classify(code, reply->status);
    (void)snprintf(out->code, sizeof(out->code), "%.*s", STR_ARG(shown(code, 90, a)));
    (void)err_set(&out->err, error_of(meaning), "%s: %s (HTTP %d)%s%.*s", o->name,
                  out->code[0] ? out->code : "no error code", reply->status, message.n ? ": " : "",
                  STR_ARG(shown(message, MESSAGE_SHOWN_MAX, a)));
    return meaning;
}
