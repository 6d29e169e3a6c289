/* SPDX-License-Identifier: Apache-2.0
 * The keys calls are signed with: fetched at the first use, renewed before they expire, by one
 * thread at a time. Thread-safe. */
#ifndef EBB_AWS_CREDENTIALS_H
#define EBB_AWS_CREDENTIALS_H

#include "lib/aws/profile.h"
#include "lib/aws/sigv4.h"

/* One set of keys, counted; its memory is overwritten when the last user releases it. */
struct aws_keys;

struct sigv4_credentials aws_keys_view(const struct aws_keys *keys);
/* "the shared credentials file"; never the keys. */
const char *aws_keys_source(const struct aws_keys *keys);
void aws_keys_release(struct aws_keys *keys);

struct aws_credentials;

struct aws_credentials_options {
    struct aws_environment env;
    struct http_port http;
    struct clock clock;
    void (*sleep_ms)(void *ctx, int64_t ms);
    void *sleep_ctx;
};

struct aws_credentials *aws_credentials_new(const struct aws_credentials_options *options);
void aws_credentials_free(struct aws_credentials *credentials);

/* Keys that are good now; the caller releases them. Renewing is due 15 minutes before they expire:
 * one caller does it while the others use the old ones, and from 10 minutes before, they wait for
 * it. When it fails the old ones serve until they really expire. */
int aws_credentials_take(struct aws_credentials *credentials, struct aws_keys **out,
                         struct err *e) EBB_MUST_CHECK;
/* AWS says that these have expired: the next take fetches others. */
void aws_credentials_reject(struct aws_credentials *credentials, const struct aws_keys *keys);

#endif
