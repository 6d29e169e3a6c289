/* SPDX-License-Identifier: Apache-2.0
 * See alarms.h.
 *
 * Clauses:
 *  L1 only the leader of the timers polls, every alarms.poll; 0 means never
 *  L2 watched are the alarms that an entry of the configuration lists, and those that were heard of
 *     in an event and mean a managed service
 *  L3 they are read a hundred a call, metric alarms and composite ones (lib/aws/alarm_calls.c); of
 *     one that cannot be read nothing is known: it asks nothing, and is read again at the next poll.
 *     For the API budget the poll waits, up to five minutes; what it left out is first in the next
 *  L4 which service an alarm means is said as of events (alarm_service.c), anew at each poll; one that
 *     means the service no more, or is an alarm no more, is forgotten
 *  L5 what was read is noted; drains that an alarm's end may concern are looked at at once
 *  L6 a service of which any alarm is in ALARM asks for a drain, once for all of them, unless they
 *     asked within its cooldown, or its limits forbid one now: it waits without a refusal each minute.
 *     Services take turns: who asks first in one poll asks last in the next. Else one whose drains
 *     fail over and over, always first, would have the account's last slot for good
 *  L7 that they asked is noted only once Kafka has the message, so an asking is never lost, and only
 *     of as many as the account has room for: the others, refused for that, ask at the next poll.
 *     Each has a cause and a time of its own, and is dated, deduplicated and refused like any event */
#include "producers/alarms.h"

#include "lib/base/crypto.h"
#include "lib/effect/publish.h"
#include "producers/alarm_reading.h"

#include <string.h>

#define PASS_PAUSE_MS ((int64_t)500)

/* Of one pass. */
struct poll {
    struct alarms_pass *pass;
    struct arena *arena;
    int64_t began_at; /* what is read was so no earlier than this */
    int64_t asked_n;  /* services */
};

struct asking {
    bool may;      /* the service's limits let it be asked now */
    bool has_room; /* its account has room for it and for all that asked before it */
};

/* L6. */
static int may_ask(const struct poll *poll, struct str service,
                   const struct service_settings *settings, struct asking *out, struct err *e)
{
    const struct store_port *store = &poll->pass->ports->store;
    bool has_asked = false;
    struct limits_fact limits = {0};
    struct drain about = {.service = service};
    struct claim_request request = {
        .settings = settings,
        .drain = &about,
        .check_only = true,
        .open_per_account = poll->pass->config->limits.open_per_account,
    };
    int code = state_have_alarms_asked(store, service, poll->arena, &has_asked, e);
    if (!code && !has_asked) code = state_claim(store, &request, poll->arena, &limits, e);
    out->may = !code && !has_asked && !limits.refusal;
    out->has_room = !limits.need || poll->asked_n < limits.need - limits.have;
    return code;
}

/* L6. */
static void note_turn(struct poll *poll, struct str service)
{
    struct alarms_pass *p = poll->pass;
    if (poll->asked_n++) return;
    EBB_ASSERT(service.n <= sizeof(p->asked_first));
    memcpy(p->asked_first, service.p, service.n);
    p->asked_first_n = service.n;
}

/* L7. */
static int ask(struct poll *poll, struct str service, struct str alarm, struct err *e)
{
    struct arena *a = poll->arena;
    const struct ports *ports = poll->pass->ports;
    const struct service_settings *settings = config_service(poll->pass->config, service);
    struct asking asking = {0};
    int code = may_ask(poll, service, settings, &asking, e);
    if (code || !asking.may) return code;
    struct message m = {
        .format = MESSAGE_FORMAT,
        .id = crypto_uuid(a),
        .service = service,
        .cause = arena_format(a, "level-%.*s", STR_ARG(crypto_uuid(a))),
        .time = clock_wall_ms(&ports->clock),
        .alarm = alarm,
        .alarm_state = ALARM_ALARM,
    };
    code = publish_message(&ports->bus, STR(TOPIC_SELECT), &m, STR_NONE, a, e);
    if (code) return code;
    note_turn(poll, service);
    LOG(poll->pass->log, LOG_INFO, "alarm_asks", LOG_STR("service", service),
        LOG_STR("alarm", alarm), LOG_STR("cause", m.cause));
    if (!asking.has_room) return E_OK;
    return state_alarms_asked(&ports->store, service, settings->cooldown_ms, a, e);
}

