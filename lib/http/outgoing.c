/* SPDX-License-Identifier: Apache-2.0
 * See outgoing.h. What is sent is what the caller says and nothing that libcurl would add by itself
 * (Accept, Expect, a Content-Type for forms); Host, User-Agent and Content-Length excepted. */
#include "lib/http/outgoing.h"

#include "lib/http/field.h"

/* libcurl's additions; a line without a value takes one away. */
#define SUPPRESSED_N 3
static const char *const suppressed[SUPPRESSED_N] = {"Accept", "Content-Type", "Expect"};

static int check_url(struct str url, struct err *e)
{
    if (url.n > HTTP_URL_BYTES_MAX)
        return err_set(e, E_MALFORMED, "an address of %zu bytes is longer than %zu allow", url.n,
                       HTTP_URL_BYTES_MAX);
    for (size_t i = 0; i < url.n; i++)
        if (url.p[i] <= ' ' || url.p[i] > '~')
            return err_set(e, E_MALFORMED,
                           "byte %zu of an address is not percent-encoded as it must be", i + 1);
    if (!http_origin(url).p)
        return err_set(e, E_MALFORMED, "an address must begin with http:// or https:// and a host");
    return 0;
}

/* Transfer-Encoding and Expect change how a message is framed, which is libcurl's; a Content-Length
 * is accepted when it is the true one, since signing may have needed it. */
static int check_framing(const struct http_request *request, const struct http_header *h,
                         bool *skip, struct err *e)
{
    int64_t length = 0;
    *skip = str_eq_nocase(h->name, STR("Content-Length"));
    if (*skip && (!str_to_int(h->value, &length) || (uint64_t)length != request->body.n))
        return err_set(e, E_MALFORMED, "the header Content-Length is not the body's length");
    if (str_eq_nocase(h->name, STR("Transfer-Encoding")) || str_eq_nocase(h->name, STR("Expect")))
        return err_set(e, E_MALFORMED, "the header %.*s cannot be set", STR_ARG(h->name));
    return 0;
}

static int add_header(const struct http_request *request, const struct http_header *h,
                      struct arena *a, struct http_outgoing *out, struct err *e)
{
    if (!http_field_is_token(h->name))
        return err_set(e, E_MALFORMED, "the name of a header is not one HTTP allows");
    if (!http_field_is_value(h->value)) /* the value may be a secret and is not shown */
        return err_set(e, E_MALFORMED, "the value of the header %.*s has a control character",
                       STR_ARG(h->name));
    bool skip = false;
    int code = check_framing(request, h, &skip, e);
    if (code || skip) return code;
    if (out->lines_n == HTTP_REQUEST_LINES_MAX - SUPPRESSED_N)
        return err_set(e, E_MALFORMED, "more headers than %d",
                       HTTP_REQUEST_LINES_MAX - SUPPRESSED_N);
    struct str value = str_trim(h->value);
    struct str line = value.n ? arena_format(a, "%.*s: %.*s", STR_ARG(h->name), STR_ARG(value))
                              : arena_format(a, "%.*s;", STR_ARG(h->name));
    out->lines[out->lines_n++] = line.p;
    return 0;
}

static bool has_header(const struct http_request *request, const char *name)
{
    for (size_t i = 0; i < request->headers_n; i++)
        if (str_eq_nocase(request->headers[i].name, str_from(name))) return true;
    return false;
}

/* RFC 9110 section 8.6: a method whose body has a meaning says its length even when it is 0. */
static bool wants_length(struct str method)
{
    return str_eq(method, STR("POST")) || str_eq(method, STR("PUT")) ||
           str_eq(method, STR("PATCH"));
}

int http_outgoing_prepare(const struct http_request *request, struct arena *a,
                          struct http_outgoing *out, struct err *e)
{
    *out = (struct http_outgoing){0};
    if (!http_field_is_token(request->method))
        return err_set(e, E_MALFORMED, "the method of a request is not one HTTP allows");
    int code = check_url(request->url, e);
    if (code) return code;
    out->has_body = request->body.n || wants_length(request->method);
    if (request->body.n && str_eq(request->method, STR("HEAD")))
        return err_set(e, E_MALFORMED, "a HEAD request has no body");
    for (size_t i = 0; i < request->headers_n; i++) {
        code = add_header(request, &request->headers[i], a, out, e);
        if (code) return code;
    }
    for (size_t i = 0; i < SUPPRESSED_N; i++)
        if (!has_header(request, suppressed[i]))
            out->lines[out->lines_n++] = arena_format(a, "%s:", suppressed[i]).p;
    out->method = arena_cstr(a, request->method);
    out->url = arena_cstr(a, request->url);
    return 0;
}
