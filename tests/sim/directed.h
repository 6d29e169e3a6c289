/* SPDX-License-Identifier: Apache-2.0
 * Faults at one place of a history, instead of by chance. Written
 *
 *   PORT:CALL[@ROLE][#N[+]]=MODE     "aws:ecs:UpdateService@scale#1=after"
 *   SECONDS=EVENT                    "12.5=WIPE", counted from the first event's time
 *
 * PORT is redis, kafka, aws, distributor, task or callback; CALL the name the trace shows (a script, a
 * topic, an operation, a path), which may hold '*'; ROLE a stage, timers, relay or callback; N which
 * of these calls (1), with '+' that one and all after it until the quiet time. MODE is a fault of
 * that port in faults.h without the port's name, in small letters: before, after, dies_before ... */
#ifndef EBB_TESTS_SIM_DIRECTED_H
#define EBB_TESTS_SIM_DIRECTED_H

#include "tests/sim/faults.h"

#define DIRECTED_WORD_BYTES 96

struct directed {
    bool is_event;
    int64_t at_ms;          /* of an event: after the history's beginning */
    enum event_fault event; /* what then happens */
    enum call_port port;
    char name[DIRECTED_WORD_BYTES], role[DIRECTED_WORD_BYTES]; /* role "": any */
    enum call_fault fault;
    int64_t from, seen;
    bool goes_on;
};

/* E_MALFORMED with the reason. */
int directed_read(const char *text, struct directed *out, struct err *e) EBB_MUST_CHECK;
/* What the written ones do to this call: FAULT_IS_NONE. Counts. */
enum call_fault directed_take(struct sim *sim, const struct call *call);

#endif
