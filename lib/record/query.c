/* SPDX-License-Identifier: Apache-2.0
 * Records as the form body of the AWS query protocol: nested names joined by dots, list items
 * "List.member.N", map entries "Map.entry.N.key" and ".value". */
#include <stdlib.h>
#include <string.h>

#include "lib/record/tree.h"

/* Parameters of one form; each is a node or more. */
#define QUERY_PAIRS_MAX ((size_t)20 * 1000)
/* A parameter's name, dots and numbers included. */
#define QUERY_NAME_BYTES_MAX ((size_t)1024)

/* Decoding. */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

static bool decode_percent(struct arena *a, struct str s, struct str *out)
{
    char *to = arena_alloc(a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i] == '+' ? ' ' : s.p[i];
        if (c == '%') {
            int high = i + 2 < s.n ? hex_digit(s.p[i + 1]) : -1;
            int low = i + 2 < s.n ? hex_digit(s.p[i + 2]) : -1;
            if (high < 0 || low < 0) return false;
            c = (char)(high << 4 | low);
            i += 2;
        }
        to[n++] = c;
    }
    *out = (struct str){to, n};
    return true;
}

static int compare_keys(const void *left, const void *right)
{
    const struct pair *a = left, *b = right;
    return str_compare(a->key, b->key);
}

static int split_form(const struct walk *k, struct tree *t, struct str form, struct pair **out,
                      size_t *n)
{
    size_t count = form.n > 0;
    for (size_t i = 0; i < form.n; i++)
        count += form.p[i] == '&';
    if (count > QUERY_PAIRS_MAX)
        return err_set(k->err, E_TOO_LARGE, "more than %zu parameters", QUERY_PAIRS_MAX);
    struct pair *pairs = ARENA_ARRAY(&t->arena, count, struct pair);
    *n = 0;
    for (size_t i = 0; i < count; i++) {
        struct str value = str_cut(&form, '&'), key = str_cut(&value, '=');
        struct pair *pair = &pairs[*n];
        if (!key.n) continue;
        if (!decode_percent(&t->arena, key, &pair->key) ||
            !decode_percent(&t->arena, value, &pair->value))
            return err_set(k->err, E_MALFORMED, "a %% that is not followed by two hex digits");
        ++*n;
    }
    /* Sorted, so that all parameters of one node follow each other. */
    qsort(pairs, *n, sizeof(*pairs), compare_keys);
    *out = pairs;
    return E_OK;
}

/* Adds the parameter's path below root; its nodes are there already, or are to become last. */
static int add_path(const struct walk *k, struct tree *t, struct node *root,
                    const struct pair *pair)
{
    struct where w = {.name = pair->key};
    struct node *node = root;
    size_t depth = 0;
    for (struct str rest = pair->key; rest.p;) {
        struct str name = str_cut(&rest, '.');
        if (++depth > WALK_NESTING_MAX)
            return where_fail(&w, k->err, E_TOO_LARGE, "more than %d levels deep",
                              WALK_NESTING_MAX);
        struct node *last = node->last;
        bool is_there = last && str_eq(last->name, name) && (last->children || !rest.p);
        node = is_there ? last : tree_add(t, node, name);
        if (!node) return err_set(k->err, E_TOO_LARGE, "more than %zu names", TREE_NODES_MAX);
    }
    if (node->text.p) return where_fail(&w, k->err, E_MALFORMED, "given twice");
    node->text = pair->value;
    return E_OK;
}

int query_decode(const struct record *r, struct str form, struct arena *a, void *out, struct err *e)
{
    struct walk k;
    struct tree t;
    struct pair *pairs = NULL;
    size_t n = 0;
    int rc = walk_begin(&k, form, a, e);
    if (rc) return rc;
    tree_init(&t);
    t.numbered = true;
    struct node *root = tree_add(&t, NULL, STR(""));
    rc = split_form(&k, &t, form, &pairs, &n);
    for (size_t i = 0; !rc && i < n; i++)
        rc = add_path(&k, &t, root, &pairs[i]);
    if (!rc) rc = tree_decode(&t, &k, r, root, out);
    tree_release(&t);
    return rc;
}

/* Encoding. */

