/* SPDX-License-Identifier: Apache-2.0
 * The threads that carry the tasks' own calls out: a task that is empty tells the URL it was given.
 * Several at once, because a receiver may be slow; the region decides when each is due and whether
 * it is tried again. */
#include "world/wire/wire.h"

#include "world/region/fault.h"
#include "world/region/tasks.h"

#define LOOK_MS            2
#define CONNECT_TIMEOUT_MS 2000
#define TIMEOUT_MS         10000
#define RESPONSE_MAX       ((size_t)64 * 1024)

/* The HTTP status of the answer, 0 for none. */
static int send_callback(struct wire *wire, const struct region_outgoing *call, struct arena *a)
{
    struct http_header headers[] = {
        {STR("Content-Type"), STR("application/json")},
        {STR("Authorization"), arena_format(a, "Bearer %.*s", STR_ARG(call->token))},
    };
    struct http_request request = {
        .method = STR("POST"),
        .url = call->url,
        .headers = headers,
        .headers_n = EBB_COUNT(headers),
        .body = call->body,
        .connect_timeout_ms = CONNECT_TIMEOUT_MS,
        .timeout_ms = TIMEOUT_MS,
        .response_max = RESPONSE_MAX,
    };
    struct http_port port = http_client_port(wire->http);
    struct http_response response;
    struct err e;
    return http_send(&port, &request, a, &response, &e) ? 0 : response.status;
}

/* What the task believes became of its call: the truth, or what a fault rule makes of it. */
static int carry(struct wire *wire, const struct region_outgoing *call,
                 const struct fault_verdict *fault, struct arena *a)
{
    int status = 0;
    if (fault->effect != FAULT_DELAY_AFTER) (void)wire_wait_virtual(wire, fault->delay_ms);
    switch (fault->effect) {
    case FAULT_THROTTLE: return 429;
    case FAULT_5XX_BEFORE: return 500;
    case FAULT_DENY: return 403;
    case FAULT_DROP_BEFORE: return 0;
    case FAULT_NONE:
    case FAULT_DELAY: return send_callback(wire, call, a);
    case FAULT_DELAY_AFTER:
        status = send_callback(wire, call, a);
        (void)wire_wait_virtual(wire, fault->delay_ms);
        return status;
    case FAULT_5XX_AFTER: (void)send_callback(wire, call, a); return 500;
    case FAULT_DROP_AFTER: (void)send_callback(wire, call, a); return 0;
    }
    return status;
}

/* Looks for the next call until there is one; false when the world stops. Only one carrier looks at
 * a time, so that idle ones cost nothing. */
static bool next_call(struct wire *wire, struct arena *a, struct region_outgoing *call,
                      struct fault_verdict *fault)
{
    bool due = false;
    pthread_mutex_lock(&wire->turn);
    while (!wire->stopping && !due) {
        due = region_take_outgoing(wire_enter(wire), a, call);
        if (due) *fault = region_fault_take(wire->region, STR("callback"));
        wire_leave(wire);
        if (!due) clock_sleep_ms(LOOK_MS);
    }
    pthread_mutex_unlock(&wire->turn);
    return due;
}

void *wire_carrier(void *argument)
{
    struct wire *wire = argument;
    struct arena a;
    struct region_outgoing call;
    struct fault_verdict fault;
    arena_init(&a);
    while (next_call(wire, &a, &call, &fault)) {
        int status = carry(wire, &call, &fault, &a);
        region_outgoing_done(wire_enter(wire), call.id, status);
        wire_leave(wire);
        arena_clear(&a);
    }
    arena_release(&a);
    return NULL;
}
