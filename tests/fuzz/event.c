/* SPDX-License-Identifier: Apache-2.0
 * Goal: a body from SQS, whatever it is, asks for a look at a service that can be, or for nothing
 * with a reason, or is a dead letter with a cause; nothing it says breaks the message made of it.
 * Method: the input is the body. */
#include "lib/base/arn.h"
#include "lib/record/walkers.h"
#include "producers/read_event.h"
#include "tests/fuzz/fuzz.h"

static const struct str ALARMS[] = {STR("games-idle"), STR("calls idle")};

static void check_message(const struct message *m, struct arena *a)
{
    struct buf b;
    struct err e = {0};
    struct message again = {0};
    buf_init(&b, MESSAGE_MAX);
    if (msgpack_encode(&MESSAGE_RECORD, m, &b, &e)) err_assert_failed(e.text, "message", 0);
    if (msgpack_decode(&MESSAGE_RECORD, buf_view(&b), a, &again, &e))
        err_assert_failed(e.text, "message", 0);
    EBB_ASSERT(str_eq(again.service, m->service) && str_eq(again.alarm, m->alarm));
    buf_release(&b);
}

FUZZ(event)
{
    struct arena a;
    struct service_settings services[] = {
        {.match = STR("demo/games"), .alarms = LIST_OF((void *)&ALARMS[0], 1)},
        {.match = STR("aws:eu-west-1:210987654321:demo/calls"),
         .alarms = LIST_OF((void *)&ALARMS[1], 1)},
        {.match = STR("*")},
    };
    struct config config = {.services = LIST_OF(services, EBB_COUNT(services))};
    struct event_reading out;
    struct service_key key;
    arena_init(&a);
    read_event(input, &config, &a, &out);
    switch (out.kind) {
    case EVENT_ASKS:
        EBB_ASSERT(service_key_parse(out.message.service, &key) == 0);
        check_message(&out.message, &a);
        break;
    case EVENT_NOTHING: EBB_ASSERT(out.reason != REASON_NONE && out.why.n); break;
    case EVENT_DEAD: EBB_ASSERT(out.why.n); break;
    }
    arena_release(&a);
}
