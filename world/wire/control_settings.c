/* SPDX-License-Identifier: Apache-2.0
 * The control API's calls that set the world up or change its rules: scenario, keys, faults, time.
 */
#include "world/wire/control.h"

#include "world/region/departures.h"
#include "world/region/distributor.h"
#include "world/region/fault.h"
#include "world/wire/scenario.h"

#define ADVANCE_MS_MAX ((int64_t)400 * 24 * 3600 * 1000)

static int apply_scenario(struct control *c)
{
    struct scenario *scenario = ARENA_NEW(c->a, struct scenario);
    int rc = scenario_decode(c->request->body, c->a, scenario, &c->e);
    if (rc) return rc;
    if (scenario->has_region) rc = scenario_change_region(c->wire, &scenario->region, &c->e);
    return rc ? rc : scenario_apply(c->wire, scenario, c->a, &c->e);
}

static int change_region(struct control *c)
{
    struct region_options change = {0};
    int rc = control_body(c, &region_options_record, &change);
    return rc ? rc : scenario_change_region(c->wire, &change, &c->e);
}

static int put_key(struct control *c)
{
    struct key key = {0};
    int rc = control_body(c, &key_record, &key);
    return rc ? rc : wire_put_key(c->wire, &key, c->a, &c->e);
}

static int set_function(struct control *c)
{
    struct function_options options = {0};
    int rc = control_body(c, &function_options_record, &options);
    return rc ? rc : region_function_set(c->region, &options, &c->e);
}

static int add_fault(struct control *c)
{
    struct fault_rule rule = {0};
    int rc = control_body(c, &fault_rule_record, &rule);
    return rc ? rc : region_fault_add(c->region, &rule, &c->e);
}

static int clear_faults(struct control *c)
{
    region_fault_clear(c->region);
    return E_OK;
}

static int set_departures(struct control *c)
{
    struct control_departures wanted = {0};
    int rc = control_body(c, &control_departures_record, &wanted);
    return rc ? rc : region_depart(c->region, wanted.departures, &c->e);
}

/* advanceMs jumps, and everything due on the way happens before the answer. */
static int change_time(struct control *c)
{
    struct control_time change = {0};
    struct pace *pace = &c->wire->pace;
    int64_t mono_ms = clock_mono_ms(&c->wire->clock);
    int rc = control_body(c, &control_time_record, &change);
    if (rc) return rc;
    if (change.advance_ms < 0 || change.advance_ms > ADVANCE_MS_MAX)
        return err_set(&c->e, E_MALFORMED, "advanceMs: must be from 0 to %lld",
                       (long long)ADVANCE_MS_MAX);
    bool sets_speed = change.speed > 0 || change.speed < 0;
    if (sets_speed && !(change.speed >= PACE_SPEED_MIN && change.speed <= PACE_SPEED_MAX))
        return err_set(&c->e, E_MALFORMED, "speed: must be from %g to %g", PACE_SPEED_MIN,
                       PACE_SPEED_MAX);
    if (change.pause && (change.resume || sets_speed))
        return err_set(&c->e, E_MALFORMED, "pause: not together with speed or resume");
    if (sets_speed) pace_set_speed(pace, mono_ms, change.speed);
    if (change.pause || change.resume) pace_pause(pace, mono_ms, change.pause);
    pace_skip(pace, change.advance_ms);
    region_advance(c->region, pace_now(pace, mono_ms));
    return E_OK;
}

const struct control_row CONTROL_SETTINGS[] = {
    {"POST", "/world/scenario", apply_scenario, "the document --scenario takes"},
    {"POST", "/world/region", change_region,
     "consistencyDelay, throttlingOff, eventDuplicatePercent, eventDelayMax, eventLostPercent: all "
     "are set, absent ones to none"},
    {"POST", "/world/keys", put_key,
     "accessKeyId, secretAccessKey, sessionToken, expiresAt, userArn, allow, deny"},
    {"POST", "/world/functions", set_function, "a Lambda function and its options"},
    {"POST", "/world/faults", add_fault, "operation, effect, percent, count, skip, delay"},
    {"DELETE", "/world/faults", clear_faults, "ends all faults"},
    {"POST", "/world/departures", set_departures,
     "departures: where ECS is not as AWS says from now on; none = as it says"},
    {"POST", "/world/time", change_time, "advanceMs, speed, pause, resume"},
    {0},
};
