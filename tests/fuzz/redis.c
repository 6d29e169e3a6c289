/* SPDX-License-Identifier: Apache-2.0
 * Goal: no bytes of a server, and no reply of a shape that our scripts do not give, does more harm
 * than an error with its cause; how the bytes come apart changes nothing; an address is read as
 * what it is. Method: bytes for the reader whole and in pieces; replies for every function of the
 * state; texts for URLs, redirects and INFO. */
#include <string.h>

#include "lib/store/error_reply.h"
#include "lib/store/greet.h"
#include "lib/store/reply.h"
#include "lib/store/resp.h"
#include "lib/store/state.h"
#include "lib/store/url.h"
#include "tests/fuzz/fuzz.h"

/* Elements cost their struct, bytes at most their copy and its alignment. */
#define MEMORY_MAX(n) (REDIS_REPLY_ELEMENTS_MAX * sizeof(struct reply) + 64 * (n) + 4096)

static bool same_reply(const struct reply *a, const struct reply *b)
{
    if (a->kind != b->kind || a->integer != b->integer || a->n != b->n) return false;
    if (!str_eq(a->text, b->text)) return false;
    for (size_t i = 0; i < a->n; i++)
        if (!same_reply(&a->items[i], &b->items[i])) return false;
    return true;
}

/* Every reader of replies takes every reply. */
static void look_at(const struct reply *reply)
{
    int64_t number;
    EBB_ASSERT(reply_item(reply, 0) != NULL && reply_item(reply, reply->n) != NULL);
    EBB_ASSERT(!reply_is_ok(reply) || !reply_is_nil(reply));
    if (!reply_int(reply, &number))
        EBB_ASSERT(reply->kind == REPLY_INT || reply->kind == REPLY_STR);
    size_t pairs = reply_pairs_n(reply);
    for (size_t i = 0; i < pairs; i++)
        EBB_ASSERT(reply_pair_at(reply, i).value != NULL);
    (void)reply_pair_text(reply, STR("name"));
}

/* 0, 1 or a code: not whole yet, whole, failed. step 0 is all at once. */
static int read_in_pieces(struct str bytes, size_t step, struct arena *a, struct reply *out)
{
    struct redis_reader *reader = redis_reader_new();
    struct err e = {0};
    bool complete = false;
    int code = 0;
    redis_reader_begin(reader, a, out);
    for (size_t at = 0; at < bytes.n && !complete && !code;) {
        size_t n = step && step < bytes.n - at ? step : bytes.n - at;
        code = redis_reader_feed(reader, (struct str){bytes.p + at, n}, &complete, &e);
        at += n;
    }
    redis_reader_free(reader);
    if (code) fuzz_check_failure(code, &e);
    EBB_ASSERT(a->used_bytes <= MEMORY_MAX(bytes.n));
    return code ? code : complete;
}

FUZZ(resp)
{
    struct arena a, b;
    struct reply whole, pieces;
    arena_init(&a);
    arena_init(&b);
    int code = read_in_pieces(input, 0, &a, &whole);
    int again = read_in_pieces(input, 1 + input.n % 7, &b, &pieces);
    /* In pieces the reply may be whole before what follows it has come. */
    EBB_ASSERT(code == again || (code == E_MALFORMED && again == 1));
    if (code == 1) {
        EBB_ASSERT(same_reply(&whole, &pieces));
        look_at(&whole);
    }
    arena_release(&b);
    arena_release(&a);
}

FUZZ(redis_words)
{
    struct arena a;
    struct err e = {0};
    arena_init(&a);
    for (int in_script = 0; in_script < 2; in_script++) {
        int code = redis_error_reply_code(input, in_script);
        e = (struct err){0};
        EBB_ASSERT(redis_error_reply_set(input, in_script, &e) == code);
        if (code) fuzz_check_failure(code, &e);
        if (code) EBB_ASSERT(fuzz_is_plain(str_from(e.text)));
    }
    EBB_ASSERT(fuzz_is_plain(str_from(redis_error_reply_text(&a, input))));
    EBB_ASSERT(fuzz_is_plain(redis_printable_head(input)));
    e = (struct err){0};
    int code = redis_check_info(input, false, &e);
    if (code) {
        fuzz_check_failure(code, &e);
        EBB_ASSERT(fuzz_is_plain(str_from(e.text)));
    }
    arena_release(&a);
}

FUZZ(redis_url)
{
    struct redis_url url;
    struct redis_address again = {.host = "before", .port = 1};
    struct err e = {0};
    char name[REDIS_NAME_BYTES];
    int code = redis_url_parse(input, &url, &e);
    if (code) {
        fuzz_check_failure(code, &e);
        EBB_ASSERT(fuzz_is_plain(str_from(e.text)));
    } else {
        redis_address_name(&url.address, name);
        EBB_ASSERT(name[0] && (url.address.path[0] != 0) == (url.address.port == 0));
        if (!url.address.path[0]) {
            EBB_ASSERT(!redis_address_redirect(str_from(name), &again));
            EBB_ASSERT(!strcmp(again.host, url.address.host) && again.port == url.address.port);
        }
    }
    again = (struct redis_address){.host = "before", .port = 1};
    if (!redis_address_redirect(input, &again))
        EBB_ASSERT(again.host[0] && again.port >= 1 && again.port <= 65535);
}

