/* SPDX-License-Identifier: Apache-2.0
 * The control API under /world/: for tests, demonstrations and people. Unsigned, and reached over
 * loopback only. Finds the row, runs it under the lock, answers JSON; GET /world/ lists the rows.
 */
#include "world/wire/control.h"

#include "lib/record/walkers.h"
#include "world/wire/route.h"

#define ANSWER_BYTES_MAX ((size_t)64 * 1024 * 1024)

static const struct control_row *const TABLES[] = {CONTROL_READS, CONTROL_SETTINGS, CONTROL_TASKS};

int control_body(struct control *c, const struct record *record, void *out)
{
    return control_decode(record, c->request->body, c->a, out, &c->e);
}

/* The row for path and method; *path_known when only the method was wrong. */
static const struct control_row *find_row(const struct http_incoming *request, struct str *name,
                                          bool *path_known)
{
    struct str values[ROUTE_NAMES_MAX];
    *path_known = false;
    for (size_t i = 0; i < EBB_COUNT(TABLES); i++)
        for (const struct control_row *row = TABLES[i]; row->method; row++) {
            values[0] = STR_NONE;
            if (!route_path_matches(row->path, request->path, values)) continue;
            *path_known = true;
            *name = values[0];
            if (str_eq(request->method, str_from(row->method))) return row;
        }
    return NULL;
}

static void answer_error(struct control *c, int status, struct http_reply *reply)
{
    struct buf body;
    buf_init(&body, ANSWER_BYTES_MAX);
    buf_add_text(&body, "{\"error\":");
    buf_add_json_string(&body, str_from(c->e.text));
    buf_add_text(&body, "}\n");
    *reply = (struct http_reply){.status = status,
                                 .content_type = STR("application/json"),
                                 .body = arena_copy(c->a, buf_view(&body))};
    buf_release(&body);
}

static int status_of(int code)
{
    if (code == E_NOT_FOUND) return 404;
    return err_class_of(code) == ERR_CLASS_PERMANENT ? 400 : 500;
}

static void answer(struct control *c, struct http_reply *reply)
{
    struct buf body;
    buf_init(&body, ANSWER_BYTES_MAX);
    int rc = E_OK;
    if (c->record)
        rc = json_encode(c->record, c->answer, JSON_PLAIN, &body, &c->e);
    else
        buf_add_text(&body, "{\"ok\":true}");
    buf_add_text(&body, "\n");
    if (rc)
        answer_error(c, 500, reply);
    else
        *reply = (struct http_reply){.status = 200,
                                     .content_type = STR("application/json"),
                                     .body = arena_copy(c->a, buf_view(&body))};
    buf_release(&body);
}

static void list_rows(struct control *c, struct http_reply *reply)
{
    struct buf body;
    buf_init(&body, ANSWER_BYTES_MAX);
    for (size_t i = 0; i < EBB_COUNT(TABLES); i++)
        for (const struct control_row *row = TABLES[i]; row->method; row++)
            buf_add_format(&body, "%-6s %-28s %s\n", row->method, row->path, row->help);
    *reply = (struct http_reply){.status = 200,
                                 .content_type = STR("text/plain; charset=utf-8"),
                                 .body = arena_copy(c->a, buf_view(&body))};
    buf_release(&body);
}

void wire_control(struct wire *wire, const struct http_incoming *request, struct arena *a,
                  struct http_reply *reply)
{
    struct control c = {.wire = wire, .request = request, .a = a};
    bool path_known;
    if (str_eq(request->path, STR("/world/"))) {
        list_rows(&c, reply);
        return;
    }
    const struct control_row *row = find_row(request, &c.name, &path_known);
    if (!row) {
        (void)err_set(&c.e, E_NOT_FOUND, "%s; GET /world/ lists what there is",
                      path_known ? "not with this method" : "no such path");
        answer_error(&c, path_known ? 405 : 404, reply);
        return;
    }
    c.region = wire_enter(wire);
    int rc = row->run(&c);
    if (rc)
        answer_error(&c, status_of(rc), reply);
    else
        answer(&c, reply);
    wire_leave(wire);
}
