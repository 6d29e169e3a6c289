/* SPDX-License-Identifier: Apache-2.0
 * See both_stores.h. */
#include "tests/contract/both_stores.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/store/state.h"
#include "tests/contract/compare_replies.h"
#include "tests/support/test.h"

#define RUN_ID_BYTES 64
#define WORDS_MAX    ((size_t)16)
#define SHOWN_MAX    60
#define WAIT_MS      20000
/* Small hashes and sorted sets keep the order of their fields; so here all are small. */
#define CONFIG                                                                                     \
    "hash-max-listpack-entries 100000\nhash-max-listpack-value 100000\n"                           \
    "zset-max-listpack-entries 100000\nzset-max-listpack-value 100000"

static int64_t now_us(void *ctx)
{
    return clock_wall_ms(&((struct both_stores *)ctx)->clock) * 1000;
}

static void note(struct both_stores *b, const char *what, struct str real, struct str model)
{
    if (b->difference[0]) return;
    (void)snprintf(b->difference, sizeof(b->difference), "%s\n  Redis: %.1500s\n  model: %.1500s",
                   what, arena_cstr(&b->arena, real), arena_cstr(&b->arena, model));
}

static struct str shown(struct arena *a, const struct str *args, size_t n)
{
    struct str text = STR("");
    for (size_t i = 0; i < n; i++) {
        struct reply arg = {.kind = REPLY_STR, .text = args[i]};
        if (arg.text.n > SHOWN_MAX) arg.text.n = SHOWN_MAX;
        struct str one = reply_shown(a, &arg);
        text = arena_format(a, "%.*s %.*s", STR_ARG(text), STR_ARG(one));
    }
    return text;
}

struct answer {
    int code;
    struct reply reply;
    struct err e;
};

static struct str answer_shown(struct arena *a, const struct answer *answer)
{
    if (answer->code) return arena_format(a, "%s: %s", err_text(answer->code), answer->e.text);
    return reply_shown(a, &answer->reply);
}

static int judge(struct both_stores *b, struct str what, const struct answer *real,
                 const struct answer *model, const struct reply_rules *rules)
{
    bool same = real->code == model->code;
    if (same && real->code && b->is_same_version)
        same = str_eq(str_from(real->e.text), str_from(model->e.text));
    if (same && !real->code) same = reply_is_same(&real->reply, &model->reply, rules);
    if (b->is_verbose)
        print_message("%.*s\n  -> %.*s\n", STR_ARG(what), STR_ARG(answer_shown(&b->arena, real)));
    if (!same)
        note(b, arena_cstr(&b->arena, what), answer_shown(&b->arena, real),
             answer_shown(&b->arena, model));
    return real->code;
}

static int command_port(void *ctx, const struct str *args, size_t n, struct arena *a,
                        struct reply *out, struct err *e)
{
    struct both_stores *b = ctx;
    struct store_port real_port = store_port_of(b->store), model_port = redis_port_of(b->model);
    struct answer real = {0}, model = {0};
    real.code = store_command(&real_port, args, n, a, &real.reply, &real.e);
    model.code = store_command(&model_port, args, n, a, &model.reply, &model.e);
    struct reply_rules rules = reply_rules_of(args[0], now_us(b) / 1000, b->is_same_version);
    *out = real.reply;
    if (e && real.code) *e = real.e;
    return judge(b, shown(&b->arena, args, n), &real, &model, &rules);
}

static int script_port(void *ctx, const struct script *script, const struct str *keys,
                       const struct str *args, size_t n, struct arena *a, struct reply *out,
                       struct err *e)
{
    struct both_stores *b = ctx;
    struct store_port real_port = store_port_of(b->store), model_port = redis_port_of(b->model);
    struct answer real = {0}, model = {0};
    real.code = store_script(&real_port, script, keys, args, n, a, &real.reply, &real.e);
    model.code = store_script(&model_port, script, keys, args, n, a, &model.reply, &model.e);
    struct reply_rules rules =
        reply_rules_of(str_from(script->name), now_us(b) / 1000, b->is_same_version);
    struct str what =
        arena_format(&b->arena, "%s:%.*s", script->name, STR_ARG(shown(&b->arena, args, n)));
    *out = real.reply;
    if (e && real.code) *e = real.e;
    return judge(b, what, &real, &model, &rules);
}

void both_stores_open(struct both_stores *b)
{
    *b = (struct both_stores){.clock = clock_system()};
    arena_init(&b->arena);
    b->redis = test_redis_start(CONFIG);
    b->store = test_redis_open(b->redis);
    b->port = (struct store_port){.ctx = b, .command = command_port, .script = script_port};
    struct store_port real = store_port_of(b->store);
    struct err e = {0};
    struct str run_id, epoch;
    struct reply info = test_redis_command(b->store, &b->arena, "INFO server");
    b->is_same_version = str_contains(info.text, STR("redis_version:7.0."));
    assert_ok(state_run_id(&real, &b->arena, &run_id, &epoch, &e), e);
    char *kept = calloc(1, RUN_ID_BYTES);
    if (!kept || run_id.n >= RUN_ID_BYTES) abort();
    memcpy(kept, run_id.p, run_id.n);
    b->run_id = (struct str){kept, run_id.n};
    b->model = redis_model_new(now_us, b, b->run_id);
}

void both_stores_close(struct both_stores *b)
{
    redis_model_free(b->model);
    store_close(b->store);
    test_redis_stop(b->redis);
    arena_release(&b->arena);
    free((void *)b->run_id.p);
}

void both_stores_say(struct both_stores *b, const char *text)
{
    struct str words[WORDS_MAX], rest = str_from(text);
    size_t n = 0;
    while (rest.p && n < WORDS_MAX)
        words[n++] = str_cut(&rest, ' ');
    struct reply reply;
    struct err e = {0};
    assert_ok(store_command(&b->port, words, n, &b->arena, &reply, &e), e);
}

void both_stores_compare(struct both_stores *b)
{
    int64_t now_ms = now_us(b) / 1000;
    struct str real = redis_dump(b->store, now_ms, &b->arena);
    struct str model = redis_model_dump(b->model, &b->arena);
    struct reply_rules rules = {.now_ms = now_ms, .is_same_version = b->is_same_version};
    while (real.p || model.p) {
        struct str one = str_cut(&real, '\n'), other = str_cut(&model, '\n');
        if (!text_is_same(one, other, &rules)) note(b, "what is in them", one, other);
    }
}

void both_stores_wait_for_end(struct both_stores *b, struct str key)
{
    struct str args[] = {STR("PTTL"), key};
    struct store_port ports[] = {store_port_of(b->store), redis_port_of(b->model)};
    int64_t until_ms = clock_mono_ms(&b->clock) + WAIT_MS;
    for (size_t i = 0; i < EBB_COUNT(ports);) {
        struct reply reply;
        struct err e = {0};
        assert_ok(store_command(&ports[i], args, EBB_COUNT(args), &b->arena, &reply, &e), e);
        assert_int_equal(reply.kind, REPLY_INT);
        if (reply.integer == -2)
            i++;
        else
            clock_sleep_ms(1);
        assert_true(clock_mono_ms(&b->clock) < until_ms);
    }
}

bool both_stores_differ(const struct both_stores *b)
{
    return b->difference[0];
}
