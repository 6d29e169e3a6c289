/* SPDX-License-Identifier: Apache-2.0
 * The program ebb: finds the command and runs it. The roles of production are commands too. */
#include "commands/command.h"
#include "workers/stage.h"

#include <signal.h>
#include <stdio.h>

static const struct command COMMANDS[] = {
    {"run", "run [ROLE...]", "run roles in this process: all of them, or those named", &RUN_OPTIONS,
     run_command},
    {"relay", "relay", "receive events from SQS and publish them to Kafka", &RUN_OPTIONS,
     run_command},
#define X(name, topic, help) " " #name
    {"work", "work STAGE...", "work on the messages of stages:" EBB_STAGES(X), &RUN_OPTIONS,
     run_command},
#undef X
    {"timers", "timers", "publish what is due, and rebuild state after Redis lost it", &RUN_OPTIONS,
     run_command},
    {"callback", "callback", "take the tasks' word that they are empty", &RUN_OPTIONS, run_command},
    {"status", "status [SERVICE]", "open drains of all services, or of one", &SHOW_OPTIONS,
     status_command},
    {"why", "why SERVICE", "what was decided about a service, newest first, and why", &WHY_OPTIONS,
     why_command},
    {"timeline", "timeline DRAIN|TASK", "everything that was done in one drain, in order",
     &SHOW_OPTIONS, timeline_command},
    {"drain", "drain SERVICE|TASK", "ask for a drain: of the task Ebb would choose, or of one task",
     &DRAIN_OPTIONS, drain_command},
    {"topics", "topics [create]",
     "check that the Kafka topics exist, or make those that are missing", &TOPICS_OPTIONS,
     topics_command},
    {"settings", "settings", "every setting, with its variable, default and meaning",
     &SETTINGS_OPTIONS, settings_command},
};

static void print_help(FILE *to)
{
    fprintf(
        to,
        "Ebb takes tasks out of stateful Amazon ECS services without cutting what they hold.\n\n"
        "usage: ebb COMMAND [OPTION...]     ebb COMMAND --help     ebb --version\n\n");
    for (size_t i = 0; i < EBB_COUNT(COMMANDS); i++)
        fprintf(to, "  %-22s %s\n", COMMANDS[i].usage, COMMANDS[i].help);
    fprintf(to, "\nThe configuration is ebb.yaml (--config, or EBB_CONFIG) and the environment; "
                "see `ebb settings`.\n");
}

int main(int argc, char **argv)
{
    struct str name = argc > 1 ? str_from(argv[1]) : STR_NONE;
    /* A peer that goes away is an error of write(), not the end of the process. */
    signal(SIGPIPE, SIG_IGN);
    if (str_eq(name, STR("--version"))) return printf("ebb %s\n", EBB_VERSION) < 0;
    if (str_eq(name, STR("--help")) || str_eq(name, STR("help"))) {
        print_help(stdout);
        return EXIT_CODE_OK;
    }
    for (size_t i = 0; i < EBB_COUNT(COMMANDS); i++)
        if (str_eq(name, str_from(COMMANDS[i].name)))
            return COMMANDS[i].run(&COMMANDS[i], argc - 1, argv + 1);
    if (argc > 1)
        fprintf(stderr, "ebb: no command is named '%s'; `ebb --help` lists them\n", argv[1]);
    if (argc < 2) print_help(stderr);
    return EXIT_CODE_USAGE;
}
