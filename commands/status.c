/* SPDX-License-Identifier: Apache-2.0
 * ebb status [SERVICE]: the open drains of each service, the last look at it, and whether what all
 * of them depend on is well. */
#include "commands/show.h"

#include "lib/base/arn.h"

#include <stdlib.h>

#define LAST_LOOKS_OF_DRAIN ((size_t)20) /* searched for the last word of its task */

static int by_claim(const void *one, const void *other)
{
    const struct shown_drain *a = one, *b = other;
    if (a->drain.claimed_at != b->drain.claimed_at)
        return a->drain.claimed_at < b->drain.claimed_at ? -1 : 1;
    return str_compare(a->drain.drain_id, b->drain.drain_id);
}

static int by_name(const void *one, const void *other)
{
    const struct str *a = one, *b = other;
    return str_compare(*a, *b);
}

/* Looks that only waited are not noted, so this may be some time old: it is shown with its age. */
static int read_last_status(const struct store_port *store, struct shown_drain *d, struct arena *a,
                            struct err *e)
{
    struct look_list looks;
    int code = show_read_looks(store, d->drain.drain_id, true, LAST_LOOKS_OF_DRAIN, a, &looks, e);
    for (size_t i = 0; !code && i < looks.n && !d->last_status.at; i++)
        for (size_t k = looks.items[i].steps.n; k-- > 0 && !d->last_status.at;) {
            const struct step_note *s = LIST_AT(looks.items[i].steps, struct step_note, k);
            if (str_eq(s->effect, STR("read_status")) && str_eq(s->outcome, STR("ok")))
                d->last_status = *s;
        }
    return code;
}

static int read_service(struct show *s, struct str key, struct shown_service *out, struct err *e)
{
    struct arena *a = &s->process.arena;
    const struct store_port *store = &s->process.context.ports.store;
    struct drain_list open;
    struct look_list looks;
    *out = (struct shown_service){.service = key};
    int code = state_read_open(store, key, DRAIN_OTHER, a, &open, e);
    if (!code) code = show_read_looks(store, key, false, 1, a, &looks, e);
    if (!code) code = show_read_alarms(store, key, a, &out->alarms, e);
    if (code) return code;
    if (looks.n) out->last_look = looks.items[0];
    struct shown_drain *drains = ARENA_ARRAY(a, open.n, struct shown_drain);
    for (size_t i = 0; i < open.n && !code; i++) {
        const struct drain *d = &open.items[i].record;
        drains[i] = (struct shown_drain){
            .drain = *d,
            .public_state = drain_public_state(d->state),
            .age_ms = s->now_ms > d->claimed_at ? s->now_ms - d->claimed_at : 0,
        };
        code = read_last_status(store, &drains[i], a, e);
    }
    qsort(drains, open.n, sizeof(*drains), by_claim);
    out->drains = LIST_OF(drains, open.n);
    return code;
}

static int read_health(struct show *s, struct shown_status *out, struct err *e)
{
    struct arena *a = &s->process.arena;
    const struct store_port *store = &s->process.context.ports.store;
    struct lease_fact timers;
    int code = state_run_id(store, a, &out->run_id, &out->epoch, e);
    if (!code) code = state_read_lease(store, STR("timers"), a, &timers, e);
    if (code) return code;
    out->state_is_whole = str_eq(out->run_id, out->epoch);
    out->timers_are_led = timers.held;
    out->timers_leader = timers.holder;
    out->timers_lease_left_ms = timers.left_ms;
    return E_OK;
}

/* All services that were looked at, or the one that was named. */
static int read_all(struct show *s, struct shown_status *out, struct err *e)
{
    struct arena *a = &s->process.arena;
    const struct store_port *store = &s->process.context.ports.store;
    struct str one;
    struct str_list keys = {.items = &one, .n = 1};
    int code = s->given.n ? show_find_service(store, s->given.words[0], a, &one, e)
                          : state_services(store, SHOW_SERVICES_MAX, a, &keys, e);
    if (!code) code = read_health(s, out, e);
    if (!code)
        code = show_read_pauses(store, s->given.n ? one : STR_NONE, s->now_ms, a, &out->pauses, e);
    if (code) return code;
    qsort(keys.items, keys.n, sizeof(*keys.items), by_name);
    struct shown_service *services = ARENA_ARRAY(a, keys.n, struct shown_service);
    for (size_t i = 0; i < keys.n && !code; i++)
        code = read_service(s, keys.items[i], &services[i], e);
    out->services = LIST_OF(services, keys.n);
    return code;
}

