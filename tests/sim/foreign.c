/* SPDX-License-Identifier: Apache-2.0
 * What a newer version of Ebb writes beside ours, in a rolling upgrade or after one was taken back:
 * fields and states we do not know. And what somebody writes who is mistaken. */
#include "tests/sim/foreign.h"
#include "lib/record/walkers.h"
#include "lib/store/keys.h"
#include "schemas/drain.h"
#include "schemas/message.h"
#include "tests/sim/bus_model.h"
#include "tests/sim/faults.h"
#include "tests/sim/invariants.h"
#include "tests/sim/redis_model.h"
#include "tests/sim/scene.h"
#include "tests/sim/story.h"

#include <stdlib.h>

#define RECORD_MAX   ((size_t)16 * 1024)
#define NEWER_FORMAT 2
#define MAP_FIX      0x80u /* msgpack: a map of up to 15 pairs, and one of up to 65535 */
#define MAP_FIX_MAX  15u
#define MAP_16       0xdeu
#define UNKNOWN_FIELD                                                                              \
    "\xa6"                                                                                         \
    "future"                                                                                       \
    "\x93\x01\x02\x03"
#define NONSENSE_MAX 300

static const char *const STAGE_TOPICS[] = {
#define X(topic) topic,
    EBB_STAGE_TOPICS(X)
#undef X
};

static struct str encode(struct sim *sim, const struct record *record, const void *what)
{
    struct buf b;
    struct err e;
    buf_init(&b, RECORD_MAX);
    if (msgpack_encode(record, what, &b, &e)) abort();
    struct str bytes = arena_copy(&sim->arena, buf_view(&b));
    buf_release(&b);
    return bytes;
}

/* The same map with one pair more, of a name that nobody knows. */
static struct str with_unknown_field(struct sim *sim, struct str map)
{
    struct buf b;
    unsigned first = (unsigned char)map.p[0];
    buf_init(&b, RECORD_MAX);
    if (first >= MAP_FIX && first < MAP_FIX + MAP_FIX_MAX) {
        buf_add_char(&b, (char)(first + 1));
        buf_add(&b, (struct str){map.p + 1, map.n - 1});
    } else {
        unsigned pairs = first == MAP_16
                             ? (unsigned)(unsigned char)map.p[1] << 8 | (unsigned char)map.p[2]
                             : first - MAP_FIX;
        size_t head = first == MAP_16 ? 3 : 1;
        buf_add_char(&b, (char)MAP_16);
        buf_add_char(&b, (char)((pairs + 1) >> 8));
        buf_add_char(&b, (char)((pairs + 1) & 0xFF));
        buf_add(&b, (struct str){map.p + head, map.n - head});
    }
    buf_add(&b, STR(UNKNOWN_FIELD));
    struct str bytes = arena_copy(&sim->arena, buf_view(&b));
    buf_release(&b);
    return bytes;
}

/* "CLAIMED" and "RESTING" are as long. */
static struct str in_unknown_state(struct sim *sim, struct str record)
{
    static const char FROM[] = "CLAIMED", TO[] = "RESTING";
    char *bytes = arena_alloc(&sim->arena, record.n);
    size_t n = sizeof(FROM) - 1;
    for (size_t i = 0; i < record.n; i++)
        bytes[i] = record.p[i];
    for (size_t i = 0; i + n <= record.n; i++)
        if (str_eq((struct str){record.p + i, n}, STR("CLAIMED")))
            for (size_t k = 0; k < n; k++)
                bytes[i + k] = TO[k];
    return (struct str){bytes, record.n};
}

static void command(struct sim *sim, const struct str *args, size_t n)
{
    struct reply reply;
    redis_model_command(sim->redis, args, n, &sim->arena, &reply);
    if (reply.kind == REPLY_ERROR) abort();
}

static void append(struct sim *sim, const char *topic, struct str key, struct str value)
{
    bus_model_append(sim->bus,
                     &(struct bus_record){.topic = str_from(topic), .key = key, .value = value});
}

static void write_message(struct sim *sim, struct str service, struct str drain_id)
{
    struct message m = {
        .format = NEWER_FORMAT,
        .id = STR("newer-message"),
        .service = service,
        .drain_id = drain_id,
        .cause = STR("newer-cause"),
        .time = sim->now_ms,
        .alarm = drain_id.n ? STR_NONE : STR("idle"),
        .alarm_state = drain_id.n ? ALARM_OTHER : ALARM_OK,
    };
    size_t topic = drain_id.n ? 1 + sim_random(sim, EBB_COUNT(STAGE_TOPICS) - 1) : 0;
    append(sim, STAGE_TOPICS[topic], service,
           with_unknown_field(sim, encode(sim, &MESSAGE_RECORD, &m)));
}

/* A message that comes once more, long after: any stage may be told to look at any drain, and does
 * what that drain's state asks for. */
