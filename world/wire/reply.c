/* SPDX-License-Identifier: Apache-2.0
 * See reply.h. Sources: Smithy's awsJson1_0, awsJson1_1, awsQuery and restJson1 protocols, and the
 * awsQueryCompatible trait. */
#include "world/wire/reply.h"

#include "lib/base/crypto.h"
#include "lib/record/walkers.h"

#include <stdio.h>
#include <string.h>

/* Ten messages of SQS, each byte of which is written as six. */
#define REPLY_BYTES_MAX   ((size_t)64 * 1024 * 1024)
#define REPLY_HEADERS_MAX 12

struct error_part {
    struct str type, code, message;
};
static const struct field error_part_fields[] = {
    F_STR(struct error_part, type, "Type"),
    F_STR(struct error_part, code, "Code"),
    F_STR(struct error_part, message, "Message"),
};
static const struct record error_part_record = RECORD_OF(struct error_part, error_part_fields);
struct error_document {
    struct error_part error;
    struct str request_id;
};
static const struct field error_document_fields[] = {
    F_RECORD(struct error_document, error, struct error_part, error_part_record, "Error"),
    F_STR(struct error_document, request_id, "RequestId"),
};
static const struct record error_document_record =
    RECORD_OF(struct error_document, error_document_fields);

static void add_header(struct http_reply *reply, struct arena *a, const char *name,
                       struct str value)
{
    if (!reply->headers) reply->headers = ARENA_ARRAY(a, REPLY_HEADERS_MAX, struct http_header);
    EBB_ASSERT(reply->headers_n < REPLY_HEADERS_MAX);
    struct http_header *headers = (struct http_header *)reply->headers;
    headers[reply->headers_n++] = (struct http_header){str_from(name), value};
}

/* What every answer has: the request's id, under the name its protocol gives it. */
static struct str begin(const struct route *route, int status, struct arena *a,
                        struct http_reply *reply)
{
    struct str id = crypto_uuid(a);
    *reply = (struct http_reply){.status = status};
    add_header(reply, a, "x-amzn-RequestId", id);
    switch (route->protocol) {
    case AWS_JSON_1_0: reply->content_type = STR("application/x-amz-json-1.0"); break;
    case AWS_JSON_1_1: reply->content_type = STR("application/x-amz-json-1.1"); break;
    case AWS_QUERY: reply->content_type = STR("text/xml"); break;
    case AWS_REST_JSON: reply->content_type = STR("application/json"); break;
    }
    return id;
}

/* Copies what was written into the arena; an answer too large to be written is ours to be ashamed
 * of, not the client's. */
static void finish(struct buf *body, int rc, const struct err *e, struct arena *a,
                   struct http_reply *reply)
{
    if (rc || buf_failed(body)) {
        reply->status = 500;
        reply->body = arena_format(a, "{\"__type\":\"InternalFailure\",\"message\":\"%s\"}",
                                   rc ? e->text : "the answer is larger than the world can write");
    } else {
        reply->body = arena_copy(a, buf_view(body));
    }
    buf_release(body);
}

static struct str xml_namespace(const struct aws_service *service, struct arena *a)
{
    const char *secure = str_eq(str_from(service->host_prefix), STR("sts")) ? "s" : "";
    return arena_format(a, "http%s://%s.amazonaws.com/doc/%s/", secure, service->host_prefix,
                        service->version);
}

static void write_query(const struct route *route, const void *out, struct str id, struct arena *a,
                        struct http_reply *reply)
{
    const struct aws_operation *shape = route->operation->shape;
    struct buf body;
    struct err e = {0};
    int rc = E_OK;
    buf_init(&body, REPLY_BYTES_MAX);
    buf_add_format(&body, "<%sResponse xmlns=\"%.*s\">\n<%sResult>", shape->name,
                   STR_ARG(xml_namespace(shape->service, a)), shape->name);
    if (shape->output) rc = xml_encode(shape->output, out, &body, &e);
    buf_add_format(&body,
                   "</%sResult>\n<ResponseMetadata><RequestId>%.*s</RequestId></ResponseMetadata>\n"
                   "</%sResponse>\n",
                   shape->name, STR_ARG(id), shape->name);
    finish(&body, rc, &e, a, reply);
}

static void write_rest(const struct route *route, const void *out, struct arena *a,
                       struct http_reply *reply)
{
    const struct aws_operation *shape = route->operation->shape;
    for (size_t i = 0; i < shape->rest->output_n; i++) {
        const struct aws_binding *binding = &shape->rest->output[i];
        const struct field *f = record_field(shape->output, str_from(binding->field));
        EBB_ASSERT(f);
        const void *at = field_in(f, out);
        switch (binding->place) {
        case AWS_IN_STATUS: reply->status = (int)*(const int64_t *)at; break;
        case AWS_IN_HEADER:
            if (((const struct str *)at)->p)
                add_header(reply, a, binding->wire, *(const struct str *)at);
            break;
        case AWS_IN_PAYLOAD: reply->body = *(const struct str *)at; break;
        case AWS_IN_PATH:
        case AWS_IN_QUERY: EBB_ASSERT(false); break;
        }
    }
}

