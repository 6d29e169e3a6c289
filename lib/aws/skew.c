/* SPDX-License-Identifier: Apache-2.0
 * Reads the Date header of a reply (RFC 9110 section 5.6.7, the one form servers send). */
#include "lib/aws/skew.h"

#include "lib/base/time_text.h"

#define DATE_CHARS 29 /* "Sun, 06 Nov 1994 08:49:37 GMT" */

static bool parse_date(struct str text, int64_t *out_ms)
{
    static const struct str MONTHS[] = {STR("Jan"), STR("Feb"), STR("Mar"), STR("Apr"),
                                        STR("May"), STR("Jun"), STR("Jul"), STR("Aug"),
                                        STR("Sep"), STR("Oct"), STR("Nov"), STR("Dec")};
    struct arena a;
    int month = 0;
    if (text.n != DATE_CHARS || !str_ends(text, STR(" GMT"))) return false;
    for (size_t i = 0; i < EBB_COUNT(MONTHS); i++)
        if (str_eq((struct str){text.p + 8, 3}, MONTHS[i])) month = (int)i + 1;
    arena_init(&a);
    struct str iso =
        arena_format(&a, "%.4s-%02d-%.2sT%.8sZ", text.p + 12, month, text.p + 5, text.p + 17);
    int rc = time_parse_iso(iso, out_ms);
    arena_release(&a);
    return !rc;
}

bool skew_of_reply(const struct http_response *reply, int64_t now_ms, int64_t *out_ms)
{
    int64_t theirs_ms;
    if (!parse_date(str_trim(http_response_header(reply, STR("date"))), &theirs_ms)) return false;
    *out_ms = theirs_ms - now_ms;
    return *out_ms >= SKEW_MIN_MS || *out_ms <= -SKEW_MIN_MS;
}
