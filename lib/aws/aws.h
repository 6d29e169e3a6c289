/* SPDX-License-Identifier: Apache-2.0
 * One call to AWS: an operation's shapes say how its input is written and its output read; the
 * client signs, sends, retries what may be retried, and tells "failed" from "may have happened".
 * Thread-safe. */
#ifndef EBB_AWS_AWS_H
#define EBB_AWS_AWS_H

#include "lib/http/http.h"
#include "lib/record/record.h"

enum aws_protocol {
    AWS_JSON_1_0,
    AWS_JSON_1_1,
    AWS_QUERY,     /* form in, XML out */
    AWS_REST_JSON, /* Lambda: method and path of the operation, payload as the body */
};

struct aws_service {
    const char *id;           /* "ECS": the suffix of AWS_ENDPOINT_URL_<id> */
    const char *host_prefix;  /* "ecs" */
    const char *signing_name; /* "ecs" */
    enum aws_protocol protocol;
    const char *target_prefix; /* of X-Amz-Target, JSON protocols */
    const char *version;       /* query protocol: "2011-06-15" */
    bool query_compatible;     /* awsQueryCompatible: error codes are in x-amzn-query-error */
};

enum aws_retry {
    AWS_RETRY_READ,  /* reads, and writes that repeat harmlessly: standard retry with quota */
    AWS_RETRY_NEVER, /* sent once, whatever happens (UpdateService) */
};

/* REST-JSON only: where each field of the input and output travels. Every field has one row. */
enum aws_place {
    AWS_IN_PATH,    /* input: {wire} of the path is replaced by it */
    AWS_IN_QUERY,   /* input: ?wire=... */
    AWS_IN_HEADER,  /* a string field; an absent one sends no header */
    AWS_IN_PAYLOAD, /* the whole body, as it is */
    AWS_IN_STATUS,  /* output: the HTTP status, an integer field */
};

struct aws_binding {
    const char *field; /* its name in the record */
    enum aws_place place;
    const char *wire; /* the name in the path, query or header; NULL for payload and status */
};

struct aws_rest {
    const char *method, *path;
    const struct aws_binding *input, *output;
    size_t input_n, output_n;
};

struct aws_operation {
    const char *name;
    const struct aws_service *service;
    const struct record *input, *output; /* output NULL: the reply's body says nothing */
    const struct aws_rest *rest;         /* AWS_REST_JSON only */
    enum aws_retry retry;
    int64_t timeout_ms; /* 0 = the client's default; long polls need more */
    bool is_long_poll;  /* given up when the process stops (E_STOPPED) */
};

/* Out: what the caller needs to decide. code is AWS's ("ThrottlingException"), empty when the reply
 * had none. */
struct aws_failure {
    struct err err;
    char code[96];
    int http_status; /* 0 when no reply came */
    /* Also of a call that went well in the end: */
    int repeats;        /* attempts after the first */
    bool was_throttled; /* AWS said of one of them that it was too much */
};

struct aws_port {
    void *ctx;
    /* 0 and *out filled (memory of the arena), or a code: E_THROTTLED, E_UNAVAILABLE (5xx),
     * E_UNREACHABLE, E_TIMEOUT, E_UNKNOWN_OUTCOME, E_LATE, E_NOT_FOUND, E_DENIED, E_EXPIRED,
     * E_REFUSED, E_MALFORMED, E_STOPPED. not_after_ms 0 = none. region absent = the client's own.
     */
    int (*call)(void *ctx, const struct aws_operation *operation, struct str region,
                const void *input, struct arena *a, void *output, int64_t not_after_ms,
                struct aws_failure *failure);
};

int aws_call(const struct aws_port *port, const struct aws_operation *operation, struct str region,
             const void *input, struct arena *a, void *output, int64_t not_after_ms,
             struct aws_failure *failure) EBB_MUST_CHECK;

struct aws_client;

struct aws_client_options {
    struct http_port http;
    struct clock clock;
    struct str region;  /* from configuration; absent = environment, then the profile */
    int max_attempts;   /* 0 = AWS_MAX_ATTEMPTS or 3 */
    int64_t timeout_ms; /* of one attempt; 0 = 10 s */
    const char *(*getenv)(void *ctx, const char *name); /* NULL = the process's environment */
    void *getenv_ctx;
    /* How to wait before a retry, and a random number of [0, 1); NULL = clock_sleep_ms and the
     * system's generator. Tests and simulators bring their own. */
    void (*sleep_ms)(void *ctx, int64_t ms);
    double (*random_unit)(void *ctx);
    void *wait_ctx;
    /* Called after each attempt, for metrics and the timeline; may be NULL. */
    void (*observe)(void *ctx, const struct aws_operation *operation, int http_status,
                    int64_t took_ms);
    void *observe_ctx;
};

/* Resolves region and endpoints; credentials are fetched at the first call. E_CONFIG naming what is
 * missing. */
int aws_client_new(const struct aws_client_options *options, struct aws_client **out,
                   struct err *e) EBB_MUST_CHECK;
void aws_client_free(struct aws_client *client);
struct aws_port aws_client_port(struct aws_client *client);
struct str aws_client_region(const struct aws_client *client);

#endif
