/* SPDX-License-Identifier: Apache-2.0
 * See compare_replies.h. */
#include "tests/contract/compare_replies.h"

#include <ctype.h>
#include <stdlib.h>

#include "lib/base/buf.h"
#include "lib/store/error_reply.h"

#define APART_MS_MAX   20000 /* between asking the one and the other; machines stall */
#define NEAR_MS        ((int64_t)400 * 24 * 3600 * 1000)
#define DIGITS_OF_TIME ((size_t)13) /* of a time in milliseconds */
#define SHOWN_MAX      ((size_t)16 * 1024)

struct reply_rules reply_rules_of(struct str of, int64_t now_ms, bool is_same_version)
{
    return (struct reply_rules){
        .now_ms = now_ms,
        .is_same_version = is_same_version,
        .is_time = str_eq_nocase(of, STR("TIME")),
        .is_left = str_eq_nocase(of, STR("PTTL")),
        .is_unordered = str_eq_nocase(of, STR("KEYS")) || str_eq_nocase(of, STR("SCAN")),
        .is_info = str_eq_nocase(of, STR("INFO")),
        .is_claim = str_eq(of, STR("claim")),
        .is_by_score = str_eq_nocase(of, STR("ZRANGEBYSCORE")),
    };
}

static bool is_apart(int64_t one, int64_t other)
{
    return one - other > APART_MS_MAX || other - one > APART_MS_MAX;
}

static bool is_near(int64_t ms, const struct reply_rules *rules)
{
    return ms > rules->now_ms - NEAR_MS && ms < rules->now_ms + NEAR_MS;
}

/* The digits s begins with; absent when they are none of a time. */
static struct str time_digits(struct str s)
{
    size_t n = 0;
    while (n < s.n && isdigit((unsigned char)s.p[n]))
        n++;
    return n == DIGITS_OF_TIME ? (struct str){s.p, n} : STR_NONE;
}

static bool is_same_time(struct str one, struct str other, const struct reply_rules *rules)
{
    int64_t a, b;
    if (!str_to_int(one, &a) || !str_to_int(other, &b)) return false;
    return a == b || (is_near(a, rules) && is_near(b, rules) && !is_apart(a, b));
}

bool text_is_same(struct str real, struct str model, const struct reply_rules *rules)
{
    if (!real.p || !model.p) return str_is_empty(real) && str_is_empty(model);
    if (str_eq(real, model)) return true;
    if (real.n != model.n) return false;
    for (size_t i = 0; i < real.n;) {
        struct str one = time_digits((struct str){real.p + i, real.n - i});
        struct str other = time_digits((struct str){model.p + i, model.n - i});
        if (one.p && other.p) {
            if (!is_same_time(one, other, rules)) return false;
            i += DIGITS_OF_TIME;
        } else {
            if (real.p[i] != model.p[i]) return false;
            i++;
        }
    }
    return true;
}

static bool is_same_number(struct arena *a, struct str real, struct str model)
{
    char *end_of_real, *end_of_model;
    const char *one = arena_cstr(a, real), *other = arena_cstr(a, model);
    double x = strtod(one, &end_of_real), y = strtod(other, &end_of_model);
    bool is_whole = end_of_real != one && !*end_of_real && end_of_model != other && !*end_of_model;
    return is_whole && !(x < y) && !(x > y);
}

static bool is_same_string(struct str real, struct str model, const struct reply_rules *rules)
{
    if (text_is_same(real, model, rules)) return true;
    if (rules->is_same_version) return false;
    struct arena a;
    arena_init(&a);
    bool same = is_same_number(&a, real, model);
    arena_release(&a);
    return same;
}

static bool is_same_error(struct str real, struct str model, const struct reply_rules *rules)
{
    if (rules->is_same_version) return text_is_same(real, model, rules);
    return str_eq(redis_error_word(real), redis_error_word(model));
}

static int by_text(const void *a, const void *b)
{
    const struct reply *one = a, *other = b;
    return str_compare(one->text, other->text);
}

/* The caller gets it sorted, too. A list of other things than texts stays: SCAN's two parts. */
static void sort(const struct reply *list)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->items[i].kind != REPLY_STR) return;
    if (list->n) qsort(list->items, list->n, sizeof(*list->items), by_text);
}

