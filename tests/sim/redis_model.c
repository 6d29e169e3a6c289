/* SPDX-License-Identifier: Apache-2.0
 * See redis_model.h. */
#include "tests/sim/redis_model.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "tests/sim/redis_lua.h"

#define DUMP_BYTES_MAX ((size_t)1 << 30)

struct redis_copy {
    struct model_table keys;
};

static void add_commands(struct redis_model *m, const struct model_command *rows)
{
    for (; rows->name; rows++)
        model_table_add(&m->commands, str_from(rows->name))->as.command = rows;
}

struct redis_model *redis_model_new(int64_t (*now_us)(void *ctx), void *ctx, struct str run_id)
{
    struct redis_model *m = calloc(1, sizeof(*m));
    if (!m) abort();
    *m = (struct redis_model){.now_us = now_us, .ctx = ctx, .run_id = str_dup(run_id)};
    m->lua = model_lua_new();
    add_commands(m, MODEL_KEY_COMMANDS);
    add_commands(m, MODEL_HASH_COMMANDS);
    add_commands(m, MODEL_LIST_COMMANDS);
    add_commands(m, MODEL_ZSET_COMMANDS);
    add_commands(m, MODEL_RANGE_COMMANDS);
    add_commands(m, MODEL_SERVER_COMMANDS);
    add_commands(m, MODEL_SCRIPT_COMMANDS);
    return m;
}

void redis_model_free(struct redis_model *m)
{
    if (!m) return;
    model_lua_free(m->lua);
    model_keys_release(&m->keys);
    model_table_release(&m->commands);
    free(m->run_id);
    free(m);
}

void redis_model_command(struct redis_model *m, const struct str *args, size_t n, struct arena *a,
                         struct reply *out)
{
    EBB_ASSERT(n > 0);
    *out = (struct reply){.kind = REPLY_NIL};
    struct model_call c = {
        .m = m, .args = args, .n = n, .a = a, .out = out, .now_us = m->now_us(m->ctx)};
    model_call_run(&c);
}

void redis_model_restart(struct redis_model *m, struct str run_id)
{
    const struct redis_copy nothing = {0};
    redis_model_become(m, &nothing, run_id);
}

struct redis_copy *redis_model_copy(struct redis_model *m)
{
    struct redis_copy *copy = calloc(1, sizeof(*copy));
    if (!copy) abort();
    model_keys_copy(&copy->keys, &m->keys);
    return copy;
}

void redis_copy_free(struct redis_copy *copy)
{
    if (!copy) return;
    model_keys_release(&copy->keys);
    free(copy);
}

void redis_model_become(struct redis_model *m, const struct redis_copy *copy, struct str run_id)
{
    model_lua_forget(m->lua);
    model_keys_release(&m->keys);
    model_keys_copy(&m->keys, &copy->keys);
    m->sweep_at = 0;
    free(m->run_id);
    m->run_id = str_dup(run_id);
}

void redis_model_forget_scripts(struct redis_model *m)
{
    model_lua_forget(m->lua);
}

/* Lengths before the bytes, so that no bytes can look like another text. */
static void add_text(struct buf *b, struct str s)
{
    buf_add_format(b, " %zu:", s.n);
    buf_add(b, s);
}

static void add_members(struct buf *b, const struct model_value *v)
{
    struct model_item **items = model_table_sorted(&v->table);
    for (size_t i = 0; i < v->table.n; i++) {
        add_text(b, items[i]->name);
        if (v->type == MODEL_ZSET)
            buf_add_format(b, " %.17g", items[i]->as.score);
        else
            add_text(b, (struct str){items[i]->as.text.p, items[i]->as.text.n});
    }
    free(items);
}

static void add_key(struct buf *b, const struct model_item *item)
{
    const struct model_value *v = item->as.value;
    buf_add(b, item->name);
    buf_add_char(b, ' ');
    if (v->expires_ms != MODEL_NEVER) buf_add_format(b, "until %lld ", (long long)v->expires_ms);
    buf_add(b, model_type_name(v->type));
    switch (v->type) {
    case MODEL_STRING: add_text(b, (struct str){v->text.p, v->text.n}); break;
    case MODEL_LIST:
        for (size_t i = 0; i < v->list_n; i++)
            add_text(b, model_list_at(v, i));
        break;
    case MODEL_HASH:
    case MODEL_ZSET: add_members(b, v); break;
    }
    buf_add_char(b, '\n');
}

struct str redis_model_dump(struct redis_model *m, struct arena *a)
{
    struct buf b;
    buf_init(&b, DUMP_BYTES_MAX);
    model_sweep(m, m->now_us(m->ctx) / 1000);
    struct model_item **items = model_table_sorted(&m->keys);
    for (size_t i = 0; i < m->keys.n; i++)
        add_key(&b, items[i]);
    free(items);
    EBB_ASSERT(!buf_failed(&b));
    struct str out = arena_copy(a, buf_view(&b));
    buf_release(&b);
    return out;
}
