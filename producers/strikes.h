/* SPDX-License-Identifier: Apache-2.0
 * Who sent wrong tokens, and how often of late. A bounded table: when it is full the oldest entry
 * gives way, so an attacker with many addresses costs no memory. Thread-safe. */
#ifndef EBB_PRODUCERS_STRIKES_H
#define EBB_PRODUCERS_STRIKES_H

#include "lib/base/str.h"

struct strikes;

struct strikes *strikes_new(void);
void strikes_free(struct strikes *s);
void strikes_add(struct strikes *s, struct str peer, int64_t now_ms);
bool strikes_are_too_many(struct strikes *s, struct str peer, int64_t now_ms);

#endif
