/* SPDX-License-Identifier: Apache-2.0
 * Named nodes with text: what XML and the query protocol have in common. Both build a tree of a
 * document first; the table is applied to the tree, once for both. */
#ifndef EBB_RECORD_TREE_H
#define EBB_RECORD_TREE_H

#include "lib/record/walk.h"

/* Nodes of one document. */
#define TREE_NODES_MAX ((size_t)200 * 1000)

struct node {
    struct str name;
    struct str text; /* absent when the node has children instead */
    struct node *first, *last, *next;
    size_t children;
};

struct tree {
    struct arena arena; /* the tree's own; fields are copied out of it */
    size_t nodes;
    bool numbered; /* items are "List.member.3" instead of repeated <member> elements */
};

void tree_init(struct tree *t);
void tree_release(struct tree *t);
/* A new last child of parent (a root when parent is NULL); NULL when there are too many. The name
 * is borrowed. */
struct node *tree_add(struct tree *t, struct node *parent, struct str name);
/* Reads the node's children as the record's fields. */
int tree_decode(struct tree *t, const struct walk *k, const struct record *r,
                const struct node *node, void *out) EBB_MUST_CHECK;

#endif
