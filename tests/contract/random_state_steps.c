/* SPDX-License-Identifier: Apache-2.0
 * Calls of Ebb's state functions with random arguments; see random_steps.h. What a call returns is
 * of no interest here: the port has compared what it was told. */
#include "lib/store/state_alarms.h"
#include "lib/store/state_show.h"
#include "tests/contract/random_steps.h"
#include "tests/support/state_fixture.h"

#define HOUR_MS ((int64_t)3600 * 1000)

void random_steps_init(struct random_steps *r, struct both_stores *b, uint64_t seed)
{
    *r = (struct random_steps){.b = b, .state = seed};
    /* Mixed first: seeds one apart must not give the same numbers one draw apart. */
    r->state = draw_below(r, UINT64_MAX);
    r->owns_clock = !draw_chance(r, 5);
    r->clock_ms = STATE_FUTURE_MS;
}

/* splitmix64 */
uint64_t draw_below(struct random_steps *r, uint64_t n)
{
    uint64_t z = r->state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return (z ^ (z >> 31)) % n;
}

bool draw_chance(struct random_steps *r, uint64_t one_in)
{
    return draw_below(r, one_in) == 0;
}

struct str random_service(struct random_steps *r)
{
    static const char *const SERVICES[] = {STATE_SERVICE, STATE_SERVICE,
                                           "aws:eu-west-1:123456789012:demo/chat"};
    return str_from(RANDOM_OF(r, SERVICES));
}

static struct str numbered(struct random_steps *r, const char *what, uint64_t n)
{
    return arena_format(&r->b->arena, "%s%d", what, (int)draw_below(r, n));
}

struct str random_drain_id(struct random_steps *r)
{
    return numbered(r, "drain-", RANDOM_DRAINS);
}

struct str random_task(struct random_steps *r)
{
    return numbered(r, "arn:aws:ecs:us-east-1:123456789012:task/demo/", 3);
}

struct str random_address(struct random_steps *r)
{
    return numbered(r, "10.0.0.", 3);
}

struct str random_event(struct random_steps *r)
{
    return numbered(r, "event-", 4);
}

struct str random_lease(struct random_steps *r)
{
    if (draw_chance(r, 3)) return STR("timers");
    return arena_format(&r->b->arena, "scale:%.*s", STR_ARG(random_service(r)));
}

static struct str holder(struct random_steps *r)
{
    static const char *const HOLDERS[] = {"one/scale/0", "one/scale/0", "other/scale/3"};
    return str_from(RANDOM_OF(r, HOLDERS));
}

static int64_t some_time(struct random_steps *r)
{
    return STATE_FUTURE_MS + (int64_t)draw_below(r, 6) * 60000;
}

static struct drain some_drain(struct random_steps *r)
{
    static const int64_t AGES_H[] = {0, 0, 1, 24, 26, 13 * 24, 15 * 24};
    struct clock *clock = &r->b->clock;
    int64_t now_ms = r->owns_clock ? r->clock_ms : clock_wall_ms(clock);
    return (struct drain){
        .format = DRAIN_FORMAT,
        .drain_id = random_drain_id(r),
        .service = random_service(r),
        .task_arn = random_task(r),
        .address = draw_chance(r, 4) ? STR_NONE : random_address(r),
        .state = (int)(DRAIN_CLAIMED + draw_below(r, DRAIN_GONE)),
        .cause = draw_chance(r, 8) ? STR_NONE : random_event(r),
        .version = (int64_t)draw_below(r, 4),
        .claimed_at = now_ms / 1000 * 1000 - RANDOM_OF(r, AGES_H) * HOUR_MS,
        .look_at = some_time(r),
        .start_sent_at = (int64_t)draw_below(r, 2),
        .by_alarm = draw_chance(r, 2),
        .trigger = draw_chance(r, 2) ? STR("idle") : STR_NONE,
        /* Whole seconds: what is called now is not the same moment in both. */
        .finished_at =
            (now_ms / 1000 - (int64_t)draw_below(r, 3)) * 1000 - RANDOM_OF(r, AGES_H) * 3 * HOUR_MS,
    };
}

static int claim(struct random_steps *r, struct arena *a, struct err *e)
{
    static const int64_t COOLDOWNS_MS[] = {0, 0, 0, 60000, 900000};
    static const int64_t MOST[] = {1000, 1000, 1000, 1000, 1000, 3, 1, 0};
    static const int64_t SERVING[] = {100, 100, 100, 100, 3, 1, 0, -1};
    struct service_settings settings = {
        .cooldown_ms = RANDOM_OF(r, COOLDOWNS_MS),
        .drains_per_hour = RANDOM_OF(r, MOST),
        .drains_at_once = RANDOM_OF(r, MOST),
    };
    struct drain d = some_drain(r);
    struct str tasks[] = {random_task(r), random_task(r)};
    struct claim_request request = {
        .settings = &settings,
        .drain = &d,
        .serving = RANDOM_OF(r, SERVING),
        .floor = (int64_t)draw_below(r, 3),
        .open_tasks = tasks,
        .open_tasks_n = draw_below(r, EBB_COUNT(tasks) + 1),
        .open_per_account = (int64_t)draw_below(r, 4),
        .check_only = draw_chance(r, 4),
    };
    struct limits_fact out;
    return state_claim(&r->b->port, &request, a, &out, e);
}

