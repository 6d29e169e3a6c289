/* SPDX-License-Identifier: Apache-2.0
 * Decides when keys are renewed and who does it; where they come from is in providers.c. */
#include "lib/aws/credentials.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "lib/aws/providers.h"
#include "lib/base/crypto.h"

#define RENEW_MAY_MS  ((int64_t)15 * 60 * 1000)
#define RENEW_WAIT_MS ((int64_t)10 * 60 * 1000)
/* Between two fetches of keys that are not refused: a source that fails, or gives keys of a few
 * minutes, is not asked for every call. */
#define PAUSE_MS ((int64_t)5000)

struct aws_keys {
    atomic_int users;
    struct sigv4_credentials view; /* into bytes */
    int64_t expires_at_ms;         /* 0 = never */
    const char *source;
    size_t bytes_n;
    char bytes[];
};

struct aws_credentials {
    struct aws_credentials_options options;
    pthread_mutex_t lock; /* over all below */
    pthread_cond_t fetched;
    struct aws_keys *current; /* NULL before the first fetch */
    bool rejected, fetching;
    int64_t pause_until_ms;
    struct err failure; /* of the last fetch; code 0 = it worked */
};

static struct str keep(struct aws_keys *keys, struct str s)
{
    if (!s.p) return STR_NONE;
    char *at = keys->bytes + keys->bytes_n;
    memcpy(at, s.p, s.n);
    keys->bytes_n += s.n;
    return (struct str){at, s.n};
}

static struct aws_keys *keys_new(const struct provider_keys *from)
{
    const struct sigv4_credentials *k = &from->keys;
    size_t bytes = k->access_key_id.n + k->secret_access_key.n + k->session_token.n;
    struct aws_keys *keys = calloc(1, sizeof(*keys) + bytes);
    if (!keys) abort();
    atomic_init(&keys->users, 1);
    keys->view.access_key_id = keep(keys, k->access_key_id);
    keys->view.secret_access_key = keep(keys, k->secret_access_key);
    keys->view.session_token = keep(keys, k->session_token);
    keys->expires_at_ms = from->expires_at_ms;
    keys->source = from->source;
    return keys;
}

struct sigv4_credentials aws_keys_view(const struct aws_keys *keys)
{
    return keys->view;
}

const char *aws_keys_source(const struct aws_keys *keys)
{
    return keys->source;
}

void aws_keys_release(struct aws_keys *keys)
{
    if (!keys || atomic_fetch_sub(&keys->users, 1) > 1) return;
    crypto_cleanse(keys->bytes, keys->bytes_n);
    free(keys);
}

struct aws_credentials *aws_credentials_new(const struct aws_credentials_options *options)
{
    struct aws_credentials *c = calloc(1, sizeof(*c));
    if (!c) abort();
    c->options = *options;
    EBB_ASSERT(pthread_mutex_init(&c->lock, NULL) == 0);
    EBB_ASSERT(pthread_cond_init(&c->fetched, NULL) == 0);
    return c;
}

void aws_credentials_free(struct aws_credentials *c)
{
    if (!c) return;
    aws_keys_release(c->current);
    EBB_ASSERT(pthread_cond_destroy(&c->fetched) == 0);
    EBB_ASSERT(pthread_mutex_destroy(&c->lock) == 0);
    free(c);
}

enum need {
    NEED_NOTHING,
    NEED_MAY,  /* somebody should renew; the old ones serve */
    NEED_WAIT, /* the same, but everybody waits for it */
    NEED_MUST, /* there are none that serve */
};

static enum need need_of(const struct aws_credentials *c, int64_t now_ms)
{
    if (!c->current || c->rejected) return NEED_MUST;
    if (!c->current->expires_at_ms) return NEED_NOTHING;
    int64_t left_ms = c->current->expires_at_ms - now_ms;
    if (left_ms <= 0) return NEED_MUST;
    if (now_ms < c->pause_until_ms || left_ms > RENEW_MAY_MS) return NEED_NOTHING;
    return left_ms > RENEW_WAIT_MS ? NEED_MAY : NEED_WAIT;
}

