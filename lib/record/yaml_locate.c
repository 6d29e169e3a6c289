/* SPDX-License-Identifier: Apache-2.0
 * Where in a YAML document a path leads: for what is found wrong only after reading, when values
 * contradict each other. */
#include "lib/record/walkers.h"
#include "lib/record/yaml_reader.h"

struct locator {
    struct yaml_reader *yaml;
    struct yaml_piece piece; /* the value the path has led to so far begins with it */
};

static int next(struct locator *in)
{
    const char *problem;
    struct yaml_place at;
    return yaml_reader_next(in->yaml, &in->piece, &problem, &at);
}

static bool is_start(enum yaml_kind kind)
{
    return kind == YAML_MAP || kind == YAML_LIST;
}

static bool is_end(enum yaml_kind kind)
{
    return kind == YAML_MAP_END || kind == YAML_LIST_END;
}

/* From the first piece of a value to its last. */
static int skip(struct locator *in)
{
    int rc = E_OK;
    for (size_t depth = is_start(in->piece.kind); !rc && depth;) {
        rc = next(in);
        if (rc) break;
        depth += is_start(in->piece.kind);
        depth -= is_end(in->piece.kind);
    }
    return rc;
}

/* *found: the piece is the first of the value with that key. */
static int enter_map(struct locator *in, struct str key, bool *found)
{
    int rc = next(in);
    while (!rc && in->piece.kind != YAML_MAP_END) {
        *found = in->piece.kind == YAML_TEXT && str_eq(in->piece.text, key);
        rc = skip(in);
        if (!rc) rc = next(in);
        if (rc || *found) return rc;
        rc = skip(in);
        if (!rc) rc = next(in);
    }
    return rc;
}

static int enter_list(struct locator *in, int64_t index, bool *found)
{
    int rc = next(in);
    for (int64_t i = 0; !rc && in->piece.kind != YAML_LIST_END; i++) {
        *found = i == index;
        if (*found) return E_OK;
        rc = skip(in);
        if (!rc) rc = next(in);
    }
    return rc;
}

/* Takes one step off the path: "services" or "[0]". */
static struct str cut_step(struct str *path)
{
    size_t n = path->p[0] == '[';
    while (n < path->n && path->p[n] != '.' && path->p[n] != '[')
        n++;
    struct str step = {path->p, n};
    *path = (struct str){path->p + n, path->n - n};
    if (path->n && path->p[0] == '.') *path = (struct str){path->p + 1, path->n - 1};
    return step;
}

static int enter(struct locator *in, struct str step, bool *found)
{
    int64_t index;
    bool is_index = step.n > 2 && step.p[0] == '[' && step.p[step.n - 1] == ']' &&
                    str_to_int((struct str){step.p + 1, step.n - 2}, &index);
    *found = false;
    if (in->piece.kind == YAML_MAP && !is_index) return enter_map(in, step, found);
    if (in->piece.kind == YAML_LIST && is_index) return enter_list(in, index, found);
    return E_OK;
}

int yaml_locate(struct str bytes, struct str path, size_t *line, size_t *column, bool *exact)
{
    struct locator in = {.yaml = yaml_reader_new(bytes)};
    bool found = true;
    *line = *column = 1;
    int rc = next(&in);
    while (!rc && (in.piece.kind == YAML_START || in.piece.kind == YAML_DOCUMENT))
        rc = next(&in);
    while (!rc && found) {
        *line = in.piece.at.line;
        *column = in.piece.at.column;
        if (!path.n) break;
        rc = enter(&in, cut_step(&path), &found);
    }
    yaml_reader_free(in.yaml);
    *exact = !rc && found;
    return rc;
}
