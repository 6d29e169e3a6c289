/* SPDX-License-Identifier: Apache-2.0
 * Life of the wire: born from options and a scenario, kept in step with our clock, ended. */
#include "world/wire/wire.h"

#include "world/wire/scenario.h"

#include <stdlib.h>

#define TICK_MS             10
#define FRONT_THREADS       128 /* a long poll holds one for as long as it waits */
#define FRONT_BODY_MAX      ((size_t)8 * 1024 * 1024)
#define CONNECTIONS_MAX     2000
#define CONNECTION_IDLE_S   75
#define CALLBACK_POOL_MAX   WIRE_CARRIERS
#define CALLBACK_TIMEOUT_MS 10000
#define TASK_ADDRESS_FIRST  "127.1.0.10"
#define TASK_ADDRESS_PREFIX "127."
#define KEY_ARN             "arn:%.*s:iam::%.*s:user/%.*s"

struct region *wire_enter(struct wire *wire)
{
    pthread_mutex_lock(&wire->lock);
    region_advance(wire->region, pace_now(&wire->pace, clock_mono_ms(&wire->clock)));
    return wire->region;
}

void wire_leave(struct wire *wire)
{
    pthread_mutex_unlock(&wire->lock);
}

int wire_put_key(struct wire *wire, const struct key *key, struct arena *a, struct err *e)
{
    struct key named = *key;
    if (str_is_empty(named.user_arn))
        named.user_arn =
            arena_format(a, KEY_ARN, STR_ARG(region_partition(wire->region)),
                         STR_ARG(region_account(wire->region)), STR_ARG(named.access_key_id));
    return keyring_put(&wire->keyring, &named, e);
}

static void front(void *ctx, const struct http_incoming *request, struct arena *a,
                  struct http_reply *reply)
{
    if (str_starts(request->path, STR("/world/")))
        wire_control(ctx, request, a, reply);
    else
        wire_aws(ctx, request, a, reply);
}

/* Nothing happens between two calls but callbacks falling due, yet time should not come in leaps
 * that depend on who asks when. */
static void *tick(void *argument)
{
    struct wire *wire = argument;
    while (!wire->stopping) {
        wire_enter(wire);
        wire_leave(wire);
        clock_sleep_ms(TICK_MS);
    }
    return NULL;
}

static int make_region(struct wire *wire, const struct wire_options *options,
                       struct region_options *born, struct err *e)
{
    if (options->region.p) born->region = options->region;
    if (options->account.p) born->account = options->account;
    if (options->seed) born->seed = options->seed;
    if (!born->start_ms) born->start_ms = clock_wall_ms(&wire->clock);
    if (!born->address_first.p) born->address_first = STR(TASK_ADDRESS_FIRST);
    if (!str_starts(born->address_first, STR(TASK_ADDRESS_PREFIX)))
        return err_set(e, E_CONFIG,
                       "region.addressFirst: must be inside 127.0.0.0/8, where tasks can listen");
    int rc = region_new(born, &wire->region, e);
    if (rc) {
        (void)err_prefix(e, "region");
        return e->code = E_CONFIG;
    }
    wire->pace = (struct pace){.virtual_ms = born->start_ms,
                               .mono_ms = clock_mono_ms(&wire->clock),
                               .speed = options->speed};
    return E_OK;
}

static int open_front(struct wire *wire, const struct wire_options *options, struct arena *a,
                      struct err *e)
{
    struct http_server_options server = {
        .address = options->address,
        .port = options->port,
        .listen_fd = -1,
        .body_max = FRONT_BODY_MAX,
        .connections_max = CONNECTIONS_MAX,
        .connections_per_address_max = CONNECTIONS_MAX,
        .timeout_s = CONNECTION_IDLE_S,
        .threads = FRONT_THREADS,
        .handler = front,
        .ctx = wire,
    };
    int rc = http_server_start(&server, &wire->front, e);
    if (rc) return rc;
    wire->port = http_server_port(wire->front);
    region_set_endpoint(wire->region,
                        arena_format(a, "http://%s:%d", options->address, wire->port));
    return E_OK;
}

static int open_client(struct wire *wire, struct err *e)
{
    struct http_client_options client = {
        .connect_timeout_ms = CALLBACK_TIMEOUT_MS,
        .timeout_ms = CALLBACK_TIMEOUT_MS,
        .pool_max = CALLBACK_POOL_MAX,
        .user_agent = "ebb-world-task",
        .clock = wire->clock,
    };
    return http_client_new(&client, &wire->http, e);
}

static int start_threads(struct wire *wire, struct err *e)
{
    wire->ticks = pthread_create(&wire->ticker, NULL, tick, wire) == 0;
    while (wire->ticks && wire->carriers_n < WIRE_CARRIERS) {
        if (pthread_create(&wire->carriers[wire->carriers_n], NULL, wire_carrier, wire)) break;
        wire->carriers_n++;
    }
    if (wire->carriers_n == WIRE_CARRIERS) return E_OK;
    return err_set(e, E_MISSING, "no more threads can be started");
}

/* Everything up to the first moment a client could see. */
static int set_up(struct wire *wire, const struct wire_options *options, struct arena *a,
                  struct err *e)
{
    struct scenario *scenario = ARENA_NEW(a, struct scenario);
    struct key first = {.access_key_id = options->access_key_id,
                        .secret_access_key = options->secret_access_key};
    int rc = options->scenario.p ? scenario_decode(options->scenario, a, scenario, e) : E_OK;
    if (rc) {
        (void)err_prefix(e, "scenario");
        return e->code = E_CONFIG;
    }
    rc = make_region(wire, options, &scenario->region, e);
    if (!rc) rc = wire_put_key(wire, &first, a, e);
    if (!rc) rc = open_client(wire, e);
    if (!rc) rc = wire_door_open(wire, options->task_port, e);
    /* Requests that come before the scenario is in place wait for the lock, which is held here. */
    if (!rc) rc = open_front(wire, options, a, e);
    if (rc) return rc;
    if (scenario_apply(wire, scenario, a, e)) {
        (void)err_prefix(e, "scenario");
        return e->code = E_CONFIG;
    }
    return E_OK;
}

int wire_start(const struct wire_options *options, struct wire **out, struct err *e)
{
    struct wire *wire = calloc(1, sizeof(*wire));
    struct arena a;
    if (!wire) abort();
    wire->clock = options->clock;
    EBB_ASSERT(pthread_mutex_init(&wire->lock, NULL) == 0);
    EBB_ASSERT(pthread_mutex_init(&wire->turn, NULL) == 0);
    keyring_init(&wire->keyring);
    arena_init(&a);
    pthread_mutex_lock(&wire->lock);
    int rc = set_up(wire, options, &a, e);
    pthread_mutex_unlock(&wire->lock);
    if (!rc) rc = start_threads(wire, e);
    arena_release(&a);
    if (rc)
        wire_stop(wire);
    else
        *out = wire;
    return rc;
}

void wire_stop(struct wire *wire)
{
    if (!wire) return;
    wire->stopping = true;
    if (wire->ticks) pthread_join(wire->ticker, NULL);
    for (unsigned i = 0; i < wire->carriers_n; i++)
        pthread_join(wire->carriers[i], NULL);
    if (wire->front) http_server_stop(wire->front);
    if (wire->door) http_server_stop(wire->door);
    http_client_free(wire->http);
    applications_release(&wire->applications);
    keyring_release(&wire->keyring);
    region_free(wire->region);
    pthread_mutex_destroy(&wire->lock);
    pthread_mutex_destroy(&wire->turn);
    free(wire);
}
