/* SPDX-License-Identifier: Apache-2.0
 * Waiting without the lock: long polls, and the delays of faults and of slow applications. Looks
 * again at short steps, because three things end a wait: the time, the message, the end of the
 * world. */
#include "world/wire/wire.h"

#include "world/region/operations.h"

#define STEP_MS         20
#define VIRTUAL_STEP_MS 2
/* A wait in virtual time ends after that much of ours, also when time stands still. */
#define REAL_WAIT_MAX_MS ((int64_t)10 * 60 * 1000)

static int64_t shorter(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

bool wire_wait_real(struct wire *wire, int64_t ms)
{
    int64_t end_ms = clock_mono_ms(&wire->clock) + ms;
    while (!wire->stopping) {
        int64_t left_ms = end_ms - clock_mono_ms(&wire->clock);
        if (left_ms <= 0) return true;
        clock_sleep_ms(shorter(left_ms, STEP_MS));
    }
    return false;
}

static int64_t virtual_now(struct wire *wire)
{
    int64_t now_ms = region_now_ms(wire_enter(wire));
    wire_leave(wire);
    return now_ms;
}

bool wire_wait_virtual(struct wire *wire, int64_t ms)
{
    if (ms <= 0) return !wire->stopping;
    int64_t end_ms = virtual_now(wire) + ms;
    int64_t give_up_ms = clock_mono_ms(&wire->clock) + REAL_WAIT_MAX_MS;
    while (!wire->stopping && clock_mono_ms(&wire->clock) < give_up_ms) {
        if (virtual_now(wire) >= end_ms) return true;
        clock_sleep_ms(VIRTUAL_STEP_MS);
    }
    return !wire->stopping;
}

void wire_wait_for_message(struct wire *wire, struct str queue_url, int64_t wait_ms)
{
    int64_t end_ms = clock_mono_ms(&wire->clock) + wait_ms;
    while (!wire->stopping) {
        bool has = region_sqs_has_messages(wire_enter(wire), queue_url);
        wire_leave(wire);
        int64_t left_ms = end_ms - clock_mono_ms(&wire->clock);
        if (has || left_ms <= 0) return;
        clock_sleep_ms(shorter(left_ms, STEP_MS));
    }
}
