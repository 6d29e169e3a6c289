/* SPDX-License-Identifier: Apache-2.0
 * `ebb-world broker`: an embedded Kafka for the demo, in a process of its own. */
#ifndef EBB_WORLD_BROKER_H
#define EBB_WORLD_BROKER_H

/* argv[0] is the sub-command's name. Runs until SIGTERM or SIGINT; returns the exit code. */
int broker_main(int argc, char **argv);

#endif
