/* SPDX-License-Identifier: Apache-2.0
 * See record_sample.h. */
#include "tests/support/record_sample.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/test.h"

static const struct str TINT_WORDS[] = {{"other", 5}, {"red", 3}, {"green", 5}};
const struct enum_names TINTS = {TINT_WORDS, EBB_COUNT(TINT_WORDS)};

static const struct field LEAF_FIELDS[] = {
    F_STR(struct leaf, status, "status", .flags = FIELD_REQUIRED, .max = 64),
    F_INT(struct leaf, weight, "weight", .max = 100, .unit = "percent", .fallback = "7"),
    F_ENUM(struct leaf, tint, TINTS, "tint"),
};
const struct record LEAF = RECORD_OF(struct leaf, LEAF_FIELDS);

static const struct field BRANCH_FIELDS[] = {
    F_STR(struct branch, id, "id"),
    F_LIST(struct branch, leaves, LEAF, "leaves", .max = 50),
    F_DOUBLE(struct branch, share, "share", .max = 1),
    F_BOOL(struct branch, busy, "busy"),
};
const struct record BRANCH = RECORD_OF(struct branch, BRANCH_FIELDS);

static const struct field SAMPLE_FIELDS[] = {
    F_STR(struct sample, name, "name", .flags = FIELD_REQUIRED, .min = 2, .max = 64),
    F_SECRET(struct sample, password, "password"),
    F_INT(struct sample, count, "count", .min = -10, .max = 1000, .fallback = "3"),
    F_INT(struct sample, big, "big"),
    F_BOOL(struct sample, enabled, "enabled", .fallback = "true"),
    F_DOUBLE(struct sample, ratio, "ratio"),
    F_ENUM(struct sample, tint, TINTS, "tint", .fallback = "green"),
    F_TIME(struct sample, created_at_ms, "createdAt"),
    F_SPAN(struct sample, timeout_ms, "timeout", .fallback = "30s"),
    F_RECORD(struct sample, trunk, struct branch, BRANCH, "trunk"),
    F_LIST(struct sample, branches, BRANCH, "branches"),
    F_STRS(struct sample, tags, "tags", .max = 20),
    F_MAP(struct sample, labels, "labels", .max = 20),
    F_STR(struct sample, detail, "detail", .flags = FIELD_JSON_TEXT),
    F_INT(struct sample, always, "always", .flags = FIELD_ALWAYS),
};
const struct record SAMPLE = RECORD_OF(struct sample, SAMPLE_FIELDS);

static const struct field NEST_FIELDS[] = {
    F_STR(struct nest, name, "name"),
    F_LIST(struct nest, children, NEST, "children"),
};
const struct record NEST = RECORD_OF(struct nest, NEST_FIELDS);

void sample_fill(struct sample *s, struct arena *a)
{
    struct leaf *leaves = ARENA_ARRAY(a, 2, struct leaf);
    leaves[0] = (struct leaf){STR("ACTIVE"), 60, TINT_RED};
    leaves[1] = (struct leaf){STR("DRAINING"), 40, TINT_OTHER};
    struct branch *branches = ARENA_ARRAY(a, 2, struct branch);
    branches[0] = (struct branch){.id = STR("b-0"), .leaves = LIST_OF(leaves, 2), .share = 0.25};
    branches[1] = (struct branch){.id = STR("b-1"), .busy = true};
    struct str *tags = ARENA_ARRAY(a, 3, struct str);
    tags[0] = STR("plain");
    tags[1] = STR("two words & <signs> = 100%");
    tags[2] = STR("h\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x8C\x8A");
    struct pair *labels = ARENA_ARRAY(a, 2, struct pair);
    labels[0] = (struct pair){STR("ClusterName"), STR("media")};
    labels[1] = (struct pair){STR("a.b/c"), STR("")};
    *s = (struct sample){
        .name = STR("arn:aws:ecs:eu-west-1:123456789012:service/media/sip"),
        .count = -7,
        .big = 9007199254740993, /* 2^53 + 1: no double holds it */
        .enabled = true,
        .ratio = 0.1,
        .tint = TINT_GREEN,
        .created_at_ms = 1700000000123,
        .timeout_ms = 90000,
        .trunk = {.id = STR("trunk"), .leaves = LIST_OF(leaves, 1), .share = 1, .busy = true},
        .branches = LIST_OF(branches, 2),
        .tags = LIST_OF(tags, 3),
        .labels = LIST_OF(labels, 2),
        .detail = STR("{\"state\":{\"value\":\"ALARM\"},\"numbers\":[1,2.5,null,true]}"),
    };
}