static void print_drains(struct arena *a, const struct shown_service *service, int64_t now_ms)
{
    static const struct str HEADING[] = {{"STATE", 5},        {"TASK", 4},     {"DRAIN", 5},
                                         {"BEGAN", 5},        {"DEADLINE", 8}, {"NEXT LOOK", 9},
                                         {"TASK'S WORD", 11}, {"TRIGGER", 7}};
    struct table t;
    table_init(&t, a, EBB_COUNT(HEADING), HEADING);
    for (size_t i = 0; i < service->drains.n; i++) {
        const struct shown_drain *d = LIST_AT(service->drains, struct shown_drain, i);
        struct str word = STR_NONE;
        if (d->last_status.at)
            word = arena_format(a, "%.*s (%.*s)", STR_ARG(d->last_status.detail),
                                STR_ARG(text_ago(a, now_ms, d->last_status.at)));
        struct str cells[] = {enum_word(&DRAIN_STATES, d->drain.state),
                              arn_task_id(d->drain.task_arn),
                              d->drain.drain_id,
                              text_ago(a, now_ms, d->drain.claimed_at),
                              text_ago(a, now_ms, d->drain.deadline_at),
                              text_ago(a, now_ms, d->drain.look_at),
                              word,
                              d->drain.trigger};
        table_add(&t, cells);
    }
    table_print(&t, "  ", stdout);
}

static void print_service(struct arena *a, const struct shown_service *service, int64_t now_ms)
{
    const struct verdict_note *n = &service->last_look;
    printf("\n%.*s  (%.*s)\n", STR_ARG(text_service(service->service)), STR_ARG(service->service));
    if (service->drains.n)
        print_drains(a, service, now_ms);
    else
        printf("  no open drain\n");
    show_alarms(a, &service->alarms, now_ms);
    if (n->time)
        printf("  last look: %.*s, %.*s: %.*s\n", STR_ARG(text_ago(a, now_ms, n->time)),
               STR_ARG(n->stage), STR_ARG(show_decision(a, n)));
}

static void print_health(const struct shown_status *shown)
{
    if (shown->state_is_whole)
        printf("state:   whole\n");
    else
        printf(
            "state:   NOT WHOLE: Redis was restarted, emptied or replaced. No drain begins until "
            "the timers role has\n         put it together again from %s.\n",
            TOPIC_STATE);
    if (shown->timers_are_led)
        printf("timers:  led by %.*s\n", STR_ARG(shown->timers_leader));
    else
        printf(
            "timers:  NOBODY leads them: nothing is looked at again by itself. Does `ebb timers` "
            "run?\n");
}

static int print(struct show *s, const struct shown_status *shown)
{
    struct arena *a = &s->process.arena;
    size_t open = 0;
    for (size_t i = 0; i < shown->services.n; i++)
        open += LIST_AT(shown->services, struct shown_service, i)->drains.n;
    print_health(shown);
    show_print_pauses(a, &shown->pauses, "paused:  ");
    printf("drains:  %zu open, of %zu service%s\n", open, shown->services.n,
           shown->services.n == 1 ? "" : "s");
    for (size_t i = 0; i < shown->services.n; i++)
        print_service(a, LIST_AT(shown->services, struct shown_service, i), s->now_ms);
    if (!shown->services.n)
        printf("\nNo service has been looked at yet: no event came, or the relay and the stages do "
               "not run.\n`ebb drain --dry-run SERVICE` says what would be decided now.\n");
    if (shown->services.n == SHOW_SERVICES_MAX)
        printf("\nOnly %zu services are shown; name one to see it.\n", SHOW_SERVICES_MAX);
    return show_flushed(s->self);
}

static int show_status(struct show *s, struct err *e)
{
    struct shown_status shown = {.format = SHOW_FORMAT, .time = s->now_ms};
    if (read_all(s, &shown, e)) return command_fail(s->self, e);
    const struct shown_service *first = shown.services.items;
    bool unknown = s->given.n && !first->drains.n && !first->last_look.time;
    if (s->options.json) {
        int exit_code = show_json(s->self, &SHOWN_STATUS_RECORD, &shown);
        return exit_code || !unknown ? exit_code : EXIT_CODE_NOTHING;
    }
    if (!unknown) return print(s, &shown);
    return command_fail_with(s->self, EXIT_CODE_NOTHING,
                             "%.*s has no open drain and was never looked at; `ebb status` shows "
                             "the services that were",
                             STR_ARG(first->service));
}

int status_command(const struct command *self, int argc, char **argv)
{
    struct show s;
    struct err e = {0};
    int exit_code;
    if (show_open(&s, self, argc, argv, 0, 1, &exit_code)) exit_code = show_status(&s, &e);
    show_close(&s);
    return exit_code;
}
