/* SPDX-License-Identifier: Apache-2.0
 * Goal: our signatures equal botocore's, whatever the request looks like. Method: the cases of
 * tests/vectors/sigv4/cases.txt, which botocore wrote, compared stage by stage, so a failure names
 * the case and the stage; and Authorization headers of all shapes read back. */
#include "lib/aws/sigv4.h"
#include "lib/aws/sigv4_canonical.h"
#include "lib/base/time_text.h"
#include "tests/support/test.h"

#define CASES_MIN   30
#define HEADERS_MAX 16

struct vector {
    struct str name;
    struct sigv4_request request;
    struct sigv4_credentials credentials;
    struct http_header headers[HEADERS_MAX];
    struct str canonical, to_sign, signature, authorization;
};

/* Takes "@name bytes\n...\n" off the front; false at the end of the file. */
static bool next_item(struct str *file, struct str *name, struct str *value)
{
    int64_t n = 0;
    if (!file->n) return false;
    struct str line = str_cut(file, '\n');
    assert_true(str_starts(line, STR("@")));
    *name = str_cut(&line, ' ');
    assert_true(str_to_int(line, &n) && n >= 0 && (size_t)n < file->n);
    *value = (struct str){file->p, (size_t)n};
    assert_int_equal(file->p[n], '\n');
    *file = (struct str){file->p + n + 1, file->n - (size_t)n - 1};
    return true;
}

static void put_item(struct vector *v, struct str name, struct str value)
{
    struct sigv4_request *r = &v->request;
    const struct {
        struct str name;
        struct str *place;
    } PLACES[] = {
        {STR("@method"), &r->method},
        {STR("@path"), &r->path},
        {STR("@query"), &r->query},
        {STR("@body"), &r->body},
        {STR("@region"), &r->region},
        {STR("@service"), &r->service},
        {STR("@key"), &v->credentials.access_key_id},
        {STR("@secret"), &v->credentials.secret_access_key},
        {STR("@token"), &v->credentials.session_token},
        {STR("@canonical"), &v->canonical},
        {STR("@to-sign"), &v->to_sign},
        {STR("@signature"), &v->signature},
        {STR("@authorization"), &v->authorization},
    };
    for (size_t i = 0; i < EBB_COUNT(PLACES); i++)
        if (str_eq(name, PLACES[i].name)) {
            *PLACES[i].place = value;
            return;
        }
    if (str_eq(name, STR("@date")))
        assert_int_equal(time_parse_basic(value, &r->at_ms), 0);
    else if (str_eq(name, STR("@header")))
        v->headers[r->headers_n++].name = value;
    else if (str_eq(name, STR("@value")))
        v->headers[r->headers_n - 1].value = value;
    else
        fail_msg("an item named %.*s", STR_ARG(name));
    assert_true(r->headers_n <= HEADERS_MAX);
}

static void compare(struct str name, const char *stage, struct str actual, struct str expected)
{
    if (!str_eq(actual, expected))
        fail_msg("%.*s: %s\n--- ours\n%.*s\n--- botocore's\n%.*s", STR_ARG(name), stage,
                 STR_ARG(actual), STR_ARG(expected));
}

static void check(struct vector *v, struct arena *a)
{
    struct sigv4_result result = {0};
    struct sigv4_claim claim;
    v->request.headers = v->headers;
    v->request.encode_path_twice = true;
    sigv4_sign(&v->request, &v->credentials, a, &result);
    compare(v->name, "canonical request", result.canonical_request, v->canonical);
    compare(v->name, "string to sign", result.string_to_sign, v->to_sign);
    compare(v->name, "signature", result.signature, v->signature);
    compare(v->name, "authorization", result.authorization, v->authorization);
    assert_int_equal(sigv4_parse_authorization(result.authorization, &claim), 0);
    compare(v->name, "key read back", claim.access_key_id, v->credentials.access_key_id);
    compare(v->name, "region read back", claim.region, v->request.region);
    compare(v->name, "service read back", claim.service, v->request.service);
    compare(v->name, "signed headers read back", claim.signed_headers, result.signed_headers);
    compare(v->name, "signature read back", claim.signature, v->signature);
}

TEST(sigv4_equals_botocore_in_every_case)
{
    struct arena a;
    arena_init(&a);
    struct str file = test_read_file(&a, "tests/vectors/sigv4/cases.txt"), name, value;
    struct vector v = {0};
    int cases = 0;
    while (next_item(&file, &name, &value)) {
        if (!str_eq(name, STR("@case"))) {
            put_item(&v, name, value);
            continue;
        }
        if (cases++) check(&v, &a);
        v = (struct vector){.name = value};
    }
    check(&v, &a);
    assert_true(cases >= CASES_MIN);
    arena_release(&a);
}

