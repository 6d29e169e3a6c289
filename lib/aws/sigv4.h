/* SPDX-License-Identifier: Apache-2.0
 * Signature Version 4: signing for our client, verifying for the world, from one canonical form.
 * Source: AWS IAM User Guide, "Create a signed AWS API request". */
#ifndef EBB_AWS_SIGV4_H
#define EBB_AWS_SIGV4_H

#include "lib/http/http.h"

/* Bytes of a secret; those of AWS have 40. Whoever reads one refuses a longer one. */
#define SIGV4_SECRET_MAX ((size_t)1024)

struct sigv4_credentials {
    struct str access_key_id, secret_access_key,
        session_token; /* token absent for long-lived keys */
};

struct sigv4_request {
    struct str method, path, query; /* path and query as they go on the wire */
    const struct http_header
        *headers; /* those to be signed, "host" among them; names in any case */
    size_t headers_n;
    struct str body;
    struct str region, service;
    int64_t at_ms;          /* signing time, wall clock */
    bool encode_path_twice; /* every service but S3 */
};

/* The intermediate texts, so that a test which fails names the stage. */
struct sigv4_result {
    struct str canonical_request, string_to_sign, signature, signed_headers, scope, authorization;
};

/* The headers must already hold x-amz-date and, with a session token, x-amz-security-token. */
void sigv4_sign(const struct sigv4_request *request, const struct sigv4_credentials *credentials,
                struct arena *a, struct sigv4_result *out);

/* What an Authorization header says; E_MALFORMED when it is none of ours. */
struct sigv4_claim {
    struct str access_key_id, date, region, service, signed_headers, signature;
};
int sigv4_parse_authorization(struct str header, struct sigv4_claim *out) EBB_MUST_CHECK;

#endif
