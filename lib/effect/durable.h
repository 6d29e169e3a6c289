/* SPDX-License-Identifier: Apache-2.0
 * The order of every move (design: state) in one place: what Redis has taken is written to
 * `ebb.state`, and only what was acknowledged there counts as said. */
#ifndef EBB_EFFECT_DURABLE_H
#define EBB_EFFECT_DURABLE_H

#include "lib/effect/ports.h"
#include "schemas/control.h"

/* Writes the record as Redis has it; one that was overtaken meanwhile is written as it is then. */
int durable_drain(const struct ports *ports, const struct drain *d, struct arena *a,
                  struct err *e) EBB_MUST_CHECK;

/* The same; *d becomes the record that Redis and `ebb.state` both have then. is_ours: the caller has
 * made this version, and never tried to write it. */
int durable_record(const struct ports *ports, struct drain *d, bool is_ours, struct arena *a,
                   struct err *e) EBB_MUST_CHECK;

/* Says it: compare-and-set in Redis, then `ebb.state`; Redis gets back what it lost meanwhile. The last
 * one who says something wins, but that a pause stays which lasts as long as the one wanted. Of
 * wanted all but format and version counts. When it fails it may have been said all the same; to
 * say it again does no harm. */
int durable_control(const struct ports *ports, const struct control *wanted, struct arena *a,
                    struct err *e) EBB_MUST_CHECK;
/* Writes what Redis has of a scope, if that was not acknowledged yet; not what a newer version of
 * Ebb said. */
int durable_said(const struct ports *ports, struct str scope, struct arena *a,
                 struct err *e) EBB_MUST_CHECK;

/* Effect BRAKE: the third wrong victim within an hour pauses its account. */
void perform_brake(const struct ports *ports, const struct view *v, struct result *out);

#endif