/* S3 takes paths as they are: the flag is what decides. */
TEST(sigv4_leaves_the_path_of_s3_alone)
{
    struct arena a;
    arena_init(&a);
    struct http_header host = {STR("host"), STR("bucket.s3.amazonaws.com")};
    struct sigv4_request request = {
        .method = STR("GET"),
        .path = STR("/a//b/../c%20d"),
        .headers = &host,
        .headers_n = 1,
        .region = STR("us-east-1"),
        .service = STR("s3"),
    };
    struct sigv4_credentials credentials = {STR("AKID"), STR("secret"), STR_NONE};
    struct sigv4_result result;
    sigv4_sign(&request, &credentials, &a, &result);
    assert_contains(result.canonical_request, "\n/a//b/../c%20d\n");
    arena_release(&a);
}

TEST(sigv4_signs_a_percent_that_begins_no_escape_as_itself)
{
    struct arena a;
    arena_init(&a);
    assert_str(sigv4_canonical_query(STR("b=%4&a=%zz&c=%4a+%2F"), &a), "a=%25zz&b=%254&c=J%2B%2F");
    arena_release(&a);
}

#define SIGNATURE "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
#define SCOPE     "AKID/20150830/us-east-1/ecs/aws4_request"

TEST(sigv4_reads_an_authorization_however_it_is_spaced_and_ordered)
{
    static const char *const GOOD[] = {
        "AWS4-HMAC-SHA256 Credential=" SCOPE ", SignedHeaders=host, Signature=" SIGNATURE,
        "AWS4-HMAC-SHA256 Credential=" SCOPE ",SignedHeaders=host,Signature=" SIGNATURE,
        "  AWS4-HMAC-SHA256   SignedHeaders=host , Signature=" SIGNATURE " ,  Credential=" SCOPE,
    };
    for (size_t i = 0; i < EBB_COUNT(GOOD); i++) {
        struct sigv4_claim claim;
        assert_int_equal(sigv4_parse_authorization(str_from(GOOD[i]), &claim), 0);
        assert_str(claim.access_key_id, "AKID");
        assert_str(claim.date, "20150830");
        assert_str(claim.service, "ecs");
        assert_str(claim.signature, SIGNATURE);
    }
}

TEST(sigv4_refuses_an_authorization_that_is_none)
{
    static const char *const BAD[] = {
        "",
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 ",
        "Bearer abc",
        "AWS4-ECDSA-P256-SHA256 Credential=" SCOPE ", SignedHeaders=host, Signature=" SIGNATURE,
        "AWS4-HMAC-SHA256 SignedHeaders=host, Signature=" SIGNATURE,
        "AWS4-HMAC-SHA256 Credential=" SCOPE ", Signature=" SIGNATURE,
        "AWS4-HMAC-SHA256 Credential=" SCOPE ", SignedHeaders=host",
        "AWS4-HMAC-SHA256 Credential=" SCOPE ", SignedHeaders=, Signature=" SIGNATURE,
        "AWS4-HMAC-SHA256 Credential=" SCOPE ", SignedHeaders=host, Signature=5FA0",
        "AWS4-HMAC-SHA256 Credential=" SCOPE ", SignedHeaders=host, Signature=" SIGNATURE "00",
        "AWS4-HMAC-SHA256 Credential=" SCOPE ", SignedHeaders=host, SignedHeaders=host, "
        "Signature=" SIGNATURE,
        "AWS4-HMAC-SHA256 Credential=" SCOPE ", SignedHeaders=host, Other=1, Signature=" SIGNATURE,
        "AWS4-HMAC-SHA256 Credential=" SCOPE "/x, SignedHeaders=host, Signature=" SIGNATURE,
        "AWS4-HMAC-SHA256 Credential=AKID/20150830/us-east-1/ecs, SignedHeaders=host, "
        "Signature=" SIGNATURE,
        "AWS4-HMAC-SHA256 Credential=/20150830/us-east-1/ecs/aws4_request, SignedHeaders=host, "
        "Signature=" SIGNATURE,
        "AWS4-HMAC-SHA256 Credential=AKID/2015/us-east-1/ecs/aws4_request, SignedHeaders=host, "
        "Signature=" SIGNATURE,
    };
    struct sigv4_claim claim;
    for (size_t i = 0; i < EBB_COUNT(BAD); i++)
        assert_int_equal(sigv4_parse_authorization(str_from(BAD[i]), &claim), E_MALFORMED);
    assert_int_equal(sigv4_parse_authorization(STR_NONE, &claim), E_MALFORMED);
}