static void assert_same(struct str actual, struct str expected)
{
    assert_int_equal(actual.p == NULL, expected.p == NULL);
    assert_int_equal(actual.n, expected.n);
    if (actual.n) assert_memory_equal(actual.p, expected.p, actual.n);
}

/* Doubles must be the same bits, which no comparison of doubles says without a warning. */
static void assert_bits(double actual, double expected)
{
    assert_memory_equal(&actual, &expected, sizeof(actual));
}

static void assert_branch(const struct branch *actual, const struct branch *expected)
{
    assert_same(actual->id, expected->id);
    assert_bits(actual->share, expected->share);
    assert_int_equal(actual->busy, expected->busy);
    assert_int_equal(actual->leaves.n, expected->leaves.n);
    for (size_t i = 0; i < actual->leaves.n; i++) {
        const struct leaf *a = LIST_AT(actual->leaves, struct leaf, i);
        const struct leaf *b = LIST_AT(expected->leaves, struct leaf, i);
        assert_same(a->status, b->status);
        assert_int_equal(a->weight, b->weight);
        assert_int_equal(a->tint, b->tint);
    }
}

void sample_assert_equal(const struct sample *actual, const struct sample *expected)
{
    assert_same(actual->name, expected->name);
    assert_same(actual->password, expected->password);
    assert_int_equal(actual->count, expected->count);
    assert_int_equal(actual->big, expected->big);
    assert_int_equal(actual->enabled, expected->enabled);
    assert_bits(actual->ratio, expected->ratio);
    assert_int_equal(actual->tint, expected->tint);
    assert_int_equal(actual->created_at_ms, expected->created_at_ms);
    assert_int_equal(actual->timeout_ms, expected->timeout_ms);
    assert_branch(&actual->trunk, &expected->trunk);
    assert_int_equal(actual->branches.n, expected->branches.n);
    for (size_t i = 0; i < actual->branches.n; i++)
        assert_branch(LIST_AT(actual->branches, struct branch, i),
                      LIST_AT(expected->branches, struct branch, i));
    assert_int_equal(actual->tags.n, expected->tags.n);
    for (size_t i = 0; i < actual->tags.n; i++)
        assert_same(*LIST_AT(actual->tags, struct str, i), *LIST_AT(expected->tags, struct str, i));
    assert_int_equal(actual->labels.n, expected->labels.n);
    for (size_t i = 0; i < actual->labels.n; i++) {
        assert_same(LIST_AT(actual->labels, struct pair, i)->key,
                    LIST_AT(expected->labels, struct pair, i)->key);
        assert_same(LIST_AT(actual->labels, struct pair, i)->value,
                    LIST_AT(expected->labels, struct pair, i)->value);
    }
    assert_same(actual->detail, expected->detail);
    assert_int_equal(actual->always, expected->always);
}

struct nest *sample_nest(struct arena *a, int depth)
{
    struct nest *inner = NULL;
    for (int i = 0; i < depth; i++) {
        struct nest *outer = ARENA_NEW(a, struct nest);
        outer->name = STR("n");
        if (inner) outer->children = LIST_OF(inner, 1);
        inner = outer;
    }
    return inner;
}

int sample_decode_exact(const struct walker *w, struct str bytes, struct arena *a,
                        struct sample *out, struct err *e)
{
    char *copy = malloc(bytes.n ? bytes.n : 1);
    assert_non_null(copy);
    if (bytes.n) memcpy(copy, bytes.p, bytes.n);
    *out = (struct sample){0};
    int rc = w->decode(&SAMPLE, (struct str){copy, bytes.n}, a, out, e);
    free(copy);
    return rc;
}

static int encode_json(const struct record *r, const void *in, struct buf *out, struct err *e)
{
    return json_encode(r, in, JSON_PLAIN, out, e);
}

static int encode_json_aws(const struct record *r, const void *in, struct buf *out, struct err *e)
{
    return json_encode(r, in, JSON_AWS, out, e);
}

static int encode_xml(const struct record *r, const void *in, struct buf *out, struct err *e)
{
    buf_add_text(out, "<Reply><Result>");
    int rc = xml_encode(r, in, out, e);
    buf_add_text(out, "</Result></Reply>");
    return rc;
}

static int decode_xml(const struct record *r, struct str bytes, struct arena *a, void *out,
                      struct err *e)
{
    return xml_decode(r, bytes, STR("Result"), a, out, e);
}

const struct walker WALKERS[SAMPLE_WALKERS] = {
    {"msgpack", msgpack_encode, msgpack_decode},
    {"json", encode_json, json_decode_plain},
    {"json aws", encode_json_aws, json_decode},
    {"query", query_encode, query_decode},
    {"xml", encode_xml, decode_xml},
};
