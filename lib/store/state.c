/* SPDX-License-Identifier: Apache-2.0
 * Drains: claimed, moved, read, merged. Those that are open, leases, timers and looks are in
 * state_open.c, state_leases.c, state_timers.c and state_looks.c. */
#include "lib/store/state.h"

#include "lib/record/walkers.h"
#include "lib/store/keys.h"
#include "lib/store/numbers.h"
#include "lib/store/state_alarms.h"
#include "schemas/control.h"
#include "scripts.h"

#include <string.h>

#define RECORD_BYTES_MAX ((size_t)16 * 1024)

static int encode(const struct drain *d, struct arena *a, struct str *out, struct err *e)
{
    struct buf b;
    buf_init(&b, RECORD_BYTES_MAX);
    int code = msgpack_encode(&DRAIN_RECORD, d, &b, e);
    if (!code) *out = arena_copy(a, buf_view(&b));
    buf_release(&b);
    return code;
}

static int decode(struct str bytes, struct arena *a, struct drain *out, struct err *e)
{
    *out = (struct drain){0};
    if (msgpack_decode(&DRAIN_RECORD, bytes, a, out, e))
        return err_prefix(e, "drain record in Redis");
    return E_OK;
}

static struct str flag(bool yes)
{
    return yes ? STR("1") : STR("0");
}

static int malformed_reply(struct err *e, const char *what)
{
    return err_set(e, E_BUG, "%s: Redis answered in a form the script does not have", what);
}

static int state_lost(struct err *e)
{
    return err_set(e, E_STATE_LOST, "Redis lost its state, which is being rebuilt");
}

/* Who paused it, until when and why. */
static bool read_pause(struct str bytes, struct arena *a, struct limits_fact *out)
{
    struct control c = {0};
    struct err e;
    if (msgpack_decode(&CONTROL_RECORD, bytes, a, &c, &e)) return false;
    out->about = control_text(&c, a);
    return true;
}

static bool read_claim(const struct reply *r, struct arena *a, struct limits_fact *out)
{
    if (r->kind != REPLY_LIST || r->n < 6) return false;
    bool granted = str_eq(r->items[0].text, STR("ok"));
    *out = (struct limits_fact){.known = true};
    if (!str_to_int(r->items[3].text, &out->have) || !str_to_int(r->items[4].text, &out->need))
        return false;
    if (!granted) out->refusal = reason_of_word(r->items[2].text);
    if (!granted && !out->refusal) return false;
    if (out->refusal == REASON_EVENT_SEEN) out->seen_drain_id = r->items[5].text;
    int64_t now_ms;
    if (!str_to_int(r->items[1].text, &now_ms)) return false;
    if (out->refusal == REASON_COOLDOWN || out->refusal == REASON_BACKOFF ||
        (out->refusal == REASON_PAUSED && out->need))
        out->at = now_ms + out->need;
    if (out->refusal == REASON_PAUSED && !read_pause(r->items[5].text, a, out)) return false;
    out->open_tasks_n = r->n - 6;
    out->open_tasks = ARENA_ARRAY(a, out->open_tasks_n, struct str);
    for (size_t i = 0; i < out->open_tasks_n; i++)
        out->open_tasks[i] = r->items[6 + i].text;
    return true;
}

int state_claim(const struct store_port *port, const struct claim_request *request, struct arena *a,
                struct limits_fact *out, struct err *e)
{
    struct drain d = *request->drain;
    const struct service_settings *s = request->settings;
    struct str record = STR("");
    d.version = 1;
    if (!request->check_only && encode(&d, a, &record, e)) return e->code;
    struct str keys[] = {
        KEY_EPOCH,
        KEY_CLOCK,
        key_event(a, d.service, d.cause),
        key_drain(a, d.drain_id),
        key_open(a, d.service),
        key_begun(a, d.service),
        key_task(a, d.task_arn),
        key_address(a, d.service, d.address),
        key_backoff(a, d.service),
        KEY_TIMERS,
        KEY_CONTROLS,
        key_account(a, d.service),
    };
    const struct str fixed[] = {
        request->check_only ? STR("check") : STR("claim"),
        d.drain_id.p ? d.drain_id : STR(""),
        d.task_arn.p ? d.task_arn : STR(""),
        number_text(a, s->cooldown_ms),
        number_text(a, s->drains_per_hour),
        number_text(a, s->drains_at_once),
        number_text(a, d.cause.n ? STATE_EVENT_LIFE_MS : 0),
        record,
        number_text(a, d.look_at),
        number_text(a, request->serving),
        number_text(a, request->floor),
        d.address.p ? d.address : STR(""),
        d.service,
        control_account_of(a, d.service),
        number_text(a, request->open_per_account),
    };
    size_t args_n = EBB_COUNT(fixed) + request->open_tasks_n;
    struct str *args = ARENA_ARRAY(a, args_n, struct str);
    memcpy(args, fixed, sizeof(fixed));
    if (request->open_tasks_n)
        memcpy(args + EBB_COUNT(fixed), request->open_tasks,
               request->open_tasks_n * sizeof(struct str));
    struct reply r;
    int code = store_script(port, &SCRIPT_CLAIM, keys, args, args_n, a, &r, e);
    if (code) return code;
    return read_claim(&r, a, out) ? E_OK : malformed_reply(e, "claim");
}

