/* SPDX-License-Identifier: Apache-2.0
 * The walkers: one encoding each, any record. All decode into memory of the arena, skip fields they
 * do not know, refuse trailing bytes, depth over RECORD_DEPTH_MAX and sizes over the table's
 * limits, and on failure write the path of the field into the error
 * ("services[0].deployments[2].status: ..."). Bytes are never trusted.
 *
 * out must be a zeroed struct of the record's type, or one that holds its defaults; after a failure
 * it holds whatever was read by then. Strings are copied into the arena. Whole numbers and doubles
 * convert where nothing is lost.
 *
 * Encoders append to out, in the order of the table, and refuse what a decoder would refuse
 * (lengths, ranges, depth, NaN), but do not ask for required fields: record_check does. Text that
 * is not UTF-8 is written with U+FFFD in place of its bad bytes. After a failure out holds a part.
 */
#ifndef EBB_RECORD_WALKERS_H
#define EBB_RECORD_WALKERS_H

#include "lib/record/record.h"

/* msgpack: a map from field name to value; enums as words, times as integers (ms), secrets left
 * out. A field given twice is refused. */
int msgpack_encode(const struct record *r, const void *in, struct buf *out,
                   struct err *e) EBB_MUST_CHECK;
int msgpack_decode(const struct record *r, struct str bytes, struct arena *a, void *out,
                   struct err *e) EBB_MUST_CHECK;

enum json_style {
    JSON_PLAIN, /* our records for people and programs: times as integers (ms); secrets left out */
    JSON_AWS,   /* AWS JSON 1.0 and 1.1: times as epoch seconds with a fraction, secrets written */
};

int json_encode(const struct record *r, const void *in, enum json_style style, struct buf *out,
                struct err *e) EBB_MUST_CHECK;
/* The document must be one JSON object. Duplicate keys: the last one counts. null is absent. A time
 * given as a number is epoch seconds, as AWS writes it; json_decode_plain takes it for
 * milliseconds, as JSON_PLAIN does. Both take ISO 8601 text. */
int json_decode(const struct record *r, struct str bytes, struct arena *a, void *out,
                struct err *e) EBB_MUST_CHECK;

int json_decode_plain(const struct record *r, struct str bytes, struct arena *a, void *out,
                      struct err *e) EBB_MUST_CHECK;

/* The AWS query protocol: Name=value&List.member.1.Field=value; what the form body of STS and ELBv2
 * is. When out holds something already ("Action=...&Version=..."), an ampersand comes between. */
int query_encode(const struct record *r, const void *in, struct buf *out,
                 struct err *e) EBB_MUST_CHECK;
int query_decode(const struct record *r, struct str form, struct arena *a, void *out,
                 struct err *e) EBB_MUST_CHECK;

/* XML as query-protocol replies have it. `inside` names the element whose children are the fields
 * ("GetCallerIdentityResult"); lists are elements of <member>. No DTD, no external entities. */
int xml_decode(const struct record *r, struct str bytes, struct str inside, struct arena *a,
               void *out, struct err *e) EBB_MUST_CHECK;
/* The fields as elements, without an element around them. */
int xml_encode(const struct record *r, const void *in, struct buf *out,
               struct err *e) EBB_MUST_CHECK;

/* YAML: configuration written by people. Unknown keys are refused; an error begins with "line L,
 * column C: ". Anchors, aliases and tags are refused. A key given twice is refused. Items of a list
 * hold their fallbacks before they are read (the root has those that record_defaults gave it). A
 * key with nothing, ~ or null after it is as if it were not there. */
int yaml_decode(const struct record *r, struct str bytes, struct arena *a, void *out,
                struct err *e) EBB_MUST_CHECK;
/* Where the value of a path ("services[0].mode") begins, counted from 1, or that of the nearest
 * thing around it that is there; *exact says which. E_MALFORMED when the bytes are not YAML up to
 * it. */
int yaml_locate(struct str bytes, struct str path, size_t *line, size_t *column,
                bool *exact) EBB_MUST_CHECK;

/* Fills every field that has a fallback text and is absent, nested records included, lists not.
 * Call it before decoding: afterwards a zero that was written cannot be told from an absent one. A
 * bad fallback is E_BUG. */
int record_defaults(const struct record *r, void *out, struct arena *a,
                    struct err *e) EBB_MUST_CHECK;
/* Sets one field from text, as YAML scalars, environment variables and command lines give it. Lists
 * of strings are "a, b", maps "key=value, key=value". An enum's word must be known, and is never
 * row 0. */
int field_from_text(const struct field *f, struct str text, struct arena *a, void *record,
                    struct err *e) EBB_MUST_CHECK;

#endif
