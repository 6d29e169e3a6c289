/* SPDX-License-Identifier: Apache-2.0
 * See pace.h. Every change of speed begins a new straight line, so time never goes back. */
#include "world/wire/pace.h"

int64_t pace_now(const struct pace *pace, int64_t mono_ms)
{
    int64_t passed_ms = mono_ms - pace->mono_ms;
    if (pace->paused || passed_ms <= 0) return pace->virtual_ms;
    return pace->virtual_ms + (int64_t)((double)passed_ms * pace->speed);
}

static void begin_here(struct pace *pace, int64_t mono_ms)
{
    pace->virtual_ms = pace_now(pace, mono_ms);
    pace->mono_ms = mono_ms;
}

void pace_set_speed(struct pace *pace, int64_t mono_ms, double speed)
{
    begin_here(pace, mono_ms);
    pace->speed = speed;
    pace->paused = false;
}

void pace_pause(struct pace *pace, int64_t mono_ms, bool paused)
{
    begin_here(pace, mono_ms);
    pace->paused = paused;
}

void pace_skip(struct pace *pace, int64_t by_ms)
{
    pace->virtual_ms += by_ms;
}
