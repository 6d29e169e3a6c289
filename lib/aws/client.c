/* SPDX-License-Identifier: Apache-2.0
 * Makes a client from options, environment and profile. One call is in call.c. */
#include "lib/aws/client.h"

#include <stdlib.h>

#include "lib/base/crypto.h"

#define ATTEMPTS_DEFAULT   3
#define ATTEMPTS_MAX       10
#define TIMEOUT_DEFAULT_MS ((int64_t)10000)

static void sleep_really(void *ctx, int64_t ms)
{
    (void)ctx;
    clock_sleep_ms(ms);
}

static double random_really(void *ctx)
{
    uint32_t bits;
    (void)ctx;
    crypto_random(&bits, sizeof(bits));
    return (double)bits / 4294967296.0;
}

static int read_attempts(struct aws_client *client, const struct aws_profile *profile,
                         struct err *e)
{
    int64_t attempts = client->options.max_attempts;
    struct str text = aws_environment_get(&client->env, "AWS_MAX_ATTEMPTS");
    if (!text.p) text = aws_profile_value(profile, STR("max_attempts"));
    if (attempts == 0)
        attempts = ATTEMPTS_DEFAULT;
    else
        text = STR_NONE;
    if (text.p && !str_to_int(text, &attempts)) attempts = 0;
    if (attempts < 1 || attempts > ATTEMPTS_MAX)
        return err_set(e, E_CONFIG, "AWS_MAX_ATTEMPTS must be a number from 1 to %d", ATTEMPTS_MAX);
    client->max_attempts = (int)attempts;
    return E_OK;
}

static int read_settings(struct aws_client *client, struct err *e)
{
    struct aws_profile profile;
    int rc = aws_profile_load(&client->env, &profile, e);
    if (rc) return rc;
    rc = read_attempts(client, &profile, e);
    if (!rc)
        rc = endpoint_settings_load(&client->env, &profile, client->options.region, &client->arena,
                                    &client->endpoints, e);
    aws_profile_release(&profile);
    return rc;
}

int aws_client_new(const struct aws_client_options *options, struct aws_client **out, struct err *e)
{
    struct aws_client *client = calloc(1, sizeof(*client));
    *out = NULL;
    if (!client) abort();
    client->options = *options;
    client->env = (struct aws_environment){options->getenv, options->getenv_ctx};
    client->timeout_ms = options->timeout_ms ? options->timeout_ms : TIMEOUT_DEFAULT_MS;
    if (!client->options.sleep_ms) client->options.sleep_ms = sleep_really;
    if (!client->options.random_unit) client->options.random_unit = random_really;
    arena_init(&client->arena);
    retry_quota_init(&client->quota);
    atomic_init(&client->skew_ms, 0);
    int rc = read_settings(client, e);
    if (rc) {
        aws_client_free(client);
        return rc;
    }
    client->options.region = client->endpoints.region;
    struct aws_credentials_options credentials = {
        .env = client->env,
        .http = options->http,
        .clock = options->clock,
        .sleep_ms = client->options.sleep_ms,
        .sleep_ctx = options->wait_ctx,
    };
    client->credentials = aws_credentials_new(&credentials);
    *out = client;
    return E_OK;
}

void aws_client_free(struct aws_client *client)
{
    if (!client) return;
    aws_credentials_free(client->credentials);
    arena_release(&client->arena);
    free(client);
}

struct aws_port aws_client_port(struct aws_client *client)
{
    return (struct aws_port){.ctx = client, .call = aws_client_call};
}

struct str aws_client_region(const struct aws_client *client)
{
    return client->endpoints.region;
}
