/* SPDX-License-Identifier: Apache-2.0
 * Records as the XML of query-protocol replies: a field is an element, a list holds <member>
 * elements, a map holds <entry> with <key> and <value>. Expat reads; a DOCTYPE stops it at once, so
 * there are no entities but XML's own five. */
#include <expat.h>

#include <limits.h>
#include <string.h>

#include "lib/record/tree.h"

struct document {
    XML_Parser parser;
    struct tree tree;
    struct node *open[WALK_NESTING_MAX];
    size_t depth;
    struct node *root;
    struct buf text; /* of the innermost element so far */
    const char *refusal;
};

static void refuse(struct document *d, const char *why)
{
    d->refusal = why;
    (void)XML_StopParser(d->parser, XML_FALSE); /* fails only when it is stopped already */
}

static void XMLCALL on_start(void *ctx, const XML_Char *name, const XML_Char **attributes)
{
    struct document *d = ctx;
    (void)attributes; /* namespaces; no record has attributes */
    /* Expat may report what is already read after it was stopped. */
    if (d->refusal) return;
    if (d->depth == WALK_NESTING_MAX) {
        refuse(d, "elements too deep");
        return;
    }
    struct node *parent = d->depth ? d->open[d->depth - 1] : NULL;
    struct str copy = arena_copy(&d->tree.arena, str_from(name));
    struct node *node = tree_add(&d->tree, parent, copy);
    if (!node) {
        refuse(d, "too many elements");
        return;
    }
    if (!parent) d->root = node;
    d->open[d->depth++] = node;
    buf_clear(&d->text);
}

static void XMLCALL on_end(void *ctx, const XML_Char *name)
{
    struct document *d = ctx;
    (void)name; /* expat checked that it closes what is open */
    if (d->refusal) return;
    struct node *node = d->open[--d->depth];
    /* Text around children is white space. */
    if (!node->children) node->text = arena_copy(&d->tree.arena, buf_view(&d->text));
    buf_clear(&d->text);
}

static void XMLCALL on_text(void *ctx, const XML_Char *text, int n)
{
    struct document *d = ctx;
    buf_add(&d->text, (struct str){text, (size_t)n});
}

static void XMLCALL on_doctype(void *ctx, const XML_Char *name, const XML_Char *system_id,
                               const XML_Char *public_id, int has_internal)
{
    (void)name; /* whatever it declares, it is refused */
    (void)system_id;
    (void)public_id;
    (void)has_internal;
    refuse(ctx, "a DOCTYPE is not accepted");
}

static const struct node *find_node(const struct node *node, struct str name)
{
    if (str_eq(node->name, name)) return node;
    const struct node *found = NULL;
    for (const struct node *at = node->first; at && !found; at = at->next)
        found = find_node(at, name);
    return found;
}

static int parse(struct document *d, struct str bytes, struct err *e)
{
    XML_SetUserData(d->parser, d);
    XML_SetElementHandler(d->parser, on_start, on_end);
    XML_SetCharacterDataHandler(d->parser, on_text);
    XML_SetStartDoctypeDeclHandler(d->parser, on_doctype);
    _Static_assert(WALK_BYTES_MAX < INT_MAX, "expat counts in int");
    enum XML_Status status = XML_Parse(d->parser, bytes.p ? bytes.p : "", (int)bytes.n, XML_TRUE);
    if (status == XML_STATUS_OK && d->root) return E_OK;
    /* Expat's words are constant and never quote the document. */
    return err_set(e, E_MALFORMED, "line %lu, column %lu: %s",
                   (unsigned long)XML_GetCurrentLineNumber(d->parser),
                   (unsigned long)XML_GetCurrentColumnNumber(d->parser) + 1,
                   d->refusal ? d->refusal : XML_ErrorString(XML_GetErrorCode(d->parser)));
}

