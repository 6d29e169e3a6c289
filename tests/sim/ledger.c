/* SPDX-License-Identifier: Apache-2.0
 * See ledger.h. */
#include "tests/sim/ledger.h"

#include "lib/record/walkers.h"
#include "lib/store/reply.h"
#include "tests/sim/invariants.h"

#include <stdlib.h>
#include <string.h>

/* The arguments of the scripts' contracts (lib/store/scripts). */
enum { CLAIM_MODE = 0, CLAIM_RECORD = 7 };
enum { MOVE_ID = 0, MOVE_STATE = 2, MOVE_REFUND = 6 };
enum { MERGE_ID = 0, MERGE_STATE = 2, MERGE_COUNTS = 9 };

static struct claim *claim_named(const struct ledger *l, struct str id)
{
    for (size_t i = l->n; i > 0; i--)
        if (str_eq(l->claims[i - 1].id, id)) return &l->claims[i - 1];
    return NULL;
}

static const struct claim *granted(struct sim *sim, const struct str *args,
                                   const struct reply *reply)
{
    struct ledger *l = &sim->invariants->ledger;
    struct drain d = {0};
    struct err e;
    if (reply->n < 2 || !str_eq(reply->items[0].text, STR("ok"))) return NULL;
    if (!str_eq(args[CLAIM_MODE], STR("claim"))) return NULL;
    if (msgpack_decode(&DRAIN_RECORD, args[CLAIM_RECORD], &sim->arena, &d, &e)) return NULL;
    if (l->n == l->max) {
        l->max = l->max ? 2 * l->max : 64;
        l->claims = realloc(l->claims, l->max * sizeof(*l->claims));
        if (!l->claims) abort();
    }
    struct claim *c = &l->claims[l->n++];
    *c = (struct claim){.id = d.drain_id,
                        .service = d.service,
                        .claimed_ms = d.claimed_at,
                        .now = {.state = d.state, .is_there = true}};
    if (!str_to_int(reply->items[1].text, &c->at_ms)) abort();
    inv_drains_redis(sim, &d);
    return c;
}

const struct claim *ledger_script(struct sim *sim, const char *script, const struct str *args,
                                  size_t n, const struct reply *reply)
{
    struct ledger *l = &sim->invariants->ledger;
    struct claim *c;
    if (strcmp(script, "claim") == 0 && n > CLAIM_RECORD && reply->kind == REPLY_LIST)
        return granted(sim, args, reply);
    bool moved = strcmp(script, "move") == 0 && n > MOVE_REFUND && reply->kind == REPLY_LIST &&
                 reply->n && str_eq(reply->items[0].text, STR("ok"));
    if (moved && (c = claim_named(l, args[MOVE_ID]))) {
        c->now.state = enum_value(&DRAIN_STATES, args[MOVE_STATE]);
        c->now.refunded |= str_eq(args[MOVE_REFUND], STR("1"));
    }
    bool merged = strcmp(script, "merge") == 0 && n > MERGE_COUNTS && reply->kind == REPLY_INT &&
                  reply->integer == 1;
    if (merged && (c = claim_named(l, args[MERGE_ID]))) {
        c->now = (struct claim_facts){.state = enum_value(&DRAIN_STATES, args[MERGE_STATE]),
                                      .refunded = !str_eq(args[MERGE_COUNTS], STR("1")),
                                      .is_there = true};
        c->was_lost = true;
    }
    return NULL;
}

const struct claim *ledger_claim(const struct ledger *l, struct str id)
{
    return claim_named(l, id);
}

bool ledger_was_claimed_anew(const struct ledger *l, struct str id)
{
    bool was_lost = false;
    for (size_t i = 0; i < l->n; i++) {
        if (!str_eq(l->claims[i].id, id)) continue;
        if (was_lost) return true;
        was_lost = l->claims[i].was_lost;
    }
    return false;
}

void ledger_lost(struct ledger *l, bool is_copy)
{
    for (size_t i = 0; i < l->n; i++) {
        struct claim *c = &l->claims[i];
        c->was_lost = true;
        if (is_copy && c->in_copy)
            c->now = c->copied;
        else
            c->now.is_there = false;
    }
}

void ledger_copied(struct ledger *l)
{
    for (size_t i = 0; i < l->n; i++) {
        l->claims[i].copied = l->claims[i].now;
        l->claims[i].in_copy = true;
    }
}

void ledger_free(struct ledger *l)
{
    free(l->claims);
}
