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

/* Sets every field whose variable is set; nested records too, lists of records not. Counts them. */
static int apply_environment(const struct config_source *s, const struct record *r, void *out,
                             struct arena *a, int *applied, struct err *e)
{
    for (size_t i = 0; i < r->n; i++) {
        const struct field *f = &r->fields[i];
        if (f->kind == FIELD_RECORD) {
            int code = apply_environment(s, f->of, field_at(f, out), a, applied, e);
            if (code) return code;
            continue;
        }
        const char *value = f->env ? s->getenv(s->ctx, f->env) : NULL;
        /* A variable set to nothing counts as not set, as compose files leave it. */
        if (!value || !*value) continue;
        (*applied)++;
        if (field_from_text(f, str_from(value), a, out, e)) {
            (void)err_prefix(e, "environment variable %s", f->env);
            return e->code = E_CONFIG;
        }
    }
    return E_OK;
}

static int add_implicit_service(const struct config_source *s, struct arena *a, struct config *out,
                                struct err *e)
{
    struct service_settings *entry = ARENA_NEW(a, struct service_settings);
    int applied = 0;
    int code = record_defaults(&SERVICE_SETTINGS_RECORD, entry, a, e);
    if (!code) code = apply_environment(s, &SERVICE_SETTINGS_RECORD, entry, a, &applied, e);
    if (code || !applied) return code;
    if (out->services.n)
        return err_set(
            e, E_CONFIG,
            "the file lists services and the environment has settings of services as well "
            "(COOLDOWN_SECONDS, KAMAILIO_LAMBDA_ARN, EBB_MODE ...): keep them in one of the two");
    entry->match = STR("*");
    out->services = LIST_OF(entry, 1);
    return E_OK;
}

static int check_service(const struct service_settings *s, size_t i, struct err *e)
{
    bool is_http = str_eq(s->task.scheme, STR("http")) || str_eq(s->task.scheme, STR("https"));
    if (!is_http)
        return err_set(e, E_CONFIG, "services[%zu].task.scheme: must be http or https", i);
    if (s->mode == MODE_ACT && !s->distributor.function.n)
        return err_set(e, E_CONFIG,
                       "services[%zu].distributor.function: missing; mode act needs to know what "
                       "sends work to the "
                       "tasks of %.*s",
                       i, STR_ARG(s->match));
    return E_OK;
}

static bool acts(const struct config *c)
{
    for (size_t i = 0; i < c->services.n; i++)
        if (LIST_AT(c->services, struct service_settings, i)->mode == MODE_ACT) return true;
    return false;
}

static int check(const struct config *c, struct err *e)
{
    for (size_t i = 0; i < c->services.n; i++) {
        int code = check_service(LIST_AT(c->services, struct service_settings, i), i, e);
        if (code) return code;
    }
    const struct callback_settings *s = &c->callback;
    if (s->accept_shared_token && !s->shared_token.n)
        return err_set(
            e, E_CONFIG,
            "callback.acceptSharedToken: true, but no shared token is set (SHARED_TOKEN)");
    if (s->secret.n && s->secret.n < SECRET_CHARS_MIN)
        return err_set(e, E_CONFIG,
                       "callback.secret: shorter than %d characters (EBB_CALLBACK_SECRET)",
                       SECRET_CHARS_MIN);
    if (!acts(c)) return E_OK;
    if (!s->secret.n)
        return err_set(
            e, E_CONFIG,
            "callback.secret: missing; a service in mode act needs it for the tokens of its drains "
            "(EBB_CALLBACK_SECRET)");
    if (!s->url.n)
        return err_set(e, E_CONFIG,
                       "callback.url: missing; a service in mode act needs to tell its tasks where "
                       "to call back "
                       "(SCALER_FUNCTION_URL)");
    return E_OK;
}

int config_load(const struct config_source *source, struct arena *a, struct config *out,
                struct err *e)
{
    struct str bytes = STR_NONE;
    int applied = 0;
    *out = (struct config){0};
    int code = record_defaults(&CONFIG_RECORD, out, a, e);
    if (!code && source->path) code = read_file(source->path, a, &bytes, e);
    if (code) return e->code = E_CONFIG;
    if (bytes.p && yaml_decode(&CONFIG_RECORD, bytes, a, out, e)) {
        (void)err_prefix(e, "%s", source->path);
        return e->code = E_CONFIG;
    }
    code = apply_environment(source, &CONFIG_RECORD, out, a, &applied, e);
    if (!code) code = add_implicit_service(source, a, out, e);
    if (!code) code = check(out, e);
    if (code && source->path && e->code != E_OK &&
        !str_starts(str_from(e->text), STR("environment")))
        (void)err_prefix(e, "%s", source->path);
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
