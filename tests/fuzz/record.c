/* SPDX-License-Identifier: Apache-2.0
 * Goal: no bytes crash a walker, whatever record they are read as; what one accepts it can write and
 * read again to the same bytes, and no document takes more memory than a decode may. Method: the
 * first line names the record and the encoding, the rest is the document. */
#include <stdlib.h>

#include "lib/record/walk.h"
#include "schemas/config.h"
#include "schemas/contract.h"
#include "schemas/drain.h"
#include "schemas/event.h"
#include "schemas/message.h"
#include "schemas/show.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/record_sample.h"

/* Enough for any record that WALK_MEMORY_MAX admits; JSON may write six bytes for one. */
#define OUT_BYTES_MAX ((size_t)512 * 1024 * 1024)
/* The tree of XML and forms is not the record's, and released before the decoder returns. */
#define MEMORY_MAX (WALK_MEMORY_MAX + (size_t)1024 * 1024)

/* Every record of schemas/ that is ever read; tests/lint/rules/fuzzed looks that none is missing. */
static const struct {
    const char *name;
    const struct record *record;
} RECORDS[] = {
#define ROW(record)                                                                                \
    {                                                                                              \
#record, &(record)                                                                         \
    }
    ROW(SAMPLE),
    ROW(NEST),
    ROW(CONFIG_RECORD),
    ROW(SERVICE_SETTINGS_RECORD),
    ROW(START_BODY_RECORD),
    ROW(DRAIN_BODY_RECORD),
    ROW(STATUS_BODY_RECORD),
    ROW(DISTRIBUTOR_BODY_RECORD),
    ROW(DISTRIBUTOR_REPLY_RECORD),
    ROW(MESSAGE_BODY_RECORD),
    ROW(DRAIN_RECORD),
    ROW(CONTROL_RECORD),
    ROW(EVENT_RECORD),
    ROW(ALARM_DETAIL_RECORD),
    ROW(SNS_ENVELOPE_RECORD),
    ROW(MESSAGE_RECORD),
    ROW(DEAD_LETTER_RECORD),
    ROW(VERDICT_RECORD),
    ROW(STEP_RECORD),
    ROW(SHOWN_STATUS_RECORD),
    ROW(SHOWN_LOOKS_RECORD),
    ROW(SHOWN_TIMELINE_RECORD),
    ROW(SHOWN_REQUEST_RECORD),
    ROW(SHOWN_ORDER_RECORD),
    ROW(SHOWN_LETTERS_RECORD),
    ROW(SHOWN_TOPICS_RECORD),
    ROW(SHOWN_VERIFY_RECORD),
    ROW(SHOWN_SETTINGS_RECORD),
#undef ROW
};

static const struct record *find_record(struct str name)
{
    for (size_t i = 0; i < EBB_COUNT(RECORDS); i++)
        if (str_eq(name, str_from(RECORDS[i].name))) return RECORDS[i].record;
    return RECORDS[fuzz_choose(name, EBB_COUNT(RECORDS))].record;
}

/* NULL is YAML, which is only read. */
static const struct walker *find_walker(struct str name)
{
    if (str_eq(name, STR("yaml"))) return NULL;
    for (size_t i = 0; i < SAMPLE_WALKERS; i++)
        if (str_eq(name, str_from(WALKERS[i].name))) return &WALKERS[i];
    return &WALKERS[fuzz_choose(name, SAMPLE_WALKERS)];
}

static void encode_or_die(const struct walker *w, const struct record *r, const void *in,
                          struct buf *out)
{
    struct err e = {0};
    if (w->encode(r, in, out, &e)) err_assert_failed(e.text, w->name, 0);
}

/* What was read from document, written, read again and written again. */
static void go_round(const struct walker *w, const struct record *r, const void *first)
{
    struct arena a;
    struct buf written, again;
    struct err e = {0};
    arena_init(&a);
    buf_init(&written, OUT_BYTES_MAX);
    buf_init(&again, OUT_BYTES_MAX);
    void *second = arena_alloc(&a, r->size);
    encode_or_die(w, r, first, &written);
    if (w->decode(r, buf_view(&written), &a, second, &e)) err_assert_failed(e.text, w->name, 0);
    encode_or_die(w, r, second, &again);
    EBB_ASSERT(str_eq(buf_view(&written), buf_view(&again)));
    buf_release(&again);
    buf_release(&written);
    arena_release(&a);
}

static void check_yaml(const struct record *r, struct str document, struct arena *a, void *out)
{
    struct err e = {0};
    int code = yaml_decode(r, document, a, out, &e);
    if (!code) return;
    fuzz_check_failure(code, &e);
    EBB_ASSERT(str_starts(str_from(e.text), STR("line ")));
}

FUZZ(record)
{
    struct arena a;
    struct err e = {0};
    struct str rest = input, encoding = fuzz_line(&rest);
    const struct record *r = find_record(str_cut(&encoding, ' '));
    const struct walker *w = find_walker(encoding);
    arena_init(&a);
    void *first = arena_alloc(&a, r->size);
    if (!w) {
        check_yaml(r, rest, &a, first);
    } else {
        int code = w->decode(r, rest, &a, first, &e);
        EBB_ASSERT(a.used_bytes <= MEMORY_MAX);
        if (code)
            fuzz_check_failure(code, &e);
        else
            go_round(w, r, first);
    }
    arena_release(&a);
}
