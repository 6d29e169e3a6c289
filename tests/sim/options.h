/* SPDX-License-Identifier: Apache-2.0
 * What is played: everything a history depends on besides the commit. Written out again it is the
 * command that repeats it. */
#ifndef EBB_TESTS_SIM_OPTIONS_H
#define EBB_TESTS_SIM_OPTIONS_H

#include "lib/base/buf.h"

#define SIM_SIZES        4
#define SIM_DIRECTED_MAX 16
#define SIM_COMMAND_MAX  ((size_t)4096)

/* A lease of the timers lasts ten seconds. */
#define SIM_IDLE_MS     ((int64_t)2500)
#define SIM_IDLE_MAX_MS ((int64_t)5000)

struct sim_options {
    uint64_t seed;
    uint64_t chance;    /* the same scene and faults in another order of things; 0: the first */
    int size;           /* class of the scene: 0 small ... */
    const char *course; /* a fixed scene without faults (courses.h); NULL: drawn from the seed */
    /* Rows of faults.h that are switched off: a bit each. */
    uint64_t without_calls, without_events;
    uint64_t services;                  /* those only: a bit each; 0: all */
    int64_t events, processes, minutes; /* at most so many; 0: as the seed has them */
    int64_t idle_ms; /* who has nothing to do looks again after so long; 0: as in a course */
    const char *directed[SIM_DIRECTED_MAX]; /* faults at one place (directed.h) */
    size_t directed_n;
    const char *planted; /* the row whose every effect counts as a violation: tries the shrinker */
    bool hashes;         /* what happens is hashed, to be compared with the same again */
    bool prints;         /* the trace, a line each */
    bool tells;          /* the story, in the end */
};

/* What to do with histories. */
struct sim_command {
    struct sim_options options; /* of the first; of size -1: all sizes in turn */
    int64_t n;
    int64_t repeat_percent; /* of histories are played twice, and the traces compared */
    bool shrinks;           /* what fails is made small, and told */
    bool until_broken;      /* the first that fails is the last */
    bool nth, selftest, lists;
    const char *regressions; /* a file of commands */
};

/* False, with the reason on stderr, when the words are no command. They are borrowed. */
bool options_read(int argc, char **argv, struct sim_command *out) EBB_MUST_CHECK;
/* Usage, and the names of faults and courses. */
void options_help(void);
/* "ebb-sim --seed 7 --size 0 ...": repeats exactly that. */
void options_write(const struct sim_options *options, struct buf *out);
/* The size a seed has when none is given. */
int options_size_of(uint64_t seed);

#endif
