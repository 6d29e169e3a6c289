/* SPDX-License-Identifier: Apache-2.0
 * Ebb's state, one function per script or read. Callers see drains, limits, leases and timers,
 * never Redis. */
#ifndef EBB_STORE_STATE_H
#define EBB_STORE_STATE_H

#include "lib/effect/effect.h"
#include "lib/effect/view.h"
#include "lib/store/store.h"

/* How long a final drain stays known, and an event that began one. */
#define STATE_FINAL_LIFE_MS ((int64_t)30 * 24 * 3600 * 1000)
#define STATE_EVENT_LIFE_MS ((int64_t)14 * 24 * 3600 * 1000)
/* Looks kept per service and per drain. */
#define STATE_LOOKS_KEPT 200

struct str_list {
    struct str *items;
    size_t n;
};

struct claim_request {
    const struct service_settings *settings;
    const struct drain
        *drain; /* as it shall be; version is set to 1. For a check: only service and cause count */
    int64_t serving, floor;
    /* Tasks that serving leaves out because their drains were open when it was counted: any drain
     * that has opened since takes one more away. */
    const struct str *open_tasks;
    size_t open_tasks_n;
    int64_t open_per_account; /* at most so many drains are open in an account; 0: any number */
    bool check_only;
};

/* 0 whether granted or not: out->refusal says. */
int state_claim(const struct store_port *port, const struct claim_request *request, struct arena *a,
                struct limits_fact *out, struct err *e) EBB_MUST_CHECK;

/* becomes carries the version it was read with. 0 and *out the record as it is now (of a higher
 * version); E_CONFLICT and *out what is there instead; E_NOT_FOUND; E_STATE_LOST. */
struct move_request {
    const struct drain *becomes;
    bool refund;
    int64_t backoff_ms;
    bool skips; /* whoever moves it made the version before, and did not send that to ebb.state */
};
int state_move(const struct store_port *port, const struct move_request *request, struct arena *a,
               struct drain *out, struct err *e) EBB_MUST_CHECK;

/* A drain's record as Redis has it. */
struct drain_held {
    bool exists;
    struct drain record;
    bool recorded; /* ebb.state has acknowledged this very version */
};
int state_read_drain(const struct store_port *port, struct str drain_id, struct arena *a,
                     struct drain_held *out, struct err *e) EBB_MUST_CHECK;
/* The same for who acts on it: E_STATE_LOST while it may be an older one than ebb.state has. */
int state_read_to_act(const struct store_port *port, struct str drain_id, struct arena *a,
                      struct drain_held *out, struct err *e) EBB_MUST_CHECK;
/* ebb.state has acknowledged the record; a final one frees its task and address. 0; or E_CONFLICT
 * and *now the record that Redis has instead, of another version or of the same; E_NOT_FOUND. */
int state_recorded(const struct store_port *port, const struct drain *written, struct arena *a,
                   struct drain *now, struct err *e) EBB_MUST_CHECK;
/* Whoever writes to ebb.state what another made says so before. The same errors; then it is not to be
 * written. */
int state_will_record(const struct store_port *port, const struct drain *d, struct arena *a,
                      struct drain *now, struct err *e) EBB_MUST_CHECK;

/* The service's open drains; `only` a state, or DRAIN_OTHER for all. */
struct drain_list {
    struct drain_held *items;
    size_t n;
};
int state_read_open(const struct store_port *port, struct str service, enum drain_state only,
                    struct arena *a, struct drain_list *out, struct err *e) EBB_MUST_CHECK;
int state_read_intent(const struct store_port *port, struct str service, struct arena *a,
                      struct intent_fact *out, struct err *e) EBB_MUST_CHECK;
/* Services of which an intent is there (SCAN, at most max). */
int state_intents(const struct store_port *port, size_t max, struct arena *a, struct str_list *out,
                  struct err *e) EBB_MUST_CHECK;
/* While a merge is under way: takes the intent away if no drain of the service is DRAINED. */
int state_forget_old_intent(const struct store_port *port, struct str service, struct arena *a,
                            bool *was_old, struct err *e) EBB_MUST_CHECK;

/* Leases. name is "timers" or "scale:<service>"; holder is unique to its taker. 0, or E_BUSY. */
int state_take_lease(const struct store_port *port, struct str name, struct str holder,
                     int64_t life_ms, struct arena *a, struct err *e) EBB_MUST_CHECK;