/* A server that answers one command after the other with what the input holds next. */
struct server {
    struct str rest;
};

static int next_reply(struct server *s, struct arena *a, struct reply *out, struct err *e)
{
    struct redis_reader *reader = redis_reader_new();
    bool complete = false;
    int code = 0;
    redis_reader_begin(reader, a, out);
    while (s->rest.n && !complete && !code) {
        code = redis_reader_feed(reader, (struct str){s->rest.p, 1}, &complete, e);
        s->rest = (struct str){s->rest.p + 1, s->rest.n - 1};
    }
    redis_reader_free(reader);
    if (!code && !complete) code = err_set(e, E_UNREACHABLE, "nothing more");
    return code;
}

static int command(void *ctx, const struct str *args, size_t n, struct arena *a, struct reply *out,
                   struct err *e)
{
    (void)args, (void)n;
    return next_reply(ctx, a, out, e);
}

static int script(void *ctx, const struct script *s, const struct str *keys, const struct str *args,
                  size_t n, struct arena *a, struct reply *out, struct err *e)
{
    int code = next_reply(ctx, a, out, e);
    (void)keys, (void)args, (void)n;
    if (!code && out->kind == REPLY_ERROR)
        code = err_set(e, E_BUG, "%s: %.*s", s->name, STR_ARG(out->text));
    return code;
}

static int ask_drains(const struct store_port *p, size_t which, struct arena *a, struct err *e)
{
    static const struct str SERVICE = STR("aws:us-east-1:123456789012:demo/calls");
    struct service_settings settings = {.match = STR("*")};
    struct drain d = {.format = DRAIN_FORMAT,
                      .drain_id = STR("3366f10b5f0aa7ab"),
                      .service = SERVICE,
                      .state = DRAIN_CLAIMED,
                      .version = 1};
    struct claim_request claim = {.settings = &settings, .drain = &d, .serving = 3};
    struct move_request move = {.becomes = &d};
    struct limits_fact limits;
    struct drain now;
    struct drain_held held;
    struct drain_list drains;
    struct intent_fact intent = {.base = 3, .to = 2};
    switch (which) {
    case 0: return state_claim(p, &claim, a, &limits, e);
    case 1: return state_move(p, &move, a, &now, e);
    case 2: return state_read_drain(p, d.drain_id, a, &held, e);
    case 3: return state_recorded(p, &d, a, &now, e);
    case 4: return state_read_open(p, SERVICE, DRAIN_OTHER, a, &drains, e);
    case 5: return state_read_intent(p, SERVICE, a, &intent, e);
    case 6: return state_put_intent(p, SERVICE, STR("us"), &intent, a, e);
    case 7: return state_close_intent(p, SERVICE, STR("us"), &intent, a, e);
    case 8: return state_merge(p, &d, true, a, e);
    default: return state_read_open(p, SERVICE, DRAIN_CLAIMED, a, &drains, e);
    }
}

static int ask_others(const struct store_port *p, size_t which, struct arena *a, struct err *e)
{
    struct timer_list timers;
    struct timer timer = {.drain_id = STR("3366f10b5f0aa7ab"), .at = FUZZ_NOW_MS};
    struct str_list list;
    struct str run_id, epoch;
    switch (which) {
    case 0: return state_take_lease(p, STR("timers"), STR("us"), 1000, a, e);
    case 1: return state_release_lease(p, STR("timers"), STR("us"), a, e);
    case 2: return state_wake(p, STR("s"), timer.drain_id, FUZZ_NOW_MS, a, e);
    case 3: return state_timers_due(p, FUZZ_NOW_MS, 100, a, &timers, e);
    case 4: return state_timer_fired(p, &timer, 0, a, e);
    case 5: return state_run_id(p, a, &run_id, &epoch, e);
    case 6: return state_is_whole(p, a, e);
    case 7: return state_begin_epoch(p, STR("run"), STR("merge"), a, e);
    case 8: return state_read_looks(p, STR("x"), true, a, &list, e);
    default: return state_services(p, 100, a, &list, e);
    }
}

/* The first line says which question is answered; the replies follow, as they are on the wire. */
FUZZ(state)
{
    struct arena a;
    struct err e = {0};
    int64_t which = 0;
    struct server s = {.rest = input};
    struct str line = fuzz_line(&s.rest);
    struct store_port port = {.ctx = &s, .command = command, .script = script};
    if (!str_to_int(line, &which) || which < 0) which = (int64_t)fuzz_choose(line, 20);
    arena_init(&a);
    int code = which % 20 < 10 ? ask_drains(&port, (size_t)which % 10, &a, &e)
                               : ask_others(&port, (size_t)which % 10, &a, &e);
    /* A reply that our scripts never give may well be called a bug. */
    if (code) EBB_ASSERT(code == e.code && e.text[0]);
    arena_release(&a);
}
