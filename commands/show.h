/* SPDX-License-Identifier: Apache-2.0
 * What the commands that show state have in common: opening what they read, finding what was meant,
 * reading looks back, and printing one JSON document. */
#ifndef EBB_COMMANDS_SHOW_H
#define EBB_COMMANDS_SHOW_H

#include "commands/command.h"
#include "commands/text.h"
#include "lib/run/process.h"
#include "lib/store/state_control.h"
#include "lib/store/state_show.h"
#include "schemas/show.h"

/* Services a command lists or searches; more are cut, and that is said. */
#define SHOW_SERVICES_MAX ((size_t)1000)

/* SHOW_OPTIONS and WHY_OPTIONS. */
struct show_options {
    struct str config;
    bool json;
    int64_t most; /* ebb why: how many looks */
};

/* One run of such a command. */
struct show {
    const struct command *self;
    struct arena typed;     /* holds options and words */
    struct process process; /* its arena holds what is read */
    struct show_options options;
    struct arguments given;
    int64_t now_ms;
};

/* Reads the command line, which has from words_min to words_max words, and opens the store. False
 * when the command is over, with *exit_code. show_close also then. */
bool show_open(struct show *s, const struct command *self, int argc, char **argv, size_t words_min,
               size_t words_max, int *exit_code);
void show_close(struct show *s);

/* The key of a service a person named: a key, an ARN, cluster/name, or a name. What is short is
 * completed from the services that were looked at. E_NOT_FOUND, or E_REFUSED when several fit;
 * either names those that there are. */
int show_find_service(const struct store_port *port, struct str given, struct arena *a,
                      struct str *key, struct err *e) EBB_MUST_CHECK;

/* The newest looks, newest first; what is none of our records is left out. */
struct look_list {
    struct verdict_note *items;
    size_t n;
};
int show_read_looks(const struct store_port *port, struct str about, bool is_drain, size_t most,
                    struct arena *a, struct look_list *out, struct err *e) EBB_MUST_CHECK;

/* The service's watched alarms as they were last seen, by name: a list of struct shown_alarm; and a
 * line for each. */
int show_read_alarms(const struct store_port *port, struct str service, struct arena *a,
                     struct list *out, struct err *e) EBB_MUST_CHECK;
void show_alarms(struct arena *a, const struct list *alarms, int64_t now_ms);
/* The pauses that hold now, of struct control, everything first: those of a scope (a service is held
 * up by its account's too, an account by its own and everything's), or all of them when it is
 * absent. */
int show_read_pauses(const struct store_port *port, struct str scope, int64_t now_ms,
                     struct arena *a, struct list *out, struct err *e) EBB_MUST_CHECK;
void show_print_pauses(struct arena *a, const struct list *pauses, const char *indent);

/* One document and a newline on standard output; gives EXIT_CODE_OK, or that of the failure. */
int show_json(const struct command *self, const struct record *r, const void *in);
/* Everything printed has arrived: EXIT_CODE_OK, or EXIT_CODE_FAILED and words. */
int show_flushed(const struct command *self);

/* "refused  cooldown: the last drain ... (3, limit 2)": a look in one line. */
struct str show_decision(struct arena *a, const struct verdict_note *n);
/* The effects of a look, a line each, with offsets from since_ms. */
void show_steps(struct arena *a, const struct verdict_note *n, int64_t since_ms, FILE *to);

#endif
