/* SPDX-License-Identifier: Apache-2.0
 * The program ebb: finds the command and runs it. The roles of production are commands too. */
#include "commands/command.h"
#include "workers/stage.h"

#include <signal.h>
#include <stdio.h>

#define DRAIN_MORE                                                                                 \
    "It goes the way of an alarm's: through the select stage and its limits, which are the "       \
    "floor,\n"                                                                                     \
    "the cooldown, the drains of an hour and the drains at once. Only no alarm is asked for. In\n" \
    "mode observe it is decided and recorded, and nothing is touched."

#define VERIFY_MORE                                                                                \
    "It makes a cluster (or takes the one named), a task definition and a service of five tiny "   \
    "tasks in\nthe account of the credentials, tries docs/assumptions.md on them, and removes "    \
    "all "                                                                                         \
    "of it, which takes\nsome 15 minutes. Without --yes it only says what it would do. Neither "   \
    "Kafka nor Redis is needed."
#define PAUSE_MORE                                                                                 \
    "Alarms and `ebb drain` are refused (paused) until it is over. Drains that are open go on: "   \
    "to\n"                                                                                         \
    "leave them half way would be less safe than to let them end. `ebb cancel` undoes one of "     \
    "them."
#define RESUME_MORE                                                                                \
    "Also what Ebb itself has paused: an account in which three tasks that were not drained "      \
    "were\n"                                                                                       \
    "stopped within an hour. It counts anew from then on."
#define CANCEL_MORE                                                                                \
    "Until it is DRAINED: its task accepts work again, the distributor sends it some. The alarm\n" \
    "that asked for it may ask again; `ebb pause` prevents that."
#define CLOSE_MORE                                                                                 \
    "For a drain that is UNDOING or RELEASING and waits for a distributor or a task that will\n"   \
    "never answer. Its address may stay shut out of the distributor: see to that yourself."

#define X(name, topic, help) " " #name
static const struct command COMMANDS[] = {
    {"run", "run [ROLE...]", "run roles in this process: all of them, or those named", NULL,
     &RUN_OPTIONS, run_command},
    {"relay", "relay", "receive events from SQS and publish them to Kafka", NULL, &RUN_OPTIONS,
     run_command},
    {"work", "work STAGE...", "work on the messages of stages:" EBB_STAGES(X), NULL, &RUN_OPTIONS,
     run_command},
    {"timers", "timers", "publish what is due, and rebuild state after Redis lost it", NULL,
     &RUN_OPTIONS, run_command},
    {"callback", "callback", "take the tasks' word that they are empty", NULL, &RUN_OPTIONS,
     run_command},
    {"status", "status [SERVICE]", "open drains of all services, or of one", NULL, &SHOW_OPTIONS,
     status_command},
    {"why", "why SERVICE", "what was decided about a service, newest first, and why", NULL,
     &WHY_OPTIONS, why_command},
    {"timeline", "timeline DRAIN|TASK", "everything that was done in one drain, in order",
     "Eight or more characters that begin one id only are enough.", &SHOW_OPTIONS,
     timeline_command},
    {"drain", "drain SERVICE|TASK", "ask for a drain: of the task Ebb would choose, or of one task",
     DRAIN_MORE, &DRAIN_OPTIONS, drain_command},
    {"pause", "pause [SERVICE]", "let no drain begin: of a service, an account or all", PAUSE_MORE,
     &PAUSE_OPTIONS, pause_command},
    {"resume", "resume [SERVICE]", "the end of such a pause", RESUME_MORE, &RESUME_OPTIONS,
     resume_command},
    {"cancel", "cancel DRAIN|TASK", "undo a drain: its task goes back into service", CANCEL_MORE,
     &CANCEL_OPTIONS, cancel_command},
    {"close", "close DRAIN|TASK", "end a drain that cannot be confirmed", CLOSE_MORE,
     &CLOSE_OPTIONS, close_command},
    {"dead", "dead [LETTER]", "messages that could not be worked on; one of them, or sent again",
     NULL, &DEAD_OPTIONS, dead_command},
    {"topics", "topics [create]",
     "check that the Kafka topics exist, or make those that are missing", NULL, &TOPICS_OPTIONS,
     topics_command},
    {"settings", "settings", "every setting, with its variable, default and meaning", NULL,
     &SETTINGS_OPTIONS, settings_command},
    {"verify-aws", "verify-aws",
     "try on a throwaway ECS service whether AWS behaves as Ebb believes", VERIFY_MORE,
     &VERIFY_AWS_OPTIONS, verify_aws_command},
};
#undef X

static const struct command *command_named(struct str name)
{
    for (size_t i = 0; i < EBB_COUNT(COMMANDS); i++)
        if (str_eq(name, str_from(COMMANDS[i].name))) return &COMMANDS[i];
    return NULL;
}

/* Which one somebody meant who mistyped it; the names are compared as those of fields are. */
static const char *nearest(struct str name)
{
    struct field names[EBB_COUNT(COMMANDS)];
    for (size_t i = 0; i < EBB_COUNT(COMMANDS); i++)
        names[i] = (struct field){.name = COMMANDS[i].name};
    const struct record all = {.fields = names, .n = EBB_COUNT(names)};
    const struct field *near = record_nearest(&all, name);
    return near ? near->name : NULL;
}

static void print_help(FILE *to)
{
    fprintf(
        to,
        "Ebb takes tasks out of stateful Amazon ECS services without cutting what they hold.\n\n"
        "usage: ebb COMMAND [OPTION...]     ebb help COMMAND     ebb --version\n\n");
    for (size_t i = 0; i < EBB_COUNT(COMMANDS); i++)
        fprintf(to, "  %-22s %s\n", COMMANDS[i].usage, COMMANDS[i].help);
    fprintf(to, "\nThe configuration is ebb.yaml (--config, or EBB_CONFIG) and the environment; "
                "see `ebb settings`.\n");
}

static int fail_unknown(struct str name)
{
    const char *near = nearest(name);
    fprintf(stderr, "ebb: no command is named '%.*s'%s%s%s; `ebb --help` lists them\n",
            STR_ARG(name), near ? ", did you mean " : "", near ? near : "", near ? "?" : "");
    return EXIT_CODE_USAGE;
}

int main(int argc, char **argv)
{
    struct str name = argc > 1 ? str_from(argv[1]) : STR_NONE;
    /* A peer that goes away is an error of write(), not the end of the process. */
    signal(SIGPIPE, SIG_IGN);
    if (!name.p) {
        print_help(stderr);
        return EXIT_CODE_USAGE;
    }
    if (str_eq(name, STR("--version"))) return printf("ebb %s\n", EBB_VERSION) < 0;
    bool is_help = str_eq(name, STR("help"));
    if (str_eq(name, STR("--help")) || str_eq(name, STR("-h")) || (is_help && argc == 2)) {
        print_help(stdout);
        return EXIT_CODE_OK;
    }
    /* `ebb help drain` is `ebb drain --help`. */
    char *words[] = {argv[1], "--help", NULL};
    if (is_help) {
        name = str_from(argv[2]);
        argc = 3;
        words[0] = argv[2];
    }
    const struct command *c = command_named(name);
    return c ? c->run(c, argc - 1, is_help ? words : argv + 1) : fail_unknown(name);
}
