/* SPDX-License-Identifier: Apache-2.0
 * See yaml_reader.h. */
#include "lib/record/yaml_reader.h"

#include <stdlib.h>

#include <yaml.h>

struct yaml_reader {
    yaml_parser_t parser;
    yaml_event_t event; /* the last one read: what its piece borrows */
    bool has_event;
    struct str bytes;
};

struct yaml_reader *yaml_reader_new(struct str bytes)
{
    struct yaml_reader *reader = calloc(1, sizeof(*reader));
    if (!reader || !yaml_parser_initialize(&reader->parser)) abort();
    reader->bytes = bytes;
    const void *text = bytes.p ? bytes.p : "";
    yaml_parser_set_encoding(&reader->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader->parser, text, bytes.n);
    return reader;
}

void yaml_reader_free(struct yaml_reader *reader)
{
    if (!reader) return;
    if (reader->has_event) yaml_event_delete(&reader->event);
    yaml_parser_delete(&reader->parser);
    free(reader);
}

/* libyaml gives the place of a byte it cannot read as an offset only. */
static struct yaml_place place_of_byte(struct str bytes, size_t offset)
{
    struct yaml_place at = {1, 1};
    for (size_t i = 0; i < offset && i < bytes.n; i++) {
        bool continues = ((unsigned char)bytes.p[i] & 0xC0) == 0x80;
        at.column = bytes.p[i] == '\n' ? 1 : at.column + !continues;
        at.line += bytes.p[i] == '\n';
    }
    return at;
}

static struct yaml_place place_of_mark(yaml_mark_t mark)
{
    return (struct yaml_place){mark.line + 1, mark.column + 1};
}

static int tell_problem(const struct yaml_reader *reader, const char **problem,
                        struct yaml_place *at)
{
    const yaml_parser_t *p = &reader->parser;
    bool is_byte = p->error == YAML_READER_ERROR;
    *at =
        is_byte ? place_of_byte(reader->bytes, p->problem_offset) : place_of_mark(p->problem_mark);
    /* libyaml's words are constant and never quote the document. */
    *problem = p->problem ? p->problem : "not YAML";
    return E_MALFORMED;
}

static void read_text(const yaml_event_t *event, struct yaml_piece *out)
{
    const void *text = event->data.scalar.value;
    out->kind = YAML_TEXT;
    out->text = (struct str){text, event->data.scalar.length};
    out->is_plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    out->has_anchor = event->data.scalar.anchor != NULL;
    out->has_tag = event->data.scalar.tag != NULL;
}

static void read_piece(const yaml_event_t *event, struct yaml_piece *out)
{
    *out = (struct yaml_piece){.at = place_of_mark(event->start_mark)};
    switch (event->type) {
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT: out->kind = YAML_START; break;
    case YAML_STREAM_END_EVENT: out->kind = YAML_END; break;
    case YAML_DOCUMENT_START_EVENT: out->kind = YAML_DOCUMENT; break;
    case YAML_DOCUMENT_END_EVENT: out->kind = YAML_DOCUMENT_END; break;
    case YAML_ALIAS_EVENT: out->kind = YAML_ALIAS; break;
    case YAML_SCALAR_EVENT: read_text(event, out); break;
    case YAML_SEQUENCE_START_EVENT:
        out->kind = YAML_LIST;
        out->has_anchor = event->data.sequence_start.anchor != NULL;
        out->has_tag = event->data.sequence_start.tag != NULL;
        break;
    case YAML_SEQUENCE_END_EVENT: out->kind = YAML_LIST_END; break;
    case YAML_MAPPING_START_EVENT:
        out->kind = YAML_MAP;
        out->has_anchor = event->data.mapping_start.anchor != NULL;
        out->has_tag = event->data.mapping_start.tag != NULL;
        break;
    case YAML_MAPPING_END_EVENT: out->kind = YAML_MAP_END; break;
    }
}

int yaml_reader_next(struct yaml_reader *reader, struct yaml_piece *out, const char **problem,
                     struct yaml_place *at)
{
    if (reader->has_event) yaml_event_delete(&reader->event);
    reader->has_event = yaml_parser_parse(&reader->parser, &reader->event);
    if (!reader->has_event) return tell_problem(reader, problem, at);
    read_piece(&reader->event, out);
    return E_OK;
}
