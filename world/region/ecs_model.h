/* SPDX-License-Identifier: Apache-2.0
 * ECS from inside: clusters, definitions, services, deployments, tasks, and the functions that
 * change them. What a caller may see with a delay is in *_facts; a journal keeps its past. */
#ifndef EBB_WORLD_REGION_ECS_MODEL_H
#define EBB_WORLD_REGION_ECS_MODEL_H

#include "world/region/departures.h"
#include "world/region/model.h"
#include "world/region/tasks.h"

#define ARN_BYTES              512
#define NAME_BYTES             256
#define KEY_BYTES              512
#define REASON_BYTES           512
#define ADDRESS_BYTES          16
#define DEPLOYMENTS_MAX        6
#define SERVICE_EVENTS_MAX     100
#define TASK_VISIBLE_MS        ((int64_t)3600 * 1000)
#define PROTECTION_DEFAULT_MIN 120
#define PROTECTION_MAX_MIN     2880

struct cluster {
    char name[NAME_BYTES], arn[ARN_BYTES];
    uint64_t number;
    bool inactive;    /* deleted */
    struct list tags; /* struct ecs_tag, of the region's life */
};

struct definition {
    uint64_t number;
    char family[NAME_BYTES], arn[ARN_BYTES];
    int64_t revision;
    char container[NAME_BYTES], image[REASON_BYTES], cpu[16], memory[16];
    bool inactive; /* deregistered: nothing new is made of it */
};

/* What a task of a service is, from birth to its end, in this order. */
#define TASK_STATUSES(X)                                                                           \
    X(PROVISIONING)                                                                                \
    X(PENDING) X(ACTIVATING) X(RUNNING) X(DEACTIVATING) X(STOPPING) X(DEPROVISIONING) X(STOPPED)
enum task_status {
#define X(name) TASK_##name,
    TASK_STATUSES(X)
#undef X
};
struct str task_status_word(enum task_status status);

struct task_facts {
    enum task_status last_status;
    bool wanted; /* desiredStatus RUNNING; else STOPPED */
    int64_t version;
    int64_t pull_started_ms, pull_stopped_ms, connected_ms, started_ms;
    int64_t stopping_ms, execution_stopped_ms, stopped_ms;
    int64_t protected_until_ms;  /* 0 = not protected */
    char address[ADDRESS_BYTES]; /* "" until its interface is attached */
    const char *stop_code;       /* AWS's; NULL while it runs */
    char stopped_reason[REASON_BYTES];
};

struct task_past {
    int64_t at_ms;
    struct task_facts facts;
};

/* What the application in a task holds and says. */
struct task_app {
    bool alive;               /* its process runs and answers */
    bool draining, drained;   /* drained: it was empty, its callback is under way or done */
    char drain_id[KEY_BYTES]; /* of the drain it is in, or was in last */
    char *callback_url, *token;
    int64_t sessions; /* held now, the endless ones of region_sessions_add included */
    int64_t endless;
    int64_t completed, refused, cut;
};

struct task {
    uint64_t number;
    struct service *service; /* NULL: started by RunTask */
    struct cluster *cluster;
    struct definition *definition;
    uint64_t deployment; /* number of the one that started it */
    char id[33], arn[ARN_BYTES];
    char started_by[NAME_BYTES], group[KEY_BYTES], client_token[65];
    char attachment_id[UUID_BYTES], interface_id[32], mac[18], zone[40];
    int64_t created_ms;
    int64_t address_index; /* in the pool; -1 = none */
    enum stop_cause cause;
    char stopper[NAME_BYTES]; /* access key whose call led to its stop */
    uint64_t step;            /* only the newest step that was scheduled is taken */
    uint64_t protection;      /* likewise its expiry */
    struct task_facts now;
    struct task_past *past;
    size_t past_n, past_size;
    struct task_app app;
};

enum service_status { SERVICE_ACTIVE, SERVICE_DRAINING, SERVICE_INACTIVE };
enum controller { CONTROLLER_ECS, CONTROLLER_CODE_DEPLOY, CONTROLLER_EXTERNAL };
enum rollout { ROLLOUT_IN_PROGRESS, ROLLOUT_COMPLETED };

