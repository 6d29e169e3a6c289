/* SPDX-License-Identifier: Apache-2.0
 * See auth.h. Decides from the request as it was received: the canonical form is computed again
 * over the headers the client says it signed. Source: AWS IAM User Guide, "Signature Version 4" and
 * "Troubleshoot Signature Version 4 signing". Signatures in the query string are not taken. */
#include "world/wire/auth.h"

#include "lib/base/crypto.h"
#include "lib/base/time_text.h"

#define SKEW_MAX_MS        ((int64_t)15 * 60 * 1000)
#define SIGNED_HEADERS_MAX 64
#define DATE_CHARS         8 /* YYYYMMDD, the first part of the basic form of a time */

static const struct auth_name NAMES[] = {
    [AUTH_GOOD] = {"", "", 200, 200},
    [AUTH_MISSING] = {"MissingAuthenticationTokenException", "MissingAuthenticationToken", 400,
                      403},
    [AUTH_INCOMPLETE] = {"IncompleteSignatureException", "IncompleteSignature", 400, 400},
    [AUTH_UNKNOWN_KEY] = {"UnrecognizedClientException", "InvalidClientTokenId", 400, 403},
    [AUTH_WRONG_SCOPE] = {"InvalidSignatureException", "SignatureDoesNotMatch", 400, 403},
    [AUTH_STALE] = {"InvalidSignatureException", "SignatureDoesNotMatch", 400, 403},
    [AUTH_MISMATCH] = {"InvalidSignatureException", "SignatureDoesNotMatch", 400, 403},
    [AUTH_EXPIRED_TOKEN] = {"ExpiredTokenException", "ExpiredToken", 400, 403},
    [AUTH_DENIED] = {"AccessDeniedException", "AccessDenied", 400, 403},
};

const struct auth_name *auth_name(enum auth_verdict verdict)
{
    return &NAMES[verdict];
}

struct str auth_key_id(const struct http_incoming *request)
{
    struct sigv4_claim claim;
    struct str header = http_incoming_header(request, STR("authorization"));
    if (!header.p || sigv4_parse_authorization(header, &claim)) return STR_NONE;
    return claim.access_key_id;
}

/* Names what an unreadable Authorization header lacks, as AWS does, in this order. */
static struct str incomplete_words(struct str header, bool has_date, struct arena *a)
{
    static const char *const PARTS[] = {"Credential", "Signature", "SignedHeaders"};
    struct str words = STR("");
    for (size_t i = 0; i < EBB_COUNT(PARTS); i++)
        if (!str_contains(header, arena_format(a, "%s=", PARTS[i])))
            words = arena_format(a, "%.*sAuthorization header requires '%s' parameter. ",
                                 STR_ARG(words), PARTS[i]);
    if (!has_date)
        words = arena_format(a,
                             "%.*sAuthorization header requires existence of either a 'X-Amz-Date' "
                             "or a 'Date' header. ",
                             STR_ARG(words));
    if (words.n == 0) words = STR("The request signature does not conform to AWS standards. ");
    return words;
}

static bool is_signed(struct str signed_headers, struct str name)
{
    while (signed_headers.p)
        if (str_eq(str_cut(&signed_headers, ';'), name)) return true;
    return false;
}

/* The headers the claim lists, every value of each; false when one it lists was not sent or there
 * are too many to be an honest request. */
static bool gather_signed(const struct http_incoming *request, struct str signed_headers,
                          struct http_header *out, size_t *out_n)
{
    *out_n = 0;
    while (signed_headers.p) {
        struct str name = str_cut(&signed_headers, ';');
        bool sent = false;
        for (size_t i = 0; i < request->headers_n; i++) {
            if (!str_eq(request->headers[i].name, name)) continue;
            if (*out_n == SIGNED_HEADERS_MAX) return false;
            out[(*out_n)++] = request->headers[i];
            sent = true;
        }
        if (!sent) return false;
    }
    return true;
}

static enum auth_verdict check_scope(const struct auth_question *q, const struct sigv4_claim *claim,
                                     struct str date, struct arena *a, struct str *message)
{
    if (!str_eq(claim->region, q->region)) {
        *message = STR("Credential should be scoped to a valid region. ");
        return AUTH_WRONG_SCOPE;
    }
    if (!str_eq(claim->service, q->service)) {
        *message = arena_format(a, "Credential should be scoped to correct service: '%.*s'. ",
                                STR_ARG(q->service));
        return AUTH_WRONG_SCOPE;
    }
    if (!str_starts(date, claim->date) || claim->date.n != DATE_CHARS) {
        *message = arena_format(a,
                                "Date in Credential scope does not match YYYYMMDD from ISO-8601 "
                                "version of date from HTTP: '%.*s' != '%.8s', from '%.*s'.",
                                STR_ARG(claim->date), date.p, STR_ARG(date));
        return AUTH_WRONG_SCOPE;
    }
    return AUTH_GOOD;
}

