/* SPDX-License-Identifier: Apache-2.0
 * ebb verify-aws against a simulated region, whose time may run faster than ours: the clock that
 * goes with it. */
#include "commands/verify_aws.h"

#define SPEED_MAX ((int64_t)100000)

static int64_t wall(void *ctx)
{
    const struct scaled_clock *c = ctx;
    double passed_ms = (double)(clock_wall_ms(&c->real) - c->ours_ms);
    return c->theirs_ms + (int64_t)(passed_ms * c->speed);
}

static int64_t mono(void *ctx)
{
    const struct scaled_clock *c = ctx;
    return (int64_t)((double)clock_mono_ms(&c->real) * c->speed);
}

int scaled_clock_parse(struct str text, struct scaled_clock *out, struct err *e)
{
    int64_t speed = 1;
    *out = (struct scaled_clock){.real = clock_system(), .speed = 1};
    if (!text.n) return E_OK;
    struct str rest = text, first = str_cut(&rest, ','), second = str_cut(&rest, ',');
    bool good = str_to_int(first, &speed) && str_to_int(second, &out->theirs_ms) &&
                str_to_int(rest, &out->ours_ms) && speed >= 1 && speed <= SPEED_MAX;
    out->speed = (double)speed;
    if (good) return E_OK;
    return err_set(e, E_MALFORMED,
                   "--simulated-clock: must be SPEED,THEIRS,OURS: how many times as "
                   "fast as ours, and their milliseconds since 1970 when ours were "
                   "those");
}

struct clock scaled_clock_of(struct scaled_clock *c)
{
    if (c->speed > 1 || c->theirs_ms) return (struct clock){c, wall, mono};
    return c->real;
}
