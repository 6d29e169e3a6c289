/* SPDX-License-Identifier: Apache-2.0
 * See token.h. */
#include "lib/distributor/token.h"

#include "lib/base/crypto.h"

/* The purpose is part of what is signed, so a proof is never a token. NUL separates: no field can
 * hold one. */
static struct str sign(struct str secret, const char *purpose, struct str drain_id,
                       struct str task_arn, struct arena *a)
{
    struct buf b;
    buf_init(&b, 4096);
    buf_add_text(&b, purpose);
    buf_add_char(&b, '\0');
    buf_add(&b, drain_id);
    buf_add_char(&b, '\0');
    buf_add(&b, task_arn);
    struct sha256 digest = crypto_hmac_sha256(secret, buf_view(&b));
    buf_release(&b);
    return crypto_hex(a, &digest, SHA256_BYTES);
}

static bool is_signed(const struct callback_settings *s, struct str given, const char *purpose,
                      struct str drain_id, struct str task_arn, struct arena *a)
{
    struct str secrets[] = {s->secret, s->previous_secret};
    bool right = false;
    for (size_t i = 0; i < EBB_COUNT(secrets); i++)
        if (secrets[i].n && crypto_equal(given, sign(secrets[i], purpose, drain_id, task_arn, a)))
            right = true;
    return right;
}

struct str token_for(const struct callback_settings *s, struct str drain_id, struct str task_arn,
                     struct arena *a)
{
    return sign(s->secret, "token", drain_id, task_arn, a);
}

bool token_is_right(const struct callback_settings *s, struct str token, struct str drain_id,
                    struct str task_arn, struct arena *a)
{
    if (is_signed(s, token, "token", drain_id, task_arn, a)) return true;
    return s->accept_shared_token && s->shared_token.n && crypto_equal(token, s->shared_token);
}

struct str token_proof(const struct callback_settings *s, struct str drain_id, struct str task_arn,
                       struct arena *a)
{
    return sign(s->secret, "called back", drain_id, task_arn, a);
}

bool token_proof_is_right(const struct callback_settings *s, struct str proof, struct str drain_id,
                          struct str task_arn, struct arena *a)
{
    return proof.n && is_signed(s, proof, "called back", drain_id, task_arn, a);
}
