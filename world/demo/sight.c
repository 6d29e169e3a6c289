/* SPDX-License-Identifier: Apache-2.0
 * See sight.h. */
#include "world/demo/demo.h"

#include "lib/record/walkers.h"
#include "lib/store/state.h"
#include "world/wire/control_records.h"

#include <stdio.h>

#define CONTROL_MS       2000
#define ANSWER_BYTES_MAX ((size_t)32 * 1024 * 1024)

void sight_init(struct sight *s)
{
    *s = (struct sight){0};
    arena_init(&s->arena);
}

void sight_release(struct sight *s)
{
    arena_release(&s->arena);
    s->known = false;
}

int sight_control(struct demo *d, const char *path, struct str body, struct arena *a,
                  struct str *answer, struct err *e)
{
    struct http_port port = http_client_port(d->http);
    struct http_header header = {STR("content-type"), STR("application/json")};
    struct http_request request = {
        .method = body.p ? STR("POST") : STR("GET"),
        .url = arena_format(a, "%.*s%s", STR_ARG(d->places.endpoint), path),
        .headers = &header,
        .headers_n = body.p ? 1 : 0,
        .body = body,
        .timeout_ms = CONTROL_MS,
        .response_max = ANSWER_BYTES_MAX,
    };
    struct http_response response = {0};
    int rc = http_send(&port, &request, a, &response, e);
    if (rc) {
        (void)err_prefix(e, "the world, %s", path);
        return rc;
    }
    if (response.status != 200)
        return err_set(e, E_REFUSED, "the world refuses %s: %.*s", path,
                       STR_ARG(str_trim(response.body)));
    if (answer) *answer = response.body;
    return E_OK;
}

int sight_log(struct demo *d, int64_t after_number, struct arena *a, struct list *out,
              struct err *e)
{
    struct control_log log = {0};
    struct str text;
    struct str path = arena_format(a, "/world/log?afterNumber=%lld", (long long)after_number);
    int rc = sight_control(d, path.p, STR_NONE, a, &text, e);
    if (!rc) rc = json_decode_plain(&control_log_record, text, a, &log, e);
    if (!rc) *out = log.entries;
    return rc;
}

static int look_at_world(struct demo *d, struct err *e)
{
    struct sight *s = &d->sight;
    struct str text;
    s->world = (struct region_snapshot){0};
    int rc = sight_control(d, "/world/snapshot", STR_NONE, &s->arena, &text, e);
    if (!rc) rc = json_decode_plain(&region_snapshot_record, text, &s->arena, &s->world, e);
    if (!rc) rc = sight_log(d, s->last_number, &s->arena, &s->entries, e);
    if (rc) return rc;
    for (size_t i = 0; i < s->world.services.n; i++) {
        const struct snapshot_service *service =
            LIST_AT(s->world.services, struct snapshot_service, i);
        if (str_eq(service->key, STR(DEMO_SERVICE_KEY))) s->service = *service;
    }
    return E_OK;
}

/* Redis keeps the looks newest first; the new ones are told oldest first. */
static int look_at_verdicts(struct demo *d, struct err *e)
{
    struct sight *s = &d->sight;
    struct store_port port = store_port_of(d->store);
    struct str_list looks;
    int rc = state_read_looks(&port, STR(DEMO_EBB_KEY), false, &s->arena, &looks, e);
    if (rc) return rc;
    size_t fresh = looks.n > s->looks_seen ? looks.n - s->looks_seen : 0;
    struct verdict_note *notes = ARENA_ARRAY(&s->arena, fresh, struct verdict_note);
    for (size_t i = 0; i < fresh && !rc; i++) {
        rc =
            json_decode_plain(&VERDICT_RECORD, looks.items[fresh - 1 - i], &s->arena, &notes[i], e);
        if (!rc && notes[i].drain_id.n)
            (void)snprintf(s->drain_id, sizeof(s->drain_id), "%.*s", STR_ARG(notes[i].drain_id));
    }
    if (!rc) s->verdicts = LIST_OF(notes, fresh);
    return rc;
}

static int look_at_drain(struct demo *d, struct err *e)
{
    struct sight *s = &d->sight;
    struct store_port port = store_port_of(d->store);
    if (!s->drain_id[0]) return E_OK;
    struct drain_held held;
    int rc = state_read_drain(&port, str_from(s->drain_id), &s->arena, &held, e);
    s->drain_known = held.exists;
    s->drain = held.record;
    return rc;
}

int sight_look(struct demo *d, struct err *e)
{
    struct sight *s = &d->sight;
    arena_clear(&s->arena);
    s->known = s->drain_known = false;
    s->entries = s->verdicts = (struct list){0};
    s->drain = (struct drain){0};
    s->service = (struct snapshot_service){0};
    int rc = look_at_world(d, e);
    if (!rc) rc = look_at_verdicts(d, e);
    if (!rc) rc = look_at_drain(d, e);
    if (rc) return rc;
    /* All was read: what is new now is not new again. */
    s->known = true;
    s->looks_seen += s->verdicts.n;
    if (s->entries.n)
        s->last_number = LIST_AT(s->entries, struct log_entry, s->entries.n - 1)->number;
    return E_OK;
}

static bool serves(const struct snapshot_task *t)
{
    return str_eq(t->last_status, STR("RUNNING")) && str_eq(t->desired_status, STR("RUNNING"));
}

size_t sight_serving(const struct sight *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->service.tasks.n; i++)
        n += serves(LIST_AT(s->service.tasks, struct snapshot_task, i));
    return n;
}

int64_t sight_fewest_sessions(const struct sight *s)
{
    int64_t fewest = INT64_MAX;
    for (size_t i = 0; i < s->service.tasks.n; i++) {
        const struct snapshot_task *t = LIST_AT(s->service.tasks, struct snapshot_task, i);
        if (serves(t) && t->sessions < fewest) fewest = t->sessions;
    }
    return fewest == INT64_MAX ? 0 : fewest;
}
