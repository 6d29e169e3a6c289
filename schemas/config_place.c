/* SPDX-License-Identifier: Apache-2.0
 * Where a setting comes from, for errors about it: line and column of the file, or the variable. */
#include "schemas/config_parts.h"

#include "lib/record/walkers.h"

static const struct field *field_of(const struct record *r, struct str path)
{
    const struct field *f = NULL;
    while (path.p) {
        f = record_field(r, str_cut(&path, '.'));
        EBB_ASSERT(f && (!path.p || f->of));
        r = f->of;
    }
    return f;
}

/* The variable that sets it, when there is one with a value. */
static const char *variable_of(const struct config_origin *from, const struct field *f)
{
    const char *value = f->env ? from->source.getenv(from->source.ctx, f->env) : NULL;
    return value && *value ? f->env : NULL;
}

static int contradict(const struct reading *in, struct str path, const char *env, bool in_file,
                      const char *words)
{
    const struct config_origin *from = &in->from;
    size_t line, column;
    bool found;
    if (env && !in_file)
        return err_set(in->err, E_CONFIG, "environment variable %s: %s", env, words);
    if (!in_file || yaml_locate(from->bytes, path, &line, &column, &found))
        return err_set(in->err, E_CONFIG, "%.*s: %s", STR_ARG(path), words);
    return err_set(in->err, E_CONFIG, "%s: line %zu, column %zu: %.*s: %s%s%s%s", from->source.path,
                   line, column, STR_ARG(path), words, env ? " (" : "", env ? env : "",
                   env ? ")" : "");
}

int config_contradict(const struct reading *in, struct str path, const char *words)
{
    const struct field *f = field_of(&CONFIG_RECORD, path);
    bool in_file = in->from.bytes.p && !variable_of(&in->from, f);
    return contradict(in, path, f->env, in_file, words);
}

int config_contradict_service(const struct reading *in, size_t i, const char *name,
                              const char *words)
{
    const struct field *f = field_of(&SERVICE_SETTINGS_RECORD, str_from(name));
    struct str path = arena_format(in->arena, "services[%zu].%s", i, name);
    /* Variables are of the environment's own service, so they say nothing about those of a file. */
    bool in_file = in->from.bytes.p && !in->is_implicit;
    return contradict(in, path, in->is_implicit ? f->env : NULL, in_file, words);
}

int config_blame(const struct config *c, struct str path, struct err *e)
{
    const struct config_origin *from = &c->origin;
    const struct field *f = field_of(&CONFIG_RECORD, path);
    const char *env = from->source.getenv ? variable_of(from, f) : NULL;
    size_t line, column;
    bool found = false;
    if (env) return err_prefix(e, "environment variable %s", env);
    if (from->bytes.p && yaml_locate(from->bytes, path, &line, &column, &found)) found = false;
    if (found)
        return err_prefix(e, "%s: line %zu, column %zu: %.*s", from->source.path, line, column,
                          STR_ARG(path));
    return err_prefix(e, "%.*s%s%s%s", STR_ARG(path), f->env ? " (" : "", f->env ? f->env : "",
                      f->env ? ")" : "");
}
