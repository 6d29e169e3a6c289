/* SPDX-License-Identifier: Apache-2.0
 * One picture of the demo: parts, service, tasks with their sessions, and the last lines of what
 * happened. Made of what was seen, as text; it reads nothing itself. */
#ifndef EBB_WORLD_DEMO_FRAME_H
#define EBB_WORLD_DEMO_FRAME_H

#include "world/demo/demo.h"

struct frame_style {
    int columns, rows; /* no line is longer, and there are no more */
    bool color;
    bool live; /* over the picture before it */
};

void frame_draw(const struct demo *d, const struct frame_style *style, struct buf *out);

#endif
