/* SPDX-License-Identifier: Apache-2.0
 * Goal: our tables read what others write. Method: the request bodies of botocore's serialiser and
 * the replies of moto in tests/vectors/aws/cases.txt; each must be read, hold the texts that
 * botocore found in it, and come out the same after it was written and read again. */
#include "lib/aws/reply.h"
#include "lib/aws/shapes/operations.h"
#include "lib/record/walkers.h"
#include "tests/support/test.h"

#define CASES_MIN 60
#define BODY_MAX  ((size_t)1024 * 1024)

struct body_case {
    struct str name, kind, service, operation, status, query_error, body;
};

/* Takes "@name bytes\n...\n" off the front; false at the end of the file. */
static bool next_item(struct str *file, struct str *name, struct str *value)
{
    int64_t n = 0;
    if (!file->n) return false;
    struct str line = str_cut(file, '\n');
    assert_true(str_starts(line, STR("@")));
    *name = str_cut(&line, ' ');
    assert_true(str_to_int(line, &n) && n >= 0 && (size_t)n < file->n);
    *value = (struct str){file->p, (size_t)n};
    *file = (struct str){file->p + n + 1, file->n - (size_t)n - 1};
    return true;
}

static struct str encoded(const struct record *record, const void *value, struct arena *a)
{
    struct buf b;
    struct err e = {0};
    buf_init(&b, BODY_MAX);
    assert_ok(json_encode(record, value, JSON_AWS, &b, &e), e);
    struct str text = arena_copy(a, buf_view(&b));
    buf_release(&b);
    return text;
}

/* What is written is read again as the same. */
static struct str twice(const struct record *record, const void *value, struct arena *a)
{
    struct err e = {0};
    struct str first = encoded(record, value, a);
    void *again = arena_alloc(a, record->size);
    assert_ok(json_decode(record, first, a, again, &e), e);
    assert_true(str_eq(first, encoded(record, again, a)));
    return first;
}

/* The case's body, read and written as JSON, or the words of the failure it is. */
static struct str read_case(const struct body_case *c, struct arena *a)
{
    const struct aws_operation *o = aws_operation_find(c->service, c->operation);
    struct err e = {0};
    int64_t status = 0;
    assert_non_null(o);
    assert_true(str_to_int(c->status, &status));
    struct http_header header = {STR("x-amzn-query-error"), c->query_error};
    struct http_response reply = {.status = (int)status,
                                  .headers = &header,
                                  .headers_n = c->query_error.n ? 1 : 0,
                                  .body = c->body};
    if (str_eq(c->kind, STR("input"))) {
        void *input = arena_alloc(a, o->input->size);
        struct str body = c->body;
        /* The fields follow "Action=...&Version=...". */
        if (o->service->protocol == AWS_QUERY)
            assert_ok(query_decode(o->input, body, a, input, &e), e);
        else
            assert_ok(json_decode(o->input, body, a, input, &e), e);
        return twice(o->input, input, a);
    }
    if (status >= 300) {
        struct aws_failure failure;
        (void)aws_reply_failure(o, &reply, a, &failure);
        return arena_format(a, "\"%s\"", failure.code);
    }
    void *output = arena_alloc(a, o->output ? o->output->size : 1);
    assert_ok(aws_reply_decode(o, &reply, a, output, &e), e);
    return o->output ? twice(o->output, output, a) : STR("");
}

static void check_has(const struct body_case *c, struct str read, struct str text)
{
    struct buf b;
    buf_init(&b, BODY_MAX);
    buf_add_json_string(&b, text);
    if (!str_contains(read, buf_view(&b)))
        fail_msg("%.*s: no %.*s in %.*s", STR_ARG(c->name), STR_ARG(buf_view(&b)), STR_ARG(read));
    buf_release(&b);
}

TEST(aws_bodies_of_others_are_read)
{
    struct arena a;
    arena_init(&a);
    struct str file = test_read_file(&a, "tests/vectors/aws/cases.txt"), name, value;
    struct str read = STR_NONE;
    struct body_case c = {0};
    int cases = 0, texts = 0;
    while (next_item(&file, &name, &value)) {
        if (str_eq(name, STR("@case")))
            c = (struct body_case){.name = value};
        else if (str_eq(name, STR("@kind")))
            c.kind = value;
        else if (str_eq(name, STR("@service")))
            c.service = value;
        else if (str_eq(name, STR("@operation")))
            c.operation = value;
        else if (str_eq(name, STR("@status")))
            c.status = value;
        else if (str_eq(name, STR("@query-error")))
            c.query_error = value;
        else if (str_eq(name, STR("@body"))) {
            c.body = value;
            read = read_case(&c, &a);
            cases++;
        } else {
            assert_true(str_eq(name, STR("@has")));
            check_has(&c, read, value);
            texts++;
        }
    }
    assert_true(cases >= CASES_MIN);
    assert_true(texts > 2 * cases);
    arena_release(&a);
}
