/* SPDX-License-Identifier: Apache-2.0
 * Where keys come from: one function each. Asked in the order of PROVIDERS in providers.c; the
 * first that is configured decides, and its failure is the chain's failure. */
#ifndef EBB_AWS_PROVIDERS_H
#define EBB_AWS_PROVIDERS_H

#include "lib/aws/profile.h"
#include "lib/aws/sigv4.h"

/* What the providers look at. profile is loaded anew for each refresh, since other programs rewrite
 * the files. */
struct provider_input {
    const struct aws_environment *env;
    const struct aws_profile *profile;
    const struct http_port *http;
    const struct clock *clock;
    void (*sleep_ms)(void *ctx, int64_t ms);
    void *sleep_ctx;
};

struct provider_keys {
    struct sigv4_credentials keys; /* memory of the arena, overwritten by provider_cleanse() */
    int64_t expires_at_ms;         /* 0 = never */
    const char *source;            /* for messages: "the environment" */
};

#define PROVIDER_NOT_CONFIGURED 1

/* Each gives 0, PROVIDER_NOT_CONFIGURED, or a code: E_CONFIG, E_DENIED, E_UNREACHABLE, ... */
int provider_environment(const struct provider_input *in, struct arena *a,
                         struct provider_keys *out, struct err *e) EBB_MUST_CHECK;
int provider_credentials_file(const struct provider_input *in, struct arena *a,
                              struct provider_keys *out, struct err *e) EBB_MUST_CHECK;
int provider_process(const struct provider_input *in, struct arena *a, struct provider_keys *out,
                     struct err *e) EBB_MUST_CHECK;
int provider_config_file(const struct provider_input *in, struct arena *a,
                         struct provider_keys *out, struct err *e) EBB_MUST_CHECK;
int provider_container(const struct provider_input *in, struct arena *a, struct provider_keys *out,
                       struct err *e) EBB_MUST_CHECK;

/* Asks them in order. E_MISSING saying where was looked when none is configured. */
int providers_ask(const struct provider_input *in, struct arena *a, struct provider_keys *out,
                  struct err *e) EBB_MUST_CHECK;
/* Overwrites a secret in memory of an arena. */
void provider_cleanse(struct str secret);
void provider_keys_cleanse(struct provider_keys *keys);

/* The JSON document that a process (with Version) and the container endpoint answer with. */
struct provider_document {
    int64_t version;
    struct str access_key_id, secret_access_key, session_token, token, expiration, code, message;
};
int provider_read_document(struct str json, struct arena *a, struct provider_document *doc,
                           struct provider_keys *out, struct err *e) EBB_MUST_CHECK;

#endif
