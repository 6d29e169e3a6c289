/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/desk.h"

#include "lib/record/walkers.h"
#include "lib/run/taken.h"

void desk_open(struct desk *k)
{
    *k = (struct desk){0};
    state_fixture_open(&k->state);
    fake_ports_open(&k->fake);
    k->fake.ports.store = k->state.port;
}

void desk_close(struct desk *k)
{
    fake_ports_close(&k->fake);
    state_fixture_close(&k->state);
}

void desk_lay_message(struct desk *k, stage_next *next)
{
    desk_lay_message_about(k, next, &(struct drain){.service = STR(FAKE_PORTS_SERVICE)});
}

void desk_lay_message_about(struct desk *k, stage_next *next, const struct drain *d)
{
    struct buf b;
    k->fake.message.service = d->service;
    k->fake.message.drain_id = d->drain_id;
    buf_init(&b, 4096);
    assert_ok(msgpack_encode(&MESSAGE_RECORD, &k->fake.message, &b, &k->state.e), k->state.e);
    k->message = (struct bus_message){.topic = STR(TOPIC_SELECT),
                                      .key = STR(FAKE_PORTS_SERVICE),
                                      .value = arena_copy(&k->state.arena, buf_view(&b)),
                                      .partition = 2,
                                      .offset = 7,
                                      .may_be_again = true};
    buf_release(&b);
    k->options = (struct worker_options){.stage = STR("select"),
                                         .topic = TOPIC_SELECT,
                                         .next = next,
                                         .ports = k->fake.ports,
                                         .config = &k->fake.config,
                                         .log = {.least = LOG_ERROR + 1}};
}

enum handled desk_work(struct desk *k)
{
    struct handling handling = {0};
    return desk_work_again(k, &handling);
}

enum handled desk_work_again(struct desk *k, struct handling *handling)
{
    handle_wait_turn(&k->options, &k->fake.ports, &k->message, handling);
    return handle(&k->options, &k->fake.ports, &k->message, handling);
}

struct step desk_done_at_once(const struct view *v, int64_t now_ms)
{
    (void)v, (void)now_ms;
    return finish(VERDICT_DONE, REASON_NOTHING_DRAINED);
}

struct step desk_never_ready(const struct view *v, int64_t now_ms)
{
    (void)v, (void)now_ms;
    return finish(VERDICT_RETRY, REASON_UNREACHABLE);
}

int64_t desk_taken(struct desk *k)
{
    struct reply r = state_fixture_redis(&k->state, "HLEN {ebb}:taken:ebb.select:2:7");
    assert_int_equal(r.kind, REPLY_INT);
    return r.integer;
}

static struct ports ports_of(struct desk *k, struct str holder)
{
    struct ports ports = k->fake.ports;
    ports.holder = holder;
    return ports;
}

int64_t desk_die_with(struct desk *k, struct str holder)
{
    struct ports ports = ports_of(k, holder);
    return taken_begin(&ports, &k->options.log, &k->message);
}

void desk_give_back(struct desk *k, struct str holder)
{
    struct ports ports = ports_of(k, holder);
    assert_true(taken_give_back(&ports, &k->options.log, &k->message));
}