struct deployment {
    uint64_t number;
    char id[40]; /* "ecs-svc/1234567890123456789" */
    struct definition *definition;
    int64_t desired, running, pending;
    int64_t created_ms, updated_ms;
    enum rollout rollout;
};

struct service_facts {
    enum service_status status;
    int64_t desired, running, pending;
    struct deployment deployments[DEPLOYMENTS_MAX]; /* newest (PRIMARY) first */
    size_t deployments_n;
};

struct service_past {
    int64_t at_ms;
    struct service_facts facts;
};

struct service_event {
    int64_t at_ms;
    char id[UUID_BYTES];
    char *message;
};

/* Time-weighted sums, so that any average over a span is a difference of two. */
struct load_sum {
    int64_t at_ms;
    double session_ms, running_ms;
};

struct service_load {
    int64_t sessions, arrived, completed, refused, nowhere;
    int64_t cut[STOP_CAUSES_N]; /* by enum stop_cause */
    struct load_sum sum;
    uint64_t arrivals; /* only the newest chain of arrivals goes on */
};

struct service {
    uint64_t number;
    struct cluster *cluster;
    char name[NAME_BYTES], arn[ARN_BYTES], key[KEY_BYTES]; /* key: "cluster/name" */
    enum controller controller;
    bool daemon;
    bool spot;
    int64_t created_ms;
    char created_by[ARN_BYTES];
    int64_t minimum_percent, maximum_percent;
    struct service_facts now;
    struct service_past *past;
    size_t past_n, past_size;
    struct vector tasks; /* all that region.tasks has of it */
    struct service_event events[SERVICE_EVENTS_MAX];
    size_t events_n; /* newest first */
    bool wake_pending, steady, blocked;
    struct list tags;       /* struct ecs_tag, of the region's life */
    int64_t desired_before; /* until desired_at_ms */
    int64_t desired_at_ms;
    bool gave_up;         /* departed: scale-in was held back, and forgotten */
    int64_t not_replaced; /* departed: tasks that StopTask stopped, since the count was changed */
    char changed_by[NAME_BYTES]; /* access key that last moved desired or deployed */
    struct app_options app;      /* region.apps has its strings */
    struct service_load load;
};

/* --- ecs_find.c --- */
/* By name or ARN; absent = "default". NULL when there is none. */
struct cluster *cluster_find(const struct region *region, struct str name_or_arn);
struct service *service_find(const struct region *region, const struct cluster *cluster,
                             struct str name_or_arn);
/* The one that is not INACTIVE, else the newest. */
struct service *service_find_key(const struct region *region, struct str key);
struct service *service_by_number(const struct region *region, uint64_t number);
struct task *task_find(const struct region *region, const struct cluster *cluster,
                       struct str id_or_arn);
struct task *task_by_number(const struct region *region, uint64_t number);
struct task *task_by_address(const struct region *region, struct str address);
/* --- task_index.c --- */
void task_index_add(struct task_index *index, struct task *task);
/* It is in it. */
void task_index_remove(struct task_index *index, const struct task *task);
struct task *task_index_find(const struct task_index *index, struct str id);

/* By family, "family:revision" or ARN; deregistered ones too, but by family only ACTIVE ones. */
struct definition *definition_find(const struct region *region, struct str name);
struct task *task_at(const struct region *region, size_t i);
struct service *service_at(const struct region *region, size_t i);
struct task *service_task(const struct service *service, size_t i);
/* ClusterNotFoundException when there is none. */
int cluster_need(const struct region *region, struct str name_or_arn, struct cluster **out,
                 struct aws_error *err) EBB_MUST_CHECK;

/* A copy of a list of struct ecs_tag. */
struct list tags_copy(struct arena *a, struct list tags);
/* Whether "TAGS" is among what a describing call includes. */
bool includes_tags(struct list include);

/* What the region holds of ECS but the tasks, which go first. */
void ecs_release(struct region *region);