/* Asks the providers, without the lock. */
static int fetch(struct aws_credentials *c, int64_t now_ms, struct aws_keys **out, struct err *e)
{
    struct arena a;
    struct aws_profile profile;
    struct provider_keys keys = {0};
    arena_init(&a);
    struct provider_input in = {
        .env = &c->options.env,
        .profile = &profile,
        .http = &c->options.http,
        .clock = &c->options.clock,
        .sleep_ms = c->options.sleep_ms,
        .sleep_ctx = c->options.sleep_ctx,
    };
    int rc = aws_profile_load(&c->options.env, &profile, e);
    if (!rc) {
        rc = providers_ask(&in, &a, &keys, e);
        aws_profile_release(&profile);
    }
    if (!rc && keys.expires_at_ms && keys.expires_at_ms <= now_ms)
        rc = err_set(e, E_EXPIRED, "the AWS credentials that %s gives have expired", keys.source);
    if (!rc) *out = keys_new(&keys);
    provider_keys_cleanse(&keys);
    arena_release(&a);
    return rc;
}

/* Called with the lock; gives it up while it fetches. */
static void renew(struct aws_credentials *c)
{
    struct aws_keys *fresh = NULL;
    struct err failure = {0};
    c->fetching = true;
    EBB_ASSERT(pthread_mutex_unlock(&c->lock) == 0);
    int rc = fetch(c, clock_wall_ms(&c->options.clock), &fresh, &failure);
    EBB_ASSERT(pthread_mutex_lock(&c->lock) == 0);
    c->fetching = false;
    c->failure = failure;
    c->failure.code = rc;
    c->pause_until_ms = clock_wall_ms(&c->options.clock) + PAUSE_MS;
    if (!rc) {
        aws_keys_release(c->current);
        c->current = fresh;
        c->rejected = false;
    }
    EBB_ASSERT(pthread_cond_broadcast(&c->fetched) == 0);
}

/* Called with the lock. Leaves when there are keys to use, or a fetch has just failed. */
static void prepare(struct aws_credentials *c)
{
    for (;;) {
        int64_t now_ms = clock_wall_ms(&c->options.clock);
        enum need need = need_of(c, now_ms);
        if (need == NEED_NOTHING || (need == NEED_MAY && c->fetching)) return;
        if (need == NEED_MUST && c->failure.code && now_ms < c->pause_until_ms) return;
        if (!c->fetching)
            renew(c);
        else
            EBB_ASSERT(pthread_cond_wait(&c->fetched, &c->lock) == 0);
    }
}

int aws_credentials_take(struct aws_credentials *c, struct aws_keys **out, struct err *e)
{
    int rc = E_OK;
    EBB_ASSERT(pthread_mutex_lock(&c->lock) == 0);
    prepare(c);
    if (need_of(c, clock_wall_ms(&c->options.clock)) != NEED_MUST) {
        *out = c->current;
        atomic_fetch_add(&c->current->users, 1);
    } else {
        rc = err_set(e, c->failure.code ? c->failure.code : E_EXPIRED, "%s",
                     c->failure.code ? c->failure.text : "the AWS credentials have expired");
    }
    EBB_ASSERT(pthread_mutex_unlock(&c->lock) == 0);
    return rc;
}

void aws_credentials_reject(struct aws_credentials *c, const struct aws_keys *keys)
{
    EBB_ASSERT(pthread_mutex_lock(&c->lock) == 0);
    /* Whoever comes late with old keys does not cost the new ones. */
    if (c->current == keys) {
        c->rejected = true;
        c->failure.code = E_OK;
    }
    EBB_ASSERT(pthread_mutex_unlock(&c->lock) == 0);
}