/* A refusal because of time says how much of it has passed and is left. */
static bool is_same_claim(const struct reply *real, const struct reply *model, size_t i,
                          const struct reply_rules *rules)
{
    int64_t one, other;
    struct str reason = real->n > 4 ? real->items[2].text : STR_NONE;
    if (!rules->is_claim || (i != 3 && i != 4)) return false;
    if (!str_eq(reason, STR("cooldown")) && !str_eq(reason, STR("backoff")) &&
        !str_eq(reason, STR("paused")))
        return false;
    if (!is_near(real->items[1].text.p ? strtoll(real->items[1].text.p, NULL, 10) : 0, rules))
        return false;
    return str_to_int(real->items[i].text, &one) && str_to_int(model->items[i].text, &other) &&
           !is_apart(one, other);
}

/* Which of two times that lie a millisecond apart comes first: a member before its score. */
static bool may_change_places(const struct reply *real, const struct reply *model, size_t i,
                              const struct reply_rules *rules)
{
    if (!rules->is_by_score || i + 1 >= real->n) return false;
    if (real->items[i + 1].kind != REPLY_STR || model->items[i + 1].kind != REPLY_STR) return false;
    struct str one = real->items[i + 1].text, other = model->items[i + 1].text;
    return !str_eq(one, other) && is_same_time(one, other, rules);
}

static bool is_same_list(const struct reply *real, const struct reply *model,
                         const struct reply_rules *rules)
{
    if (real->n != model->n) return false;
    if (rules->is_unordered) sort(real);
    if (rules->is_unordered) sort(model);
    for (size_t i = 0; i < real->n; i++)
        if (!reply_is_same(&real->items[i], &model->items[i], rules) &&
            !is_same_claim(real, model, i, rules) && !may_change_places(real, model, i, rules))
            return false;
    return true;
}

static bool has_lines_of(struct str real, struct str model, bool is_same_version)
{
    while (model.p) {
        struct str line = str_cut(&model, '\n'), rest = real;
        bool found = !is_same_version && str_starts(line, STR("redis_version:"));
        while (rest.p && !found)
            found = str_eq(str_cut(&rest, '\n'), line);
        if (!found) return false;
    }
    return true;
}

bool reply_is_same(const struct reply *real, const struct reply *model,
                   const struct reply_rules *rules)
{
    if (real->kind != model->kind) return false;
    switch (real->kind) {
    case REPLY_NIL: return true;
    case REPLY_INT:
        if (rules->is_left && real->integer > 0 && model->integer > 0)
            return !is_apart(real->integer, model->integer);
        return real->integer == model->integer;
    case REPLY_STR:
        if (rules->is_time) return true;
        if (rules->is_info) return has_lines_of(real->text, model->text, rules->is_same_version);
        return is_same_string(real->text, model->text, rules);
    case REPLY_LIST: return is_same_list(real, model, rules);
    case REPLY_ERROR: return is_same_error(real->text, model->text, rules);
    }
    return false;
}

static void show(struct buf *b, const struct reply *reply)
{
    switch (reply->kind) {
    case REPLY_NIL: buf_add_text(b, "nil"); break;
    case REPLY_INT: buf_add_format(b, "%lld", (long long)reply->integer); break;
    case REPLY_STR: buf_add_json_string(b, reply->text); break;
    case REPLY_ERROR:
        buf_add_text(b, "error ");
        buf_add_json_string(b, reply->text);
        break;
    case REPLY_LIST:
        buf_add_char(b, '[');
        for (size_t i = 0; i < reply->n; i++) {
            if (i) buf_add_char(b, ' ');
            show(b, &reply->items[i]);
        }
        buf_add_char(b, ']');
        break;
    }
}

struct str reply_shown(struct arena *a, const struct reply *reply)
{
    struct buf b;
    buf_init(&b, SHOWN_MAX);
    show(&b, reply);
    struct str out = buf_failed(&b) ? STR("(too long to show)") : arena_copy(a, buf_view(&b));
    buf_release(&b);
    return out;
}
