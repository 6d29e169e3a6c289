/* SPDX-License-Identifier: Apache-2.0
 * Reading the configuration: defaults, then the file, then the environment, then what contradicts.
 */
#include "lib/base/arn.h"
#include "lib/record/walkers.h"
#include "schemas/config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define FILE_BYTES_MAX   ((size_t)4 * 1024 * 1024)
#define SECRET_CHARS_MIN 16

static int read_file(const char *path, struct arena *a, struct str *out, struct err *e)
{
    FILE *file = fopen(path, "rbe");
    if (!file)
        return err_set(e, E_CONFIG, "%s: %s; give the path with --config, or set EBB_CONFIG", path,
                       strerror(errno));
    char *bytes = arena_alloc(a, FILE_BYTES_MAX + 1);
    size_t n = fread(bytes, 1, FILE_BYTES_MAX + 1, file);
    bool failed = ferror(file) != 0;
    (void)fclose(file); /* only read */
    if (failed) return err_set(e, E_CONFIG, "%s: cannot be read: %s", path, strerror(errno));
    if (n > FILE_BYTES_MAX) return err_set(e, E_CONFIG, "%s: larger than any configuration", path);
    *out = (struct str){bytes, n};
    return E_OK;
}

/* Sets every field whose variable is set; nested records too, lists of records not. *first becomes
 * the first such variable. */
static int apply_environment(const struct config_source *s, const struct record *r, void *out,
                             struct arena *a, const char **first, struct err *e)
{
    for (size_t i = 0; i < r->n; i++) {
        const struct field *f = &r->fields[i];
        if (f->kind == FIELD_RECORD) {
            int code = apply_environment(s, f->of, field_at(f, out), a, first, e);
            if (code) return code;
            continue;
        }
        const char *value = f->env ? s->getenv(s->ctx, f->env) : NULL;
        /* A variable set to nothing counts as not set, as compose files leave it. */
        if (!value || !*value) continue;
        if (!*first) *first = f->env;
        if (field_from_text(f, str_from(value), a, out, e)) {
            (void)err_prefix(e, "environment variable %s", f->env);
            return e->code = E_CONFIG;
        }
    }
    return E_OK;
}

/* What the settings were read from: where a contradiction is told to be. */
struct origin {
    const struct config_source *source;
    struct str bytes; /* of the file; absent without one */
    bool is_implicit; /* the one service is that of the environment */
    struct arena *arena;
    struct err *err;
};

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

/* "ebb.yaml: line 4, column 5: services[0].mode: words", or the variable that set it, or would. */
static int contradict(const struct origin *o, const struct field *f, struct str path, bool in_file,
                      const char *words)
{
    const char *value = f->env ? o->source->getenv(o->source->ctx, f->env) : NULL;
    size_t line, column;
    if (f->env && (!in_file || (value && *value)))
        return err_set(o->err, E_CONFIG, "environment variable %s: %s", f->env, words);
    if (!in_file || yaml_locate(o->bytes, path, &line, &column))
        return err_set(o->err, E_CONFIG, "%.*s: %s", STR_ARG(path), words);
    return err_set(o->err, E_CONFIG, "%s: line %zu, column %zu: %.*s: %s%s%s%s", o->source->path,
                   line, column, STR_ARG(path), words, f->env ? " (" : "", f->env ? f->env : "",
                   f->env ? ")" : "");
}

static int contradict_service(const struct origin *o, size_t i, const char *name, const char *words)
{
    const struct field *f = field_of(&SERVICE_SETTINGS_RECORD, str_from(name));
    struct str path = arena_format(o->arena, "services[%zu].%s", i, name);
    bool in_file = o->bytes.p && !o->is_implicit;
    if (!in_file || !f->env) return contradict(o, f, path, in_file, words);
    /* Variables are of the environment's own service, so they say nothing about those of a file. */
    struct field here = *f;
    here.env = NULL;
    return contradict(o, &here, path, in_file, words);
}

static int contradict_callback(const struct origin *o, const char *name, const char *words)
{
    struct str path = arena_format(o->arena, "callback.%s", name);
    return contradict(o, field_of(&CONFIG_RECORD, path), path, o->bytes.p != NULL, words);
}

