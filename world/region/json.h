/* SPDX-License-Identifier: Apache-2.0
 * Any JSON document as a tree, for what has no record: event patterns and the events they are held
 * against. */
#ifndef EBB_WORLD_REGION_JSON_H
#define EBB_WORLD_REGION_JSON_H

#include "lib/base/arena.h"

#define JSON_TREE_DEPTH_MAX 32

enum json_kind { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json {
    enum json_kind kind;
    bool truth;
    double number;
    struct str text;           /* of a string: decoded; of a number: as it was written */
    struct str name;           /* as a member of an object: decoded */
    struct json *first, *next; /* children of an array or object, in order */
};

/* Strict RFC 8259, one document that fills text. E_MALFORMED otherwise. */
int json_parse(struct str text, struct arena *a, struct json **out) EBB_MUST_CHECK;
/* The last member of that name; NULL when there is none or it is no object. */
const struct json *json_member(const struct json *object, struct str name);

#endif
