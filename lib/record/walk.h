/* SPDX-License-Identifier: Apache-2.0
 * What the walkers share, and nobody else includes: where in a record they are, the limits of one
 * document, and how one value of a wire becomes one field. */
#ifndef EBB_RECORD_WALK_H
#define EBB_RECORD_WALK_H

#include "lib/record/walkers.h"

/* One document, whatever its encoding. */
#define WALK_BYTES_MAX ((size_t)8 * 1024 * 1024)
/* Nesting of anything, fields we do not know included; records have RECORD_DEPTH_MAX. */
#define WALK_NESTING_MAX 64
/* What one decode may take from the arena: two bytes of input can claim a struct of a kilobyte. */
#define WALK_MEMORY_MAX ((size_t)64 * 1024 * 1024)
/* 9999-12-31T23:59:59.999Z; ISO 8601 text holds 0 to here. */
#define WALK_ISO_MS_MAX ((int64_t)253402300799999)
/* Fields of one record, nested ones not counted. */
#define WALK_FIELDS_MAX 256

/* A place in a record, linked from the leaf to the root through the walkers' stack frames. */
struct where {
    const struct where *up;
    struct str name; /* of a field, or the key of a map; absent for an item of a list */
    size_t index;
};

struct where where_field(const struct where *up, const struct field *f);
struct where where_item(const struct where *up, size_t index);
/* "services[0].status: words"; w NULL is the root, which has no path. Returns code. */
int where_fail(const struct where *w, struct err *e, int code, const char *format, ...)
    EBB_PRINTF(4, 5);

/* One decode. */
struct walk {
    struct arena *arena;
    struct err *err;
    size_t used_at_start;
};

/* Refuses a document that is larger than WALK_BYTES_MAX. */
int walk_begin(struct walk *k, struct str bytes, struct arena *a, struct err *e) EBB_MUST_CHECK;

enum value_kind {
    VALUE_NULL,
    VALUE_TEXT,
    VALUE_INT,
    VALUE_DOUBLE,
    VALUE_BOOL,
    VALUE_LIST,
    VALUE_MAP,
    VALUE_HUGE,  /* a whole number outside of int64_t */
    VALUE_BYTES, /* binary, extension types: no field holds them */
};

/* What an encoding gave, before the table says what it should be. */
struct value {
    enum value_kind kind;
    struct str text;
    int64_t integer; /* VALUE_INT; items of VALUE_LIST and VALUE_MAP; VALUE_BOOL as 0 or 1 */
    double number;
};

/* Sets one field that is neither record, list nor map, and checks its limits. Numbers convert where
 * nothing is lost. */
int value_set(const struct walk *k, const struct field *f, const struct value *v, void *record,
              const struct where *w) EBB_MUST_CHECK;
/* A copy of a text that belongs to a list or a map. */
int value_text(const struct walk *k, const struct value *v, struct str *out,
               const struct where *w) EBB_MUST_CHECK;
/* E_MALFORMED saying what the field wants instead. */
int value_wrong(const struct walk *k, const struct field *f, const struct value *v,
                const struct where *w) EBB_MUST_CHECK;
/* Like field_from_text, with a place; what YAML's scalars mean. */
int text_set(const struct walk *k, const struct field *f, struct str text, void *record,
             const struct where *w) EBB_MUST_CHECK;
/* A finite decimal number that fills all of text. */
bool text_to_double(struct str text, double *out);

/* The bytes of one item of a list or map field. */
size_t walk_item_bytes(const struct field *f);
/* Zeroed memory for the items of a list or map, after the table's count and the memory limit were
 * asked. */
int walk_items(const struct walk *k, const struct field *f, size_t count, struct list *out,
               const struct where *w) EBB_MUST_CHECK;
int walk_depth(const struct walk *k, int depth, const struct where *w) EBB_MUST_CHECK;

/* Which fields of one record were given. */
struct seen {
    uint64_t bits[WALK_FIELDS_MAX / 64];
};

/* False when it was there already. */
bool seen_add(struct seen *s, const struct record *r, const struct field *f);
/* Required fields were given, or held a value before. */
int seen_check(const struct seen *s, const struct record *r, const void *record,
               const struct where *w, struct err *e) EBB_MUST_CHECK;

/* The largest count or length of a string, list or map. */
int64_t field_max(const struct field *f);
/* The member holds its zero, FIELD_ALWAYS or not. */
bool field_is_empty(const struct field *f, const void *record);
/* field_check with a place. */
int field_check_at(const struct field *f, const void *record, const struct where *w,
                   struct err *e) EBB_MUST_CHECK;

/* Whether a text is one JSON value of any kind. */
int json_check(struct str text, struct err *e) EBB_MUST_CHECK;

/* What an encoder needs besides the record. */
struct encode {
    struct buf *out;
    struct err *err;
    bool secrets;
    bool iso_times; /* FIELD_TIME is written as ISO 8601 text */
};

/* Whether the encoder writes the field. */
bool encode_has(const struct encode *c, const struct field *f, const void *record);
/* Encoders refuse what decoders refuse: depth and the table's limits, numbers that are none. */
int encode_check(const struct encode *c, const struct field *f, const void *record, int depth,
                 const struct where *w) EBB_MUST_CHECK;
/* At the end: E_TOO_LARGE when the buffer was too small. */
int encode_end(const struct encode *c, const struct record *r) EBB_MUST_CHECK;
/* The shortest decimal text that reads back as the same double; always with a point or exponent. */
void encode_double(struct buf *out, double number);
/* A field that is neither record, list nor map as the AWS query protocol writes it. */
void encode_text(struct buf *out, const struct field *f, const void *record);

#endif