void others_echo(struct sim *sim)
{
    const struct watch *w = &sim->invariants->watch;
    if (!w->drains_n) return;
    const struct drain *d = &w->drains[sim_random(sim, w->drains_n)].newest;
    struct message m = {.format = MESSAGE_FORMAT,
                        .id = STR("echo"),
                        .service = d->service,
                        .drain_id = d->drain_id,
                        .cause = d->cause,
                        .time = sim->now_ms};
    const char *topic = STAGE_TOPICS[1 + sim_random(sim, EBB_COUNT(STAGE_TOPICS) - 1)];
    sim_trace(sim, "%s is told of drain %.*s", topic, STR_ARG(d->drain_id));
    append(sim, topic, d->service, encode(sim, &MESSAGE_RECORD, &m));
}

/* An epoch has begun: while the first merge goes on its key is there too, and what a newer version
 * wrote would keep this one from ending it. */
static bool has_begun(struct sim *sim)
{
    if (!sim->invariants->ledger.epoch_read_ms) return false;
    struct str args[] = {STR("EXISTS"), KEY_EPOCH};
    struct reply reply;
    redis_model_command(sim->redis, args, EBB_COUNT(args), &sim->arena, &reply);
    return reply.kind == REPLY_INT && reply.integer == 1;
}

/* A drain in a state we do not know. It is on ebb.state only where Redis is never lost: until the
 * newer version runs its own timers no claim is allowed then, which is as it should be. */
static void write_drain(struct sim *sim, struct str service)
{
    struct foreign *f = &sim->scene->foreign;
    struct str id = arena_format(&sim->arena, SIM_NEWER_PREFIX "%zu", f->n);
    if (f->n == SIM_FOREIGN_MAX || !has_begun(sim)) return;
    struct drain d = {
        .format = NEWER_FORMAT,
        .drain_id = id,
        .service = service,
        .task_arn =
            arena_format(&sim->arena, "arn:aws:ecs:us-east-1:1:task/demo/%.*s", STR_ARG(id)),
        .state = DRAIN_CLAIMED,
        .version = 7,
        .claimed_at = sim->now_ms,
    };
    struct str record =
        in_unknown_state(sim, with_unknown_field(sim, encode(sim, &DRAIN_RECORD, &d)));
    struct str now = arena_format(&sim->arena, "%lld", (long long)sim->now_ms);
    struct str hold[] = {STR("HSET"),    key_drain(&sim->arena, id),
                         STR("version"), STR("7"),
                         STR("state"),   STR("RESTING"),
                         STR("record"),  record};
    struct str open[] = {STR("HSET"), key_open(&sim->arena, service), id,
                         arena_format(&sim->arena, "RESTING %.*s", STR_ARG(d.task_arn))};
    struct str timer[] = {STR("ZADD"), KEY_TIMERS, now, id};
    command(sim, hold, EBB_COUNT(hold));
    command(sim, open, EBB_COUNT(open));
    command(sim, timer, EBB_COUNT(timer));
    f->drains[f->n++] = (struct foreign_drain){.id = id, .record = record};
    bool may_be_lost =
        sim->faults->mean_ms[EVENT_OF_WIPE] || sim->faults->mean_ms[EVENT_OF_FAILOVER];
    if (!may_be_lost) append(sim, TOPIC_STATE, id, record);
    write_message(sim, service, id);
}

void others_write_newer(struct sim *sim)
{
    struct str service = sim->scene->keys[sim_random(sim, sim->scene->services_n)];
    tell(sim, service, "a newer Ebb", "writes records of its own");
    sim_trace(sim, "a newer Ebb writes about %.*s", STR_ARG(service));
    write_message(sim, service, STR_NONE);
    write_drain(sim, service);
}

/* Bytes that are no record of ours; what begins like one, or is one about nothing there is. */
static struct str nonsense(struct sim *sim)
{
    struct message m = {.format = 1,
                        .id = STR("forged"),
                        .service = STR("aws:us-east-1:1:none/none"),
                        .drain_id = STR("0123456789abcdef"),
                        .cause = STR("forged"),
                        .time = sim->now_ms};
    struct str whole = encode(sim, &MESSAGE_RECORD, &m);
    size_t n = (size_t)sim_random(sim, NONSENSE_MAX);
    switch (sim_random(sim, 4)) {
    case 0: return (struct str){whole.p, whole.n - 1 - sim_random(sim, whole.n - 1)};
    case 1: return whole;
    case 2: return STR("");
    default: break;
    }
    char *bytes = arena_alloc(&sim->arena, n + 1);
    for (size_t i = 0; i < n; i++)
        bytes[i] = (char)sim_random(sim, 256);
    return (struct str){bytes, n};
}

void others_write_nonsense(struct sim *sim)
{
    size_t i = (size_t)sim_random(sim, EBB_COUNT(STAGE_TOPICS) + 2);
    struct str bytes = nonsense(sim);
    sim_trace(sim, "somebody writes %zu bytes of nonsense", bytes.n);
    tell(sim, STR_NONE, "somebody", "writes %zu bytes of nonsense", bytes.n);
    if (i < EBB_COUNT(STAGE_TOPICS))
        append(sim, STAGE_TOPICS[i], STR(SIM_NONSENSE_KEY), bytes);
    else if (i == EBB_COUNT(STAGE_TOPICS))
        append(sim, TOPIC_STATE, STR(SIM_NONSENSE_KEY), bytes);
    else if (str_is_utf8(bytes) && bytes.n)
        scene_send_event(sim, bytes);
}
