/* SPDX-License-Identifier: Apache-2.0
 * Control records in Redis, the count of tasks that were stopped by mistake, and that of messages
 * taken. */
#ifndef EBB_STORE_STATE_CONTROL_H
#define EBB_STORE_STATE_CONTROL_H

#include "lib/store/state.h"
#include "schemas/control.h"

struct control_held {
    bool exists;
    struct control record;
    bool recorded; /* ebb.state has acknowledged this very version */
};
struct control_list {
    struct control_held *items;
    size_t n;
};

int state_read_control(const struct store_port *port, struct str scope, struct arena *a,
                       struct control_held *out, struct err *e) EBB_MUST_CHECK;
/* All of them; one that cannot be read is left out. */
int state_read_controls(const struct store_port *port, struct arena *a, struct control_list *out,
                        struct err *e) EBB_MUST_CHECK;
/* control carries the version it becomes, one above the one it was read with. E_CONFLICT when
 * something else was said first, E_STATE_LOST while state is not whole. */
int state_set_control(const struct store_port *port, const struct control *control, struct arena *a,
                      struct err *e) EBB_MUST_CHECK;
/* ebb.state has acknowledged it. E_CONFLICT when another has been said meanwhile; E_NOT_FOUND. */
int state_control_recorded(const struct store_port *port, const struct control *written,
                           struct arena *a, struct err *e) EBB_MUST_CHECK;
int state_merge_control(const struct store_port *port, const struct control *control,
                        struct arena *a, struct err *e) EBB_MUST_CHECK;

/* A task of the service stopped that was not drained, when the count was lowered as the intent says.
 * *count: how often that has happened in the service's account within the hour, each intent once. */
int state_note_wrong(const struct store_port *port, struct str service,
                     const struct intent_fact *intent, struct arena *a, int64_t *count,
                     struct err *e) EBB_MUST_CHECK;

/* A message is taken by a holder, given back, or asked for: *others is how many others have taken it
 * and nothing came of it. Sending it again changes nothing. */
enum taken_what { TAKEN_ASK, TAKEN_TAKE, TAKEN_GIVE_BACK };
struct message_place {
    struct str topic;
    int32_t partition;
    int64_t offset;
};
int state_count_taken(const struct store_port *port, const struct message_place *message,
                      enum taken_what what, struct str holder, struct arena *a, int64_t *others,
                      struct err *e) EBB_MUST_CHECK;
/* Something came of it. */
int state_forget_taken(const struct store_port *port, const struct message_place *message,
                       struct arena *a, struct err *e) EBB_MUST_CHECK;

#endif