static int run_move(const struct store_port *port, const struct move_request *request,
                    const struct drain *d, struct arena *a, struct reply *out, struct err *e)
{
    struct str record = STR_NONE;
    if (encode(d, a, &record, e)) return e->code;
    struct str keys[] = {key_drain(a, d->drain_id),
                         key_open(a, d->service),
                         key_begun(a, d->service),
                         key_backoff(a, d->service),
                         KEY_TIMERS,
                         KEY_CLOCK,
                         key_account(a, d->service),
                         KEY_FINISHED,
                         KEY_EPOCH,
                         key_intent(a, d->service)};
    struct str args[] = {d->drain_id,
                         number_text(a, request->becomes->version),
                         enum_word(&DRAIN_STATES, d->state),
                         flag(drain_is_final(d->state)),
                         record,
                         number_text(a, d->look_at),
                         flag(request->refund),
                         number_text(a, request->backoff_ms),
                         d->task_arn,
                         number_text(a, STATE_FINAL_LIFE_MS),
                         number_text(a, d->finished_at),
                         flag(request->skips),
                         number_text(a, d->version)};
    int code = store_script(port, &SCRIPT_MOVE, keys, args, EBB_COUNT(args), a, out, e);
    if (code) return code;
    bool is_known = out->kind == REPLY_LIST && out->n > 0;
    return is_known ? E_OK : malformed_reply(e, "move");
}

int state_move(const struct store_port *port, const struct move_request *request, struct arena *a,
               struct drain *out, struct err *e)
{
    struct drain d = *request->becomes;
    struct reply r;
    d.version++;
    int code = run_move(port, request, &d, a, &r, e);
    if (code) return code;
    if (str_eq(r.items[0].text, STR("higher"))) {
        if (r.n < 2 || !str_to_int(r.items[1].text, &d.version)) return malformed_reply(e, "move");
        code = run_move(port, request, &d, a, &r, e);
        if (code) return code;
    }
    if (str_eq(r.items[0].text, STR("state_lost"))) return state_lost(e);
    if (str_eq(r.items[0].text, STR("missing")))
        return err_set(e, E_NOT_FOUND, "drain %.*s is not in Redis", STR_ARG(d.drain_id));
    if (str_eq(r.items[0].text, STR("conflict"))) {
        if (r.n < 3 || decode(r.items[2].text, a, out, e)) return malformed_reply(e, "move");
        return err_set(e, E_CONFLICT, "drain %.*s was moved to version %.*s meanwhile",
                       STR_ARG(d.drain_id), STR_ARG(r.items[1].text));
    }
    if (!str_eq(r.items[0].text, STR("ok"))) return malformed_reply(e, "move");
    *out = d;
    return E_OK;
}

static int read_held(const struct reply *r, struct arena *a, struct drain_held *out, struct err *e)
{
    if (r->kind != REPLY_LIST || r->n != 3) return malformed_reply(e, "HMGET");
    out->exists = r->items[0].kind == REPLY_STR;
    out->recorded = r->items[2].kind == REPLY_STR && str_eq(r->items[1].text, r->items[2].text);
    return out->exists ? decode(r->items[0].text, a, &out->record, e) : E_OK;
}

