/* SPDX-License-Identifier: Apache-2.0
 * See reply.h. */
#include "lib/store/reply.h"

static const struct reply NIL = {.kind = REPLY_NIL};

bool reply_is_ok(const struct reply *reply)
{
    return reply->kind == REPLY_STR && str_eq(reply->text, STR("OK"));
}

bool reply_is_nil(const struct reply *reply)
{
    return reply->kind == REPLY_NIL;
}

int reply_int(const struct reply *reply, int64_t *out)
{
    if (reply->kind == REPLY_STR) return str_to_int(reply->text, out) ? 0 : E_MALFORMED;
    if (reply->kind != REPLY_INT) return E_MALFORMED;
    *out = reply->integer;
    return 0;
}

struct str reply_text(const struct reply *reply)
{
    return reply->kind == REPLY_STR ? reply->text : STR_NONE;
}

const struct reply *reply_item(const struct reply *reply, size_t i)
{
    return reply->kind == REPLY_LIST && i < reply->n ? &reply->items[i] : &NIL;
}

size_t reply_pairs_n(const struct reply *reply)
{
    return reply->kind == REPLY_LIST ? reply->n / 2 : 0;
}

struct reply_pair reply_pair_at(const struct reply *reply, size_t i)
{
    EBB_ASSERT(i < reply_pairs_n(reply));
    return (struct reply_pair){reply_text(reply_item(reply, 2 * i)), reply_item(reply, 2 * i + 1)};
}

struct str reply_pair_text(const struct reply *reply, struct str name)
{
    for (size_t i = 0; i < reply_pairs_n(reply); i++) {
        struct reply_pair pair = reply_pair_at(reply, i);
        if (str_eq(pair.name, name)) return reply_text(pair.value);
    }
    return STR_NONE;
}
