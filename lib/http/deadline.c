/* SPDX-License-Identifier: Apache-2.0
 * See deadline.h. */
#include "lib/http/deadline.h"

#define CONNECT_DEFAULT_MS ((int64_t)3000)
#define TOTAL_DEFAULT_MS   ((int64_t)30000)

bool http_is_late(const struct http_request *request, const struct clock *clock)
{
    return request->not_after_ms > 0 && clock_wall_ms(clock) > request->not_after_ms;
}

static int64_t first_given(int64_t ms, int64_t otherwise_ms)
{
    return ms > 0 ? ms : otherwise_ms;
}

struct http_deadline http_deadline_default(const struct http_client_options *options)
{
    return (struct http_deadline){
        .connect_ms = first_given(options->connect_timeout_ms, CONNECT_DEFAULT_MS),
        .total_ms = first_given(options->timeout_ms, TOTAL_DEFAULT_MS),
    };
}

struct http_deadline http_deadline_of(const struct http_request *request,
                                      const struct http_deadline *defaults,
                                      const struct clock *clock)
{
    struct http_deadline d = {
        .connect_ms = first_given(request->connect_timeout_ms, defaults->connect_ms),
        .total_ms = first_given(request->timeout_ms, defaults->total_ms),
    };
    if (request->not_after_ms <= 0) return d;
    int64_t left_ms = request->not_after_ms - clock_wall_ms(clock);
    if (left_ms >= d.total_ms) return d;
    d.total_ms = left_ms > 0 ? left_ms : 1;
    d.ends_with_not_after = true;
    return d;
}
