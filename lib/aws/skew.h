/* SPDX-License-Identifier: Apache-2.0
 * How far this machine's clock is off, as AWS sees it. */
#ifndef EBB_AWS_SKEW_H
#define EBB_AWS_SKEW_H

#include "lib/http/http.h"

/* AWS takes signatures that are up to five minutes off. */
#define SKEW_MIN_MS ((int64_t)4 * 60 * 1000)

/* True when the reply's Date header is at least SKEW_MIN_MS from now_ms; *out_ms is what to add to
 * our clock then. */
bool skew_of_reply(const struct http_response *reply, int64_t now_ms, int64_t *out_ms);

#endif
