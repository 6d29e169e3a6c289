/* SPDX-License-Identifier: Apache-2.0
 * See pattern.h. A compiled pattern is its own checked JSON tree. */
#include "world/region/pattern.h"

struct pattern {
    const struct json *root;
};

static int check_object(const struct json *object, struct err *e);

static bool is_scalar(const struct json *value)
{
    return value->kind != JSON_ARRAY && value->kind != JSON_OBJECT;
}

static bool is_text_test(const struct json *test)
{
    return test->first && !test->first->next && test->first->kind == JSON_STRING &&
           (str_eq(test->first->name, STR("prefix")) || str_eq(test->first->name, STR("suffix")) ||
            str_eq(test->first->name, STR("equals-ignore-case")));
}

static bool is_comparison(struct str s)
{
    return str_eq(s, STR("<")) || str_eq(s, STR("<=")) || str_eq(s, STR("=")) ||
           str_eq(s, STR(">")) || str_eq(s, STR(">="));
}

/* [">", 0, "<=", 5]: one or two pairs. */
static bool is_numeric(const struct json *list)
{
    if (list->kind != JSON_ARRAY || !list->first) return false;
    int pairs = 0;
    for (const struct json *at = list->first; at; at = at->next->next) {
        if (at->kind != JSON_STRING || !is_comparison(at->text)) return false;
        if (!at->next || at->next->kind != JSON_NUMBER) return false;
        pairs++;
    }
    return pairs <= 2;
}

static bool is_anything_but(const struct json *value)
{
    if (is_scalar(value)) return true;
    if (value->kind == JSON_OBJECT) return is_text_test(value);
    for (const struct json *item = value->first; item; item = item->next)
        if (!is_scalar(item)) return false;
    return value->first != NULL;
}

static int check_test(const struct json *test, struct err *e)
{
    if (is_scalar(test) || (test->kind == JSON_OBJECT && is_text_test(test))) return 0;
    const struct json *inner = test->kind == JSON_OBJECT ? test->first : NULL;
    if (!inner || inner->next) return err_set(e, E_MALFORMED, "Match expression name not found");
    if (str_eq(inner->name, STR("exists")) && inner->kind == JSON_BOOL) return 0;
    if (str_eq(inner->name, STR("numeric")) && is_numeric(inner)) return 0;
    if (str_eq(inner->name, STR("anything-but")) && is_anything_but(inner)) return 0;
    return err_set(e, E_MALFORMED, "Unrecognized match type %.*s", STR_ARG(inner->name));
}

static int check_member(const struct json *member, struct err *e)
{
    bool alternatives = str_eq(member->name, STR("$or"));
    if (member->kind == JSON_OBJECT && !alternatives) return check_object(member, e);
    if (member->kind != JSON_ARRAY)
        return err_set(e, E_MALFORMED, "\"%.*s\" must be an object or an array",
                       STR_ARG(member->name));
    if (!member->first) return err_set(e, E_MALFORMED, "Empty arrays are not allowed");
    for (const struct json *item = member->first; item; item = item->next) {
        bool bad = alternatives && item->kind != JSON_OBJECT;
        if (bad) return err_set(e, E_MALFORMED, "\"$or\" must be an array of objects");
        int code = alternatives ? check_object(item, e) : check_test(item, e);
        if (code) return code;
    }
    return 0;
}

static int check_object(const struct json *object, struct err *e)
{
    if (!object->first) return err_set(e, E_MALFORMED, "Empty objects are not allowed");
    for (const struct json *member = object->first; member; member = member->next) {
        int code = check_member(member, e);
        if (code) return code;
    }
    return 0;
}

