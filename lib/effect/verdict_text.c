/* SPDX-License-Identifier: Apache-2.0
 * A verdict in a sentence for people: the reason's words, and the numbers and names that explain
 * it. */
#include "lib/base/time_text.h"
#include "lib/effect/effect.h"

/* The numbers of a verdict, as its reason means them; absent when they say nothing. */
static struct str numbers(const struct verdict *v, struct arena *a)
{
    if (v->reason == REASON_COOLDOWN)
        return arena_format(a, "%.*s ago; again in %.*s", STR_ARG(time_format_span(a, v->have)),
                            STR_ARG(time_format_span(a, v->need)));
    if (v->reason == REASON_BACKOFF)
        return arena_format(a, "again in %.*s", STR_ARG(time_format_span(a, v->need)));
    if (v->reason == REASON_PAUSED) return STR_NONE; /* the subject says until when */
    if (v->reason == REASON_DRAINING)
        return v->have > 0 ? arena_format(a, "%lld left", (long long)v->have) : STR_NONE;
    if (v->reason == REASON_WRONG_TASK_STOPPED && v->need)
        return arena_format(a, "of %lld others %lld are left", (long long)v->need,
                            (long long)v->have);
    if (v->have || v->need)
        return arena_format(a, "%lld, limit %lld", (long long)v->have, (long long)v->need);
    return STR_NONE;
}

struct str verdict_text(const struct verdict *v, struct arena *a)
{
    /* What would have been done was not. */
    if (v->kind == VERDICT_WOULD)
        return arena_format(a, "a drain of %.*s would begin", STR_ARG(v->subject));
    struct str text = str_from(reason_text(v->reason)), more = numbers(v, a);
    if (more.n) text = arena_format(a, "%.*s (%.*s)", STR_ARG(text), STR_ARG(more));
    if (v->subject.n) text = arena_format(a, "%.*s: %.*s", STR_ARG(text), STR_ARG(v->subject));
    return text;
}
