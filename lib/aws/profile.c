/* SPDX-License-Identifier: Apache-2.0
 * Finds the shared files and the profile's sections in them: "[profile x]" in the one, "[x]" in the
 * other. */
#include "lib/aws/profile.h"

#include <stdlib.h>

struct str aws_environment_get(const struct aws_environment *env, const char *name)
{
    const char *value = env->get ? env->get(env->ctx, name) : getenv(name);
    return value && *value ? str_from(value) : STR_NONE;
}

bool aws_environment_is_true(const struct aws_environment *env, const char *name)
{
    return str_eq_nocase(aws_environment_get(env, name), STR("true"));
}

/* The file a variable names, a leading "~/" understood, or the usual one; NULL without a home. */
static const char *file_path(const struct aws_environment *env, const char *variable,
                             const char *usual, struct arena *a)
{
    struct str path = aws_environment_get(env, variable), home = aws_environment_get(env, "HOME");
    if (!path.p) path = str_from(usual);
    if (!str_starts(path, STR("~/"))) return arena_cstr(a, path);
    if (!home.p) return NULL;
    return arena_format(a, "%.*s%.*s", STR_ARG(home), (int)path.n - 1, path.p + 1).p;
}

static struct str config_section(const struct aws_profile *profile, struct arena *a)
{
    struct str section = arena_format(a, "profile %.*s", STR_ARG(profile->name));
    bool bare =
        str_eq(profile->name, STR("default")) && !ini_has_section(&profile->config, section);
    return bare ? profile->name : section;
}

static struct str config_value(const struct aws_profile *profile, struct str section,
                               struct str parent, struct str key)
{
    struct str value = ini_value(&profile->config, section, parent, key);
    return str_is_empty(value) ? STR_NONE : value;
}

int aws_profile_load(const struct aws_environment *env, struct aws_profile *out, struct err *e)
{
    struct arena a;
    struct str named = aws_environment_get(env, "AWS_PROFILE");
    arena_init(&a);
    if (!named.p) named = aws_environment_get(env, "AWS_DEFAULT_PROFILE");
    ini_init(&out->config);
    ini_init(&out->credentials);
    out->name = named.p ? named : STR("default");
    const char *config = file_path(env, "AWS_CONFIG_FILE", "~/.aws/config", &a);
    const char *credentials =
        file_path(env, "AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials", &a);
    int rc = config ? ini_read(config, &out->config, e) : E_OK;
    if (!rc && credentials) rc = ini_read(credentials, &out->credentials, e);
    if (!rc && named.p && !ini_has_section(&out->config, config_section(out, &a)) &&
        !ini_has_section(&out->credentials, named))
        rc = err_set(e, E_CONFIG, "AWS_PROFILE is %.*s, and neither %s nor %s has that profile",
                     STR_ARG(named), config ? config : "~/.aws/config",
                     credentials ? credentials : "~/.aws/credentials");
    if (rc) aws_profile_release(out);
    arena_release(&a);
    return rc;
}

void aws_profile_release(struct aws_profile *profile)
{
    ini_release(&profile->config);
    ini_release(&profile->credentials);
}

struct str aws_profile_credentials_value(const struct aws_profile *profile, struct str key)
{
    struct str value = ini_value(&profile->credentials, profile->name, STR_NONE, key);
    return str_is_empty(value) ? STR_NONE : value;
}

struct str aws_profile_config_value(const struct aws_profile *profile, struct str key)
{
    struct arena a;
    arena_init(&a);
    struct str value = config_value(profile, config_section(profile, &a), STR_NONE, key);
    arena_release(&a);
    return value;
}

struct str aws_profile_value(const struct aws_profile *profile, struct str key)
{
    struct str value = aws_profile_credentials_value(profile, key);
    return value.p ? value : aws_profile_config_value(profile, key);
}

struct str aws_profile_service_endpoint(const struct aws_profile *profile, struct str service)
{
    struct arena a;
    struct str value = STR_NONE, services = aws_profile_value(profile, STR("services"));
    arena_init(&a);
    if (services.p) {
        struct str section = arena_format(&a, "services %.*s", STR_ARG(services));
        value = config_value(profile, section, service, STR("endpoint_url"));
    }
    arena_release(&a);
    return value;
}
