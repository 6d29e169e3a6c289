/* SPDX-License-Identifier: Apache-2.0
 * See crypto.h. The only file that includes OpenSSL's digest and random headers. */
#include "lib/base/crypto.h"

#include "lib/base/err.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

static void digest(const EVP_MD *kind, struct str data, unsigned char *out)
{
    unsigned int n = 0;
    if (!EVP_Digest(data.p ? data.p : "", data.n, out, &n, kind, NULL)) abort();
}

struct sha256 crypto_sha256(struct str data)
{
    struct sha256 result;
    digest(EVP_sha256(), data, result.bytes);
    return result;
}

struct sha256 crypto_hmac_sha256(struct str key, struct str data)
{
    struct sha256 result;
    unsigned int n = 0;
    EBB_ASSERT(key.n <= INT32_MAX);
    if (!HMAC(EVP_sha256(), key.p ? key.p : "", (int)key.n,
              (const unsigned char *)(data.p ? data.p : ""), data.n, result.bytes, &n))
        abort();
    return result;
}

static struct str to_hex(struct arena *a, const unsigned char *bytes, size_t n)
{
    static const char DIGITS[] = "0123456789abcdef";
    char *text = arena_alloc(a, 2 * n + 1);
    for (size_t i = 0; i < n; i++) {
        text[2 * i] = DIGITS[bytes[i] >> 4];
        text[2 * i + 1] = DIGITS[bytes[i] & 15];
    }
    return (struct str){text, 2 * n};
}

struct str crypto_sha1_hex(struct arena *a, struct str data)
{
    unsigned char bytes[20];
    digest(EVP_sha1(), data, bytes);
    return to_hex(a, bytes, sizeof(bytes));
}

struct str crypto_md5_hex(struct arena *a, struct str data)
{
    unsigned char bytes[16];
    digest(EVP_md5(), data, bytes);
    return to_hex(a, bytes, sizeof(bytes));
}

struct str crypto_hex(struct arena *a, const struct sha256 *d, size_t bytes)
{
    return to_hex(a, d->bytes, bytes < SHA256_BYTES ? bytes : SHA256_BYTES);
}

bool crypto_equal(struct str a, struct str b)
{
    return a.n == b.n && CRYPTO_memcmp(a.p ? a.p : "", b.p ? b.p : "", a.n) == 0;
}

void crypto_random(void *out, size_t bytes)
{
    if (bytes > INT32_MAX || RAND_bytes(out, (int)bytes) != 1) abort();
}

struct str crypto_uuid(struct arena *a)
{
    unsigned char b[16];
    crypto_random(b, sizeof(b));
    b[6] = (unsigned char)((b[6] & 0x0F) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3F) | 0x80);
    const char *h = to_hex(a, b, sizeof(b)).p;
    return arena_format(a, "%.8s-%.4s-%.4s-%.4s-%.12s", h, h + 8, h + 12, h + 16, h + 20);
}

struct str crypto_base64(struct arena *a, struct str data)
{
    if (data.n > INT32_MAX / 2) abort();
    char *text = arena_alloc(a, (data.n + 2) / 3 * 4 + 1);
    int n = EVP_EncodeBlock((unsigned char *)text, (const unsigned char *)(data.p ? data.p : ""),
                            (int)data.n);
    return (struct str){text, (size_t)n};
}

int crypto_base64_decode(struct arena *a, struct str text, struct str *out)
{
    if (text.n % 4 || text.n > INT32_MAX / 2) return E_MALFORMED;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        bool padding = c == '=' && i + 2 >= text.n && (i + 1 == text.n || text.p[i + 1] == '=');
        if (!letter && c != '+' && c != '/' && !padding) return E_MALFORMED;
    }
    char *bytes = arena_alloc(a, text.n / 4 * 3 + 1);
    int n =
        text.n ? EVP_DecodeBlock((unsigned char *)bytes, (const unsigned char *)text.p, (int)text.n)
               : 0;
    if (n < 0) return E_MALFORMED;
    size_t padding = 0;
    while (padding < 2 && padding < text.n && text.p[text.n - 1 - padding] == '=')
        padding++;
    *out = (struct str){bytes, (size_t)n - padding};
    return E_OK;
}

void crypto_cleanse(void *p, size_t bytes)
{
    OPENSSL_cleanse(p, bytes);
}
