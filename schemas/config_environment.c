/* SPDX-License-Identifier: Apache-2.0
 * Settings from the environment, and variables that were meant to be settings. */
#include "schemas/config_parts.h"

#include "lib/record/walkers.h"

#define NAME_BYTES_MAX ((size_t)64) /* of a variable's name in an error */

int config_apply_environment(const struct reading *in, const struct record *r, void *out,
                             const char **first)
{
    const struct config_source *s = &in->from.source;
    for (size_t i = 0; i < r->n; i++) {
        const struct field *f = &r->fields[i];
        if (f->kind == FIELD_RECORD) {
            int code = config_apply_environment(in, f->of, field_at(f, out), first);
            if (code) return code;
            continue;
        }
        const char *value = f->env ? s->getenv(s->ctx, f->env) : NULL;
        /* A variable set to nothing counts as not set, as compose files leave it. */
        if (!value || !*value) continue;
        if (!*first) *first = f->env;
        if (field_from_text(f, str_from(value), in->arena, out, in->err)) {
            (void)err_prefix(in->err, "environment variable %s", f->env);
            return in->err->code = E_CONFIG;
        }
    }
    return E_OK;
}

/* Container platforms tell each container of every service beside it; one that is called ebb gives
 * EBB_SERVICE_HOST, EBB_PORT, EBB_PORT_8090_TCP_ADDR and so on. ebb-world has its own. */
static bool is_of_others(struct str name)
{
    return str_starts(name, STR("EBB_WORLD_")) || str_ends(name, STR("_SERVICE_HOST")) ||
           str_contains(name, STR("_SERVICE_PORT")) || str_ends(name, STR("_PORT")) ||
           str_contains(name, STR("_PORT_")) || str_eq(name, STR("EBB_NAME")) ||
           str_contains(name, STR("_ENV_"));
}

int config_refuse_unknown_variables(const struct reading *in)
{
    const struct str ours = STR("EBB_");
    for (const char *const *v = in->from.source.variables; v && *v; v++) {
        struct str value = str_from(*v), name = str_cut(&value, '=');
        bool known = record_has_variable(&CONFIG_RECORD, name) || str_eq(name, STR("EBB_CONFIG"));
        if (known || !value.n || !str_starts(name, ours) || is_of_others(name)) continue;
        /* EBB_KAFKA_BROKERS is the mistake of somebody who means KAFKA_BROKERS. */
        struct str rest = {name.p + ours.n, name.n - ours.n};
        const char *nearest = record_nearest_variable(&CONFIG_RECORD, name);
        if (!nearest) nearest = record_nearest_variable(&CONFIG_RECORD, rest);
        size_t shown = name.n < NAME_BYTES_MAX ? name.n : NAME_BYTES_MAX;
        return err_set(in->err, E_CONFIG,
                       "environment variable %.*s: Ebb has none of that name; %s%s%s", (int)shown,
                       name.p, nearest ? "did you mean " : "`ebb settings` lists those it has",
                       nearest ? nearest : "", nearest ? "?" : "");
    }
    return E_OK;
}
