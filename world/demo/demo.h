/* SPDX-License-Identifier: Apache-2.0
 * `ebb-world demo`: one service, scaled in twice under the same load: the way AWS does it, and
 * Ebb's way. README.md in this folder says which file does what. */
#ifndef EBB_WORLD_DEMO_DEMO_H
#define EBB_WORLD_DEMO_DEMO_H

#include "lib/aws/aws.h"
#include "lib/http/http.h"
#include "lib/store/store.h"
#include "world/demo/children.h"
#include "world/demo/programs.h"
#include "world/demo/screen.h"
#include "world/demo/sight.h"
#include "world/demo/tale.h"

/* The scene. With these, every task holds twelve sessions on average, and a drain takes as long as
 * the youngest session on the task still lasts. */
#define DEMO_TASKS          4
#define DEMO_ARRIVALS_PER_S 6
#define DEMO_SESSION_S      8
#define DEMO_CLUSTER        "demo"
#define DEMO_SERVICE        "calls"
#define DEMO_SERVICE_KEY    DEMO_CLUSTER "/" DEMO_SERVICE /* as the world names it */
#define DEMO_ALARM          "calls-idle"
#define DEMO_QUEUE          "ebb-events"
#define DEMO_FUNCTION       "kamailio"
/* The words this function knows (world/region/distributor.c), whatever Ebb's own defaults are. */
#define DEMO_REMOVE  "comment_out_ip"
#define DEMO_RESTORE "restore_ip"
#define DEMO_RELEASE "release_ip"
#define DEMO_REGION  "us-east-1"
#define DEMO_ACCOUNT "123456789012"
/* The same service as Ebb names it. */
#define DEMO_EBB_KEY "aws:" DEMO_REGION ":" DEMO_ACCOUNT ":" DEMO_SERVICE_KEY

/* Who calls AWS: its keys' ids say so in the world's log. */
#define DEMO_EBB_KEY_ID    "AKIAEBBITSELF"
#define DEMO_PERSON_KEY_ID "AKIADEMOPERSON"

#define DEMO_RUN_MS_MAX  ((int64_t)60 * 1000) /* of the whole demo, its end included */
#define DEMO_STOP_MS_MAX ((int64_t)4 * 1000)  /* of ending it */
#define DEMO_TICK_MS     200                  /* between two looks, and two frames */

/* Made anew for every run. */
struct demo_secrets {
    struct str ebb, person, root, callback;
};

/* Where everything is, once it was started. */
struct demo_places {
    struct str endpoint, brokers, redis_url;
    int task_port, callback_port;
};

enum demo_part { PART_NONE, PART_AWS, PART_EBB, PARTS_N };

struct demo {
    struct arena arena; /* what lives as long as the demo */
    struct clock clock;
    int64_t began_ms, began_wall_ms, deadline_ms; /* deadline 0: none, it is kept running */
    sigset_t signals;                             /* all that mean: end */
    int ended_by;                                 /* the one that came; 0 = none */

    struct programs programs;
    const char *folder;
    struct children children;
    size_t roles_first; /* of children: those from here on are Ebb's */
    struct demo_secrets secrets;
    struct demo_places places;

    struct http_client *http;
    struct store *store;
    struct aws_client *aws;

    enum demo_part part;
    int64_t part_from[PARTS_N]; /* number of the world's log entry before each part's first */
    int64_t cut[PARTS_N];       /* sessions, so far */
    struct sight sight;
    struct tale tale;
    struct screen screen;
    bool live; /* the screen is used; otherwise plain lines */
};

/* argv[0] is the sub-command's name; returns the exit code. */
int demo_main(int argc, char **argv);

/* Milliseconds since it began. */
int64_t demo_now_ms(const struct demo *d);
/* Waits that long, or until a signal asks to end (E_FATAL, and ended_by says which), a child has
 * ended (E_FATAL) or the time of the whole demo is over (E_TIMEOUT). */
int demo_pause(struct demo *d, int64_t ms, struct err *e) EBB_MUST_CHECK;

#endif