int state_read_drain(const struct store_port *port, struct str drain_id, struct arena *a,
                     struct drain_held *out, struct err *e)
{
    struct str args[] = {STR("HMGET"), key_drain(a, drain_id), STR("record"), STR("version"),
                         STR("recorded")};
    struct reply r;
    *out = (struct drain_held){0};
    int code = store_command(port, args, EBB_COUNT(args), a, &r, e);
    if (code) return code;
    if (r.kind == REPLY_ERROR) return err_set(e, E_BUG, "HMGET: %.*s", STR_ARG(r.text));
    return read_held(&r, a, out, e);
}

int state_read_to_act(const struct store_port *port, struct str drain_id, struct arena *a,
                      struct drain_held *out, struct err *e)
{
    struct str keys[] = {KEY_EPOCH, key_drain(a, drain_id)};
    struct reply r;
    *out = (struct drain_held){0};
    int code = store_script(port, &SCRIPT_READ_DRAIN, keys, NULL, 0, a, &r, e);
    if (code) return code;
    return r.kind == REPLY_STR ? state_lost(e) : read_held(&r, a, out, e);
}

static int tell_of_record(const struct store_port *port, const struct drain *d, bool before,
                          struct arena *a, struct drain *now, struct err *e)
{
    struct str record;
    if (encode(d, a, &record, e)) return e->code;
    struct str keys[] = {key_drain(a, d->drain_id), key_task(a, d->task_arn),
                         key_address(a, d->service, d->address), KEY_TIMERS};
    struct str args[] = {number_text(a, d->version), record, d->drain_id,
                         flag(drain_is_final(d->state)), flag(before)};
    struct reply r;
    int code = store_script(port, &SCRIPT_RECORDED, keys, args, EBB_COUNT(args), a, &r, e);
    if (code) return code;
    if (r.kind != REPLY_LIST || r.n < 1) return malformed_reply(e, "recorded");
    if (str_eq(r.items[0].text, STR("missing")))
        return err_set(e, E_NOT_FOUND, "drain %.*s is not in Redis", STR_ARG(d->drain_id));
    if (str_eq(r.items[0].text, STR("ok"))) return E_OK;
    if (r.n < 3 || decode(r.items[2].text, a, now, e)) return malformed_reply(e, "recorded");
    return err_set(e, E_CONFLICT, "drain %.*s was moved to version %.*s meanwhile",
                   STR_ARG(d->drain_id), STR_ARG(r.items[1].text));
}

int state_recorded(const struct store_port *port, const struct drain *written, struct arena *a,
                   struct drain *now, struct err *e)
{
    return tell_of_record(port, written, false, a, now, e);
}

int state_will_record(const struct store_port *port, const struct drain *d, struct arena *a,
                      struct drain *now, struct err *e)
{
    return tell_of_record(port, d, true, a, now, e);
}

int state_merge(const struct store_port *port, const struct drain *d, bool is_stored,
                struct arena *a, struct err *e)
{
    struct str record;
    if (encode(d, a, &record, e)) return e->code;
    struct str keys[] = {
        key_drain(a, d->drain_id),
        key_open(a, d->service),
        key_begun(a, d->service),
        key_task(a, d->task_arn),
        key_address(a, d->service, d->address),
        KEY_TIMERS,
        key_event(a, d->service, d->cause),
        KEY_CLOCK,
        key_alarms(a, d->service),
        KEY_WATCHED,
        key_account(a, d->service),
        KEY_FINISHED,
    };
    struct str args[] = {
        d->drain_id,
        number_text(a, d->version),
        enum_word(&DRAIN_STATES, d->state),
        flag(drain_is_final(d->state)),
        record,
        number_text(a, d->look_at),
        d->task_arn,
        d->address.p ? d->address : STR(""),
        number_text(a, d->claimed_at),
        flag(!drain_never_began(d)),
        number_text(a, STATE_FINAL_LIFE_MS),
        number_text(a, d->cause.n ? STATE_EVENT_LIFE_MS : 0),
        d->service,
        d->by_alarm && d->trigger.n ? d->trigger : STR(""),
        number_text(a, STATE_ALARM_LIFE_MS),
        number_text(a, d->finished_at),
        flag(is_stored),
    };
    struct reply r;
    return store_script(port, &SCRIPT_MERGE, keys, args, EBB_COUNT(args), a, &r, e);
}
