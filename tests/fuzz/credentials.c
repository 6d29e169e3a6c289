/* SPDX-License-Identifier: Apache-2.0
 * Goal: the shared files, what a credential_process prints and what a container's endpoint answers
 * give keys that can sign, or an error with its cause that holds no secret. Method: the files in
 * memory, the endpoint behind a port of ours; no process is ever started. */
#include <string.h>

#include "lib/aws/command_line.h"
#include "lib/aws/providers.h"
#include "tests/fuzz/fuzz.h"

/* Whatever keys were read, signing with them works. */
static void sign(const struct provider_keys *keys, struct arena *a)
{
    struct http_header headers[] = {{STR("host"), STR("ecs.us-east-1.amazonaws.com")}};
    struct sigv4_request request = {.method = STR("POST"),
                                    .path = STR("/"),
                                    .headers = headers,
                                    .headers_n = 1,
                                    .region = STR("us-east-1"),
                                    .service = STR("ecs"),
                                    .at_ms = FUZZ_NOW_MS};
    struct sigv4_result out;
    EBB_ASSERT(keys->keys.access_key_id.n && keys->keys.secret_access_key.n);
    sigv4_sign(&request, &keys->keys, a, &out);
    EBB_ASSERT(out.authorization.n);
}

static void check_entries(const struct ini *ini)
{
    for (size_t i = 0; i < ini->entries_n; i++) {
        const struct ini_entry *entry = &ini->entries[i];
        EBB_ASSERT(ini_has_section(ini, entry->section));
        if (!entry->key.p) continue;
        /* The last of several counts, so that there is one at least. */
        EBB_ASSERT(ini_value(ini, entry->section, entry->parent, entry->key).p != NULL);
    }
}

/* An entry is looked for in all others, so a file of thousands of keys is not fuzzed here. */
#define ENTRIES_MAX 300

FUZZ(ini)
{
    struct ini ini;
    struct err e = {0};
    int code = ini_parse(input, "config", &ini, &e);
    if (code) {
        fuzz_check_failure(code, &e);
        EBB_ASSERT(str_starts(str_from(e.text), STR("config")));
    } else if (ini.entries_n <= ENTRIES_MAX) {
        check_entries(&ini);
    }
    ini_release(&ini);
}

static const char *no_variable(void *ctx, const char *name)
{
    (void)ctx, (void)name;
    return NULL;
}

static void ask_files(const struct aws_profile *profile, struct arena *a)
{
    struct aws_environment environment = {.get = no_variable};
    struct provider_input in = {.env = &environment, .profile = profile};
    struct provider_keys keys;
    struct err e = {0};
    int code = providers_ask(&in, a, &keys, &e);
    if (code)
        fuzz_check_failure(code, &e);
    else
        sign(&keys, a);
}

/* The config file, a line "--", the credentials file. */
FUZZ(profile)
{
    struct arena a;
    struct aws_profile profile = {.name = STR("default")};
    struct err e = {0};
    char **words;
    struct str credentials = input, config = fuzz_part(&credentials);
    arena_init(&a);
    ini_init(&profile.config);
    ini_init(&profile.credentials);
    if (!ini_parse(config, "config", &profile.config, &e) &&
        !ini_parse(credentials, "credentials", &profile.credentials, &e)) {
        struct str line = aws_profile_value(&profile, STR("credential_process"));
        int code = line.p ? command_line_split(line, &a, &words, &e) : 0;
        if (code) fuzz_check_failure(code, &e);
        if (line.p && !code) EBB_ASSERT(words[0] != NULL);
        if (!line.p) ask_files(&profile, &a);
        (void)aws_profile_service_endpoint(&profile, STR("ecs"));
        EBB_ASSERT(aws_profile_value(&profile, STR("region")).p == NULL ||
                   aws_profile_value(&profile, STR("REGION")).n);
    }
    aws_profile_release(&profile);
    arena_release(&a);
}

/* What the endpoint answers, and which one it is. */
struct endpoint {
    struct str body, token, url;
    int status;
};

static const char *variable(void *ctx, const char *name)
{
    const struct endpoint *at = ctx;
    if (!strcmp(name, "AWS_CONTAINER_CREDENTIALS_FULL_URI")) return at->url.p;
    if (!strcmp(name, "AWS_CONTAINER_AUTHORIZATION_TOKEN")) return at->token.p;
    return NULL;
}

static int answer(void *ctx, const struct http_request *request, struct arena *a,
                  struct http_response *out, struct err *e)
{
    const struct endpoint *at = ctx;
    (void)e;
    EBB_ASSERT(request->response_max > 0);
    *out = (struct http_response){.status = at->status, .body = arena_copy(a, at->body)};
    return 0;
}

static void no_pause(void *ctx, int64_t ms)
{
    (void)ctx, (void)ms;
}

/* Status, token and URL in the first line; then the document. */
FUZZ(container)
{
    struct arena a;
    struct err e = {0};
    struct provider_keys keys = {0};
    struct str body = input, rest = fuzz_line(&body);
    int64_t status = 200;
    arena_init(&a);
    bool said = str_to_int(str_cut(&rest, ' '), &status) && status >= 100 && status <= 999;
    struct str token = str_cut(&rest, ' ');
    struct endpoint at = {
        .body = body.p ? body : STR(""),
        .token = str_from(arena_cstr(&a, token)),
        .url = str_from(rest.n ? arena_cstr(&a, rest) : "http://127.0.0.1/keys"),
        .status = said ? (int)status : 200,
    };
    struct aws_environment environment = {.get = variable, .ctx = &at};
    struct aws_profile none = {.name = STR("default")};
    struct http_port http = {.ctx = &at, .send = answer};
    struct provider_input in = {
        .env = &environment, .profile = &none, .http = &http, .sleep_ms = no_pause};
    int code = providers_ask(&in, &a, &keys, &e);
    if (!code) {
        EBB_ASSERT(at.status == 200);
        sign(&keys, &a);
    } else {
        fuzz_check_failure(code, &e);
    }
    arena_release(&a);
}
