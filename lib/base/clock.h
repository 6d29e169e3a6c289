/* SPDX-License-Identifier: Apache-2.0
 * The only place that reads a clock. Stages never do: time comes to them as now_ms. */
#ifndef EBB_BASE_CLOCK_H
#define EBB_BASE_CLOCK_H

#include <stdint.h>

/* A clock that is passed along, so that a simulator can own time. */
struct clock {
    void *ctx;
    int64_t (*wall_ms)(void *ctx); /* since the Unix epoch; may step */
    int64_t (*mono_ms)(void *ctx); /* for deadlines and durations; never steps */
};

struct clock clock_system(void);
int64_t clock_wall_ms(const struct clock *c);
int64_t clock_mono_ms(const struct clock *c);

/* Waits up to that long; for threads that have nothing else to wait on. Stages and handlers never
 * call it. */
void clock_sleep_ms(int64_t ms);

#endif
