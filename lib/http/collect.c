/* SPDX-License-Identifier: Apache-2.0
 * See collect.h. Header names are put in lower case here, so that nobody compares them otherwise
 * (RFC 9110 section 5.1). */
#include "lib/http/collect.h"

#include "lib/http/field.h"

#define FINAL_STATUS_MIN 200

void http_collect_init(struct http_collect *c, struct arena *a, size_t body_max)
{
    *c = (struct http_collect){.arena = a};
    c->headers = ARENA_ARRAY(a, HTTP_REPLY_HEADERS_MAX, struct http_header);
    buf_init(&c->body, body_max);
}

void http_collect_release(struct http_collect *c)
{
    buf_release(&c->body);
}

/* "HTTP/1.1 200 OK" gives 200; 0 when it is not a number. libcurl has refused such a line before.
 */
static int status_of(struct str line)
{
    int64_t status = 0;
    (void)str_cut(&line, ' ');
    struct str digits = str_cut(&line, ' ');
    return str_to_int(digits, &status) && status >= 100 && status <= 999 ? (int)status : 0;
}

/* What is kept of the headers, and whether it still may be. */
static bool keep(struct http_collect *c, size_t bytes)
{
    c->header_bytes += bytes;
    if (c->header_bytes <= HTTP_REPLY_HEADER_BYTES_MAX) return true;
    c->refusal = "headers larger than allowed";
    return false;
}

/* RFC 9112 section 5.2: a line that begins with a blank goes on with the value before it. That is
 * copied for it, and so counts again: a value of many lines would cost memory by its square. */
static bool go_on(struct http_collect *c, struct str more)
{
    if (!c->headers_n) return true;
    struct str *value = &c->headers[c->headers_n - 1].value;
    if (!keep(c, value->n)) return false;
    *value = arena_format(c->arena, "%.*s %.*s", STR_ARG(*value), STR_ARG(more));
    return true;
}

static bool add_header(struct http_collect *c, struct str line)
{
    if (str_find(line, ':') < 0) return true; /* not a header; RFC 9112 lets a client skip it */
    if (c->headers_n == HTTP_REPLY_HEADERS_MAX) {
        c->refusal = "more headers than allowed";
        return false;
    }
    struct str name = str_trim(str_cut(&line, ':'));
    c->headers[c->headers_n++] = (struct http_header){
        .name = http_field_lower(c->arena, name),
        .value = arena_copy(c->arena, str_trim(line)),
    };
    return true;
}

bool http_collect_line(struct http_collect *c, struct str line)
{
    if (!keep(c, line.n)) return false;
    if (c->headers_ended) return true;
    struct str content = str_trim(line);
    if (str_starts(line, STR("HTTP/"))) {
        c->status = status_of(content);
        c->headers_n = 0;
    } else if (!content.n) {
        c->headers_ended = c->status >= FINAL_STATUS_MIN;
    } else if (line.p[0] == ' ' || line.p[0] == '\t') {
        return go_on(c, content);
    } else {
        return add_header(c, content);
    }
    return true;
}

bool http_collect_body(struct http_collect *c, struct str piece)
{
    buf_add(&c->body, piece);
    if (!buf_failed(&c->body)) return true;
    c->refusal = "a body larger than allowed";
    return false;
}

void http_collect_view(struct http_collect *c, struct http_response *out)
{
    struct str body = buf_view(&c->body);
    *out = (struct http_response){
        .status = c->status,
        .headers = c->headers,
        .headers_n = c->headers_n,
        .body = arena_copy(c->arena, body.p ? body : STR("")),
    };
}
