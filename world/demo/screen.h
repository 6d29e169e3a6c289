/* SPDX-License-Identifier: Apache-2.0
 * The terminal, when standard output is one: a screen of its own while the demo runs, so that what
 * was there before comes back. However the program ends, the cursor is shown again. */
#ifndef EBB_WORLD_DEMO_SCREEN_H
#define EBB_WORLD_DEMO_SCREEN_H

#include "lib/base/buf.h"

#define SCREEN_COLUMNS_MIN 60
#define SCREEN_ROWS_MIN    20

struct screen {
    int columns, rows;
    bool color; /* unless NO_COLOR is set */
    bool entered;
};

/* False: standard output is no terminal, or one that is too small or cannot place its cursor. */
bool screen_find(struct screen *s);
/* The size may have changed. */
void screen_measure(struct screen *s);
void screen_enter(struct screen *s);
/* Nothing when it was not entered, or s is NULL. */
void screen_leave(struct screen *s);
void screen_write(struct str bytes);

#endif
