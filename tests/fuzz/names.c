/* SPDX-License-Identifier: Apache-2.0
 * Goal: keys, ARNs, times and numbers are read as what they are or refused, and what was read is
 * written so that it is read as the same again. Method: the input is one text, given to every
 * parser of short texts. */
#include <math.h>
#include <string.h>

#include "lib/base/arn.h"
#include "lib/base/crypto.h"
#include "lib/base/time_text.h"
#include "lib/record/walk.h"
#include "tests/fuzz/fuzz.h"

static bool same_key(const struct service_key *a, const struct service_key *b)
{
    return str_eq(a->partition, b->partition) && str_eq(a->region, b->region) &&
           str_eq(a->account, b->account) && str_eq(a->cluster, b->cluster) &&
           str_eq(a->name, b->name);
}

FUZZ(names)
{
    struct arena a;
    struct arn arn;
    struct service_key key, again;
    arena_init(&a);
    if (!service_key_parse(input, &key)) {
        EBB_ASSERT(input.n <= SERVICE_KEY_MAX);
        EBB_ASSERT(str_eq(service_key_format(&a, &key), input));
        EBB_ASSERT(!service_key_from_arn(service_key_arn(&a, &key), STR_NONE, &again));
        EBB_ASSERT(same_key(&key, &again));
        EBB_ASSERT(str_eq(arn_cluster_name(service_key_cluster_arn(&a, &key)), key.cluster));
        EBB_ASSERT(str_starts(service_key_resource_id(&a, &key), STR("service/")));
    }
    if (!service_key_from_arn(input, STR("demo"), &key)) {
        struct str text = service_key_format(&a, &key);
        EBB_ASSERT(!service_key_parse(text, &again) && same_key(&key, &again));
    }
    if (!arn_parse(input, &arn)) EBB_ASSERT(arn.partition.n && arn.resource.n);
    EBB_ASSERT(arn_task_id(input).n <= input.n && arn_cluster_name(input).p != NULL);
    arena_release(&a);
}

FUZZ(times)
{
    struct arena a;
    int64_t ms, again;
    arena_init(&a);
    if (!time_parse_iso(input, &ms)) {
        EBB_ASSERT(ms >= 0 && ms <= WALK_ISO_MS_MAX);
        EBB_ASSERT(!time_parse_iso(time_format_iso(&a, ms), &again) && ms == again);
        EBB_ASSERT(!time_parse_basic(time_format_basic(&a, ms), &again) &&
                   ms / 1000 == again / 1000);
    }
    if (!time_parse_basic(input, &ms)) EBB_ASSERT(str_eq(time_format_basic(&a, ms), input));
    if (!time_parse_span(input, &ms)) EBB_ASSERT(ms >= 0 && time_format_span(&a, ms).n);
    arena_release(&a);
}

FUZZ(numbers)
{
    struct arena a;
    struct buf b;
    int64_t integer, again;
    double number, same;
    arena_init(&a);
    buf_init(&b, 64);
    if (str_to_int(input, &integer))
        EBB_ASSERT(str_to_int(arena_format(&a, "%lld", (long long)integer), &again) &&
                   integer == again);
    if (text_to_double(input, &number)) {
        EBB_ASSERT(isfinite(number));
        encode_double(&b, number);
        EBB_ASSERT(!buf_failed(&b));
        EBB_ASSERT(text_to_double(buf_view(&b), &same) &&
                   memcmp(&number, &same, sizeof(same)) == 0);
    }
    buf_release(&b);
    arena_release(&a);
}

/* Shell-like patterns, UTF-8, base64 and percent escapes: the first line is the pattern. */
FUZZ(texts)
{
    struct arena a;
    struct str text = input, pattern = fuzz_line(&text), decoded, wire, again;
    struct buf b;
    size_t characters = 0;
    arena_init(&a);
    if (!text.p) text = STR("");
    if (str_matches(text, pattern)) EBB_ASSERT(str_matches(text, STR("*")));
    if (str_find(pattern, '*') < 0 && str_find(pattern, '?') < 0)
        EBB_ASSERT(str_matches(text, pattern) == str_eq(text, pattern));
    for (struct str rest = text; rest.n; characters++) {
        size_t n = str_utf8_length(rest);
        EBB_ASSERT(n <= rest.n && (n || !str_is_utf8(text)));
        if (!n) break;
        rest = (struct str){rest.p + n, rest.n - n};
    }
    EBB_ASSERT(str_clip(text, 10).n <= 10);
    buf_init(&b, 16 * FUZZ_INPUT_MAX);
    buf_add_utf8(&b, text);
    EBB_ASSERT(str_is_utf8(buf_view(&b)));
    buf_clear(&b);
    buf_add_json_string(&b, text);
    EBB_ASSERT(json_check(buf_view(&b), NULL) == 0);
    buf_release(&b);
    if (!crypto_base64_decode(&a, text, &decoded)) {
        /* The last bits of a padded text may be any; ours are 0. */
        wire = crypto_base64(&a, decoded);
        EBB_ASSERT(wire.n == text.n && !crypto_base64_decode(&a, wire, &again));
        EBB_ASSERT(str_eq(decoded, again));
    }
    arena_release(&a);
}