static enum auth_verdict check_age(int64_t at_ms, int64_t now_ms, struct arena *a,
                                   struct str *message)
{
    struct str at = time_format_basic(a, at_ms), now = time_format_basic(a, now_ms);
    if (at_ms < now_ms - SKEW_MAX_MS) {
        *message = arena_format(
            a, "Signature expired: %.*s is now earlier than %.*s (%.*s - 15 min.)", STR_ARG(at),
            STR_ARG(time_format_basic(a, now_ms - SKEW_MAX_MS)), STR_ARG(now));
        return AUTH_STALE;
    }
    if (at_ms > now_ms + SKEW_MAX_MS) {
        *message = arena_format(
            a, "Signature not yet current: %.*s is still later than %.*s (%.*s + 15 min.)",
            STR_ARG(at), STR_ARG(time_format_basic(a, now_ms + SKEW_MAX_MS)), STR_ARG(now));
        return AUTH_STALE;
    }
    return AUTH_GOOD;
}

static bool signature_matches(const struct auth_question *q, const struct sigv4_claim *claim,
                              const struct http_header *headers, size_t headers_n, int64_t at_ms,
                              struct arena *a)
{
    struct sigv4_request again = {
        .method = q->request->method,
        .path = q->request->path,
        .query = q->request->query,
        .headers = headers,
        .headers_n = headers_n,
        .body = q->request->body,
        .region = claim->region,
        .service = claim->service,
        .at_ms = at_ms,
        .encode_path_twice = true,
    };
    struct sigv4_credentials credentials = {q->key->access_key_id, q->key->secret_access_key,
                                            q->key->session_token};
    struct sigv4_result expected;
    sigv4_sign(&again, &credentials, a, &expected);
    return crypto_equal(expected.signature, claim->signature);
}

static enum auth_verdict check_permission(const struct auth_question *q, struct arena *a,
                                          struct str *message)
{
    enum permission permission = key_permission(q->key, q->action);
    if (permission == PERMISSION_GRANTED) return AUTH_GOOD;
    *message = arena_format(
        a, "User: %.*s is not authorized to perform: %.*s %s", STR_ARG(q->key->user_arn),
        STR_ARG(q->action),
        permission == PERMISSION_DENIED
            ? "with an explicit deny in an identity-based policy"
            : arena_cstr(a,
                         arena_format(a, "because no identity-based policy allows the %.*s action",
                                      STR_ARG(q->action))));
    return AUTH_DENIED;
}

/* The parts before the signature itself: everything a client can get wrong without a wrong
 * secret. */
static enum auth_verdict check_claim(const struct auth_question *q, struct sigv4_claim *claim,
                                     int64_t *at_ms, struct arena *a, struct str *message)
{
    struct str header = http_incoming_header(q->request, STR("authorization"));
    struct str date = http_incoming_header(q->request, STR("x-amz-date"));
    struct str date_name = STR("x-amz-date");
    if (!date.p) {
        date_name = STR("date");
        date = http_incoming_header(q->request, STR("date"));
    }
    *message = STR("Missing Authentication Token");
    if (str_is_empty(header)) return AUTH_MISSING;
    *message = incomplete_words(header, date.p != NULL, a);
    if (sigv4_parse_authorization(header, claim) || !date.p) return AUTH_INCOMPLETE;
    if (time_parse_basic(date, at_ms)) {
        *message = arena_format(a,
                                "Date must be in ISO-8601 'basic format'. Got '%.*s'. See "
                                "http://en.wikipedia.org/wiki/ISO_8601",
                                STR_ARG(date));
        return AUTH_INCOMPLETE;
    }
    struct str token = http_incoming_header(q->request, STR("x-amz-security-token"));
    *message = STR("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
    if (!is_signed(claim->signed_headers, STR("host"))) return AUTH_INCOMPLETE;
    *message = arena_format(a, "'%.*s' must be a 'SignedHeader' in the AWS Authorization.",
                            STR_ARG(date_name));
    if (!is_signed(claim->signed_headers, date_name)) return AUTH_INCOMPLETE;
    *message = STR("The security token included in the request is invalid.");
    if (!q->key) return AUTH_UNKNOWN_KEY;
    if (!crypto_equal(token, q->key->session_token)) return AUTH_UNKNOWN_KEY;
    enum auth_verdict verdict = check_scope(q, claim, date, a, message);
    return verdict ? verdict : check_age(*at_ms, q->now_ms, a, message);
}

enum auth_verdict auth_check(const struct auth_question *q, struct arena *a, struct str *message)
{
    struct sigv4_claim claim;
    struct http_header headers[SIGNED_HEADERS_MAX];
    size_t headers_n;
    int64_t at_ms = 0;
    enum auth_verdict verdict = check_claim(q, &claim, &at_ms, a, message);
    if (verdict) return verdict;
    *message = STR("The request signature we calculated does not match the signature you provided. "
                   "Check your AWS Secret Access Key and signing method. Consult the service "
                   "documentation for details.");
    if (!gather_signed(q->request, claim.signed_headers, headers, &headers_n)) return AUTH_MISMATCH;
    if (!signature_matches(q, &claim, headers, headers_n, at_ms, a)) return AUTH_MISMATCH;
    *message = STR("The security token included in the request is expired");
    if (q->key->expires_at_ms && q->now_ms >= q->key->expires_at_ms) return AUTH_EXPIRED_TOKEN;
    return check_permission(q, a, message);
}