int pattern_compile(struct str text, struct arena *a, struct pattern **out, struct err *e)
{
    struct json *root;
    if (text.n > PATTERN_BYTES_MAX) return err_set(e, E_TOO_LARGE, "Event pattern is too long");
    if (json_parse(text, a, &root))
        return err_set(e, E_MALFORMED, "Event pattern is not valid JSON");
    if (root->kind != JSON_OBJECT) return err_set(e, E_MALFORMED, "Filter is not an object");
    int code = check_object(root, e);
    if (code) return code;
    struct pattern *pattern = ARENA_NEW(a, struct pattern);
    pattern->root = root;
    *out = pattern;
    return 0;
}

static bool equal(const struct json *a, const struct json *b)
{
    if (a->kind != b->kind) return false;
    switch (a->kind) {
    case JSON_NULL: return true;
    case JSON_BOOL: return a->truth == b->truth;
    case JSON_NUMBER: return a->number == b->number;
    case JSON_STRING: return str_eq(a->text, b->text);
    case JSON_ARRAY:
    case JSON_OBJECT: return false;
    }
    return false;
}

static bool text_test(const struct json *test, const struct json *value)
{
    if (value->kind != JSON_STRING) return false;
    struct str wanted = test->text;
    if (str_eq(test->name, STR("prefix"))) return str_starts(value->text, wanted);
    if (str_eq(test->name, STR("suffix"))) return str_ends(value->text, wanted);
    return str_eq_nocase(value->text, wanted);
}

static bool compare(double value, struct str how, double with)
{
    if (str_eq(how, STR("="))) return value == with;
    if (str_eq(how, STR("<"))) return value < with;
    if (str_eq(how, STR("<="))) return value <= with;
    if (str_eq(how, STR(">"))) return value > with;
    return value >= with;
}

static bool numeric(const struct json *list, const struct json *value)
{
    if (value->kind != JSON_NUMBER) return false;
    for (const struct json *at = list->first; at; at = at->next->next)
        if (!compare(value->number, at->text, at->next->number)) return false;
    return true;
}

static bool anything_but(const struct json *but, const struct json *value)
{
    if (but->kind == JSON_OBJECT) return !text_test(but->first, value);
    if (is_scalar(but)) return !equal(but, value);
    for (const struct json *item = but->first; item; item = item->next)
        if (equal(item, value)) return false;
    return true;
}

/* One test against one value that is there. */
static bool passes(const struct json *test, const struct json *value)
{
    if (is_scalar(test)) return equal(test, value);
    const struct json *inner = test->first;
    if (str_eq(inner->name, STR("exists"))) return inner->truth;
    if (str_eq(inner->name, STR("numeric"))) return numeric(inner, value);
    if (str_eq(inner->name, STR("anything-but"))) return anything_but(inner, value);
    return text_test(inner, value);
}

/* The field matches when any test passes for any of its values; a missing one only passes
 * {"exists": false}. */
static bool any_passes(const struct json *tests, const struct json *value)
{
    for (const struct json *test = tests->first; test; test = test->next) {
        bool absence = test->kind == JSON_OBJECT && str_eq(test->first->name, STR("exists")) &&
                       !test->first->truth;
        if (!value || absence) {
            if (!value && absence) return true;
            continue;
        }
        const struct json *one = value->kind == JSON_ARRAY ? value->first : value;
        for (; one; one = value->kind == JSON_ARRAY ? one->next : NULL)
            if (is_scalar(one) && passes(test, one)) return true;
    }
    return false;
}

static bool object_matches(const struct json *pattern, const struct json *event)
{
    for (const struct json *member = pattern->first; member; member = member->next) {
        if (str_eq(member->name, STR("$or"))) {
            bool any = false;
            for (const struct json *item = member->first; item && !any; item = item->next)
                any = object_matches(item, event);
            if (!any) return false;
            continue;
        }
        const struct json *value = json_member(event, member->name);
        bool good =
            member->kind == JSON_OBJECT ? object_matches(member, value) : any_passes(member, value);
        if (!good) return false;
    }
    return true;
}

bool pattern_matches(const struct pattern *pattern, const struct json *event)
{
    return object_matches(pattern->root, event);
}
