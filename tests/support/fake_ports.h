/* SPDX-License-Identifier: Apache-2.0
 * Ports that answer from a script and keep what they were asked: AWS, HTTP, Kafka and the clock.
 * The store is a real one, for the tests that set it. A call that the script does not expect fails
 * the test. */
#ifndef EBB_TESTS_SUPPORT_FAKE_PORTS_H
#define EBB_TESTS_SUPPORT_FAKE_PORTS_H

#include "lib/effect/ports.h"
#include "tests/support/test.h"

#define FAKE_PORTS_MAX     64
#define FAKE_PORTS_NOW_MS  ((int64_t)1700000000000)
#define FAKE_PORTS_SERVICE "aws:us-east-1:123456789012:demo/calls"
#define FAKE_PORTS_TASK                                                                            \
    "arn:aws:ecs:us-east-1:123456789012:task/demo/0123456789abcdef0123456789abcdef"
#define FAKE_PORTS_DRAIN "3366f10b5f0aa7ab"

struct fake_answer {
    const char *operation;
    int code;
    const char *aws_code, *json; /* json: the output, by the names of its shape */
};

struct fake_call {
    struct str operation, region, input; /* input as JSON */
    int64_t not_after_ms;
};

struct fake_http_reply {
    int code, status;
    struct str body;
};

struct fake_http_call {
    struct str method, url, content_type, body;
    int64_t timeout_ms;
    size_t response_max;
};

struct fake_record {
    struct str topic, key, value, traceparent;
};

struct fake_ports {
    struct arena arena;
    int64_t now_ms; /* of both clocks */
    struct fake_answer answers[FAKE_PORTS_MAX];
    struct fake_call calls[FAKE_PORTS_MAX];
    size_t answers_n, calls_n;
    struct fake_http_reply replies[FAKE_PORTS_MAX];
    struct fake_http_call requests[FAKE_PORTS_MAX];
    size_t replies_n, requests_n;
    int bus_codes[FAKE_PORTS_MAX]; /* of the first, second ... publication; 0 beyond */
    struct fake_record published[FAKE_PORTS_MAX];
    size_t published_n;
    /* Called while a record is on its way; may be NULL. */
    void (*on_publish)(void *ctx);
    void *on_publish_ctx;

    struct config config;
    struct service_settings settings;
    struct message message;
    struct view view;
    struct drain drain; /* CLAIMED, of FAKE_PORTS_TASK at 10.0.0.7 */
    struct ports ports;
};

void fake_ports_open(struct fake_ports *f);
/* Fails the test when the script was not used up. */
void fake_ports_close(struct fake_ports *f);

void fake_aws_says(struct fake_ports *f, const char *operation, const char *json);
void fake_aws_fails(struct fake_ports *f, const char *operation, int code, const char *aws_code);
void fake_http_says(struct fake_ports *f, int status, const char *body);
void fake_http_fails(struct fake_ports *f, int code);

/* Performs an effect on the drain. */
struct result fake_perform(struct fake_ports *f, enum effect_kind kind);
struct result fake_perform_effect(struct fake_ports *f, const struct effect *effect);

#endif
