/* SPDX-License-Identifier: Apache-2.0
 * What is said of scopes, and what is counted, with random arguments; see random_steps.h. */
#include "lib/store/state_control.h"
#include "tests/contract/random_steps.h"
#include "tests/support/state_fixture.h"

static int64_t random_time(struct random_steps *r)
{
    return STATE_FUTURE_MS + (int64_t)draw_below(r, 6) * 60000;
}

static struct str scope(struct random_steps *r)
{
    if (draw_chance(r, 3)) return STR(CONTROL_EVERYTHING);
    return draw_chance(r, 2) ? random_service(r)
                             : control_account_of(&r->b->arena, STR(STATE_SERVICE));
}

int random_control(struct random_steps *r, struct arena *a, struct err *e)
{
    struct control_list list;
    struct control c = {.format = CONTROL_FORMAT,
                        .kind = (int)(CONTROL_PAUSE + draw_below(r, 2)),
                        .scope = scope(r),
                        .by = STR("ann"),
                        .at = random_time(r),
                        .until = draw_chance(r, 2) ? 0 : random_time(r),
                        .version = (int64_t)draw_below(r, 4) + 1};
    struct control_held held;
    switch (draw_below(r, 5)) {
    case 0: return state_control_recorded(&r->b->port, &c, a, e);
    case 1: return state_merge_control(&r->b->port, &c, a, e);
    case 2: return state_read_controls(&r->b->port, a, &list, e);
    default: break;
    }
    if (!state_read_control(&r->b->port, c.scope, a, &held, e) && held.exists)
        c.version = held.record.version + 1;
    return state_set_control(&r->b->port, &c, a, e);
}

int random_count(struct random_steps *r, struct arena *a, struct err *e)
{
    struct message_place place = {STR("ebb.select"), 1, (int64_t)draw_below(r, 2)};
    struct intent_fact fact = {.not_after = random_time(r)};
    struct str_list expired;
    int64_t n;
    switch (draw_below(r, 5)) {
    case 0: return state_forget_taken(&r->b->port, &place, a, e);
    case 1: return state_note_wrong(&r->b->port, random_service(r), &fact, a, &n, e);
    case 2: return state_read_expired(&r->b->port, random_time(r), 3, a, &expired, e);
    case 3: return state_forget_expired(&r->b->port, random_drain_id(r), a, e);
    default:
        return state_count_taken(&r->b->port, &place, (enum taken_what)draw_below(r, 3),
                                 random_drain_id(r), a, &n, e);
    }
}
