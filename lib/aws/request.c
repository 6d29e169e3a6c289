/* SPDX-License-Identifier: Apache-2.0
 * Writes inputs in each of AWS's protocols. */
#include "lib/aws/request.h"

#include "lib/record/walkers.h"

void aws_request_add(struct aws_request *request, struct str name, struct str value)
{
    EBB_ASSERT(request->headers_n < REQUEST_HEADERS_MAX);
    request->headers[request->headers_n++] = (struct http_header){name, value};
}

/* Moves the buffer's text into the arena. */
static struct str take(struct buf *b, struct arena *a)
{
    struct str text = b->n ? arena_copy(a, buf_view(b)) : STR("");
    buf_release(b);
    return text;
}

static int encode_json(const struct aws_operation *o, const void *input, struct arena *a,
                       struct aws_request *out, struct err *e)
{
    struct buf body;
    buf_init(&body, REQUEST_BODY_MAX);
    int rc = json_encode(o->input, input, JSON_AWS, &body, e);
    out->body = take(&body, a);
    aws_request_add(out, STR("content-type"),
                    o->service->protocol == AWS_JSON_1_0 ? STR("application/x-amz-json-1.0")
                                                         : STR("application/x-amz-json-1.1"));
    aws_request_add(out, STR("x-amz-target"),
                    arena_format(a, "%s.%s", o->service->target_prefix, o->name));
    if (o->service->query_compatible) aws_request_add(out, STR("x-amzn-query-mode"), STR("true"));
    return rc;
}

static int encode_query(const struct aws_operation *o, const void *input, struct arena *a,
                        struct aws_request *out, struct err *e)
{
    struct buf body, fields;
    buf_init(&body, REQUEST_BODY_MAX);
    buf_init(&fields, REQUEST_BODY_MAX);
    int rc = query_encode(o->input, input, &fields, e);
    buf_add_format(&body, "Action=%s&Version=%s", o->name, o->service->version);
    if (fields.n) buf_add_char(&body, '&');
    buf_add(&body, buf_view(&fields));
    if (!rc && buf_failed(&body)) rc = err_set(e, E_TOO_LARGE, "the request is too large");
    buf_release(&fields);
    out->body = take(&body, a);
    aws_request_add(out, STR("content-type"),
                    STR("application/x-www-form-urlencoded; charset=utf-8"));
    return rc;
}

/* The text of a bound field, absent when the field is: only strings are bound. */
static struct str bound_text(const struct field *f, const void *input)
{
    EBB_ASSERT(f->kind == FIELD_STR);
    return field_is_absent(f, input) ? STR_NONE : *(const struct str *)field_in(f, input);
}

static struct str escape(struct str text, struct arena *a)
{
    struct buf b;
    buf_init(&b, REQUEST_BODY_MAX);
    buf_add_percent(&b, text, "");
    return take(&b, a);
}

/* Replaces {wire} by the escaped text; the path's table is ours, so it has it. */
static struct str fill_path(struct str path, const char *wire, struct str text, struct arena *a)
{
    struct str tail = path, head = str_cut(&tail, '{'), name = str_cut(&tail, '}');
    EBB_ASSERT(tail.p && str_eq(name, str_from(wire)));
    struct str value = escape(text, a);
    return arena_format(a, "%.*s%.*s%.*s", STR_ARG(head), STR_ARG(value), STR_ARG(tail));
}

static int encode_binding(const struct aws_operation *o, const struct aws_binding *binding,
                          const void *input, struct arena *a, struct aws_request *out,
                          struct err *e)
{
    const struct field *f = record_field(o->input, str_from(binding->field));
    EBB_ASSERT(f);
    int rc = field_check(f, input, e);
    struct str text = bound_text(f, input);
    if (rc) return rc;
    switch (binding->place) {
    case AWS_IN_PATH:
        if (str_is_empty(text))
            return err_set(e, E_MALFORMED, "%s: required, and missing", f->name);
        out->path = fill_path(out->path, binding->wire, text, a);
        return E_OK;
    case AWS_IN_QUERY:
        if (!text.p) return E_OK;
        out->query = arena_format(a, "%.*s%s%s=%.*s", STR_ARG(out->query), out->query.n ? "&" : "",
                                  binding->wire, STR_ARG(escape(text, a)));
        return E_OK;
    case AWS_IN_HEADER:
        if (text.p) aws_request_add(out, str_from(binding->wire), text);
        return E_OK;
    case AWS_IN_PAYLOAD: out->body = text.p ? text : STR(""); return E_OK;
    case AWS_IN_STATUS: break;
    }
    EBB_ASSERT(false);
    return E_BUG;
}

static int encode_rest(const struct aws_operation *o, const void *input, struct arena *a,
                       struct aws_request *out, struct err *e)
{
    int rc = E_OK;
    out->method = str_from(o->rest->method);
    out->path = str_from(o->rest->path);
    for (size_t i = 0; !rc && i < o->rest->input_n; i++)
        rc = encode_binding(o, &o->rest->input[i], input, a, out, e);
    if (out->body.n) aws_request_add(out, STR("content-type"), STR("application/octet-stream"));
    return rc;
}

int aws_request_encode(const struct aws_operation *o, const struct endpoint *endpoint,
                       const void *input, struct arena *a, struct aws_request *out, struct err *e)
{
    int rc = E_BUG;
    *out = (struct aws_request){
        .method = STR("POST"), .path = STR("/"), .query = STR(""), .body = STR("")};
    aws_request_add(out, STR("host"), endpoint->host);
    switch (o->service->protocol) {
    case AWS_JSON_1_0:
    case AWS_JSON_1_1: rc = encode_json(o, input, a, out, e); break;
    case AWS_QUERY: rc = encode_query(o, input, a, out, e); break;
    case AWS_REST_JSON: rc = encode_rest(o, input, a, out, e); break;
    }
    if (endpoint->path.n)
        out->path = arena_format(a, "%.*s%.*s", STR_ARG(endpoint->path), STR_ARG(out->path));
    return rc ? err_prefix(e, "%s", o->name) : E_OK;
}