int xml_decode(const struct record *r, struct str bytes, struct str inside, struct arena *a,
               void *out, struct err *e)
{
    struct walk k;
    int rc = walk_begin(&k, bytes, a, e);
    if (rc) return rc;
    struct document d = {.parser = XML_ParserCreate("UTF-8")};
    EBB_ASSERT(d.parser); /* out of memory */
    tree_init(&d.tree);
    buf_init(&d.text, WALK_BYTES_MAX);
    rc = parse(&d, bytes, e);
    const struct node *node = rc ? NULL : find_node(d.root, inside);
    if (!rc && !node) rc = err_set(e, E_MALFORMED, "no element %.*s", STR_ARG(inside));
    if (!rc) rc = tree_decode(&d.tree, &k, r, node, out);
    buf_release(&d.text);
    tree_release(&d.tree);
    XML_ParserFree(d.parser);
    return rc;
}

/* Encoding. */

/* Characters XML cannot hold become U+FFFD, as bytes that are not UTF-8 do. */
static void add_text(struct buf *out, struct str s)
{
    for (size_t i = 0, length; i < s.n; i += length ? length : 1) {
        struct str rest = {s.p + i, s.n - i};
        unsigned char c = (unsigned char)s.p[i];
        length = str_utf8_length(rest);
        bool is_control = c < 0x20 && c != '\t' && c != '\n' && c != '\r';
        bool is_noncharacter = length == 3 && (memcmp(rest.p, "\xEF\xBF\xBE", 3) == 0 ||
                                               memcmp(rest.p, "\xEF\xBF\xBF", 3) == 0);
        if (c == '&')
            buf_add_text(out, "&amp;");
        else if (c == '<')
            buf_add_text(out, "&lt;");
        else if (c == '>')
            buf_add_text(out, "&gt;");
        else if (c == '\r')
            buf_add_text(out, "&#13;"); /* bare, a reader would make it a line feed */
        else if (!length || is_control || is_noncharacter)
            buf_add_text(out, "\xEF\xBF\xBD");
        else
            buf_add(out, (struct str){rest.p, length});
    }
}

static void add_element(struct buf *out, const char *name, struct str text)
{
    buf_add_format(out, "<%s>", name);
    add_text(out, text);
    buf_add_format(out, "</%s>", name);
}

static int add_record(const struct encode *c, const struct record *r, const void *in, int depth,
                      const struct where *up);

static int add_items(const struct encode *c, const struct field *f, const struct list *list,
                     int depth, const struct where *w)
{
    const unsigned char *items = list->items;
    int rc = E_OK;
    for (size_t i = 0; !rc && i < list->n; i++) {
        struct where item = where_item(w, i);
        if (f->kind == FIELD_MAP) {
            const struct pair *pair = LIST_AT(*list, struct pair, i);
            buf_add_text(c->out, "<entry>");
            add_element(c->out, "key", pair->key);
            add_element(c->out, "value", pair->value);
            buf_add_text(c->out, "</entry>");
        } else if (f->of) {
            buf_add_text(c->out, "<member>");
            rc = add_record(c, f->of, items + i * f->of->size, depth + 1, &item);
            buf_add_text(c->out, "</member>");
        } else {
            add_element(c->out, "member", *LIST_AT(*list, struct str, i));
        }
    }
    return rc;
}

static int add_record(const struct encode *c, const struct record *r, const void *in, int depth,
                      const struct where *up)
{
    int rc = E_OK;
    for (size_t i = 0; !rc && i < r->n; i++) {
        const struct field *f = &r->fields[i];
        const void *at = field_in(f, in);
        struct where w = where_field(up, f);
        if (!encode_has(c, f, in)) continue;
        rc = encode_check(c, f, in, depth, &w);
        if (rc) return rc;
        buf_add_format(c->out, "<%s>", f->name);
        if (f->kind == FIELD_RECORD) {
            rc = add_record(c, f->of, at, depth + 1, &w);
        } else if (f->kind == FIELD_LIST || f->kind == FIELD_MAP) {
            rc = add_items(c, f, at, depth, &w);
        } else {
            struct buf text;
            buf_init(&text, c->out->max);
            encode_text(&text, f, in);
            add_text(c->out, buf_view(&text));
            buf_release(&text);
        }
        buf_add_format(c->out, "</%s>", f->name);
    }
    return rc;
}

int xml_encode(const struct record *r, const void *in, struct buf *out, struct err *e)
{
    struct encode c = {.out = out, .err = e, .secrets = true, .iso_times = true};
    int rc = add_record(&c, r, in, 1, NULL);
    return rc ? rc : encode_end(&c, r);
}
