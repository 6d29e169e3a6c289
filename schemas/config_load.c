/* SPDX-License-Identifier: Apache-2.0
 * Reading the configuration: defaults, then the file, then the environment, then what contradicts.
 */
#include "lib/base/arn.h"
#include "lib/record/walkers.h"
#include "schemas/config_parts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define FILE_BYTES_MAX ((size_t)1024 * 1024) /* what the YAML reader takes */

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
    if (n > FILE_BYTES_MAX)
        return err_set(e, E_CONFIG, "%s: larger than any configuration (%zu bytes)", path,
                       FILE_BYTES_MAX);
    *out = (struct str){bytes, n};
    return E_OK;
}

static int add_implicit_service(struct reading *in, struct config *out)
{
    struct service_settings *entry = ARENA_NEW(in->arena, struct service_settings);
    const char *first = NULL;
    int code = record_defaults(&SERVICE_SETTINGS_RECORD, entry, in->arena, in->err);
    if (!code) code = config_apply_environment(in, &SERVICE_SETTINGS_RECORD, entry, &first);
    if (code || !first) return code;
    if (out->services.n) {
        struct str words = arena_format(in->arena,
                                        "the environment has settings of services as well (%s): "
                                        "keep them in one of the two",
                                        first);
        return config_contradict(in, STR("services"), words.p);
    }
    entry->match = STR("*");
    out->services = LIST_OF(entry, 1);
    in->is_implicit = true;
    return E_OK;
}

int config_load(const struct config_source *source, struct arena *a, struct config *out,
                struct err *e)
{
    struct reading in = {.from = {.source = *source}, .arena = a, .err = e};
    const char *first = NULL;
    *out = (struct config){0};
    int code = record_defaults(&CONFIG_RECORD, out, a, e);
    if (!code && source->path) code = read_file(source->path, a, &in.from.bytes, e);
    if (code) return e->code = E_CONFIG;
    if (in.from.bytes.p && yaml_decode(&CONFIG_RECORD, in.from.bytes, a, out, e)) {
        (void)err_prefix(e, "%s", source->path);
        return e->code = E_CONFIG;
    }
    out->origin = in.from;
    code = config_refuse_unknown_variables(&in);
    if (!code) code = config_apply_environment(&in, &CONFIG_RECORD, out, &first);
    if (!code) code = add_implicit_service(&in, out);
    if (!code) code = config_check(&in, out);
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
