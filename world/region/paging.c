/* SPDX-License-Identifier: Apache-2.0
 * Tokens of lists: base64 of "kind number". */
#include "lib/base/crypto.h"
#include "world/region/model.h"

#define PAGE_MAX 100

int page_begin(struct page *page, struct str kind, struct str token, int64_t max_results,
               int64_t fallback, struct arena *a, struct aws_error *err)
{
    *page = (struct page){.limit = max_results ? max_results : fallback};
    if (page->limit < 1 || page->limit > PAGE_MAX)
        return refuse(err, "InvalidParameterException", "maxResults must be between 1 and 100.");
    if (str_is_empty(token)) return 0;
    struct str text;
    int64_t after = 0;
    bool good = crypto_base64_decode(a, token, &text) == 0 && str_eq(str_cut(&text, ' '), kind) &&
                str_to_int(text, &after) && after > 0;
    if (!good) return refuse(err, "InvalidParameterException", "Invalid token.");
    page->after = (uint64_t)after;
    return 0;
}

struct str page_token(struct arena *a, struct str kind, uint64_t last)
{
    return crypto_base64(a, arena_format(a, "%.*s %llu", STR_ARG(kind), (unsigned long long)last));
}
