/* SPDX-License-Identifier: Apache-2.0
 * Timers, and the epoch that binds state to one run of Redis. */
#include "lib/store/state.h"

#include "lib/store/keys.h"
#include "lib/store/numbers.h"
#include "lib/store/reads.h"
#include "scripts.h"

/* What the epoch's key holds while a merge is under way, before the merge's name: no run's id. */
#define MERGE_WORD "merge:"

int state_wake(const struct store_port *port, struct str service, struct str drain_id, int64_t at,
               struct arena *a, struct err *e)
{
    struct str keys[] = {key_open(a, service), KEY_TIMERS};
    struct str args[] = {drain_id, number_text(a, at)};
    struct reply r;
    int code = store_script(port, &SCRIPT_WAKE, keys, args, EBB_COUNT(args), a, &r, e);
    if (code || r.integer == 1) return code;
    return err_set(e, E_NOT_FOUND, "drain %.*s is not open", STR_ARG(drain_id));
}

int state_timers_due(const struct store_port *port, int64_t now_ms, size_t max, struct arena *a,
                     struct timer_list *out, struct err *e)
{
    struct str args[] = {
        STR("ZRANGEBYSCORE"), KEY_TIMERS,   STR("-inf"), number_text(a, now_ms),
        STR("WITHSCORES"),    STR("LIMIT"), STR("0"),    number_text(a, (int64_t)max)};
    struct reply r;
    int code = store_command(port, args, EBB_COUNT(args), a, &r, e);
    if (code) return code;
    if (r.kind != REPLY_LIST || r.n % 2)
        return err_set(e, E_BUG, "ZRANGEBYSCORE: unexpected reply");
    *out = (struct timer_list){.items = ARENA_ARRAY(a, r.n / 2, struct timer), .n = r.n / 2};
    for (size_t i = 0; i < out->n; i++) {
        out->items[i].drain_id = r.items[2 * i].text;
        if (!str_to_int(r.items[2 * i + 1].text, &out->items[i].at))
            return err_set(e, E_BUG, "a timer's score is not a number of milliseconds");
    }
    return E_OK;
}

int state_timer_fired(const struct store_port *port, const struct timer *timer, int64_t next_ms,
                      struct arena *a, struct err *e)
{
    struct str keys[] = {KEY_TIMERS};
    struct str args[] = {timer->drain_id, number_text(a, timer->at), number_text(a, next_ms)};
    struct reply r;
    return store_script(port, &SCRIPT_FIRED, keys, args, EBB_COUNT(args), a, &r, e);
}

int state_read_expired(const struct store_port *port, int64_t now_ms, size_t max, struct arena *a,
                       struct str_list *drain_ids, struct err *e)
{
    struct str args[] = {STR("ZRANGEBYSCORE"),
                         KEY_FINISHED,
                         STR("-inf"),
                         number_text(a, now_ms - STATE_FINAL_LIFE_MS),
                         STR("LIMIT"),
                         STR("0"),
                         number_text(a, (int64_t)max)};
    return store_read_texts(port, args, EBB_COUNT(args), a, drain_ids, e);
}

int state_forget_expired(const struct store_port *port, struct str drain_id, struct arena *a,
                         struct err *e)
{
    struct str args[] = {STR("ZREM"), KEY_FINISHED, drain_id};
    struct reply r;
    return store_command(port, args, EBB_COUNT(args), a, &r, e);
}

int state_time(const struct store_port *port, struct arena *a, int64_t *now_ms, struct err *e)
{
    struct str time[] = {STR("TIME")}, latest[] = {STR("GET"), KEY_CLOCK};
    struct reply r;
    int64_t seconds, micros, seen_ms;
    int code = store_command(port, time, EBB_COUNT(time), a, &r, e);
    if (code) return code;
    if (r.kind != REPLY_LIST || r.n != 2 || !str_to_int(r.items[0].text, &seconds) ||
        !str_to_int(r.items[1].text, &micros))
        return err_set(e, E_BUG, "TIME: unexpected reply");
    *now_ms = seconds * 1000 + micros / 1000;
    code = store_command(port, latest, EBB_COUNT(latest), a, &r, e);
    if (code) return code;
    if (r.kind == REPLY_STR && str_to_int(r.text, &seen_ms) && seen_ms > *now_ms) *now_ms = seen_ms;
    return E_OK;
}

int state_run_id(const struct store_port *port, struct arena *a, struct str *run_id,
                 struct str *epoch, struct err *e)
{
    struct str info[] = {STR("INFO"), STR("server")}, get[] = {STR("GET"), KEY_EPOCH};
    struct reply r;
    int code = store_command(port, info, EBB_COUNT(info), a, &r, e);
    if (code) return code;
    struct str rest = r.text;
    *run_id = STR_NONE;
    while (rest.p && !run_id->n) {
        struct str line = str_trim(str_cut(&rest, '\n'));
        if (str_starts(line, STR("run_id:"))) *run_id = (struct str){line.p + 7, line.n - 7};
    }
    if (!run_id->n)
        return err_set(e, E_MISSING,
                       "INFO server names no run_id; this is not a Redis that Ebb knows");
    code = store_command(port, get, EBB_COUNT(get), a, &r, e);
    if (code) return code;
    *epoch = r.kind == REPLY_STR ? r.text : STR_NONE;
    return E_OK;
}

int state_is_whole(const struct store_port *port, struct arena *a, struct err *e)
{
    struct str run_id, epoch;
    int code = state_run_id(port, a, &run_id, &epoch, e);
    if (code || str_eq(run_id, epoch)) return code;
    return err_set(e, E_STATE_LOST, "Redis lost its state, which is being rebuilt");
}

int state_begin_merge(const struct store_port *port, struct str merge, struct arena *a,
                      struct err *e)
{
    struct str args[] = {STR("SET"), KEY_EPOCH, arena_format(a, MERGE_WORD "%.*s", STR_ARG(merge))};
    struct reply r;
    int code = store_command(port, args, EBB_COUNT(args), a, &r, e);
    if (code) return code;
    if (r.kind == REPLY_ERROR) return err_set(e, E_BUG, "SET: %.*s", STR_ARG(r.text));
    return E_OK;
}

int state_begin_epoch(const struct store_port *port, struct str run_id, struct str merge,
                      struct arena *a, struct err *e)
{
    struct str keys[] = {KEY_EPOCH};
    struct str args[] = {run_id, arena_format(a, MERGE_WORD "%.*s", STR_ARG(merge))};
    struct reply r;
    int code = store_script(port, &SCRIPT_BEGIN_EPOCH, keys, args, EBB_COUNT(args), a, &r, e);
    if (code) return code;
    if (r.kind == REPLY_INT && r.integer == 1) return E_OK;
    return err_set(e, E_STATE_LOST,
                   "Redis restarted or was emptied while its state was being rebuilt");
}

int state_try_rights(const struct store_port *port, struct arena *a, struct err *e)
{
    struct str keys[] = {KEY_RIGHTS};
    struct reply r;
    return store_script(port, &SCRIPT_TRY_RIGHTS, keys, NULL, 0, a, &r, e);
}
