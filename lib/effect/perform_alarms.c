/* SPDX-License-Identifier: Apache-2.0
 * Effects on alarms: what is noted of them, and what CloudWatch says of them now. */
#include "lib/aws/alarm_calls.h"
#include "lib/base/arn.h"
#include "lib/effect/ports.h"
#include "lib/store/state_alarms.h"

/* Names, each once. */
struct names {
    struct str *items;
    size_t n;
};

static void add(struct names *names, struct str name)
{
    for (size_t i = 0; i < names->n; i++)
        if (str_eq(names->items[i], name)) return;
    if (name.n) names->items[names->n++] = name;
}

/* What the service's drains were asked for by, and every alarm that is known to mean it. */
static struct names alarms_of(const struct view *v, const struct alarm_notes *noted)
{
    const struct list *listed = &v->settings->alarms;
    struct names names = {
        .items = ARENA_ARRAY(v->arena, 1 + v->drained_n + listed->n + noted->n, struct str)};
    if (v->drain_known && v->drain.record.by_alarm) add(&names, v->drain.record.trigger);
    for (size_t i = 0; i < v->drained_n; i++)
        if (v->drained[i].record.by_alarm) add(&names, v->drained[i].record.trigger);
    for (size_t i = 0; i < listed->n; i++)
        add(&names, *LIST_AT(*listed, struct str, i));
    for (size_t i = 0; i < noted->n; i++)
        add(&names, noted->items[i].name);
    return names;
}

/* What asked for one of the drains, and is not in the answer; absent when all are. It may be an alarm
 * of another region or account, from which its event came: that it is not found here says nothing of
 * whether it is over. */
static struct str unread_trigger(const struct view *v, const struct alarm_read_list *read)
{
    const struct drain *own = &v->drain.record;
    if (v->drain_known && own->by_alarm && !alarm_read_named(read, own->trigger))
        return own->trigger;
    for (size_t i = 0; i < v->drained_n; i++) {
        const struct drain *d = &v->drained[i].record;
        if (d->by_alarm && !alarm_read_named(read, d->trigger)) return d->trigger;
    }
    return STR_NONE;
}

static struct alarm_note note_of(struct str name, const struct alarm_read_list *read)
{
    const struct alarm_read *found = alarm_read_named(read, name);
    if (!found) return (struct alarm_note){.name = name, .is_gone = true};
    return (struct alarm_note){
        .name = name, .state = enum_value(&ALARM_STATES, found->state), .since = found->since};
}

static struct alarms_fact fact_of(const struct alarm_notes *notes)
{
    struct alarms_fact fact = {.known = true};
    for (size_t i = 0; i < notes->n && !fact.in_alarm; i++) {
        fact.in_alarm = !notes->items[i].is_gone && notes->items[i].state == ALARM_ALARM;
        if (fact.in_alarm) fact.alarm = notes->items[i].name;
    }
    return fact;
}

static int read_noted(const struct ports *ports, const struct view *v, struct result *out,
                      struct err *e)
{
    struct alarm_notes notes;
    int code = state_read_alarms(&ports->store, v->message->service, v->arena, &notes, e);
    if (!code) out->alarms = fact_of(&notes);
    return code;
}

/* What was read is noted too, so that looks which only ask the notes know it. */
static int read_trigger(const struct ports *ports, const struct view *v, struct result *out,
                        struct aws_failure *failure)
{
    struct service_key key;
    struct alarm_notes notes;
    struct alarm_read_list read;
    struct str service = v->message->service;
    int64_t asked_at = clock_wall_ms(&ports->clock);
    int code = service_key_parse(service, &key);
    if (code) return err_set(&failure->err, code, "'%.*s' is no service key", STR_ARG(service));
    code = state_read_alarms(&ports->store, service, v->arena, &notes, &failure->err);
    if (code) return code;
    struct names names = alarms_of(v, &notes);
    code = alarms_read(&ports->aws, key.region, names.items, names.n, v->arena, &read, failure);
    if (code) return code;
    struct str unread = unread_trigger(v, &read);
    notes = (struct alarm_notes){ARENA_ARRAY(v->arena, names.n, struct alarm_note), names.n};
    for (size_t i = 0; i < names.n; i++)
        notes.items[i] = note_of(names.items[i], &read);
    out->alarms = fact_of(&notes);
    out->alarms.known = out->alarms.in_alarm || !unread.p;
    if (out->alarms.in_alarm)
        out->detail = arena_format(v->arena, "%.*s is in ALARM", STR_ARG(out->alarms.alarm));
    else if (unread.p)
        out->detail = arena_format(v->arena, "%.*s is not found", STR_ARG(unread));
    else
        out->detail = arena_format(v->arena, "none of %zu in ALARM", names.n);
    return state_note_alarms(&ports->store, service, &notes, asked_at, 0, v->arena, &failure->err);
}

/* What was heard was so at the event's time; a drain that it may end looks at once. */
static int note_heard(const struct ports *ports, const struct view *v, struct err *e)
{
    const struct message *m = v->message;
    int64_t now_ms = clock_wall_ms(&ports->clock);
    int64_t heard_at = m->time < now_ms ? m->time : now_ms;
    struct alarm_note note = {.name = m->alarm, .state = m->alarm_state, .since = heard_at};
    struct alarm_notes notes = {&note, 1};
    /* CloudWatch would refuse to be asked about it. */
    if (!alarm_name_is_one(m->alarm)) return E_OK;
    return state_note_alarms(&ports->store, m->service, &notes, heard_at,
                             v->settings->cancel_when_ok ? now_ms : 0, v->arena, e);
}

void perform_alarms(const struct ports *ports, const struct view *v, const struct effect *effect,
                    struct result *out)
{
    struct aws_failure failure = {0};
    int code = E_OK;
    if (effect->kind == EFFECT_READ_ALARMS) code = read_noted(ports, v, out, &failure.err);
    if (effect->kind == EFFECT_READ_TRIGGER) code = read_trigger(ports, v, out, &failure);
    if (effect->kind == EFFECT_NOTE_ALARM) code = note_heard(ports, v, &failure.err);
    if (code)
        result_of_aws(out, code, &failure, v->arena);
    else
        out->outcome = OUTCOME_OK;
}
