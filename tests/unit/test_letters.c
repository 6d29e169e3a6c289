/* SPDX-License-Identifier: Apache-2.0
 * Goal: of any number of dead letters the newest are kept, whole, and the memory of the others is
 * not. Method: letters of known times, handed over as the bus does. */
#include "commands/letters.h"

#include "lib/record/walkers.h"
#include "tests/support/test.h"

#define BODY_BYTES  4096
#define LETTERS_N   2000
#define KEPT        5
#define LETTER_MAX  ((size_t)16 * 1024)
#define LETTER_HELD ((size_t)64 * 1024) /* what one may need, in an arena's blocks */

/* Written into memory that is gone at the next one, as the bus's is. */
static void give(struct letters *l, struct arena *a, int64_t offset, int64_t time)
{
    struct buf b;
    struct err e = {0};
    struct dead_letter letter = {
        .format = MESSAGE_FORMAT,
        .origin = STR("kafka:ebb.select"),
        .error = arena_format(a, "error %lld", (long long)time),
        .times = 3,
        .time = time,
        .body_bytes = 1,
        .body = arena_format(a, "%0*d", BODY_BYTES, 7),
    };
    buf_init(&b, LETTER_MAX);
    assert_ok(msgpack_encode(&DEAD_LETTER_RECORD, &letter, &b, &e), e);
    struct bus_message m = {.topic = STR("ebb.dead"),
                            .partition = 2,
                            .offset = offset,
                            .key = STR("service"),
                            .value = arena_copy(a, buf_view(&b))};
    assert_int_equal(letters_take(l, &m, &e), E_OK);
    buf_release(&b);
    arena_clear(a);
}

static size_t held_bytes(const struct letters *l)
{
    size_t bytes = l->next.used_bytes;
    for (size_t i = 0; i < l->max; i++)
        bytes += l->arenas[i].used_bytes;
    return bytes;
}

TEST(letters_that_are_not_the_newest_use_no_memory)
{
    struct letters l;
    struct arena a;
    size_t most = 0;
    arena_init(&a);
    letters_init(&l, STR_NONE, KEPT);
    /* Not in the order of their times: partitions are read side by side. */
    for (int64_t i = 0; i < LETTERS_N; i++) {
        give(&l, &a, i, 1 + i * 7 % LETTERS_N);
        if (held_bytes(&l) > most) most = held_bytes(&l);
    }
    assert_true(most < (KEPT + 1) * LETTER_HELD);
    letters_sort(&l);
    assert_int_equal(l.n, KEPT);
    for (size_t i = 0; i < KEPT; i++) {
        int64_t time = (int64_t)(LETTERS_N - KEPT + 1 + i);
        const struct shown_letter *shown = &l.items[i];
        assert_int_equal(shown->letter.time, time);
        assert_int_equal(shown->letter.body.n, BODY_BYTES);
        assert_str(shown->key, "service");
        assert_true(str_eq(shown->letter.error, arena_format(&a, "error %lld", (long long)time)));
    }
    letters_release(&l);
    arena_release(&a);
}

TEST(letters_that_are_named_are_the_only_ones)
{
    struct letters l;
    struct arena a;
    arena_init(&a);
    letters_init(&l, STR("2/17"), KEPT);
    for (int64_t i = 0; i < 100; i++)
        give(&l, &a, i, 1000 - i);
    assert_int_equal(l.n, 1);
    assert_str(l.items[0].place, "2/17");
    assert_int_equal(l.items[0].letter.time, 983);
    letters_release(&l);
    arena_release(&a);
}

TEST(letters_that_others_wrote_are_passed_over)
{
    struct letters l;
    struct err e = {0};
    static const struct str VALUES[] = {{NULL, 0}, {"", 0}, {"no letter", 9}};
    letters_init(&l, STR_NONE, KEPT);
    for (size_t i = 0; i < EBB_COUNT(VALUES); i++) {
        struct bus_message m = {.topic = STR("ebb.dead"), .value = VALUES[i]};
        assert_int_equal(letters_take(&l, &m, &e), E_OK);
    }
    assert_int_equal(l.n, 0);
    letters_release(&l);
}
