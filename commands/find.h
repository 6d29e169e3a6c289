/* SPDX-License-Identifier: Apache-2.0
 * Which drain a person means. */
#ifndef EBB_COMMANDS_FIND_H
#define EBB_COMMANDS_FIND_H

#include "commands/show.h"

struct found_drain {
    struct str drain_id;
    struct drain_held held; /* its record, if that is still there */
    struct str *other_ones; /* earlier drains of the same task */
    size_t other_ones_n;
};

/* given is a drain's id, or a task's ARN or id, whose newest drain is meant; of an id its first eight
 * or more characters, E_REFUSED when they begin several. Open drains are found
 * at once; final ones by the looks of the services that were looked at. E_NOT_FOUND says where was
 * looked. */
int find_drain(const struct store_port *store, struct str given, struct arena *a,
               struct found_drain *out, struct err *e) EBB_MUST_CHECK;

#endif
