/* SPDX-License-Identifier: Apache-2.0
 * Goal: no bytes crash a walker, and what one accepts it can write and read again to the same
 * bytes. Method: libFuzzer; the first byte chooses the walker, the rest is the document. */
#include <stdlib.h>

#include "tests/support/record_sample.h"

/* Enough for any record that WALK_MEMORY_MAX admits; JSON may write six bytes for one. */
#define OUT_BYTES_MAX ((size_t)512 * 1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void encode_or_die(const struct walker *w, const struct record *r, const void *in,
                          struct buf *out)
{
    struct err e = {0};
    if (w->encode(r, in, out, &e)) err_assert_failed(e.text, w->name, 0);
}

static void check(const struct walker *w, const struct record *r, struct str document, void *first,
                  void *second)
{
    struct arena a;
    struct buf written, again;
    struct err e = {0};
    arena_init(&a);
    buf_init(&written, OUT_BYTES_MAX);
    buf_init(&again, OUT_BYTES_MAX);
    if (w->decode(r, document, &a, first, &e) == E_OK) {
        encode_or_die(w, r, first, &written);
        if (w->decode(r, buf_view(&written), &a, second, &e)) err_assert_failed(e.text, w->name, 0);
        encode_or_die(w, r, second, &again);
        EBB_ASSERT(str_eq(buf_view(&written), buf_view(&again)));
    } else {
        EBB_ASSERT(e.code != E_OK && e.code != E_BUG && e.text[0]);
    }
    buf_release(&again);
    buf_release(&written);
    arena_release(&a);
}

static void check_yaml(struct str document)
{
    struct arena a;
    struct sample out = {0};
    struct err e = {0};
    arena_init(&a);
    int rc = yaml_decode(&SAMPLE, document, &a, &out, &e);
    EBB_ASSERT(rc == E_OK || e.text[0]);
    arena_release(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    if (!n) return 0;
    const void *rest = bytes + 1;
    struct str document = {rest, n - 1};
    size_t choice = bytes[0] % (2 * SAMPLE_WALKERS + 1);
    struct sample first = {0}, second = {0};
    struct nest outer = {0}, again = {0};
    if (choice == 2 * SAMPLE_WALKERS)
        check_yaml(document);
    else if (choice >= SAMPLE_WALKERS)
        check(&WALKERS[choice - SAMPLE_WALKERS], &NEST, document, &outer, &again);
    else
        check(&WALKERS[choice], &SAMPLE, document, &first, &second);
    return 0;
}