/* The name of the parameter being written; each level adds to it and cuts it back. */
struct name {
    char text[QUERY_NAME_BYTES_MAX];
    size_t n;
};

static int name_add(const struct encode *c, struct name *name, struct str part)
{
    size_t dot = name->n > 0;
    if (part.n + dot > sizeof(name->text) - name->n)
        return err_set(c->err, E_TOO_LARGE, "a name of more than %zu bytes", sizeof(name->text));
    if (dot) name->text[name->n++] = '.';
    memcpy(name->text + name->n, part.p, part.n);
    name->n += part.n;
    return E_OK;
}

static int name_add_number(const struct encode *c, struct name *name, const char *word,
                           size_t number)
{
    struct buf part;
    buf_init(&part, QUERY_NAME_BYTES_MAX);
    buf_add_format(&part, "%s.%zu", word, number);
    int rc = name_add(c, name, buf_view(&part));
    buf_release(&part);
    return rc;
}

static void add_pair(const struct encode *c, const struct name *name, const char *suffix,
                     struct str value)
{
    if (c->out->n) buf_add_char(c->out, '&');
    buf_add_percent(c->out, (struct str){name->text, name->n}, "");
    buf_add_text(c->out, suffix);
    buf_add_char(c->out, '=');
    struct buf text;
    buf_init(&text, value.n * 3 + 1);
    buf_add_utf8(&text, value);
    buf_add_percent(c->out, buf_view(&text), "");
    buf_release(&text);
}

static int add_record(const struct encode *c, const struct record *r, const void *in,
                      struct name *name, int depth, const struct where *up);

static int add_items(const struct encode *c, const struct field *f, const struct list *list,
                     struct name *name, int depth, const struct where *w)
{
    const unsigned char *items = list->items;
    int rc = E_OK;
    /* What AWS's own clients send for an empty list. */
    if (!list->n) add_pair(c, name, "", STR(""));
    for (size_t i = 0; !rc && i < list->n; i++) {
        struct where item = where_item(w, i);
        size_t length = name->n;
        rc = name_add_number(c, name, f->kind == FIELD_MAP ? "entry" : "member", i + 1);
        if (rc) return rc;
        if (f->kind == FIELD_MAP) {
            add_pair(c, name, ".key", LIST_AT(*list, struct pair, i)->key);
            add_pair(c, name, ".value", LIST_AT(*list, struct pair, i)->value);
        } else if (f->of) {
            size_t before = c->out->n;
            rc = add_record(c, f->of, items + i * f->of->size, name, depth + 1, &item);
            /* An item without a field must still be there, or those after it change their numbers.
             */
            if (!rc && c->out->n == before) add_pair(c, name, "", STR(""));
        } else {
            add_pair(c, name, "", *LIST_AT(*list, struct str, i));
        }
        name->n = length;
    }
    return rc;
}

static int add_record(const struct encode *c, const struct record *r, const void *in,
                      struct name *name, int depth, const struct where *up)
{
    int rc = E_OK;
    for (size_t i = 0; !rc && i < r->n; i++) {
        const struct field *f = &r->fields[i];
        const void *at = field_in(f, in);
        struct where w = where_field(up, f);
        size_t length = name->n;
        if (!encode_has(c, f, in)) continue;
        rc = encode_check(c, f, in, depth, &w);
        if (!rc) rc = name_add(c, name, str_from(f->name));
        if (rc) return rc;
        if (f->kind == FIELD_RECORD) {
            rc = add_record(c, f->of, at, name, depth + 1, &w);
        } else if (f->kind == FIELD_LIST || f->kind == FIELD_MAP) {
            rc = add_items(c, f, at, name, depth, &w);
        } else {
            struct buf text;
            buf_init(&text, c->out->max);
            encode_text(&text, f, in);
            add_pair(c, name, "", buf_view(&text));
            buf_release(&text);
        }
        name->n = length;
    }
    return rc;
}

int query_encode(const struct record *r, const void *in, struct buf *out, struct err *e)
{
    struct encode c = {.out = out, .err = e, .secrets = true, .iso_times = true};
    struct name name = {.n = 0};
    int rc = add_record(&c, r, in, &name, 1, NULL);
    return rc ? rc : encode_end(&c, r);
}
