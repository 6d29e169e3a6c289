/* SPDX-License-Identifier: Apache-2.0
 * What the encoders share: which fields are written, and that nothing is written which a decoder
 * would refuse. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/time_text.h"
#include "lib/record/walk.h"

#define DOUBLE_TEXT_BYTES 40

bool encode_has(const struct encode *c, const struct field *f, const void *record)
{
    if (f->kind == FIELD_SECRET && !c->secrets) return false;
    return !field_is_absent(f, record);
}

int encode_check(const struct encode *c, const struct field *f, const void *record, int depth,
                 const struct where *w)
{
    if (depth > RECORD_DEPTH_MAX)
        return where_fail(w, c->err, E_TOO_LARGE, "more than %d records deep", RECORD_DEPTH_MAX);
    if (c->iso_times && f->kind == FIELD_TIME) {
        int64_t ms = *(const int64_t *)field_in(f, record);
        if (ms < 0 || ms > WALK_ISO_MS_MAX)
            return where_fail(w, c->err, E_MALFORMED, "a time outside of the years 1970 to 9999");
    }
    return field_check_at(f, record, w, c->err);
}

int encode_end(const struct encode *c, const struct record *r)
{
    if (!buf_failed(c->out)) return E_OK;
    return err_set(c->err, E_TOO_LARGE, "a record %s does not fit into %zu bytes", r->name,
                   c->out->max);
}

void encode_double(struct buf *out, double number)
{
    char text[DOUBLE_TEXT_BYTES];
    for (int digits = 15; digits <= 17; digits++) {
        (void)snprintf(text, sizeof(text), "%.*g", digits, number); /* at most 24 characters */
        double back = strtod(text, NULL);
        if (memcmp(&back, &number, sizeof(back)) == 0) break;
    }
    buf_add_text(out, text);
    if (!strpbrk(text, ".e")) buf_add_text(out, ".0");
}

void encode_text(struct buf *out, const struct field *f, const void *record)
{
    const void *at = field_in(f, record);
    struct arena scratch;
    arena_init(&scratch);
    switch (f->kind) {
    case FIELD_STR:
    case FIELD_SECRET: buf_add(out, *(const struct str *)at); break;
    case FIELD_INT:
    case FIELD_SPAN: buf_add_format(out, "%lld", (long long)*(const int64_t *)at); break;
    case FIELD_TIME: buf_add(out, time_format_iso(&scratch, *(const int64_t *)at)); break;
    case FIELD_BOOL: buf_add_text(out, *(const bool *)at ? "true" : "false"); break;
    case FIELD_DOUBLE: encode_double(out, *(const double *)at); break;
    case FIELD_ENUM: buf_add(out, enum_word(f->names, *(const int *)at)); break;
    case FIELD_RECORD:
    case FIELD_LIST:
    case FIELD_MAP: EBB_ASSERT(false);
    }
    arena_release(&scratch);
}
