/* SPDX-License-Identifier: Apache-2.0
 * Histories that once broke something, one a line of a file: "options | what it found". '#' begins
 * a comment. */
#ifndef EBB_TESTS_SIM_REGRESSIONS_H
#define EBB_TESTS_SIM_REGRESSIONS_H

#include <stdbool.h>

/* Plays all; false when one is violated again, or cannot be read. */
bool regressions_play(const char *path);

#endif
