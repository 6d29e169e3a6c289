/* SPDX-License-Identifier: Apache-2.0
 * The walkers: one encoding each, any record. All decode into memory of the arena, skip fields they
 * do not know, refuse trailing bytes, depth over RECORD_DEPTH_MAX and sizes over the table's
 * limits, and on failure write the path of the field into the error
 * ("services[0].deployments[2].status: ..."). Bytes are never trusted.
 *
 * out must be a zeroed struct of the record's type, or one that holds its defaults. */
#ifndef EBB_RECORD_WALKERS_H
#define EBB_RECORD_WALKERS_H

#include "lib/record/record.h"

/* msgpack: a map from field name to value; enums as words, times as integers (ms). */
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
/* The document must be one JSON object. Duplicate keys: the last one counts. null is absent. */
int json_decode(const struct record *r, struct str bytes, struct arena *a, void *out,
                struct err *e) EBB_MUST_CHECK;

/* The AWS query protocol: Name=value&List.member.1.Field=value; what the form body of STS and ELBv2
 * is. */
int query_encode(const struct record *r, const void *in, struct buf *out,
                 struct err *e) EBB_MUST_CHECK;
int query_decode(const struct record *r, struct str form, struct arena *a, void *out,
                 struct err *e) EBB_MUST_CHECK;

/* XML as query-protocol replies have it. `inside` names the element whose children are the fields
 * ("GetCallerIdentityResult"); lists are elements of <member>. No DTD, no external entities. */
int xml_decode(const struct record *r, struct str bytes, struct str inside, struct arena *a,
               void *out, struct err *e) EBB_MUST_CHECK;
int xml_encode(const struct record *r, const void *in, struct buf *out,
               struct err *e) EBB_MUST_CHECK;

/* YAML: configuration written by people. Unknown keys are refused; an error begins with "line L,
 * column C: ". Anchors and aliases are refused. A key given twice is refused. */
int yaml_decode(const struct record *r, struct str bytes, struct arena *a, void *out,
                struct err *e) EBB_MUST_CHECK;

/* Fills every field that has a fallback text and is absent. A bad fallback is E_BUG. */
int record_defaults(const struct record *r, void *out, struct arena *a,
                    struct err *e) EBB_MUST_CHECK;
/* Sets one field from text, as YAML scalars, environment variables and command lines give it. */
int field_from_text(const struct field *f, struct str text, struct arena *a, void *record,
                    struct err *e) EBB_MUST_CHECK;

#endif