/* L5, L6. All that was read of one service's alarms. */
static int settle(struct poll *poll, const struct alarm_meaning *of, size_t n, struct err *e)
{
    const struct ports *ports = poll->pass->ports;
    struct str service = of[0].service, alarm = STR_NONE;
    const struct service_settings *settings = config_service(poll->pass->config, service);
    struct alarm_notes notes = {ARENA_ARRAY(poll->arena, n, struct alarm_note), n};
    for (size_t i = 0; i < n; i++) {
        notes.items[i] = of[i].note;
        bool asks = !of[i].note.is_gone && of[i].note.state == ALARM_ALARM;
        if (asks && !alarm.n) alarm = of[i].note.name;
    }
    bool may_end = settings && settings->cancel_when_ok;
    int code = state_note_alarms(&ports->store, service, &notes, poll->began_at,
                                 may_end ? poll->began_at : 0, poll->arena, e);
    if (code || !alarm.n) return code;
    return ask(poll, service, alarm, e);
}

/* What can never be done for one service keeps no other from it. */
static int settle_or_pass(struct poll *poll, const struct alarm_meaning *of, size_t n,
                          struct err *e)
{
    int code = settle(poll, of, n, e);
    if (!code || err_class_of(code) == ERR_CLASS_RETRY) return code;
    LOG(poll->pass->log, LOG_ERROR, "alarms_passed_over", LOG_STR("service", of[0].service),
        LOG_STR("why", str_from(e->text)));
    return E_OK;
}

/* L6. They begin with the one that comes after who asked first when last one did. */
static size_t whose_turn(const struct alarms_pass *p, const struct alarm_meanings *all)
{
    struct str last = {p->asked_first, p->asked_first_n};
    for (size_t i = 0; i < all->n; i++)
        if (str_compare(all->items[i].service, last) > 0) return i;
    return 0;
}

static size_t same_service(const struct alarm_meaning *of, size_t n)
{
    size_t same = 1;
    while (same < n && str_eq(of[0].service, of[same].service))
        same++;
    return same;
}

static int poll_all(struct alarms_pass *p, struct arena *a, struct err *e)
{
    struct poll poll = {.pass = p, .arena = a, .began_at = clock_wall_ms(&p->ports->clock)};
    struct alarm_meanings all;
    struct alarm_reader reader = {
        .ports = p->ports,
        .config = p->config,
        .region = p->region,
        .log = p->log,
        .level = p->has_polled ? LOG_DEBUG : LOG_WARN,
        .wait = p->wait,
        .wait_ctx = p->wait_ctx,
        .first = p->first,
    };
    int code = alarm_reading(&reader, a, &all, e);
    p->first = all.next;
    size_t first = whose_turn(p, &all);
    for (size_t done = 0, n; done < all.n && !code; done += n) {
        size_t at = (first + done) % all.n;
        n = same_service(&all.items[at], all.n - at);
        code = settle_or_pass(&poll, &all.items[at], n, e);
    }
    return code;
}

int alarms_pass(struct alarms_pass *p, bool leads, int64_t *pause_ms, struct err *e)
{
    struct arena a;
    int64_t now_ms = clock_mono_ms(&p->ports->clock);
    *pause_ms = PASS_PAUSE_MS;
    /* L1. */
    if (!leads) p->has_polled = false;
    if (!leads || !p->config->alarms.poll_ms || now_ms < p->next_at_ms) return E_OK;
    p->next_at_ms = now_ms + p->config->alarms.poll_ms;
    arena_init(&a);
    int code = poll_all(p, &a, e);
    arena_release(&a);
    p->has_polled = true;
    return code;
}