static int add_implicit_service(struct origin *o, struct config *out)
{
    struct service_settings *entry = ARENA_NEW(o->arena, struct service_settings);
    const char *first = NULL;
    int code = record_defaults(&SERVICE_SETTINGS_RECORD, entry, o->arena, o->err);
    if (!code)
        code =
            apply_environment(o->source, &SERVICE_SETTINGS_RECORD, entry, o->arena, &first, o->err);
    if (code || !first) return code;
    if (out->services.n) {
        const struct field *f = field_of(&CONFIG_RECORD, STR("services"));
        struct str words = arena_format(o->arena,
                                        "the environment has settings of services as well (%s): "
                                        "keep them in one of the two",
                                        first);
        return contradict(o, f, STR("services"), true, words.p);
    }
    entry->match = STR("*");
    out->services = LIST_OF(entry, 1);
    o->is_implicit = true;
    return E_OK;
}

static bool has_wildcards(struct str pattern)
{
    return str_find(pattern, '*') >= 0 || str_find(pattern, '?') >= 0;
}

static int check_service(const struct origin *o, const struct service_settings *s, size_t i)
{
    bool is_http = str_eq(s->task.scheme, STR("http")) || str_eq(s->task.scheme, STR("https"));
    if (!is_http) return contradict_service(o, i, "task.scheme", "must be http or https");
    if (s->alarms.n && has_wildcards(s->match))
        return contradict_service(o, i, "alarms",
                                  "an alarm means one service, and match has wildcards");
    if (s->mode == MODE_ACT && !s->distributor.function.n)
        return contradict_service(o, i, "distributor.function",
                                  "missing; mode act needs to know what sends work to the tasks");
    return E_OK;
}

static bool acts(const struct config *c)
{
    for (size_t i = 0; i < c->services.n; i++)
        if (LIST_AT(c->services, struct service_settings, i)->mode == MODE_ACT) return true;
    return false;
}

static int check_secret(const struct origin *o, const char *name, struct str secret)
{
    if (!secret.n || secret.n >= SECRET_CHARS_MIN) return E_OK;
    struct str words = arena_format(o->arena, "shorter than %d characters", SECRET_CHARS_MIN);
    return contradict_callback(o, name, words.p);
}

static int check(const struct origin *o, const struct config *c)
{
    for (size_t i = 0; i < c->services.n; i++) {
        int code = check_service(o, LIST_AT(c->services, struct service_settings, i), i);
        if (code) return code;
    }
    const struct callback_settings *s = &c->callback;
    if (s->accept_shared_token && !s->shared_token.n)
        return contradict_callback(o, "acceptSharedToken",
                                   "true, but no shared token is set (SHARED_TOKEN)");
    int code = check_secret(o, "secret", s->secret);
    if (!code) code = check_secret(o, "previousSecret", s->previous_secret);
    if (code) return code;
    if (!acts(c)) return E_OK;
    if (!s->secret.n)
        return contradict_callback(
            o, "secret", "missing; a service in mode act needs it for the tokens of its drains");
    if (!s->url.n)
        return contradict_callback(
            o, "url", "missing; a service in mode act needs to tell its tasks where to call back");
    return E_OK;
}

int config_load(const struct config_source *source, struct arena *a, struct config *out,
                struct err *e)
{
    struct origin o = {.source = source, .arena = a, .err = e};
    const char *first = NULL;
    *out = (struct config){0};
    int code = record_defaults(&CONFIG_RECORD, out, a, e);
    if (!code && source->path) code = read_file(source->path, a, &o.bytes, e);
    if (code) return e->code = E_CONFIG;
    if (o.bytes.p && yaml_decode(&CONFIG_RECORD, o.bytes, a, out, e)) {
        (void)err_prefix(e, "%s", source->path);
        return e->code = E_CONFIG;
    }
    code = apply_environment(source, &CONFIG_RECORD, out, a, &first, e);
    if (!code) code = add_implicit_service(&o, out);
    if (!code) code = check(&o, out);
    return code;
}

const struct service_settings *config_service(const struct config *c, struct str service_key)
{
    struct service_key k;
    if (service_key_parse(service_key, &k)) return NULL;
    /* cluster/name is the end of the key. */
    struct str short_name = {k.cluster.p, k.cluster.n + 1 + k.name.n};
    for (size_t i = 0; i < c->services.n; i++) {
        const struct service_settings *s = LIST_AT(c->services, struct service_settings, i);
        if (str_matches(short_name, s->match) || str_matches(service_key, s->match)) return s;
    }
    return NULL;
}
