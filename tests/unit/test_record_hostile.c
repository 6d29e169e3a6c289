/* SPDX-License-Identifier: Apache-2.0
 * Goal: no bytes crash a decoder. Method: a good document through each walker of record_sample.h,
 * cut off at every byte and mutated with a fixed seed; bytes lie in memory of exactly their size,
 * so that ASan sees one byte read too many. tests/fuzz/fuzz_record.c goes further. */
#include <stdlib.h>
#include <string.h>

#include "tests/support/record_sample.h"
#include "tests/support/test.h"

#define BUF_MAX   ((size_t)1 << 20)
#define MUTATIONS 2000

/* xorshift64*, so that every run sees the same bytes. */
static uint64_t next_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 0x2545F4914F6CDD1DULL;
}

static size_t mutate(char *bytes, size_t n, uint64_t *seed)
{
    size_t changes = 1 + next_random(seed) % 4;
    for (size_t i = 0; i < changes; i++) {
        size_t at = next_random(seed) % n, length = 1 + next_random(seed) % 8;
        if (length > n - at) length = n - at;
        size_t from = next_random(seed) % (n - length + 1);
        switch (next_random(seed) % 4) {
        case 0: bytes[at] = (char)next_random(seed); break;
        case 1: bytes[at] = (char)(bytes[at] ^ 1 << next_random(seed) % 8); break;
        case 2: memmove(bytes + at, bytes + from, length); break;
        default:
            memmove(bytes + at, bytes + at + length, n - at - length);
            n -= length;
            break;
        }
        if (!n) return 0;
    }
    return n;
}

TEST(record_walkers_refuse_every_cut)
{
    for (size_t i = 0; i < SAMPLE_WALKERS; i++) {
        struct arena own;
        struct buf buf;
        struct sample in;
        struct err e = {0};
        struct sample out;
        arena_init(&own);
        buf_init(&buf, BUF_MAX);
        sample_fill(&in, &own);
        assert_ok(WALKERS[i].encode(&SAMPLE, &in, &buf, &e), e);
        struct str whole = buf_view(&buf);
        for (size_t n = 0; n < whole.n; n++) {
            e = (struct err){0};
            int rc = sample_decode_exact(&WALKERS[i], (struct str){whole.p, n}, &own, &out, &e);
            /* A form that is cut off is a shorter form; only a crash would be wrong. */
            if (WALKERS[i].decode == query_decode) continue;
            if (rc != E_MALFORMED || !e.text[0])
                fail_msg("%s, %zu bytes: %d %s", WALKERS[i].name, n, rc, e.text);
        }
        buf_release(&buf);
        arena_release(&own);
    }
}

TEST(record_walkers_survive_mutations)
{
    for (size_t i = 0; i < SAMPLE_WALKERS; i++) {
        struct arena own;
        struct buf buf;
        struct sample in;
        struct err e = {0};
        uint64_t seed = 0x5EED0000 + i;
        arena_init(&own);
        buf_init(&buf, BUF_MAX);
        sample_fill(&in, &own);
        assert_ok(WALKERS[i].encode(&SAMPLE, &in, &buf, &e), e);
        struct str whole = buf_view(&buf);
        size_t accepted = 0;
        for (size_t k = 0; k < MUTATIONS; k++) {
            struct arena a;
            struct buf again;
            struct sample out;
            char *bytes = malloc(whole.n);
            assert_non_null(bytes);
            memcpy(bytes, whole.p, whole.n);
            size_t n = mutate(bytes, whole.n, &seed);
            arena_init(&a);
            buf_init(&again, BUF_MAX);
            int rc = sample_decode_exact(&WALKERS[i], (struct str){bytes, n}, &a, &out, &e);
            assert_true(rc == E_OK || rc == E_MALFORMED || rc == E_TOO_LARGE);
            /* What was accepted can be written again. */
            if (!rc) assert_ok(WALKERS[i].encode(&SAMPLE, &out, &again, &e), e);
            accepted += rc == E_OK;
            buf_release(&again);
            arena_release(&a);
            free(bytes);
        }
        /* Some are harmless and some are not; all of one kind would mean the test tests nothing. */
        assert_in_range(accepted, 20, MUTATIONS - 20);
        buf_release(&buf);
        arena_release(&own);
    }
}