static int move(struct random_steps *r, struct arena *a, struct err *e)
{
    struct drain d = some_drain(r), out;
    struct drain_held there;
    if (!draw_chance(r, 4) && !state_read_drain(&r->b->port, d.drain_id, a, &there, e) &&
        there.exists) {
        there.record.state = d.state;
        there.record.look_at = d.look_at;
        d = there.record;
    }
    if (draw_chance(r, 3)) return state_recorded(&r->b->port, &d, a, &out, e);
    if (draw_chance(r, 5)) return state_will_record(&r->b->port, &d, a, &out, e);
    struct move_request request = {
        .becomes = &d,
        .refund = draw_chance(r, 4),
        .backoff_ms = draw_chance(r, 5) ? 300000 : 0,
    };
    return state_move(&r->b->port, &request, a, &out, e);
}

static int merge(struct random_steps *r, struct arena *a, struct err *e)
{
    struct drain d = some_drain(r);
    bool is_stored = !draw_chance(r, 3);
    return state_merge(&r->b->port, &d, is_stored, a, e);
}

static int lease(struct random_steps *r, struct arena *a, struct err *e)
{
    struct str name = random_lease(r);
    struct lease_fact fact;
    switch (draw_below(r, 4)) {
    case 0: return state_release_lease(&r->b->port, name, holder(r), a, e);
    case 1: return state_read_lease(&r->b->port, name, a, &fact, e);
    default: return state_take_lease(&r->b->port, name, holder(r), 300000, a, e);
    }
}

static int intent(struct random_steps *r, struct arena *a, struct err *e)
{
    struct str service = random_service(r);
    struct intent_fact fact = {.base = (int64_t)draw_below(r, 2) + 4,
                               .to = 3,
                               .not_after = some_time(r),
                               .others = (int64_t)draw_below(r, 3)};
    if (draw_chance(r, 2)) {
        struct str name = arena_format(a, "scale:%.*s", STR_ARG(service));
        (void)!state_take_lease(&r->b->port, name, holder(r), 300000, a, e); /* may be held */
    }
    switch (draw_below(r, 3)) {
    case 0: return state_put_intent(&r->b->port, service, holder(r), &fact, a, e);
    case 1: return state_close_intent(&r->b->port, service, holder(r), &fact, a, e);
    default: return state_read_intent(&r->b->port, service, a, &fact, e);
    }
}

static int timers(struct random_steps *r, struct arena *a, struct err *e)
{
    struct timer_list list;
    struct timer timer = {random_drain_id(r), some_time(r)};
    switch (draw_below(r, 3)) {
    case 0: return state_wake(&r->b->port, random_service(r), timer.drain_id, timer.at, a, e);
    case 1:
        return state_timer_fired(&r->b->port, &timer, draw_chance(r, 2) ? 0 : some_time(r), a, e);
    default: return state_timers_due(&r->b->port, timer.at, draw_below(r, 4), a, &list, e);
    }
}

static int epoch(struct random_steps *r, struct arena *a, struct err *e)
{
    struct str run_id, began;
    if (draw_chance(r, 2)) return state_run_id(&r->b->port, a, &run_id, &began, e);
    run_id = draw_chance(r, 4) ? STR("another") : r->b->run_id;
    if (draw_chance(r, 3)) return state_begin_merge(&r->b->port, STR("merge"), a, e);
    return state_begin_epoch(&r->b->port, run_id, STR("merge"), a, e);
}

static int looks(struct random_steps *r, struct arena *a, struct err *e)
{
    struct str_list list;
    struct str id = draw_chance(r, 3) ? STR_NONE : random_drain_id(r);
    switch (draw_below(r, 4)) {
    case 0: return state_note_verdict(&r->b->port, random_service(r), id, STR("{\"n\":1}"), a, e);
    case 1: return state_read_looks(&r->b->port, random_drain_id(r), true, a, &list, e);
    case 2: return state_read_last_looks(&r->b->port, random_service(r), false, 2, a, &list, e);
    default: return state_services(&r->b->port, 5, a, &list, e);
    }
}

static int alarms(struct random_steps *r, struct arena *a, struct err *e)
{
    static const char *const NAMES[] = {"idle", "quiet", "no ascii \xc3\xa4"};
    struct str service = random_service(r);
    struct alarm_note items[2];
    struct alarm_notes notes = {items, 1 + draw_below(r, 2)};
    struct str_list services;
    bool has_asked;
    for (size_t i = 0; i < notes.n; i++)
        items[i] = (struct alarm_note){.name = str_from(RANDOM_OF(r, NAMES)),
                                       .state = (int)draw_below(r, ALARM_INSUFFICIENT_DATA + 1),
                                       .since = some_time(r),
                                       .is_gone = draw_chance(r, 4)};
    switch (draw_below(r, 7)) {
    case 0: return state_read_alarms(&r->b->port, service, a, &notes, e);
    case 1: return state_watched(&r->b->port, a, &services, e);
    case 2: return state_alarms_asked(&r->b->port, service, 300000, a, e);
    case 3: return state_have_alarms_asked(&r->b->port, service, a, &has_asked, e);
    default:
        return state_note_alarms(&r->b->port, service, &notes, some_time(r),
                                 draw_chance(r, 2) ? 0 : some_time(r), a, e);
    }
}

static int reads(struct random_steps *r, struct arena *a, struct err *e)
{
    struct drain_list list;
    struct str id;
    if (draw_chance(r, 3)) return state_drain_of_task(&r->b->port, random_task(r), a, &id, e);
    enum drain_state only = draw_chance(r, 2) ? DRAIN_OTHER : DRAIN_CLAIMED;
    return state_read_open(&r->b->port, random_service(r), only, a, &list, e);
}

void random_state_step(struct random_steps *r)
{
    static int (*const STEPS[])(struct random_steps *, struct arena *, struct err *) = {
        claim,  claim, claim, move,  move,   merge,          lease,        intent,
        timers, epoch, looks, reads, alarms, random_control, random_count,
    };
    struct err e = {0};
    (void)RANDOM_OF(r, STEPS)(r, &r->b->arena, &e); /* the port compares */
}
