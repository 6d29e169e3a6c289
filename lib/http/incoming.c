/* SPDX-License-Identifier: Apache-2.0
 * See incoming.h. */
#include "lib/http/incoming.h"

#include "lib/http/field.h"

static bool set_target(struct http_incoming *request, struct str target)
{
    for (size_t i = 0; i < target.n; i++)
        if (target.p[i] <= ' ' || target.p[i] > '~') return false;
    struct str origin = http_origin(target);
    if (origin.p) target = (struct str){target.p + origin.n, target.n - origin.n};
    bool has_query = str_find(target, '?') >= 0;
    request->path = str_cut(&target, '?');
    request->query = has_query ? target : STR_NONE;
    if (!request->path.n && origin.p) request->path = STR("/");
    return request->path.n && (request->path.p[0] == '/' || str_eq(request->path, STR("*")));
}

/* The body announced will not be accepted, and the answer need not wait for it: its client asked
 * before sending it, or it is too much to be thrown away. */
static bool is_hopeless(const struct http_incoming *request, const struct http_head *head)
{
    int64_t length = 0;
    struct str text = http_incoming_header(request, STR("content-length"));
    if (!str_to_int(text, &length) || length < 0) return false; /* the library refuses it */
    if ((uint64_t)length <= head->body_max) return false;
    bool asks_first = http_incoming_header(request, STR("expect")).p != NULL;
    return asks_first || (uint64_t)length - head->body_max > head->surplus_max;
}

int http_incoming_set_head(struct http_incoming *request, const struct http_head *head,
                           const char **why)
{
    if (!set_target(request, head->target)) {
        *why = "the target of the request is malformed\n";
        return 400;
    }
    if (!str_starts(head->version, STR("HTTP/1."))) {
        *why = "HTTP/1.1 and 1.0 are spoken here\n";
        return 505;
    }
    if (request->headers_n > HTTP_INCOMING_HEADERS_MAX) {
        *why = "too many headers\n";
        return 431;
    }
    /* RFC 9112 section 3.2. */
    if (!str_eq(head->version, STR("HTTP/1.0")) && !http_incoming_header(request, STR("host")).p) {
        *why = "the header Host is missing\n";
        return 400;
    }
    if (is_hopeless(request, head)) {
        *why = HTTP_BODY_TOO_LARGE;
        return 413;
    }
    return 0;
}

struct str http_incoming_header(const struct http_incoming *request, struct str name)
{
    for (size_t i = 0; i < request->headers_n; i++)
        if (str_eq(request->headers[i].name, name)) return request->headers[i].value;
    return STR_NONE;
}

bool http_reply_is_allowed(const struct http_reply *reply)
{
    bool ok = reply->status >= 200 && reply->status <= 599;
    ok = ok && http_field_is_value(reply->content_type);
    for (size_t i = 0; i < reply->headers_n; i++)
        ok = ok && http_field_is_token(reply->headers[i].name) && reply->headers[i].value.n &&
             http_field_is_value(reply->headers[i].value);
    return ok;
}
