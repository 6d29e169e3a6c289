/* SPDX-License-Identifier: Apache-2.0
 * A stage for the AWS client's tests: an http port that answers from a script and keeps what it was
 * asked, a clock that moves only when somebody sleeps, an environment that is a list. */
#ifndef EBB_TESTS_UNIT_TEST_AWS_FAKE_H
#define EBB_TESTS_UNIT_TEST_AWS_FAKE_H

#include "lib/aws/aws.h"
#include "lib/aws/profile.h"
#include "lib/aws/shapes/ecs.h"
#include "tests/support/test.h"

#define FAKE_REPLIES_MAX 40
#define FAKE_ENV_MAX     16
#define FAKE_HEADERS_MAX 4
#define FAKE_START_MS    ((int64_t)1790000000000) /* 2026-09-21T14:13:20Z */

struct fake_reply {
    int code; /* of the port; status counts when it is 0 */
    int status;
    const char *body;
    struct http_header headers[FAKE_HEADERS_MAX];
    int64_t took_ms;
};

struct fake {
    struct arena arena;
    int64_t now_ms;
    struct fake_reply replies[FAKE_REPLIES_MAX];
    size_t replies_n; /* the last one is repeated for ever */
    struct http_request asked[FAKE_REPLIES_MAX];
    size_t asked_n;
    int64_t slept_ms[FAKE_REPLIES_MAX];
    size_t slept_n;
    double random_unit;
    const char *env[FAKE_ENV_MAX][2];
    size_t env_n;
    /* Counts of what observe was told. */
    size_t observed_n;
};

/* With keys and a region in the environment, and no shared files. */
void fake_init(struct fake *f);
void fake_release(struct fake *f);
void fake_set(struct fake *f, const char *name, const char *value); /* value NULL: not set */
void fake_answer(struct fake *f, struct fake_reply reply);
/* A reply of that status and body. */
void fake_says(struct fake *f, int status, const char *body);
struct http_port fake_http(struct fake *f);
struct clock fake_clock(struct fake *f);
struct aws_environment fake_environment(struct fake *f);
void fake_sleep(void *ctx, int64_t ms);
struct aws_client *fake_client(struct fake *f);
/* A header of the i-th request, absent when it has none. */
struct str fake_header(const struct fake *f, size_t i, const char *name);

/* One client, one call after the other. The client is made at the first. */
struct fake_call {
    struct fake fake;
    struct arena arena;
    struct aws_client *client;
    struct aws_failure failure;
    struct ecs_list_tasks_output tasks;
};

void fake_call_begin(struct fake_call *s);
void fake_call_end(struct fake_call *s);
int fake_call_make(struct fake_call *s, const struct aws_operation *operation, const void *input,
                   void *output, int64_t not_after_ms);
/* A read, into tasks; and a write that is sent once. */
int fake_call_list_tasks(struct fake_call *s, int64_t not_after_ms);
int fake_call_lower(struct fake_call *s, int64_t not_after_ms);

#endif
