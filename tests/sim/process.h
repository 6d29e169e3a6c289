/* SPDX-License-Identifier: Apache-2.0
 * A simulated process of Ebb: its roles, its clock, its ports. It may die at any call of a port and
 * be started again, or stand still for longer than its leases and sessions last. */
#ifndef EBB_TESTS_SIM_PROCESS_H
#define EBB_TESTS_SIM_PROCESS_H

#include "lib/effect/ports.h"
#include "producers/alarms.h"
#include "producers/callback.h"
#include "producers/receiver.h"
#include "producers/timers.h"
#include "tests/sim/sim.h"

#define PROCESS_NAME_BYTES 24
#define SIM_STAGES         4

struct consumer;

/* Off by so much at a time, and going so much too fast since. */
struct process_clock {
    int64_t off_ms, since_ms, fast_ppm;
};

struct process {
    struct sim *sim;
    int number;
    uint64_t life; /* how often it was started */
    bool is_up;
    bool dies_of_poison;
    int64_t asleep_until; /* stands still until then */
    struct process_clock clock;
    int64_t state_read_ms; /* when it last began to read ebb.state */
    char name[PROCESS_NAME_BYTES];
    struct task *tasks;
    struct ports ports;
    struct budget *budget;
    struct log log;
    struct consumer *consumers[SIM_STAGES];
    struct timers_pass timers;
    struct alarms_pass alarms;
    struct role_context context; /* of its receiver */
    struct receiver receiver;
    _Atomic int64_t one_until_ms;
    struct callback_desk desk;
};

void process_start(struct process *p);
void process_kill(struct process *p);
void process_freeze(struct process *p, int64_t until_ms);
/* The earliest time at which it does anything due at `at_ms`. */
int64_t process_awake_at(const struct process *p, int64_t at_ms);

/* What its wall clock shows. */
int64_t process_wall_ms(const struct process *p);
/* It dies in the middle of the running task's call, and is started again a while later. */
void process_dies_here(struct process *p);
void process_start_later(struct process *p);

/* ports.c: what its code calls out with. */
void process_make_ports(struct process *p);

#endif
