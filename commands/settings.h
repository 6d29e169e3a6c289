/* SPDX-License-Identifier: Apache-2.0
 * The table of settings as people and documents read it. */
#ifndef EBB_COMMANDS_SETTINGS_H
#define EBB_COMMANDS_SETTINGS_H

#include "schemas/show.h"

/* Every setting of ebb.yaml, in the order of its table; memory of the arena. */
struct shown_settings settings_list(struct arena *a);
/* What docs/settings.md holds. */
void settings_markdown(struct buf *out);

#endif
