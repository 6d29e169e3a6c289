/* SPDX-License-Identifier: Apache-2.0
 * How fast the region's time runs against ours, and where it is. Values only: the clock is read by
 * whoever asks. */
#ifndef EBB_WORLD_WIRE_PACE_H
#define EBB_WORLD_WIRE_PACE_H

#include <stdbool.h>
#include <stdint.h>

#define PACE_SPEED_MIN 0.001
#define PACE_SPEED_MAX 100000.0

struct pace {
    int64_t virtual_ms; /* the region's time ... */
    int64_t mono_ms;    /* ... when our monotonic clock showed this */
    double speed;       /* virtual seconds a real second */
    bool paused;
};

/* The region's time when our clock shows mono_ms; never before the pace began. */
int64_t pace_now(const struct pace *pace, int64_t mono_ms);
/* From mono_ms on it runs at that speed, and runs. */
void pace_set_speed(struct pace *pace, int64_t mono_ms, double speed);
/* From mono_ms on it stands still, or goes on. */
void pace_pause(struct pace *pace, int64_t mono_ms, bool paused);
/* Jumps ahead. */
void pace_skip(struct pace *pace, int64_t by_ms);

#endif
