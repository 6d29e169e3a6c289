/* SPDX-License-Identifier: Apache-2.0
 * Signature Version 4: canonical request, string to sign, key, signature, and the header that
 * carries it. The canonical parts are in sigv4_canonical.c. */
#include "lib/aws/sigv4.h"

#include <string.h>

#include "lib/aws/sigv4_canonical.h"
#include "lib/base/crypto.h"
#include "lib/base/time_text.h"

#define ALGORITHM      "AWS4-HMAC-SHA256"
#define TERMINATOR     "aws4_request"
#define SECRET_PREFIX  "AWS4"
#define DATE_CHARS     8
#define SCOPE_PARTS    5
#define CREDENTIAL_MAX ((size_t)2048)

static struct str bytes_of(const struct sha256 *digest)
{
    return (struct str){(const char *)digest->bytes, SHA256_BYTES};
}

/* Four chained HMACs narrow the secret to one day, region and service. */
static struct sha256 signing_key(const struct sigv4_request *r, struct str secret, struct str date)
{
    struct buf first;
    buf_init(&first, sizeof(SECRET_PREFIX) - 1 + SIGV4_SECRET_MAX);
    buf_add_text(&first, SECRET_PREFIX);
    buf_add(&first, secret);
    EBB_ASSERT(!buf_failed(&first));
    struct str parts[] = {date, r->region, r->service, STR(TERMINATOR)};
    struct sha256 key = crypto_hmac_sha256(buf_view(&first), parts[0]);
    for (size_t i = 1; i < EBB_COUNT(parts); i++)
        key = crypto_hmac_sha256(bytes_of(&key), parts[i]);
    crypto_cleanse(first.p, first.size);
    buf_release(&first);
    return key;
}

static struct str hash_hex(struct str data, struct arena *a)
{
    struct sha256 digest = crypto_sha256(data);
    return crypto_hex(a, &digest, SHA256_BYTES);
}

void sigv4_sign(const struct sigv4_request *r, const struct sigv4_credentials *credentials,
                struct arena *a, struct sigv4_result *out)
{
    struct str at = time_format_basic(a, r->at_ms);
    struct str date = {at.p, DATE_CHARS};
    struct str headers = sigv4_canonical_headers(r->headers, r->headers_n, a, &out->signed_headers);
    struct str path = sigv4_canonical_path(r->path, r->encode_path_twice, a);
    struct str query = sigv4_canonical_query(r->query, a);
    struct str body = hash_hex(r->body, a);
    out->canonical_request =
        arena_format(a, "%.*s\n%.*s\n%.*s\n%.*s\n%.*s\n%.*s", STR_ARG(r->method), STR_ARG(path),
                     STR_ARG(query), STR_ARG(headers), STR_ARG(out->signed_headers), STR_ARG(body));
    out->scope = arena_format(a, "%.*s/%.*s/%.*s/" TERMINATOR, STR_ARG(date), STR_ARG(r->region),
                              STR_ARG(r->service));
    struct str hashed = hash_hex(out->canonical_request, a);
    out->string_to_sign = arena_format(a, ALGORITHM "\n%.*s\n%.*s\n%.*s", STR_ARG(at),
                                       STR_ARG(out->scope), STR_ARG(hashed));
    struct sha256 key = signing_key(r, credentials->secret_access_key, date);
    struct sha256 signature = crypto_hmac_sha256(bytes_of(&key), out->string_to_sign);
    crypto_cleanse(&key, sizeof(key));
    out->signature = crypto_hex(a, &signature, SHA256_BYTES);
    out->authorization =
        arena_format(a, ALGORITHM " Credential=%.*s/%.*s, SignedHeaders=%.*s, Signature=%.*s",
                     STR_ARG(credentials->access_key_id), STR_ARG(out->scope),
                     STR_ARG(out->signed_headers), STR_ARG(out->signature));
}

/* access key / date / region / service / aws4_request; no part may be empty. */
static bool parse_credential(struct str text, struct sigv4_claim *out)
{
    struct str end,
        *parts[SCOPE_PARTS] = {&out->access_key_id, &out->date, &out->region, &out->service, &end};
    for (size_t i = 0; i < SCOPE_PARTS; i++) {
        *parts[i] = str_cut(&text, '/');
        if (str_is_empty(*parts[i])) return false;
    }
    return !text.p && str_eq(end, STR(TERMINATOR)) && out->date.n == DATE_CHARS;
}

static bool is_signature(struct str text)
{
    for (size_t i = 0; i < text.n; i++)
        if (!memchr("0123456789abcdef", text.p[i], 16)) return false;
    return text.n == SHA256_HEX_CHARS;
}

int sigv4_parse_authorization(struct str header, struct sigv4_claim *out)
{
    *out = (struct sigv4_claim){0};
    struct str credential = STR_NONE, rest = str_trim(header);
    if (header.n > CREDENTIAL_MAX || !str_starts(rest, STR(ALGORITHM " "))) return E_MALFORMED;
    rest = (struct str){rest.p + sizeof(ALGORITHM), rest.n - sizeof(ALGORITHM)};
    while (rest.p) {
        struct str value = str_trim(str_cut(&rest, ','));
        struct str name = str_cut(&value, '=');
        struct str *place = str_eq(name, STR("Credential"))      ? &credential
                            : str_eq(name, STR("SignedHeaders")) ? &out->signed_headers
                            : str_eq(name, STR("Signature"))     ? &out->signature
                                                                 : NULL;
        if (!place || place->p || str_is_empty(value)) return E_MALFORMED;
        *place = value;
    }
    if (!out->signed_headers.p || !is_signature(out->signature)) return E_MALFORMED;
    return parse_credential(credential, out) ? E_OK : E_MALFORMED;
}
