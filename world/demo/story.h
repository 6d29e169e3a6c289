/* SPDX-License-Identifier: Apache-2.0
 * What happens in the demo, in order: the service comes up, is scaled in the way AWS does it, is
 * brought back, and is scaled in Ebb's way. The load is never touched. */
#ifndef EBB_WORLD_DEMO_STORY_H
#define EBB_WORLD_DEMO_STORY_H

#include "world/demo/demo.h"

/* E_TIMEOUT naming what did not come about. Whether all was well is judge.h's to say. */
int story_run(struct demo *d, struct err *e) EBB_MUST_CHECK;
/* Sets the service's alarm as a person would: "ALARM" or "OK". */
int story_set_alarm(struct demo *d, const char *state, struct err *e) EBB_MUST_CHECK;

#endif
