/* SPDX-License-Identifier: Apache-2.0
 * The region behind real protocols: one lock around the pure core, its time kept in step with ours,
 * an HTTP server for AWS and control, another for the simulated tasks, and threads that carry the
 * tasks' callbacks out.
 *
 * Reading order: wire.c (life), aws.c (one AWS call), route.c (which operation), auth.c, decode.c,
 * reply.c, wait.c (long polls and delays), door.c (the tasks), carrier.c (callbacks), control.c. */
#ifndef EBB_WORLD_WIRE_WIRE_H
#define EBB_WORLD_WIRE_WIRE_H

#include "lib/http/server.h"
#include "world/region/region.h"
#include "world/wire/applications.h"
#include "world/wire/keyring.h"
#include "world/wire/pace.h"

#include <pthread.h>
#include <stdatomic.h>

#define WIRE_CARRIERS 8 /* callbacks under way at once */

struct wire {
    pthread_mutex_t lock; /* guards all of the next group */
    struct region *region;
    struct keyring keyring;
    struct applications applications;
    struct pace pace;

    /* Held by the one idle carrier that looks for the next callback. */
    pthread_mutex_t turn;
    pthread_t ticker, carriers[WIRE_CARRIERS];
    unsigned carriers_n; /* those that run */
    bool ticks;

    atomic_bool stopping;
    struct clock clock;
    int port, task_port;
    struct http_server *front, *door;
    struct http_client *http;
};

struct wire_options {
    struct clock clock;
    const char *address; /* numeric, a loopback one */
    int port, task_port; /* 0 = any free one */
    double speed;
    /* These win over the scenario's; absent or 0 = the scenario's, or the region's fallback. */
    struct str region, account;
    int64_t seed;
    struct str access_key_id, secret_access_key; /* of the first key, which may do everything */
    struct str scenario;                         /* its text, or absent */
};

/* Runs until wire_stop. E_CONFIG for options or a scenario that cannot be (with the place of the
 * field), E_MISSING for a port that is taken. */
int wire_start(const struct wire_options *options, struct wire **out, struct err *e) EBB_MUST_CHECK;
/* NULL is nothing. */
void wire_stop(struct wire *wire);

/* Takes the lock and brings the region up to now. No lock is held while anything waits. */
struct region *wire_enter(struct wire *wire);
void wire_leave(struct wire *wire);

/* Adds a key; one that names no identity is a user of its own name. Under the lock. */
int wire_put_key(struct wire *wire, const struct key *key, struct arena *a,
                 struct err *e) EBB_MUST_CHECK;

/* aws.c */
void wire_aws(struct wire *wire, const struct http_incoming *request, struct arena *a,
              struct http_reply *reply);
/* control.c: everything under /world/. */
void wire_control(struct wire *wire, const struct http_incoming *request, struct arena *a,
                  struct http_reply *reply);
/* door.c: the server on which every simulated task listens, each on its own address. */
int wire_door_open(struct wire *wire, int port, struct err *e) EBB_MUST_CHECK;
/* carrier.c: the body of a thread that carries callbacks; argument is the wire. */
void *wire_carrier(void *wire);

/* wait.c. Each returns early, false, when the world stops. */
bool wire_wait_real(struct wire *wire, int64_t ms);
bool wire_wait_virtual(struct wire *wire, int64_t ms);
/* Until the queue has a message or wait_ms of real time have passed. */
void wire_wait_for_message(struct wire *wire, struct str queue_url, int64_t wait_ms);

#endif
