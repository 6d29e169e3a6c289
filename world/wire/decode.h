/* SPDX-License-Identifier: Apache-2.0
 * From the bytes of a request to the struct an operation takes. */
#ifndef EBB_WORLD_WIRE_DECODE_H
#define EBB_WORLD_WIRE_DECODE_H

#include "lib/http/server.h"
#include "world/wire/route.h"

/* The input struct in the arena, or NULL and *refusal: what AWS answers to a body it cannot read,
 * or that lacks what the operation needs. */
void *decode_input(const struct route *route, const struct http_incoming *request, struct arena *a,
                   struct aws_error *refusal);

#endif
