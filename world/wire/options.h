/* SPDX-License-Identifier: Apache-2.0
 * The command line of `ebb-world serve`. */
#ifndef EBB_WORLD_WIRE_OPTIONS_H
#define EBB_WORLD_WIRE_OPTIONS_H

#include "lib/base/err.h"
#include "world/wire/wire.h"

struct serve_options {
    struct wire_options wire;
    const char *scenario_file, *port_file; /* NULL = none */
    bool with_parent, help;
};

/* Reads the command line and the environment; strings are borrowed from both. E_CONFIG with what is
 * wrong. */
int serve_options_read(int argc, char **argv, struct serve_options *out,
                       struct err *e) EBB_MUST_CHECK;
/* The text of --help into out. */
void serve_options_help(struct buf *out);

#endif
