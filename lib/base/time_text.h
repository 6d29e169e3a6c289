/* SPDX-License-Identifier: Apache-2.0
 * Times as text: ISO 8601 as AWS events and HTTP replies carry them, and durations as people write
 * them. */
#ifndef EBB_BASE_TIME_TEXT_H
#define EBB_BASE_TIME_TEXT_H

#include "lib/base/arena.h"

/* "2019-10-02T17:04:40Z", "...40.989Z", "...40.989+0000", "...+00:00" to milliseconds since the
 * epoch. Returns E_MALFORMED for anything else. Years 1970 to 9999. */
int time_parse_iso(struct str text, int64_t *out_ms) EBB_MUST_CHECK;

/* "2019-10-02T17:04:40.989Z" */
struct str time_format_iso(struct arena *a, int64_t ms);
/* "20191002T170440Z", the form SigV4 signs. */
struct str time_format_basic(struct arena *a, int64_t ms);
int time_parse_basic(struct str text, int64_t *out_ms) EBB_MUST_CHECK;

/* "850 ms", "12.3 s", "4 min 10 s", "3 h 2 min": for people. */
struct str time_format_span(struct arena *a, int64_t ms);
/* "250ms", "30s", "15m", "4h", "1d" or a bare number of seconds, to milliseconds. */
int time_parse_span(struct str text, int64_t *out_ms) EBB_MUST_CHECK;

#endif
