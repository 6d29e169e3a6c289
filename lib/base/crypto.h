/* SPDX-License-Identifier: Apache-2.0
 * Digests, random bytes and comparison without timing, from OpenSSL. */
#ifndef EBB_BASE_CRYPTO_H
#define EBB_BASE_CRYPTO_H

#include "lib/base/arena.h"

#define SHA256_BYTES     32
#define SHA256_HEX_CHARS 64

struct sha256 {
    unsigned char bytes[SHA256_BYTES];
};

struct sha256 crypto_sha256(struct str data);
struct sha256 crypto_hmac_sha256(struct str key, struct str data);
/* SHA-1 as 40 hex characters: the name Redis gives a script. */
struct str crypto_sha1_hex(struct arena *a, struct str data);

/* Lower-case hex of the first `bytes` bytes. */
struct str crypto_hex(struct arena *a, const struct sha256 *digest, size_t bytes);

/* Equal or not in time that depends on the lengths only. */
bool crypto_equal(struct str a, struct str b);

/* Random bytes from the system's generator; aborts when there are none. */
void crypto_random(void *out, size_t bytes);
/* A random UUID, version 4 (RFC 4122 section 4.4). */
struct str crypto_uuid(struct arena *a);

/* Standard base64 with padding (RFC 4648 section 4). Decoding refuses other bytes with E_MALFORMED.
 */
struct str crypto_base64(struct arena *a, struct str data);
int crypto_base64_decode(struct arena *a, struct str text, struct str *out) EBB_MUST_CHECK;

/* MD5 as 32 hex characters; SQS names the digest of a body so. */
struct str crypto_md5_hex(struct arena *a, struct str data);

/* Overwrites a secret before its memory is given up. */
void crypto_cleanse(void *p, size_t bytes);

#endif
