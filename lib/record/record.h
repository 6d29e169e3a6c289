/* SPDX-License-Identifier: Apache-2.0
 * A record is a struct described by one table of fields. The tables are read at run time by one
 * walker per encoding (msgpack, JSON, YAML, query, XML); no record has an encoder of its own.
 *
 * A field's macro ties the row to the struct member at compile time: a wrong type or a renamed
 * member does not build. Absent: a string whose p is NULL, a list of n == 0, a number or bool equal
 * to its zero. Fields marked FIELD_ALWAYS are written even then; all others are left out when
 * absent. */
#ifndef EBB_RECORD_RECORD_H
#define EBB_RECORD_RECORD_H

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"

enum field_kind {
    FIELD_STR,    /* struct str, UTF-8 text */
    FIELD_SECRET, /* struct str that msgpack and plain JSON never write; AWS's own encodings do */
    FIELD_INT,    /* int64_t */
    FIELD_BOOL,   /* bool */
    FIELD_DOUBLE, /* double */
    FIELD_ENUM,   /* int; its words are in .names; a word we do not know decodes to ENUM_OTHER */
    FIELD_TIME,   /* int64_t ms since the epoch; an integer in our records, epoch seconds with a
                     fraction in AWS JSON, ISO 8601 in query and XML; decoding accepts ISO 8601 text
                     everywhere (events of the same objects carry that) */
    FIELD_SPAN,   /* int64_t ms; an integer in our records, "30s" in YAML */
    FIELD_RECORD, /* a nested struct, described by .of */
    FIELD_LIST,   /* struct list of structs (.of), or of struct str when .of is NULL */
    FIELD_MAP, /* struct list of struct pair: text keys with text values (dimensions, attributes) */
};

/* Decoded when the word is none of the table's: left alone, never guessed (rolling upgrades). */
#define ENUM_OTHER 0

enum field_flags {
    FIELD_ALWAYS = 1,   /* written even when it is zero or empty */
    FIELD_REQUIRED = 2, /* decoding without it is E_MALFORMED */
    FIELD_JSON_TEXT =
        4 /* FIELD_STR only: any JSON value is kept as its text (decode), and written as it is */
};

struct list {
    void *items;
    size_t n;
};

struct pair {
    struct str key, value;
};

#define LIST_AT(list, type, i) (&((type *)(list).items)[i])
#define LIST_OF(array, count)  ((struct list){(array), (count)})

/* Row i is the word of enum value i; row 0 is what ENUM_OTHER shows as. */
struct enum_names {
    const struct str *words;
    size_t n;
};

struct record;

struct field {
    const char *name;
    enum field_kind kind;
    unsigned flags;
    size_t offset;
    const struct record *of;
    const struct enum_names *names;
    int64_t min, max; /* numbers: their range; strings: bytes; lists and maps: items. max 0 = the
                         defaults below */
    const char *unit; /* shown in help and docs */
    const char *help; /* one sentence */
    const char *fallback; /* configuration: the default as text, or NULL */
    const char *env;      /* configuration: the environment variable that sets it, or NULL */
};

struct record {
    const char *name;
    size_t size;
    const struct field *fields;
    size_t n;
    const char *help;
};

#define FIELD_STR_MAX_DEFAULT  ((int64_t)64 * 1024)
#define FIELD_LIST_MAX_DEFAULT ((int64_t)10000)
#define RECORD_DEPTH_MAX       12

#define FIELD_HAS_TYPE(S, member, type)                                                            \
    (0 * sizeof(char[__builtin_types_compatible_p(__typeof__(((S *)0)->member), type) ? 1 : -1]))
#define FIELD_ROW(S, member, type, kind_, name_, ...)                                              \
    {                                                                                              \
        .name = (name_), .kind = (kind_),                                                          \
        .offset = offsetof(S, member) + FIELD_HAS_TYPE(S, member, type), __VA_ARGS__               \
    }

/* The struct, the member, the name on the wire, then any of .flags .min .max .unit .help ... */
#define F_STR(S, m, ...)          FIELD_ROW(S, m, struct str, FIELD_STR, __VA_ARGS__)
#define F_SECRET(S, m, ...)       FIELD_ROW(S, m, struct str, FIELD_SECRET, __VA_ARGS__)
#define F_INT(S, m, ...)          FIELD_ROW(S, m, int64_t, FIELD_INT, __VA_ARGS__)
#define F_BOOL(S, m, ...)         FIELD_ROW(S, m, bool, FIELD_BOOL, __VA_ARGS__)
#define F_DOUBLE(S, m, ...)       FIELD_ROW(S, m, double, FIELD_DOUBLE, __VA_ARGS__)
#define F_TIME(S, m, ...)         FIELD_ROW(S, m, int64_t, FIELD_TIME, __VA_ARGS__)
#define F_SPAN(S, m, ...)         FIELD_ROW(S, m, int64_t, FIELD_SPAN, __VA_ARGS__)
#define F_MAP(S, m, ...)          FIELD_ROW(S, m, struct list, FIELD_MAP, __VA_ARGS__)
#define F_STRS(S, m, ...)         FIELD_ROW(S, m, struct list, FIELD_LIST, __VA_ARGS__)
#define F_ENUM(S, m, names_, ...) FIELD_ROW(S, m, int, FIELD_ENUM, __VA_ARGS__, .names = &(names_))
#define F_LIST(S, m, record_, ...)                                                                 \
    FIELD_ROW(S, m, struct list, FIELD_LIST, __VA_ARGS__, .of = &(record_))
#define F_RECORD(S, m, type, record_, ...)                                                         \
    FIELD_ROW(S, m, type, FIELD_RECORD, __VA_ARGS__, .of = &(record_))

#define RECORD_OF(S, rows)                                                                         \
    {                                                                                              \
        .name = #S, .size = sizeof(S), .fields = (rows), .n = EBB_COUNT(rows)                      \
    }

/* Where a field lives in a struct. */
void *field_at(const struct field *f, void *record);
const void *field_in(const struct field *f, const void *record);
/* Whether an encoder leaves it out. A nested record is absent when all its fields are zero. */
bool field_is_absent(const struct field *f, const void *record);
const struct field *record_field(const struct record *r, struct str name);
/* The field whose name is at most two typing mistakes away, or NULL: for "did you mean". */
const struct field *record_nearest(const struct record *r, struct str name);
/* Whether a field of the record, or of those inside it, is set by that environment variable; and
 * the variable at most two typing mistakes away, or NULL. */
bool record_has_variable(const struct record *r, struct str name);
const char *record_nearest_variable(const struct record *r, struct str name);
/* The word of an enum value; the words' row 0 for a value that is none of them. */
struct str enum_word(const struct enum_names *names, int value);
/* The value of a word, or ENUM_OTHER. */
int enum_value(const struct enum_names *names, struct str word);
/* Range, length and count of one field that was given: E_MALFORMED or E_TOO_LARGE naming it. */
int field_check(const struct field *f, const void *record, struct err *e) EBB_MUST_CHECK;
/* Required fields are there, in nested records and lists too: E_MALFORMED naming the first that is
 * not. For records that are put together by hand or from several sources; decoders ask this of what
 * they were given. */
int record_check(const struct record *r, const void *record, struct err *e) EBB_MUST_CHECK;

#endif
