/* SPDX-License-Identifier: Apache-2.0
 * See test_aws_keys.h. */
#include "tests/unit/test_aws_keys.h"

#include "lib/base/time_text.h"

struct aws_credentials *keys_chain(struct fake *f)
{
    struct aws_credentials_options options = {
        .env = fake_environment(f),
        .http = fake_http(f),
        .clock = fake_clock(f),
        .sleep_ms = fake_sleep,
        .sleep_ctx = f,
    };
    return aws_credentials_new(&options);
}

void keys_container(struct fake *f)
{
    fake_init(f);
    fake_set(f, "AWS_ACCESS_KEY_ID", NULL);
    fake_set(f, "AWS_SECRET_ACCESS_KEY", NULL);
    fake_set(f, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/abc?x=1");
}

void keys_give(struct fake *f, const char *id, int64_t minutes)
{
    struct str until = time_format_iso(&f->arena, FAKE_START_MS + minutes * MINUTE_MS);
    fake_says(f, 200,
              arena_format(&f->arena,
                           "{\"AccessKeyId\":\"%s\",\"SecretAccessKey\":\"s\",\"Token\":\"t\","
                           "\"Expiration\":\"%.*s\",\"AccountId\":\"123456789012\"}",
                           id, STR_ARG(until))
                  .p);
}

struct str keys_taken(struct fake *f, struct aws_credentials *c)
{
    struct aws_keys *keys;
    struct err e = {0};
    int rc = aws_credentials_take(c, &keys, &e);
    if (rc) {
        assert_int_equal(rc, e.code);
        return arena_format(&f->arena, "%s", e.text);
    }
    struct str id = arena_copy(&f->arena, aws_keys_view(keys).access_key_id);
    aws_keys_release(keys);
    return id;
}

struct str keys_taken_anew(struct fake *f)
{
    struct aws_credentials *c = keys_chain(f);
    struct str id = keys_taken(f, c);
    aws_credentials_free(c);
    return id;
}