int state_release_lease(const struct store_port *port, struct str name, struct str holder,
                        struct arena *a, struct err *e) EBB_MUST_CHECK;
/* The name of a service's scale lease. */
struct str state_scale_lease(struct arena *a, struct str service);
/* 0, E_BUSY when the lease is not the holder's any more, E_CONFLICT when another intent is there.
 */
int state_put_intent(const struct store_port *port, struct str service, struct str holder,
                     const struct intent_fact *intent, struct arena *a,
                     struct err *e) EBB_MUST_CHECK;
int state_close_intent(const struct store_port *port, struct str service, struct str holder,
                       const struct intent_fact *intent, struct arena *a,
                       struct err *e) EBB_MUST_CHECK;

/* Timers. */
struct timer {
    struct str drain_id;
    int64_t at;
};
struct timer_list {
    struct timer *items;
    size_t n;
};
/* E_NOT_FOUND: the drain is not open, so it has no timer and gets none. */
int state_wake(const struct store_port *port, struct str service, struct str drain_id, int64_t at,
               struct arena *a, struct err *e) EBB_MUST_CHECK;
int state_timers_due(const struct store_port *port, int64_t now_ms, size_t max, struct arena *a,
                     struct timer_list *out, struct err *e) EBB_MUST_CHECK;
/* next_ms 0 takes the timer away. */
int state_timer_fired(const struct store_port *port, const struct timer *timer, int64_t next_ms,
                      struct arena *a, struct err *e) EBB_MUST_CHECK;

/* The time by which claims are refused, Unix ms: Redis's own, which never goes back. */
int state_time(const struct store_port *port, struct arena *a, int64_t *now_ms,
               struct err *e) EBB_MUST_CHECK;

/* The epoch: claims are refused unless it is bound to the run of Redis that answers. */
int state_run_id(const struct store_port *port, struct arena *a, struct str *run_id,
                 struct str *epoch, struct err *e) EBB_MUST_CHECK;
/* E_STATE_LOST while Redis may not know drains that there are. */
int state_is_whole(const struct store_port *port, struct arena *a, struct err *e) EBB_MUST_CHECK;
/* Before ebb.state is merged: `merge` is unique to this attempt. */
int state_begin_merge(const struct store_port *port, struct str merge, struct arena *a,
                      struct err *e) EBB_MUST_CHECK;
int state_begin_epoch(const struct store_port *port, struct str run_id, struct str merge,
                      struct arena *a, struct err *e) EBB_MUST_CHECK;
/* E_DENIED naming the command when the user of Ebb may not do all that the scripts do. */
int state_try_rights(const struct store_port *port, struct arena *a, struct err *e) EBB_MUST_CHECK;
/* A drain as ebb.state has it, or one that Redis lost and that ebb.state may not have yet. Nothing
 * happens when Redis has it as new, or newer. */
int state_merge(const struct store_port *port, const struct drain *drain, bool is_stored,
                struct arena *a, struct err *e) EBB_MUST_CHECK;

/* Drains that became final that long ago: `ebb.state` need not keep their records any more. */
int state_read_expired(const struct store_port *port, int64_t now_ms, size_t max, struct arena *a,
                       struct str_list *drain_ids, struct err *e) EBB_MUST_CHECK;
/* It does not any more. */
int state_forget_expired(const struct store_port *port, struct str drain_id, struct arena *a,
                         struct err *e) EBB_MUST_CHECK;

/* Looks, newest first, as the JSON of VERDICT_RECORD. about is a service key or a drain id. */
int state_note_verdict(const struct store_port *port, struct str service, struct str drain_id,
                       struct str json, struct arena *a, struct err *e) EBB_MUST_CHECK;
int state_note_look(const struct store_port *port, const struct verdict_note *n, struct arena *a,
                    struct err *e) EBB_MUST_CHECK;
int state_read_looks(const struct store_port *port, struct str about, bool is_drain,
                     struct arena *a, struct str_list *out, struct err *e) EBB_MUST_CHECK;
/* Services that have looks, and the drains Redis knows (SCAN, at most max). */
int state_services(const struct store_port *port, size_t max, struct arena *a, struct str_list *out,
                   struct err *e) EBB_MUST_CHECK;

#endif
