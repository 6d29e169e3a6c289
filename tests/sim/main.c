/* SPDX-License-Identifier: Apache-2.0
 * ebb-sim: histories of Ebb, by their seeds. */
#include "tests/sim/nth.h"
#include "tests/sim/regressions.h"
#include "tests/sim/report.h"
#include "tests/sim/shrink.h"

#include <stdio.h>

struct totals {
    uint64_t histories, repeated, effects, drains, violations;
    int64_t virtual_ms;
};

static bool is_same_again(const struct sim_options *options, const struct played *first,
                          struct totals *totals)
{
    struct played again;
    totals->repeated++;
    play_through(options, &again);
    if (again.trace == first->trace) return true;
    (void)printf("seed %llu, size %d: played twice, not the same\n",
                 (unsigned long long)options->seed, options->size);
    return false;
}

static bool play_one(const struct sim_command *command, const struct sim_options *options,
                     struct totals *totals)
{
    struct played played;
    play_through(options, &played);
    totals->histories++;
    totals->effects += played.effects;
    totals->drains += played.drains;
    totals->virtual_ms += played.virtual_ms;
    if (played.violation.format) {
        totals->violations++;
        if (command->shrinks)
            shrink_and_tell(options, &played);
        else
            report_print(options, &played.violation, options->tells);
        return false;
    }
    if (options->tells) report_print(options, NULL, true);
    return !options->hashes || is_same_again(options, &played, totals);
}

static bool play_all(const struct sim_command *command)
{
    struct totals t = {0};
    struct clock clock = clock_system();
    int64_t began_ms = clock_mono_ms(&clock);
    bool all_hold = true;
    for (int64_t i = 0; i < command->n && (all_hold || !command->until_broken); i++) {
        struct sim_options options = command->options;
        options.seed += (uint64_t)i;
        if (options.size < 0) options.size = options_size_of(options.seed);
        options.hashes = (int64_t)(options.seed * 61 % 100) < command->repeat_percent;
        all_hold = play_one(command, &options, &t) && all_hold;
    }
    double seconds = (double)(clock_mono_ms(&clock) - began_ms) / 1000;
    (void)printf("%llu histories (%llu of them twice), %llu drains, %.1f virtual hours, %llu calls "
                 "of ports; %.1f s, %.0f calls a second; %llu violations\n",
                 (unsigned long long)t.histories, (unsigned long long)t.repeated,
                 (unsigned long long)t.drains, (double)t.virtual_ms / 3600000,
                 (unsigned long long)t.effects, seconds,
                 (double)t.effects / (seconds > 0 ? seconds : 1), (unsigned long long)t.violations);
    return all_hold;
}

int main(int argc, char **argv)
{
    struct sim_command command;
    if (!options_read(argc, argv, &command)) return 2;
    if (command.lists) {
        options_help();
        return 0;
    }
    if (command.regressions) return regressions_play(command.regressions) ? 0 : 1;
    if (command.nth) return nth_play(&command.options) ? 0 : 1;
    if (command.selftest) return shrink_selftest() ? 0 : 1;
    return play_all(&command) ? 0 : 1;
}
