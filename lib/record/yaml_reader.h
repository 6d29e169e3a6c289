/* SPDX-License-Identifier: Apache-2.0
 * YAML piece by piece, each with its place. libyaml is spoken to here only. */
#ifndef EBB_RECORD_YAML_READER_H
#define EBB_RECORD_YAML_READER_H

#include "lib/base/err.h"

enum yaml_kind {
    YAML_START, /* of the stream */
    YAML_END,   /* of the stream */
    YAML_DOCUMENT,
    YAML_DOCUMENT_END,
    YAML_MAP,
    YAML_MAP_END,
    YAML_LIST,
    YAML_LIST_END,
    YAML_TEXT,
    YAML_ALIAS,
};

/* Where something begins, counted from 1; columns are characters. */
struct yaml_place {
    size_t line, column;
};

struct yaml_piece {
    enum yaml_kind kind;
    struct str text; /* YAML_TEXT; borrowed until the next piece is read */
    bool is_plain;   /* YAML_TEXT without quotes */
    bool has_anchor, has_tag;
    struct yaml_place at;
};

struct yaml_reader;

/* The bytes are borrowed. */
struct yaml_reader *yaml_reader_new(struct str bytes);
void yaml_reader_free(struct yaml_reader *reader);
/* 0, or E_MALFORMED and the constant words of what is wrong in *problem, with its place. */
int yaml_reader_next(struct yaml_reader *reader, struct yaml_piece *out, const char **problem,
                     struct yaml_place *at) EBB_MUST_CHECK;

#endif
