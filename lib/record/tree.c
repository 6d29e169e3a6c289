/* SPDX-License-Identifier: Apache-2.0
 * See tree.h. Numbers, truth and times are the AWS query protocol's: decimal, "true", ISO 8601. */
#include "lib/record/tree.h"

struct reader {
    struct tree *tree;
    const struct walk *walk;
};

void tree_init(struct tree *t)
{
    *t = (struct tree){0};
    arena_init(&t->arena);
}

void tree_release(struct tree *t)
{
    arena_release(&t->arena);
}

struct node *tree_add(struct tree *t, struct node *parent, struct str name)
{
    if (t->nodes == TREE_NODES_MAX) return NULL;
    t->nodes++;
    struct node *node = ARENA_NEW(&t->arena, struct node);
    node->name = name;
    if (!parent) return node;
    if (parent->last)
        parent->last->next = node;
    else
        parent->first = node;
    parent->last = node;
    parent->children++;
    return node;
}

/* The text as what the field's kind would be on other wires; text that is not stays text, and is
 * then refused as such. */
static struct value value_of(const struct field *f, const struct node *node)
{
    struct str text = node->text.p ? node->text : STR("");
    struct value v = {.kind = VALUE_TEXT, .text = text};
    if (node->children) return (struct value){.kind = VALUE_MAP};
    if (f->kind == FIELD_INT || f->kind == FIELD_SPAN) {
        if (str_to_int(text, &v.integer)) v.kind = VALUE_INT;
    } else if (f->kind == FIELD_DOUBLE) {
        if (text_to_double(text, &v.number)) v.kind = VALUE_DOUBLE;
    } else if (f->kind == FIELD_BOOL) {
        v.integer = str_eq(text, STR("true"));
        if (v.integer || str_eq(text, STR("false"))) v.kind = VALUE_BOOL;
    }
    return v;
}

static int read_text(const struct reader *in, const struct node *node, struct str *out,
                     const struct where *w)
{
    struct value v = {.kind = node->children ? VALUE_MAP : VALUE_TEXT, .text = node->text};
    return value_text(in->walk, &v, out, w);
}

/* Puts the children named 1..n into their order. */
static int sort_items(const struct reader *in, const struct node *node, const struct node **out,
                      const struct where *w)
{
    for (const struct node *at = node->first; at; at = at->next) {
        int64_t number;
        bool ok = str_to_int(at->name, &number) && number >= 1 && (size_t)number <= node->children;
        if (!ok || out[number - 1])
            return where_fail(w, in->walk->err, E_MALFORMED,
                              "items must be numbered from 1, without gaps");
        out[number - 1] = at;
    }
    return E_OK;
}

/* The nodes of a list's or a map's items, in order. */
static int find_items(const struct reader *in, const struct node *node, struct str word,
                      const struct node ***out, size_t *n, const struct where *w)
{
    const struct node *parent = node;
    *n = 0;
    *out = NULL;
    if (!node->children && str_is_empty(str_trim(node->text))) return E_OK;
    for (const struct node *at = node->first; at; at = at->next)
        if (!str_eq(at->name, word)) parent = NULL;
    if (parent && in->tree->numbered) parent = node->children == 1 ? node->first : NULL;
    if (!parent || !parent->children)
        return where_fail(w, in->walk->err, E_MALFORMED, "must be a list of %.*s", STR_ARG(word));
    *n = parent->children;
    *out = ARENA_ARRAY(&in->tree->arena, *n, const struct node *);
    if (in->tree->numbered) return sort_items(in, parent, *out, w);
    size_t i = 0;
    for (const struct node *at = parent->first; at; at = at->next)
        (*out)[i++] = at;
    return E_OK;
}

static int read_pair(const struct reader *in, const struct node *entry, struct pair *out,
                     const struct where *w)
{
    const struct node *key = NULL, *value = NULL;
    for (const struct node *at = entry->first; at; at = at->next) {
        if (str_eq(at->name, STR("key"))) key = at;
        if (str_eq(at->name, STR("value"))) value = at;
    }
    if (!key || !value)
        return where_fail(w, in->walk->err, E_MALFORMED, "an entry needs key and value");
    int rc = read_text(in, key, &out->key, w);
    return rc ? rc : read_text(in, value, &out->value, w);
}

static int read_record(const struct reader *in, const struct record *r, const struct node *node,
                       void *out, int depth, const struct where *up);

static int read_items(const struct reader *in, const struct field *f, const struct node *node,
                      void *record, int depth, const struct where *w)
{
    struct list *list = field_at(f, record);
    const struct node **nodes;
    size_t n;
    struct str word = f->kind == FIELD_MAP ? STR("entry") : STR("member");
    int rc = find_items(in, node, word, &nodes, &n, w);
    if (!rc) rc = walk_items(in->walk, f, n, list, w);
    unsigned char *items = list->items;
    for (size_t i = 0; !rc && i < n; i++) {
        struct where item = where_item(w, i);
        if (f->kind == FIELD_MAP)
            rc = read_pair(in, nodes[i], LIST_AT(*list, struct pair, i), &item);
        else if (f->of)
            rc = read_record(in, f->of, nodes[i], items + i * f->of->size, depth + 1, &item);
        else
            rc = read_text(in, nodes[i], LIST_AT(*list, struct str, i), &item);
    }
    return rc ? rc : field_check_at(f, record, w, in->walk->err);
}

static int read_field(const struct reader *in, const struct field *f, const struct node *node,
                      void *out, int depth, const struct where *w)
{
    struct value v = value_of(f, node);
    if (f->kind == FIELD_LIST || f->kind == FIELD_MAP)
        return read_items(in, f, node, out, depth, w);
    if (f->kind == FIELD_RECORD)
        return read_record(in, f->of, node, field_at(f, out), depth + 1, w);
    return value_set(in->walk, f, &v, out, w);
}

static int read_record(const struct reader *in, const struct record *r, const struct node *node,
                       void *out, int depth, const struct where *up)
{
    struct seen seen = {0};
    int rc = walk_depth(in->walk, depth, up);
    if (!rc && !node->children && !str_is_empty(str_trim(node->text)))
        return where_fail(up, in->walk->err, E_MALFORMED, "must be a map, is text");
    for (const struct node *at = node->first; !rc && at; at = at->next) {
        const struct field *f = record_field(r, at->name);
        struct where w = {.up = up, .name = at->name};
        if (!f) continue;
        if (!seen_add(&seen, r, f))
            return where_fail(&w, in->walk->err, E_MALFORMED, "given twice");
        rc = read_field(in, f, at, out, depth, &w);
    }
    return rc ? rc : seen_check(&seen, r, out, up, in->walk->err);
}

int tree_decode(struct tree *t, const struct walk *k, const struct record *r,
                const struct node *node, void *out)
{
    struct reader in = {.tree = t, .walk = k};
    return read_record(&in, r, node, out, 1, NULL);
}
