/* SPDX-License-Identifier: Apache-2.0
 * Goal: a line of the embedded metric format has what CloudWatch needs and nothing that makes a
 * metric per task; one that cannot be written is counted. Method: whole lines compared; a pipe that
 * nobody reads. */
#include "lib/run/emf.h"

#include "tests/support/test.h"

#include <fcntl.h>
#include <unistd.h>

#define SERVICE "aws:eu-west-1:123456789012:demo/sip"
#define ARN     "arn:aws:ecs:eu-west-1:123456789012:service/demo/sip"
#define TASK    "arn:aws:ecs:eu-west-1:123456789012:task/demo/0123456789abcdef0123456789abcdef"
#define NOW     ((int64_t)1700000005000)

static void line_is(enum emf_metric metric, const struct emf_about *about, const char *expected)
{
    struct buf b;
    buf_init(&b, 4096);
    emf_line(metric, 1, about, NOW, &b);
    assert_str(buf_view(&b), expected);
    buf_release(&b);
}

TEST(emf_line_has_tasks_and_addresses_as_properties)
{
    struct emf_about about = {.service = STR(SERVICE),
                              .task_arn = STR(TASK),
                              .address = STR("10.0.0.7"),
                              .drain_id = STR("3366f10b5f0aa7ab"),
                              .cause = STR("quo\"te")};
    line_is(EMF_DRAIN_STARTED, &about,
            "{\"_aws\":{\"Timestamp\":1700000005000,\"CloudWatchMetrics\":[{\"Namespace\":"
            "\"ECS/SafeScaleIn\",\"Dimensions\":[[\"ServiceArn\"]],\"Metrics\":[{\"Name\":"
            "\"DrainStarted\",\"Unit\":\"Count\"}]}]},\"DrainStarted\":1,\"ServiceArn\":\"" ARN
            "\",\"TaskArn\":\"" TASK "\",\"TargetIP\":\"10.0.0.7\",\"DrainId\":"
            "\"3366f10b5f0aa7ab\",\"Cause\":\"quo\\\"te\"}\n");
}

TEST(emf_line_names_no_dimension_that_is_not_there)
{
    line_is(EMF_SCALER_AUTH_FAILURES, &(struct emf_about){.address = STR("192.0.2.1")},
            "{\"_aws\":{\"Timestamp\":1700000005000,\"CloudWatchMetrics\":[{\"Namespace\":"
            "\"ECS/SafeScaleIn\",\"Dimensions\":[[]],\"Metrics\":[{\"Name\":\"ScalerAuthFailures\","
            "\"Unit\":\"Count\"}]}]},\"ScalerAuthFailures\":1,\"TargetIP\":\"192.0.2.1\"}\n");
    line_is(EMF_SCALER_ERRORS, &(struct emf_about){0},
            "{\"_aws\":{\"Timestamp\":1700000005000,\"CloudWatchMetrics\":[{\"Namespace\":"
            "\"ECS/SafeScaleIn\",\"Dimensions\":[[]],\"Metrics\":[{\"Name\":\"ScalerErrors\","
            "\"Unit\":\"Count\"}]}]},\"ScalerErrors\":1}\n");
}

TEST(emf_counts_what_cannot_be_written)
{
    int ends[2];
    assert_int_equal(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
    struct emf *emf = emf_new(clock_system(), ends[1]);
    struct emf_about about = {.service = STR(SERVICE)};
    int64_t sent = 0;
    /* Nobody reads: the pipe is full after 64 KB, long before a thousand lines. */
    while (!emf_lost(emf) && sent < 1000) {
        emf_count(emf, EMF_DRAIN_STARTED, &about);
        sent++;
    }
    assert_int_equal(emf_lost(emf), 1);
    emf_count(NULL, EMF_DRAIN_STARTED, &about);
    emf_free(emf);
    close(ends[0]);
    close(ends[1]);
}
