/* SPDX-License-Identifier: Apache-2.0
 * The order in which keys are looked for, the providers that only read what is there already, and
 * the document that the other two answer with. */
#include "lib/aws/providers.h"

#include "lib/base/crypto.h"
#include "lib/base/time_text.h"
#include "lib/record/walkers.h"

void provider_cleanse(struct str secret)
{
    /* The arena hands out memory that is ours to write; only struct str says const. */
    if (secret.p) crypto_cleanse((void *)(uintptr_t)secret.p, secret.n);
}

void provider_keys_cleanse(struct provider_keys *keys)
{
    provider_cleanse(keys->keys.secret_access_key);
    provider_cleanse(keys->keys.session_token);
    *keys = (struct provider_keys){0};
}

int provider_environment(const struct provider_input *in, struct arena *a,
                         struct provider_keys *out, struct err *e)
{
    struct str id = aws_environment_get(in->env, "AWS_ACCESS_KEY_ID");
    struct str secret = aws_environment_get(in->env, "AWS_SECRET_ACCESS_KEY");
    if (!id.p && !secret.p) return PROVIDER_NOT_CONFIGURED;
    if (!id.p || !secret.p)
        return err_set(e, E_CONFIG, "%s is set, but %s is not",
                       id.p ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY",
                       id.p ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID");
    out->keys.access_key_id = arena_copy(a, id);
    out->keys.secret_access_key = arena_copy(a, secret);
    out->keys.session_token = arena_copy(a, aws_environment_get(in->env, "AWS_SESSION_TOKEN"));
    out->source = "the environment";
    return E_OK;
}

/* Keys written into one of the two files. */
static int read_section(const struct provider_input *in,
                        struct str (*value)(const struct aws_profile *profile, struct str key),
                        const char *source, struct arena *a, struct provider_keys *out,
                        struct err *e)
{
    struct str id = value(in->profile, STR("aws_access_key_id"));
    struct str secret = value(in->profile, STR("aws_secret_access_key"));
    if (!id.p && !secret.p) return PROVIDER_NOT_CONFIGURED;
    if (!id.p || !secret.p)
        return err_set(e, E_CONFIG, "profile %.*s in %s has %s but no %s",
                       STR_ARG(in->profile->name), source,
                       id.p ? "aws_access_key_id" : "aws_secret_access_key",
                       id.p ? "aws_secret_access_key" : "aws_access_key_id");
    out->keys.access_key_id = arena_copy(a, id);
    out->keys.secret_access_key = arena_copy(a, secret);
    out->keys.session_token = arena_copy(a, value(in->profile, STR("aws_session_token")));
    out->source = source;
    return E_OK;
}

int provider_credentials_file(const struct provider_input *in, struct arena *a,
                              struct provider_keys *out, struct err *e)
{
    return read_section(in, aws_profile_credentials_value, "the shared credentials file", a, out,
                        e);
}

int provider_config_file(const struct provider_input *in, struct arena *a,
                         struct provider_keys *out, struct err *e)
{
    return read_section(in, aws_profile_config_value, "the shared config file", a, out, e);
}

/* Ways to get keys that AWS's tools know and this program does not. Going on to the next provider
 * would act as somebody else than the profile says. */
static int refuse_unsupported(const struct provider_input *in, struct arena *a,
                              struct provider_keys *out, struct err *e)
{
    static const struct {
        struct str key;
        const char *what;
    } KEYS[] = {
        {STR("role_arn"), "assuming a role"},
        {STR("web_identity_token_file"), "web identity tokens"},
        {STR("sso_session"), "single sign-on"},
        {STR("sso_start_url"), "single sign-on"},
        {STR("login_session"), "aws login"},
    };
    (void)a, (void)out;
    for (size_t i = 0; i < EBB_COUNT(KEYS); i++)
        if (aws_profile_value(in->profile, KEYS[i].key).p)
            return err_set(e, E_CONFIG,
                           "profile %.*s uses %.*s; %s is not supported, but a credential_process "
                           "that does it is",
                           STR_ARG(in->profile->name), STR_ARG(KEYS[i].key), KEYS[i].what);
    if (aws_environment_get(in->env, "AWS_WEB_IDENTITY_TOKEN_FILE").p)
        return err_set(e, E_CONFIG,
                       "AWS_WEB_IDENTITY_TOKEN_FILE is set; web identity tokens are not supported, "
                       "but a credential_process that uses them is");
    return PROVIDER_NOT_CONFIGURED;
}

/* Keys that nothing can be signed with are none. */
static int check(const struct provider_keys *keys, struct err *e)
{
    if (keys->keys.secret_access_key.n <= SIGV4_SECRET_MAX) return E_OK;
    return err_set(e, E_CONFIG, "the secret access key of %s is longer than %zu bytes",
                   keys->source, SIGV4_SECRET_MAX);
}

int providers_ask(const struct provider_input *in, struct arena *a, struct provider_keys *out,
                  struct err *e)
{
    static int (*const PROVIDERS[])(const struct provider_input *, struct arena *,
                                    struct provider_keys *, struct err *) = {
        provider_environment, refuse_unsupported,   provider_credentials_file,
        provider_process,     provider_config_file, provider_container,
    };
    for (size_t i = 0; i < EBB_COUNT(PROVIDERS); i++) {
        *out = (struct provider_keys){0};
        int rc = PROVIDERS[i](in, a, out, e);
        if (rc != PROVIDER_NOT_CONFIGURED) return rc ? rc : check(out, e);
    }
    return err_set(e, E_MISSING,
                   "no AWS credentials: not in the environment (AWS_ACCESS_KEY_ID, "
                   "AWS_SECRET_ACCESS_KEY), not in profile %.*s of the shared files, and no "
                   "container endpoint (AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI)",
                   STR_ARG(in->profile->name));
}

static const struct field document_fields[] = {
    F_INT(struct provider_document, version, "Version"),
    F_SECRET(struct provider_document, access_key_id, "AccessKeyId"),
    F_SECRET(struct provider_document, secret_access_key, "SecretAccessKey"),
    F_SECRET(struct provider_document, session_token, "SessionToken"),
    F_SECRET(struct provider_document, token, "Token"),
    F_STR(struct provider_document, expiration, "Expiration"),
    F_STR(struct provider_document, code, "code"),
    F_STR(struct provider_document, message, "message"),
};
static const struct record document = RECORD_OF(struct provider_document, document_fields);

int provider_read_document(struct str json, struct arena *a, struct provider_document *doc,
                           struct provider_keys *out, struct err *e)
{
    *doc = (struct provider_document){0};
    int rc = json_decode(&document, json, a, doc, e);
    if (rc) return rc;
    out->keys.access_key_id = doc->access_key_id;
    out->keys.secret_access_key = doc->secret_access_key;
    out->keys.session_token = doc->session_token.p ? doc->session_token : doc->token;
    if (str_is_empty(doc->access_key_id)) return err_set(e, E_MALFORMED, "no AccessKeyId in it");
    if (str_is_empty(doc->secret_access_key))
        return err_set(e, E_MALFORMED, "no SecretAccessKey in it");
    if (doc->expiration.p && time_parse_iso(doc->expiration, &out->expires_at_ms))
        return err_set(e, E_MALFORMED, "its Expiration is no time");
    return E_OK;
}