void reply_output(const struct route *route, const void *out, struct arena *a,
                  struct http_reply *reply)
{
    const struct aws_operation *shape = route->operation->shape;
    struct str id = begin(route, 200, a, reply);
    struct buf body;
    struct err e = {0};
    int rc = E_OK;
    if (route->protocol == AWS_QUERY) {
        write_query(route, out, id, a, reply);
        return;
    }
    if (route->protocol == AWS_REST_JSON) {
        write_rest(route, out, a, reply);
        return;
    }
    buf_init(&body, REPLY_BYTES_MAX);
    if (shape->output)
        rc = json_encode(shape->output, out, JSON_AWS, &body, &e);
    else
        buf_add_text(&body, "{}");
    finish(&body, rc, &e, a, reply);
}

static void write_xml_refusal(const struct route *route, const struct aws_error *error,
                              struct str code, struct str id, struct arena *a,
                              struct http_reply *reply)
{
    struct error_document document = {
        .error = {error->sender ? STR("Sender") : STR("Receiver"), code, str_from(error->message)},
        .request_id = id,
    };
    struct buf body;
    struct err e = {0};
    buf_init(&body, REPLY_BYTES_MAX);
    buf_add_text(&body, "<ErrorResponse");
    if (route->service)
        buf_add_format(&body, " xmlns=\"%.*s\"", STR_ARG(xml_namespace(route->service, a)));
    buf_add_text(&body, ">");
    int rc = xml_encode(&error_document_record, &document, &body, &e);
    buf_add_text(&body, "</ErrorResponse>\n");
    finish(&body, rc, &e, a, reply);
}

static void write_json_refusal(const struct route *route, const struct aws_error *error,
                               struct str query_code, struct arena *a, struct http_reply *reply)
{
    struct buf body;
    struct err e = {0};
    bool rest = route->protocol == AWS_REST_JSON;
    buf_init(&body, REPLY_BYTES_MAX);
    buf_add_text(&body, rest ? "{\"Type\":" : "{\"__type\":");
    struct str type = str_from(error->code);
    if (route->service && route->service->query_compatible)
        type = arena_format(a, "com.amazonaws.%s#%s", route->service->signing_name, error->code);
    if (rest) type = error->sender ? STR("User") : STR("Service");
    buf_add_json_string(&body, type);
    if (error->message[0]) {
        buf_add_text(&body, rest ? ",\"Message\":" : ",\"message\":");
        buf_add_json_string(&body, str_from(error->message));
    }
    buf_add_text(&body, "}");
    finish(&body, E_OK, &e, a, reply);
    if (rest) add_header(reply, a, "X-Amzn-Errortype", str_from(error->code));
    if (route->service && route->service->query_compatible)
        add_header(
            reply, a, "x-amzn-query-error",
            arena_format(a, "%.*s;%s", STR_ARG(query_code), error->sender ? "Sender" : "Receiver"));
}

void reply_refusal(const struct route *route, const struct aws_error *error, struct arena *a,
                   struct http_reply *reply)
{
    struct str query_code = str_from(error->query_code ? error->query_code : error->code);
    struct str id = begin(route, error->http_status, a, reply);
    if (route->protocol == AWS_QUERY)
        write_xml_refusal(route, error, query_code, id, a, reply);
    else
        write_json_refusal(route, error, query_code, a, reply);
}

void reply_words(const struct route *route, int http_status, const char *code,
                 const char *query_code, struct str message, struct arena *a,
                 struct http_reply *reply)
{
    struct aws_error error = {.http_status = http_status,
                              .code = code,
                              .query_code = query_code,
                              .sender = http_status < 500};
    (void)snprintf(error.message, sizeof(error.message), "%.*s", STR_ARG(message));
    reply_refusal(route, &error, a, reply);
}

static bool is_service(const struct route *route, const char *host_prefix)
{
    return str_eq(str_from(route->service->host_prefix), str_from(host_prefix));
}

void reply_failed(const struct route *route, struct arena *a, struct http_reply *reply)
{
    if (is_service(route, "ecs"))
        reply_words(route, 500, "ServerException", NULL,
                    STR("Service Unavailable. Please try again later."), a, reply);
    else if (is_service(route, "lambda"))
        reply_words(route, 500, "ServiceException", NULL,
                    STR("An error occurred and the request cannot be processed."), a, reply);
    else
        reply_words(route, 500, "InternalFailure", NULL,
                    STR("The request processing has failed because of an unknown error, exception "
                        "or failure."),
                    a, reply);
}

void reply_throttled(const struct route *route, struct arena *a, struct http_reply *reply)
{
    if (is_service(route, "lambda"))
        reply_words(route, 429, "TooManyRequestsException", NULL, STR("Rate Exceeded."), a, reply);
    else if (is_service(route, "sqs"))
        reply_words(route, 400, "RequestThrottled", NULL, STR("Rate exceeded"), a, reply);
    else
        reply_words(route, 400, "ThrottlingException", "Throttling", STR("Rate exceeded"), a,
                    reply);
}
