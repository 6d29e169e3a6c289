/* SPDX-License-Identifier: Apache-2.0
 * Our AWS client as a program, so that tests in Python can drive it against servers that others
 * wrote, and compare its tables with the models of others.
 *
 *   aws_tool call ECS ListTasks        the input as JSON on stdin; environment as for any AWS
 * program aws_tool reply ECS ListTasks 200   the body of a reply on stdin, read as ours would read
 * it aws_tool input ECS ListTasks       the body of a request on stdin, read as the world reads it
 *   aws_tool shapes                    all tables
 *
 * Prints {"output": ...} or {"error": {"code", "aws", "status", "text"}}; exits with 0 for both. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/aws/reply.h"
#include "lib/aws/shapes/operations.h"
#include "lib/record/walkers.h"

#define INPUT_MAX  ((size_t)8 * 1024 * 1024)
#define OUTPUT_MAX ((size_t)16 * 1024 * 1024)

struct tool {
    const struct aws_operation *operation;
    struct arena arena;
    struct buf out;
    struct str stdin_bytes;
};

static _Noreturn void usage(void)
{
    fputs("usage: aws_tool call|reply|input SERVICE OPERATION [STATUS] | shapes\n", stderr);
    exit(2);
}

static struct str read_stdin(struct arena *a)
{
    char *bytes = arena_alloc(a, INPUT_MAX);
    size_t n = fread(bytes, 1, INPUT_MAX, stdin);
    if (n == INPUT_MAX || ferror(stdin)) usage();
    return (struct str){bytes, n};
}

static void show_failure(struct tool *t, const struct aws_failure *f, int code)
{
    buf_add_text(&t->out, "{\"error\":{\"code\":");
    buf_add_json_string(&t->out, err_name(code));
    buf_add_text(&t->out, ",\"aws\":");
    buf_add_json_string(&t->out, str_from(f->code));
    buf_add_format(&t->out, ",\"status\":%d,\"text\":", f->http_status);
    buf_add_json_string(&t->out, str_from(f->err.text));
    buf_add_text(&t->out, "}}\n");
}

static void show_output(struct tool *t, const struct record *record, const void *value)
{
    struct aws_failure failure = {0};
    buf_add_text(&t->out, "{\"output\":");
    int rc = record ? json_encode(record, value, JSON_AWS, &t->out, &failure.err) : 0;
    if (!record) buf_add_text(&t->out, "{}");
    buf_add_text(&t->out, "}\n");
    if (!rc) return;
    buf_clear(&t->out);
    show_failure(t, &failure, rc);
}

static void *new_record(struct tool *t, const struct record *record)
{
    return arena_alloc(&t->arena, record ? record->size : 1);
}

static int call(struct tool *t, void *input, void *output, struct aws_failure *failure)
{
    struct http_client *http;
    struct aws_client *client;
    struct http_client_options http_options = {
        .pool_max = 1, .user_agent = "ebb-test", .clock = clock_system()};
    int rc = http_client_new(&http_options, &http, &failure->err);
    if (rc) return rc;
    struct aws_client_options options = {.http = http_client_port(http), .clock = clock_system()};
    rc = aws_client_new(&options, &client, &failure->err);
    if (!rc) {
        struct aws_port port = aws_client_port(client);
        rc = aws_call(&port, t->operation, STR_NONE, input, &t->arena, output, 0, failure);
        aws_client_free(client);
    }
    http_client_free(http);
    return rc;
}

static void do_call(struct tool *t)
{
    struct aws_failure failure = {0};
    void *input = new_record(t, t->operation->input);
    void *output = new_record(t, t->operation->output);
    int rc = json_decode(t->operation->input, t->stdin_bytes, &t->arena, input, &failure.err);
    if (!rc) rc = call(t, input, output, &failure);
    if (rc)
        show_failure(t, &failure, rc);
    else
        show_output(t, t->operation->output, output);
}

static void do_reply(struct tool *t, const char *status)
{
    struct aws_failure failure = {0};
    int64_t number = 0;
    if (!str_to_int(str_from(status), &number)) usage();
    struct http_response reply = {.status = (int)number, .body = t->stdin_bytes};
    void *output = new_record(t, t->operation->output);
    int rc;
    if (reply.status >= 200 && reply.status < 300) {
        rc = aws_reply_decode(t->operation, &reply, &t->arena, output, &failure.err);
    } else {
        (void)aws_reply_failure(t->operation, &reply, &t->arena, &failure);
        rc = failure.err.code;
    }
    if (rc)
        show_failure(t, &failure, rc);
    else
        show_output(t, t->operation->output, output);
}

static void do_input(struct tool *t)
{
    struct aws_failure failure = {0};
    const struct record *record = t->operation->input;
    void *input = new_record(t, record);
    int rc = t->operation->service->protocol == AWS_QUERY
                 ? query_decode(record, t->stdin_bytes, &t->arena, input, &failure.err)
                 : json_decode(record, t->stdin_bytes, &t->arena, input, &failure.err);
    if (rc)
        show_failure(t, &failure, rc);
    else
        show_output(t, record, input);
}

static void show_record(struct buf *out, const struct record *record)
{
    static const char *const KINDS[] = {
        [FIELD_STR] = "string",     [FIELD_SECRET] = "string", [FIELD_INT] = "integer",
        [FIELD_BOOL] = "boolean",   [FIELD_DOUBLE] = "double", [FIELD_ENUM] = "string",
        [FIELD_TIME] = "timestamp", [FIELD_SPAN] = "integer",  [FIELD_RECORD] = "structure",
        [FIELD_LIST] = "list",      [FIELD_MAP] = "map"};
    buf_add_char(out, '[');
    for (size_t i = 0; record && i < record->n; i++) {
        const struct field *f = &record->fields[i];
        buf_add_format(out, "%s{\"name\":\"%s\",\"kind\":\"%s\",\"required\":%s", i ? "," : "",
                       f->name, f->flags & FIELD_JSON_TEXT ? "any" : KINDS[f->kind],
                       f->flags & FIELD_REQUIRED ? "true" : "false");
        if (f->of) {
            buf_add_text(out, ",\"of\":");
            show_record(out, f->of);
        }
        buf_add_char(out, '}');
    }
    buf_add_char(out, ']');
}

static void do_shapes(struct buf *out)
{
    static const char *const PROTOCOLS[] = {[AWS_JSON_1_0] = "json 1.0",
                                            [AWS_JSON_1_1] = "json 1.1",
                                            [AWS_QUERY] = "query",
                                            [AWS_REST_JSON] = "rest-json"};
    buf_add_char(out, '[');
    for (size_t i = 0; i < AWS_OPERATIONS_N; i++) {
        const struct aws_operation *o = AWS_OPERATIONS[i];
        const struct aws_service *s = o->service;
        buf_add_format(out,
                       "%s{\"service\":\"%s\",\"operation\":\"%s\",\"protocol\":\"%s\","
                       "\"host\":\"%s\",\"signing\":\"%s\",\"target\":\"%s\",\"input\":",
                       i ? ",\n" : "", s->id, o->name, PROTOCOLS[s->protocol], s->host_prefix,
                       s->signing_name, s->target_prefix ? s->target_prefix : "");
        show_record(out, o->input);
        buf_add_text(out, ",\"output\":");
        show_record(out, o->output);
        buf_add_char(out, '}');
    }
    buf_add_text(out, "]\n");
}

int main(int argc, char **argv)
{
    struct tool t = {0};
    arena_init(&t.arena);
    buf_init(&t.out, OUTPUT_MAX);
    if (argc == 2 && strcmp(argv[1], "shapes") == 0) {
        do_shapes(&t.out);
    } else {
        if (argc < 4) usage();
        t.operation = aws_operation_find(str_from(argv[2]), str_from(argv[3]));
        if (!t.operation) usage();
        t.stdin_bytes = read_stdin(&t.arena);
        if (strcmp(argv[1], "call") == 0)
            do_call(&t);
        else if (strcmp(argv[1], "reply") == 0 && argc == 5)
            do_reply(&t, argv[4]);
        else if (strcmp(argv[1], "input") == 0)
            do_input(&t);
        else
            usage();
    }
    size_t written = fwrite(t.out.p, 1, t.out.n, stdout);
    bool good = written == t.out.n && !buf_failed(&t.out) && fflush(stdout) == 0;
    buf_release(&t.out);
    arena_release(&t.arena);
    return good ? 0 : 1;
}
