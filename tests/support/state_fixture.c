/* SPDX-License-Identifier: Apache-2.0
 * See state_fixture.h. */
#include "tests/support/state_fixture.h"

#include "lib/store/keys.h"

#include <stdio.h>
#include <stdlib.h>

#define COMMAND_BYTES_MAX 1024
#define DUMP_BYTES_MAX    ((size_t)1024 * 1024)

void state_fixture_begin_epoch(struct state_fixture *f)
{
    struct str run_id, epoch;
    assert_ok(state_run_id(&f->port, &f->arena, &run_id, &epoch, &f->e), f->e);
    assert_ok(state_begin_merge(&f->port, STR("test"), &f->arena, &f->e), f->e);
    assert_ok(state_begin_epoch(&f->port, run_id, STR("test"), &f->arena, &f->e), f->e);
}

void state_fixture_open(struct state_fixture *f)
{
    *f = (struct state_fixture){
        .settings = {.match = STR("demo/calls"), .drains_per_hour = 1000, .drains_at_once = 1000}};
    arena_init(&f->arena);
    f->redis = test_redis_start(NULL);
    f->store = test_redis_open(f->redis);
    f->port = store_port_of(f->store);
    state_fixture_begin_epoch(f);
}

void state_fixture_close(struct state_fixture *f)
{
    store_close(f->store);
    test_redis_stop(f->redis);
    arena_release(&f->arena);
}

struct drain state_fixture_drain(struct state_fixture *f, int n)
{
    return (struct drain){
        .format = DRAIN_FORMAT,
        .drain_id = arena_format(&f->arena, "drain-%d", n),
        .service = STR(STATE_SERVICE),
        .task_arn =
            arena_format(&f->arena, "arn:aws:ecs:us-east-1:123456789012:task/demo/%032d", n),
        .address = arena_format(&f->arena, "10.0.%d.%d", n / 200, n % 200 + 1),
        .state = DRAIN_CLAIMED,
        .cause = arena_format(&f->arena, "event-%d", n),
        .claimed_at = 1700000000000,
        .look_at = 1700000060000,
    };
}

struct limits_fact state_fixture_claim(struct state_fixture *f, const struct drain *d)
{
    struct claim_request request = {.settings = &f->settings, .drain = d, .serving = 100};
    struct limits_fact out;
    assert_ok(state_claim(&f->port, &request, &f->arena, &out, &f->e), f->e);
    assert_true(out.known);
    return out;
}

void state_fixture_claimed(struct state_fixture *f, const struct drain *d)
{
    struct limits_fact out = state_fixture_claim(f, d);
    if (out.refusal) fail_msg("refused: %.*s", STR_ARG(reason_word(out.refusal)));
}

struct drain state_fixture_read(struct state_fixture *f, const struct drain *d)
{
    struct drain_held held;
    assert_ok(state_read_drain(&f->port, d->drain_id, &f->arena, &held, &f->e), f->e);
    assert_true(held.exists);
    return held.record;
}

void state_fixture_move(struct state_fixture *f, struct drain *d, enum drain_state state)
{
    struct drain becomes = state_fixture_read(f, d);
    becomes.state = (int)state;
    struct move_request request = {.becomes = &becomes};
    assert_ok(state_move(&f->port, &request, &f->arena, d, &f->e), f->e);
}

void state_fixture_written(struct state_fixture *f, struct drain *d)
{
    struct drain now;
    *d = state_fixture_read(f, d);
    assert_ok(state_recorded(&f->port, d, &f->arena, &now, &f->e), f->e);
}

void state_fixture_is_late(struct state_fixture *f, const struct drain *d)
{
    struct reply r =
        state_fixture_redis(f, "HINCRBY {ebb}:drain:%.*s final_at -60000", STR_ARG(d->drain_id));
    assert_int_equal(r.kind, REPLY_INT);
}

void state_fixture_end(struct state_fixture *f, struct drain *d, enum drain_state state)
{
    state_fixture_written(f, d);
    state_fixture_move(f, d, state);
    state_fixture_written(f, d);
}

static int compare_keys(const void *a, const void *b)
{
    const struct reply *one = a, *other = b;
    return str_compare(one->text, other->text);
}

struct str state_fixture_dump(struct state_fixture *f)
{
    struct buf b;
    buf_init(&b, DUMP_BYTES_MAX);
    struct reply keys = state_fixture_redis(f, "KEYS *");
    assert_int_equal(keys.kind, REPLY_LIST);
    if (keys.n) qsort(keys.items, keys.n, sizeof(*keys.items), compare_keys);
    for (size_t i = 0; i < keys.n; i++) {
        struct str args[] = {STR("DUMP"), keys.items[i].text};
        struct reply value;
        assert_ok(store_command(&f->port, args, 2, &f->arena, &value, &f->e), f->e);
        buf_add(&b, keys.items[i].text);
        buf_add_char(&b, '=');
        buf_add(&b, value.text);
        buf_add_char(&b, '\n');
    }
    assert_false(buf_failed(&b));
    struct str out = arena_copy(&f->arena, buf_view(&b));
    buf_release(&b);
    return out;
}

int64_t state_fixture_writes(struct state_fixture *f)
{
    struct str rest = state_fixture_redis(f, "INFO persistence").text;
    struct str name = STR("rdb_changes_since_last_save:");
    int64_t writes = -1;
    while (rest.p) {
        struct str line = str_trim(str_cut(&rest, '\n'));
        if (!str_starts(line, name)) continue;
        assert_true(str_to_int((struct str){line.p + name.n, line.n - name.n}, &writes));
    }
    assert_true(writes >= 0);
    return writes;
}

void state_fixture_set_clock(struct state_fixture *f, int64_t ms)
{
    (void)state_fixture_redis(f, "SET {ebb}:clock %lld", (long long)ms);
}

struct reply state_fixture_redis(struct state_fixture *f, const char *format, ...)
{
    char text[COMMAND_BYTES_MAX];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    assert_true(n > 0 && (size_t)n < sizeof(text));
    /* The words are borrowed from the text, replies are not. */
    return test_redis_command(f->store, &f->arena, text);
}
