/* SPDX-License-Identifier: Apache-2.0
 * Messages in hand, so that one which kills its worker each time is found out and becomes a dead
 * letter instead of killing for ever. Who has a message is noted in Redis before anything is done for
 * it, and no more once something came of it, whatever that was. Only messages that may have been in
 * somebody's hands before are noted, which are few.
 *
 * Several are in hand when a process dies, and each of them is noted; at its last chance each is
 * worked on alone, so only one that kills is noted once more. Who lives and has to let it go gives it
 * back, perhaps a moment after the next one has it.
 *
 * What cannot be noted, because Redis does not answer, is not: it is worked on like any other. */
#ifndef EBB_RUN_TAKEN_H
#define EBB_RUN_TAKEN_H

#include "lib/base/log.h"
#include "lib/effect/ports.h"

/* A message whose worker died so often while it had it is not worked on any more. */
#define TAKEN_MAX 3
/* Who lives has given it back by then: more than Redis is given to answer one command. */
#define TAKEN_SETTLED_MS ((int64_t)10 * 1000)

/* How many others have it, or died with it. At its last chance it is worked on alone (alone.h). */
int64_t taken_before(const struct ports *ports, const struct log *log, const struct bus_message *m);
/* Before it is worked on: how many others have it, or died with it. */
int64_t taken_begin(const struct ports *ports, const struct log *log, const struct bus_message *m);
/* Something came of it: a verdict or a dead letter. Said as often. */
void taken_end(const struct ports *ports, const struct log *log, const struct bus_message *m);
/* It is held, or somebody else gets it while it is worked on, or this process ends in order: that is no
 * death. False when Redis was not told, after several attempts within a second. */
bool taken_give_back(const struct ports *ports, const struct log *log, const struct bus_message *m);

#endif
