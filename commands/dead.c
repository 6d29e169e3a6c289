/* SPDX-License-Identifier: Apache-2.0
 * ebb dead [LETTER]: the messages that could not be worked on, the newest last; one of them whole;
 * or one sent again to the topic it came from. A letter is named by its place on ebb.dead. */
#include "commands/letters.h"
#include "commands/show.h"

#include "lib/base/crypto.h"
#include "lib/effect/publish.h"
#include "workers/stage.h"

#include <stdlib.h>
#include <string.h>

#define READ_MS      ((int64_t)30 * 1000)
#define LETTERS_MAX  1000
#define ERROR_SHOWN  ((size_t)80)
#define KAFKA_ORIGIN "kafka:"

struct dead_options {
    struct str config;
    bool json, replay;
    int64_t most;
};
static const struct field FIELDS[] = {
    F_CONFIG(struct dead_options),
    F_JSON(struct dead_options),
    F_INT(struct dead_options, most, "n", .min = 1, .max = LETTERS_MAX, .fallback = "20",
          .help = "how many, the newest"),
    F_BOOL(struct dead_options, replay, "replay",
           .help = "send LETTER's message again to the topic it came from"),
};
const struct record DEAD_OPTIONS = RECORD_OF(struct dead_options, FIELDS);

/* One run of the command. */
struct dead {
    const struct command *self;
    struct dead_options options;
    struct process process;
    struct str wanted; /* absent: any */
    struct letters letters;
};

static void print_list(const struct dead *d)
{
    static const struct str HEADING[] = {
        {"LETTER", 6}, {"WHEN", 4}, {"FROM", 4}, {"TIMES", 5}, {"WHY", 3}};
    struct table t;
    struct arena a;
    arena_init(&a);
    table_init(&t, &a, EBB_COUNT(HEADING), HEADING);
    for (size_t i = 0; i < d->letters.n; i++) {
        const struct dead_letter *l = &d->letters.items[i].letter;
        struct str cells[] = {d->letters.items[i].place, text_when(&a, l->time), l->origin,
                              arena_format(&a, "%lld", (long long)l->times),
                              str_clip(l->error, ERROR_SHOWN)};
        table_add(&t, cells);
    }
    table_print(&t, "", stdout);
    printf("`ebb dead LETTER` shows one, with --replay it is sent again\n");
    arena_release(&a);
}

static void print_one(const struct shown_letter *shown)
{
    const struct dead_letter *l = &shown->letter;
    struct arena a;
    arena_init(&a);
    printf(
        "letter %.*s\n  when   %.*s\n  from   %.*s\n  key    %.*s\n  why    %.*s\n  times  %lld\n"
        "  bytes  %lld, in base64:\n%.*s\n",
        STR_ARG(shown->place), STR_ARG(text_when(&a, l->time)), STR_ARG(l->origin),
        STR_ARG(shown->key), STR_ARG(l->error), (long long)l->times, (long long)l->body_bytes,
        STR_ARG(l->body));
    arena_release(&a);
}

/* Only stages' messages: what came from SQS goes back there. */
static int replay(struct dead *d, const struct shown_letter *shown)
{
    struct err e = {0};
    struct str origin = shown->letter.origin, body;
    if (!str_starts(origin, STR(KAFKA_ORIGIN)))
        return command_fail_with(d->self, EXIT_CODE_FAILED,
                                 "%.*s came from %.*s; send its body there again",
                                 STR_ARG(shown->place), STR_ARG(origin));
    (void)str_cut(&origin, ':');
    struct str topic = str_cut(&origin, '/');
    if (!stage_of_topic(topic))
        return command_fail_with(d->self, EXIT_CODE_FAILED, "no stage of this Ebb reads %.*s",
                                 STR_ARG(topic));
    if (crypto_base64_decode(&d->process.arena, shown->letter.body, &body) ||
        (int64_t)body.n != shown->letter.body_bytes)
        return command_fail_with(d->self, EXIT_CODE_FAILED, "%.*s does not hold all of its message",
                                 STR_ARG(shown->place));
    struct bus_record record = {.topic = topic, .key = shown->key, .value = body};
    if (bus_publish(&d->process.context.ports.bus, &record, &e)) return command_fail(d->self, &e);
    if (!d->options.json) printf("sent to %.*s again\n", STR_ARG(topic));
    return EXIT_CODE_OK;
}

static int show(struct dead *d)
{
    struct shown_letters shown = {.format = SHOW_FORMAT};
    struct err e = {0};
    if (process_open(&d->process, d->options.config, NEEDS_BUS | NEEDS_TOPICS,
                     str_from(d->self->name), &e))
        return command_fail(d->self, &e);
    letters_init(&d->letters, d->wanted, (size_t)d->options.most);
    if (bus_read(&d->process.context.ports.bus, STR(TOPIC_DEAD), READ_MS, letters_take, &d->letters,
                 &e))
        return command_fail(d->self, &e);
    if (d->wanted.n && !d->letters.n)
        return command_fail_with(d->self, EXIT_CODE_NOTHING,
                                 "there is no letter %.*s; `ebb dead` lists the newest",
                                 STR_ARG(d->wanted));
    letters_sort(&d->letters);
    int exit_code = d->options.replay ? replay(d, d->letters.items) : EXIT_CODE_OK;
    if (exit_code) return exit_code;
    shown.letters = LIST_OF(d->letters.items, d->letters.n);
    if (d->options.json) return show_json(d->self, &SHOWN_LETTERS_RECORD, &shown);
    if (d->wanted.n)
        print_one(d->letters.items);
    else if (d->letters.n)
        print_list(d);
    else
        printf("no dead letter\n");
    return show_flushed(d->self);
}

int dead_command(const struct command *self, int argc, char **argv)
{
    struct arena typed;
    struct arguments given;
    struct dead d = {.self = self};
    int exit_code;
    arena_init(&typed);
    if (!command_parse(self, argc, argv, &typed, &d.options, &given, &exit_code)) {
        if (given.n > 1 || (d.options.replay && !given.n))
            exit_code = command_fail_with(self, EXIT_CODE_USAGE, "usage: ebb %s", self->usage);
        else {
            if (given.n) d.wanted = given.words[0];
            exit_code = show(&d);
        }
    }
    process_close(&d.process);
    letters_release(&d.letters);
    arena_release(&typed);
    return exit_code;
}
