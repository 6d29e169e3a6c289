/* SPDX-License-Identifier: Apache-2.0
 * See report.h. */
#include "tests/sim/report.h"

#include "tests/sim/faults.h"
#include "tests/sim/story.h"

#include <stdio.h>

void report_print(const struct sim_options *options, const struct violation *violation, bool tells)
{
    struct sim_options again = *options;
    struct sim sim;
    struct buf command;
    again.prints = false;
    again.tells = tells;
    buf_init(&command, SIM_COMMAND_MAX);
    options_write(&again, &command);
    if (violation)
        (void)printf("VIOLATED %.*s: %s\n", STR_ARG(violation_name(violation)), violation->text);
    play(&sim, &again, NULL);
    faults_print(&sim);
    if (tells) story_print(&sim);
    play_clear(&sim);
    (void)printf("  again: %.*s --trace\n", STR_ARG(buf_view(&command)));
    buf_release(&command);
}
