/* SPDX-License-Identifier: Apache-2.0
 * What the groups of assumptions share: the throwaway service, and what is asked of and done to
 * it. Every function that calls AWS returns 0 or a code; then s->failure has the words. */
#ifndef EBB_VERIFY_SCENE_H
#define EBB_VERIFY_SCENE_H

#include "lib/aws/ecs_calls.h"
#include "lib/verify/verify.h"

#define SECOND_MS       ((int64_t)1000)
#define LOOK_MS         (2 * SECOND_MS)   /* between two looks */
#define START_MAX_MS    (300 * SECOND_MS) /* tasks have started by then */
#define STOP_MAX_MS     (240 * SECOND_MS) /* or stopped */
#define HELD_MS         (45 * SECOND_MS)  /* so long is watched for what must not happen */
#define SETTLE_MS       (20 * SECOND_MS)  /* likewise, after what must happen did */
#define LAG_MS          (10 * SECOND_MS)  /* reads may be so old */
#define PROTECT_LONG    ((int64_t)20)     /* minutes; longer than any group needs */
#define MINUTE_MS       (60 * SECOND_MS)
#define SCENE_WHY_BYTES 400

/* The first task that a scale-in stopped: what later groups ask about. */
struct scaled_in {
    struct str arn, stop_code;
    int64_t ended_at;
};

struct scene {
    const struct verify_ports *ports;
    const struct verify_options *options;
    struct arena *arena; /* of the run */
    struct arena round;  /* of one look: what is kept is copied */
    struct service_key key;
    bool own_cluster;      /* made, or perhaps made, by this run */
    struct str definition; /* ARN; absent: none was made */
    struct str run_id;
    int64_t begun_ms, until_ms; /* monotonic */
    int64_t ahead_ms;           /* ECS's clock less ours, when the service was made */
    bool ahead_known;
    bool over;                 /* the run is to end, or its time is over */
    char why[SCENE_WHY_BYTES]; /* nothing more can be checked, and why; "" = go on */
    struct scaled_in scaled_in;
    struct aws_failure failure;
};

/* ECS's time by our clock, put right by what its clock was ahead. */
int64_t scene_now(const struct scene *s);
int64_t scene_mono(const struct scene *s);
void scene_say(struct scene *s, const char *format, ...) EBB_PRINTF(2, 3);
/* Waits for the next look. False when the run is over, or it is later than until_ms (monotonic). */
bool scene_again(struct scene *s, int64_t until_ms);
/* Nothing more can be checked. */
void scene_give_up(struct scene *s, const char *format, ...) EBB_PRINTF(2, 3);
/* Why something was not checked: what was given up, the run's end, or the last failure. */
struct str scene_why(const struct scene *s, struct arena *a);

/* Reads that failed for a while are no looks. True: go on looking. */
bool scene_passing(const struct scene *s, int code);
/* AWS would not do it, whoever asks: that is an observation, unlike a missing right. */
bool scene_refused(const struct scene *s, int code);

struct service_look {
    bool exists, active, deploying;
    int64_t desired, running, pending;
    struct str status, last_event; /* of the round */
};
int scene_read_service(struct scene *s, struct service_look *out) EBB_MUST_CHECK;
/* UpdateService; *replied is the count its reply says. */
int scene_set_desired(struct scene *s, int64_t desired, bool deploy,
                      int64_t *replied) EBB_MUST_CHECK;
/* DeleteService by force, which stops its tasks. */
int scene_delete_service(struct scene *s) EBB_MUST_CHECK;
/* UpdateTaskProtection in one call, as it is; minutes 0 = off. out is of the round. */
int scene_call_protection(struct scene *s, const struct str *tasks, size_t n, int64_t minutes,
                          struct ecs_task_protection_output *out) EBB_MUST_CHECK;

/* Tasks that are followed from look to look. */
struct watched {
    struct str arn;
    bool is_protected;             /* as the group made it */
    bool wanted, running;          /* as last seen */
    bool was_on_the_way;           /* seen on its way from RUNNING to STOPPED */
    bool on_the_way_wanted;        /* and desiredStatus was RUNNING then */
    bool missing;                  /* DescribeTasks does not know it, though it did */
    int64_t stopping_at;           /* when it was first seen to be stopping or stopped; 0 = not */
    int64_t ended_at;              /* when it was first seen STOPPED or MISSING; 0 = not */
    struct str stop_code, address; /* of the run's arena */
    int64_t started_at;
};
struct watch {
    struct watched *items;
    size_t n;
};
int watch_look(struct scene *s, struct watch *w) EBB_MUST_CHECK;
/* The service's running tasks, looked at. */
int watch_begin(struct scene *s, struct watch *out) EBB_MUST_CHECK;
size_t watch_stopping(const struct watch *w, bool of_protected);
size_t watch_ended(const struct watch *w);
/* A task that is not among them; NULL when there is none. Memory of out is the run's. */
bool watch_is_in(const struct watch *w, struct str arn);

/* n running tasks, none protected, nothing under way: what a group begins with. *out has the tasks.
 */
int scene_prepare(struct scene *s, int64_t n, struct watch *out) EBB_MUST_CHECK;
/* Protects tasks from..to-1 for PROTECT_LONG minutes, and sees that they are. */
int scene_protect(struct scene *s, struct watch *w, size_t from, size_t to) EBB_MUST_CHECK;
/* What GetTaskProtection says of one task: its expiry, 0 = not protected, -1 = nothing of it. */
int scene_read_expiry(struct scene *s, struct str task, int64_t *out) EBB_MUST_CHECK;
/* Of all the service's tasks; raises the count for it where protection is in the way. */
int scene_unprotect_all(struct scene *s) EBB_MUST_CHECK;

/* create.c: cluster, definition, service. */
int scene_create(struct scene *s) EBB_MUST_CHECK;

/* clean.c */
struct left {
    struct str cluster; /* ARN */
    bool own_cluster;
    struct str service; /* name; absent: none */
    int64_t ends_ms;    /* of the run that made it; 0 = not known */
};
/* Removes the service, then the cluster if it is a run's own. */
int clean_one(struct scene *s, const struct left *left) EBB_MUST_CHECK;
int clean_definition(struct scene *s, struct str arn) EBB_MUST_CHECK;
/* leftovers.c: what earlier runs left; out is a list of struct left, of the run's arena. */
int leftovers_find(struct scene *s, struct list *out) EBB_MUST_CHECK;
/* Of the task definitions that runs with this prefix make, and nobody else. */
struct str verify_family(const struct scene *s);
/* ACTIVE definitions of the family: struct str, of the run's arena. */
int leftover_definitions(struct scene *s, struct list *out) EBB_MUST_CHECK;

#endif
