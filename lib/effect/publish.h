/* SPDX-License-Identifier: Apache-2.0
 * Our records onto our topics: one place decides key, value and headers of everything Ebb
 * publishes. */
#ifndef EBB_EFFECT_PUBLISH_H
#define EBB_EFFECT_PUBLISH_H

#include "lib/effect/ports.h"
#include "schemas/control.h"
#include "schemas/message.h"

#define CONTENT_TYPE_MSGPACK "application/msgpack"

int publish_drain(const struct bus_port *bus, const struct drain *d, struct arena *a,
                  struct err *e) EBB_MUST_CHECK;
/* Removes a drain's record from `ebb.state`, at its next compaction. */
int publish_drain_removed(const struct bus_port *bus, struct str drain_id,
                          struct err *e) EBB_MUST_CHECK;
int publish_control(const struct bus_port *bus, const struct control *c, struct arena *a,
                    struct err *e) EBB_MUST_CHECK;
/* "Look at this drain", of now and with an id of its own; the caller adds what else there is to say.
 * It borrows from the drain. */
struct message message_about(const struct ports *ports, const struct drain *d, struct arena *a);
/* traceparent absent: a new trace begins. */
int publish_message(const struct bus_port *bus, struct str topic, const struct message *m,
                    struct str traceparent, struct arena *a, struct err *e) EBB_MUST_CHECK;
int publish_dead(const struct bus_port *bus, const struct dead_letter *d, struct str key,
                 struct arena *a, struct err *e) EBB_MUST_CHECK;
int publish_verdict(const struct bus_port *bus, const struct verdict_note *n, struct arena *a,
                    struct err *e) EBB_MUST_CHECK;

/* One of the above as a record to be handed over together with others; memory of the arena. */
int message_record(struct str topic, const struct message *m, struct str traceparent,
                   struct arena *a, struct bus_record *out, struct err *e) EBB_MUST_CHECK;
int dead_record(const struct dead_letter *d, struct str key, struct arena *a,
                struct bus_record *out, struct err *e) EBB_MUST_CHECK;

int verdict_record_of(const struct verdict_note *n, struct arena *a, struct bus_record *out,
                      struct err *e) EBB_MUST_CHECK;

/* A new W3C traceparent, and the next span of one (https://www.w3.org/TR/trace-context/, version
 * 00). */
struct str traceparent_new(struct arena *a);
struct str traceparent_next(struct str traceparent, struct arena *a);

#endif