/* --- ecs_describe.c --- */
struct ecs_service;
struct ecs_task;
struct ecs_service service_describe(const struct region *region, const struct service *service,
                                    const struct service_facts *facts, struct arena *a);
struct ecs_task task_describe(const struct region *region, const struct task *task,
                              const struct task_facts *facts, struct arena *a);
/* Whether its desiredStatus is RUNNING to callers. */
bool task_shown_wanted(const struct region *region, const struct task_facts *facts);

/* --- ecs_journal.c --- */
/* After every change of task->now: version, journal, event. */
void task_changed(struct region *region, struct task *task);
/* Counts anew what its tasks are, and keeps the past. */
void service_changed(struct region *region, struct service *service);
/* What a read that began now sees: as of a moment up to the consistency delay ago. */
int64_t read_as_of(struct region *region);
/* NULL: not visible yet. */
const struct task_facts *task_seen(const struct region *region, const struct task *task,
                                   int64_t at_ms);
const struct service_facts *service_seen(const struct region *region, const struct service *service,
                                         int64_t at_ms);
void service_event(struct region *region, struct service *service, const char *format, ...)
    EBB_PRINTF(3, 4);

/* --- task_life.c --- */
struct task_birth {
    struct service *service;
    struct cluster *cluster;
    struct definition *definition;
    uint64_t deployment;
    struct str started_by, group;
};
struct task *task_start(struct region *region, const struct task_birth *birth);
/* Begins to stop it, whatever protects it; nothing when it is stopping already. */
void task_stop(struct region *region, struct task *task, enum stop_cause cause, struct str stopper,
               struct str reason);
void task_free(struct task *task);

/* --- ecs_schedule.c --- */
/* The scheduler looks at it a little later. */
void service_wake(struct region *region, struct service *service);
/* Which of a service's tasks a step is about. */
enum task_age { TASKS_NEW, TASKS_OLD }; /* of the PRIMARY deployment, of any older one */
/* Stops up to n tasks of that age that are wanted and not protected, picked by chance because AWS
 * promises no order; how many it stopped. */
int64_t stop_some(struct region *region, struct service *service, int64_t n, enum task_age age,
                  enum stop_cause cause);
int64_t start_some(struct region *region, struct service *service, int64_t n);
bool task_is_protected(const struct region *region, const struct task *task);
/* Those of the service that ECS wants to run, and among them those that are protected. */
int64_t service_wanted(const struct service *service);
int64_t service_protected(const struct region *region, const struct service *service);

/* --- deployments.c --- */
/* Becomes PRIMARY; the scheduler then replaces the tasks of the older ones. */
void deployment_begin(struct region *region, struct service *service,
                      struct definition *definition);
/* One look of the scheduler at a service with older deployments. */
void deployment_step(struct region *region, struct service *service);
/* All its tasks run and nothing older is left. */
void deployment_complete(struct region *region, struct service *service);
void deployment_event(struct region *region, const struct service *service, const char *name,
                      const struct deployment *deployment);

/* --- address_pool.c --- */
void address_pool_init(struct region *region);
/* The lowest free one; false when there is none. */
bool address_take(struct region *region, struct task *task);
void address_release(struct region *region, struct task *task);

/* --- load.c --- */
void load_begin(struct region *region, struct service *service);
/* Before every change of its sessions or running tasks. */
void load_sum_up(struct region *region, struct service *service);
/* CPUUtilization of a span, or of a moment when given counts instead of sums; negative when nothing
 * ran. */
double load_percent(const struct service *service, double session_ms, double running_ms);
/* All sessions of a task end because it does. */
void sessions_cut(struct region *region, struct task *task);

/* --- tasks.c, callbacks.c --- */
const struct app_options *app_of(const struct task *task);
/* The application of a service when it is created. */
void app_attach(struct region *region, struct service *service);
/* When it has become empty, or had been: calls back, leaves. */
void app_check_empty(struct region *region, struct task *task);
void callback_queue(struct region *region, struct task *task);
bool callbacks_pending(const struct region *region, const struct task *task);
void callbacks_drop(struct region *region, const struct task *task);

#endif
