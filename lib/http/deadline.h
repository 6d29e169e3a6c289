/* SPDX-License-Identifier: Apache-2.0
 * How long a request may take, and whether it is too late for it. */
#ifndef EBB_HTTP_DEADLINE_H
#define EBB_HTTP_DEADLINE_H

#include "lib/http/http.h"

struct http_deadline {
    int64_t connect_ms, total_ms;
    bool ends_with_not_after; /* the total time is what is left until not_after */
};

bool http_is_late(const struct http_request *request, const struct clock *clock);
struct http_deadline http_deadline_default(const struct http_client_options *options);
/* The request's own times, else the defaults; no longer than until its not_after. */
struct http_deadline http_deadline_of(const struct http_request *request,
                                      const struct http_deadline *defaults,
                                      const struct clock *clock);

#endif
