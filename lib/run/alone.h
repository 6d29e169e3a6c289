/* SPDX-License-Identifier: Apache-2.0
 * Working alone: a message at its last chance (taken.h) is worked on while no other message of a stage
 * is, in the whole process. Then it is this one that killed, if the process dies again; what was only
 * near it is not taken for one that kills. It holds up the others for as long as one look lasts. */
#ifndef EBB_RUN_ALONE_H
#define EBB_RUN_ALONE_H

#include <stdbool.h>

/* Around each piece of work. enter waits: with `alone` until all others have left, without until
 * who works alone has. Absent functions: nobody waits for anybody. */
struct alone_port {
    void *ctx;
    void (*enter)(void *ctx, bool alone);
    void (*leave)(void *ctx);
};

static inline void alone_enter(const struct alone_port *port, bool alone)
{
    if (port->enter) port->enter(port->ctx, alone);
}

static inline void alone_leave(const struct alone_port *port)
{
    if (port->leave) port->leave(port->ctx);
}

struct alone;

/* For threads. Whoever waits to be alone goes before those who come later. */
struct alone *alone_new(void);
void alone_free(struct alone *alone);
struct alone_port alone_port_of(struct alone *alone);

#endif
