/* SPDX-License-Identifier: Apache-2.0
 * Messages in hand, so that one which kills its worker each time is found out and becomes a dead
 * letter instead of killing for ever. A message is counted in Redis before anything is done for it,
 * and no more once something came of it, whatever that was. Only messages that may have been in
 * somebody's hands before are counted, which are few.
 *
 * Several are in hand when a process dies, and each of them is counted; at its last chance each is
 * worked on alone, so only one that kills is counted once more.
 *
 * What cannot be counted, because Redis does not answer, is not: it is worked on like any other. */
#ifndef EBB_RUN_TAKEN_H
#define EBB_RUN_TAKEN_H

#include "lib/base/log.h"
#include "lib/effect/ports.h"

/* A message whose worker died so often while it had it is not worked on any more. */
#define TAKEN_MAX 3

/* How often somebody died with it. At its last chance it is worked on alone (alone.h). */
int64_t taken_before(const struct ports *ports, const struct log *log, const struct bus_message *m);
/* Before it is worked on: how often it was taken before this time without a result. */
int64_t taken_begin(const struct ports *ports, const struct log *log, const struct bus_message *m);
/* Something came of it: a verdict, a dead letter, or that it is tried again later. */
void taken_end(const struct ports *ports, const struct log *log, const struct bus_message *m);
/* It is still worked on, but somebody else gets it, or this process ends in order: that is no death.
 */
void taken_give_back(const struct ports *ports, const struct log *log, const struct bus_message *m);

#endif
