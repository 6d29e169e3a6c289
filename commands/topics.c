/* SPDX-License-Identifier: Apache-2.0
 * ebb topics [create]: whether the topics Ebb needs exist; or makes those that do not. One that
 * exists is left as it is, whatever its settings are. */
#include "commands/show.h"
#include "lib/run/remedy.h"

#define ANSWER_MS  ((int64_t)10000)
#define SHOW_UP_MS ((int64_t)10000) /* a topic that was made is known to every broker by then */
#define GLANCE_MS  ((int64_t)100)

struct topics_options {
    struct str config;
    bool json;
};
static const struct field FIELDS[] = {
    F_CONFIG(struct topics_options),
    F_JSON(struct topics_options),
};
const struct record TOPICS_OPTIONS = RECORD_OF(struct topics_options, FIELDS);

/* Fills *exists; a code when that cannot be said. */
static int ask(struct bus *bus, const struct bus_topic *topic, bool *exists, struct err *e)
{
    int code = bus_check_topics(bus, topic, 1, ANSWER_MS, e);
    *exists = code == E_OK;
    return code == E_MISSING ? E_OK : code;
}

static int check(struct process *p, const struct bus_topic *topics, size_t n,
                 struct shown_topic *shown, struct err *e)
{
    int code = E_OK;
    for (size_t i = 0; i < n && !code; i++) {
        shown[i].name = topics[i].name;
        shown[i].partitions = topics[i].partitions;
        shown[i].compacted = topics[i].compacted;
        code = ask(p->bus, &topics[i], &shown[i].exists, e);
    }
    return code;
}

/* Makes what is missing, and waits until it is there. */
static int create(struct process *p, const struct bus_topic *topics, size_t n,
                  struct shown_topic *shown, struct err *e)
{
    const struct clock *clock = &p->context.ports.clock;
    int code = bus_create_topics(p->bus, topics, n, ANSWER_MS, e);
    int64_t until = clock_mono_ms(clock) + SHOW_UP_MS;
    for (size_t i = 0; i < n && !code; i++) {
        if (shown[i].exists) continue;
        code = ask(p->bus, &topics[i], &shown[i].exists, e);
        while (!code && !shown[i].exists && clock_mono_ms(clock) < until) {
            clock_sleep_ms(GLANCE_MS);
            code = ask(p->bus, &topics[i], &shown[i].exists, e);
        }
        shown[i].created = shown[i].exists;
    }
    return code;
}

static void print(struct arena *a, const struct shown_topic *shown, size_t n)
{
    struct table t;
    table_init(&t, a, 3, NULL);
    for (size_t i = 0; i < n; i++) {
        const struct shown_topic *s = &shown[i];
        struct str made = arena_format(a, "%s, %lld partitions%s", s->created ? "created" : "to be",
                                       (long long)s->partitions, s->compacted ? ", compacted" : "");
        struct str cells[] = {s->name, s->exists ? STR("exists") : STR("MISSING"),
                              s->created || !s->exists ? made : STR(" ")};
        table_add(&t, cells);
    }
    table_print(&t, "", stdout);
}

static int show(const struct command *self, struct process *p, bool json,
                const struct shown_topic *topics, size_t n)
{
    struct shown_topics shown = {.format = SHOW_FORMAT};
    size_t missing = 0;
    struct shown_topic *copies = ARENA_ARRAY(&p->arena, n, struct shown_topic);
    for (size_t i = 0; i < n; i++) {
        copies[i] = topics[i];
        missing += !topics[i].exists;
    }
    shown.topics = LIST_OF(copies, n);
    int exit_code = EXIT_CODE_OK;
    if (json)
        exit_code = show_json(self, &SHOWN_TOPICS_RECORD, &shown);
    else
        print(&p->arena, topics, n);
    if (exit_code || !missing) return exit_code ? exit_code : show_flushed(self);
    return command_fail_with(self, EXIT_CODE_MISSING,
                             "%zu of %zu topics are missing; `ebb topics create` makes them",
                             missing, n);
}

static int run(const struct command *self, struct process *p, const struct topics_options *options,
               bool creates)
{
    struct err e = {0};
    size_t n;
    if (process_open(p, options->config, NEEDS_BUS, str_from(self->name), &e))
        return command_fail(self, &e);
    struct bus_topic *topics = process_topics(p, &n);
    struct shown_topic *shown = ARENA_ARRAY(&p->arena, n, struct shown_topic);
    if (check(p, topics, n, shown, &e) || (creates && create(p, topics, n, shown, &e))) {
        (void)remedy_kafka(&e);
        return command_fail(self, &e);
    }
    return show(self, p, options->json, shown, n);
}

int topics_command(const struct command *self, int argc, char **argv)
{
    struct arena typed;
    struct topics_options options = {0};
    struct arguments given;
    struct process p = {0};
    int exit_code;
    arena_init(&typed);
    if (!command_parse(self, argc, argv, &typed, &options, &given, &exit_code)) {
        bool creates = given.n == 1 && str_eq(given.words[0], STR("create"));
        if (given.n && !creates)
            exit_code = command_fail_with(self, EXIT_CODE_USAGE, "usage: ebb %s", self->usage);
        else
            exit_code = run(self, &p, &options, creates);
    }
    process_close(&p);
    arena_release(&typed);
    return exit_code;
}
