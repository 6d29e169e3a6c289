/* SPDX-License-Identifier: Apache-2.0
 * Goal: what a call sends, when it is sent again, and what the caller is told. Method: a scripted
 * http port and a clock that moves only by sleeping; each test is one script and the expectations
 * on code, requests and pauses. */
#include "lib/aws/retry.h"
#include "lib/aws/shapes/ecs.h"
#include "lib/aws/shapes/lambda.h"
#include "lib/aws/shapes/sqs.h"
#include "lib/aws/shapes/sts.h"
#include "tests/unit/test_aws_fake.h"

#define THROTTLED "{\"__type\":\"ThrottlingException\",\"message\":\"Rate exceeded\"}"
#define TASKS     "{\"taskArns\":[\"arn:aws:ecs:eu-west-1:123456789012:task/games/a\"]}"

/* One client, one call. */
struct stage {
    struct fake fake;
    struct arena arena;
    struct aws_client *client;
    struct aws_failure failure;
    struct ecs_list_tasks_output tasks;
};

static void begin(struct stage *s)
{
    *s = (struct stage){0};
    fake_init(&s->fake);
    arena_init(&s->arena);
}

static void end(struct stage *s)
{
    aws_client_free(s->client);
    arena_release(&s->arena);
    fake_release(&s->fake);
}

static int call(struct stage *s, const struct aws_operation *operation, const void *input,
                void *output, int64_t not_after_ms)
{
    if (!s->client) s->client = fake_client(&s->fake);
    struct aws_port port = aws_client_port(s->client);
    return aws_call(&port, operation, STR_NONE, input, &s->arena, output, not_after_ms,
                    &s->failure);
}

static int list_tasks(struct stage *s, int64_t not_after_ms)
{
    struct ecs_list_tasks_input input = {.cluster = STR("games"), .service_name = STR("rooms")};
    s->tasks = (struct ecs_list_tasks_output){0};
    return call(s, &ECS_LIST_TASKS, &input, &s->tasks, not_after_ms);
}

static int lower(struct stage *s, int64_t not_after_ms)
{
    struct ecs_update_service_input input = {
        .cluster = STR("games"), .service = STR("rooms"), .desired_count = 0};
    struct ecs_update_service_output output = {0};
    return call(s, &ECS_UPDATE_SERVICE, &input, &output, not_after_ms);
}

TEST(aws_call_sends_a_signed_request_and_reads_the_reply)
{
    struct stage s;
    begin(&s);
    fake_set(&s.fake, "AWS_SESSION_TOKEN", "a+token/=");
    fake_says(&s.fake, 200, TASKS);
    assert_int_equal(list_tasks(&s, 0), 0);
    assert_int_equal(s.tasks.task_arns.n, 1);
    assert_int_equal(s.failure.http_status, 200);
    assert_str(s.fake.asked[0].method, "POST");
    assert_str(s.fake.asked[0].url, "https://ecs.eu-west-1.amazonaws.com/");
    assert_str(s.fake.asked[0].body, "{\"cluster\":\"games\",\"serviceName\":\"rooms\"}");
    assert_str(fake_header(&s.fake, 0, "host"), "ecs.eu-west-1.amazonaws.com");
    assert_str(fake_header(&s.fake, 0, "content-type"), "application/x-amz-json-1.1");
    assert_str(fake_header(&s.fake, 0, "x-amz-target"),
               "AmazonEC2ContainerServiceV20141113.ListTasks");
    assert_str(fake_header(&s.fake, 0, "x-amz-date"), "20260921T141320Z");
    assert_str(fake_header(&s.fake, 0, "x-amz-security-token"), "a+token/=");
    assert_str(fake_header(&s.fake, 0, "amz-sdk-request"), "attempt=1; max=3");
    assert_int_equal(fake_header(&s.fake, 0, "amz-sdk-invocation-id").n, 36);
    assert_contains(fake_header(&s.fake, 0, "authorization"),
                    "Credential=AKIDEXAMPLE/20260921/eu-west-1/ecs/aws4_request");
    assert_contains(fake_header(&s.fake, 0, "authorization"), "x-amz-security-token");
    assert_null(fake_header(&s.fake, 0, "x-amzn-query-mode").p);
    assert_int_equal(s.fake.observed_n, 1);
    end(&s);
}

TEST(aws_call_of_a_zero_count_is_written)
{
    struct stage s;
    begin(&s);
    fake_says(&s.fake, 200, "{\"service\":{}}");
    assert_int_equal(lower(&s, 0), 0);
    assert_contains(s.fake.asked[0].body, "\"desiredCount\":0");
    assert_str(fake_header(&s.fake, 0, "amz-sdk-request"), "attempt=1; max=1");
    end(&s);
}

TEST(aws_call_goes_to_another_region_when_asked)
{
    struct stage s;
    begin(&s);
    fake_says(&s.fake, 200, TASKS);
    s.client = fake_client(&s.fake);
    struct aws_port port = aws_client_port(s.client);
    struct ecs_list_tasks_input input = {0};
    assert_int_equal(aws_call(&port, &ECS_LIST_TASKS, STR("cn-north-1"), &input, &s.arena, &s.tasks,
                              0, &s.failure),
                     0);
    assert_str(s.fake.asked[0].url, "https://ecs.cn-north-1.amazonaws.com.cn/");
    assert_contains(fake_header(&s.fake, 0, "authorization"), "/cn-north-1/ecs/aws4_request");
    end(&s);
}

TEST(aws_call_speaks_query_and_xml_to_sts)
{
    struct stage s;
    begin(&s);
    fake_says(&s.fake, 200,
              "<GetCallerIdentityResponse "
              "xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>"
              "<Arn>arn:aws:iam::123456789012:user/x</Arn><UserId>AIDA</UserId>"
              "<Account>123456789012</Account></GetCallerIdentityResult><ResponseMetadata>"
              "<RequestId>1</RequestId></ResponseMetadata></GetCallerIdentityResponse>");
    struct sts_get_caller_identity_input input = {0};
    struct sts_get_caller_identity_output output = {0};
    assert_int_equal(call(&s, &STS_GET_CALLER_IDENTITY, &input, &output, 0), 0);
    assert_str(output.account, "123456789012");
    assert_str(s.fake.asked[0].body, "Action=GetCallerIdentity&Version=2011-06-15");
    assert_str(s.fake.asked[0].url, "https://sts.eu-west-1.amazonaws.com/");
    end(&s);
}

TEST(aws_call_puts_the_parts_of_a_lambda_where_they_belong)
{
    struct stage s;
    begin(&s);
    fake_answer(&s.fake,
                (struct fake_reply){.status = 200,
                                    .body = "{\"errorMessage\":\"no\"}",
                                    .headers = {{STR("x-amz-function-error"), STR("Unhandled")},
                                                {STR("x-amz-executed-version"), STR("$LATEST")}}});
    struct lambda_invoke_input input = {
        .function_name = STR("arn:aws:lambda:eu-west-1:123456789012:function:kamailio"),
        .qualifier = STR("$LATEST"),
        .invocation_type = STR("RequestResponse"),
        .payload = STR("{\"action\":\"comment_out_ip\"}"),
    };
    struct lambda_invoke_output output = {0};
    assert_int_equal(call(&s, &LAMBDA_INVOKE, &input, &output, 0), 0);
    assert_str(s.fake.asked[0].url,
               "https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/"
               "arn%3Aaws%3Alambda%3Aeu-west-1%3A123456789012%3Afunction%3Akamailio/invocations"
               "?Qualifier=%24LATEST");
    assert_str(fake_header(&s.fake, 0, "x-amz-invocation-type"), "RequestResponse");
    assert_str(s.fake.asked[0].body, "{\"action\":\"comment_out_ip\"}");
    assert_int_equal(output.status_code, 200);
    assert_str(output.function_error, "Unhandled");
    assert_str(output.payload, "{\"errorMessage\":\"no\"}");
    end(&s);
}

TEST(aws_call_names_the_field_an_input_lacks)
{
    struct stage s;
    begin(&s);
    fake_says(&s.fake, 200, "{}");
    struct lambda_invoke_input input = {.payload = STR("{}")};
    struct lambda_invoke_output output = {0};
    assert_int_equal(call(&s, &LAMBDA_INVOKE, &input, &output, 0), E_MALFORMED);
    assert_contains(str_from(s.failure.err.text), "FunctionName");
    assert_int_equal(s.fake.asked_n, 0);
    end(&s);
}

TEST(aws_call_tells_a_query_compatible_service_so)
{
    struct stage s;
    begin(&s);
    fake_answer(&s.fake, (struct fake_reply){
                             .status = 400,
                             .body = "{\"__type\":\"com.amazonaws.sqs#QueueDoesNotExist\","
                                     "\"message\":\"The specified queue does not exist.\"}",
                             .headers = {{STR("x-amzn-query-error"),
                                          STR("AWS.SimpleQueueService.NonExistentQueue;Sender")}}});
    struct sqs_get_queue_url_input input = {.queue_name = STR("none")};
    struct sqs_queue_url_output output = {0};
    assert_int_equal(call(&s, &SQS_GET_QUEUE_URL, &input, &output, 0), E_NOT_FOUND);
    assert_str(fake_header(&s.fake, 0, "x-amzn-query-mode"), "true");
    assert_string_equal(s.failure.code, "AWS.SimpleQueueService.NonExistentQueue");
    assert_contains(str_from(s.failure.err.text), "The specified queue does not exist.");
    end(&s);
}

TEST(aws_call_repeats_a_read_with_growing_pauses)
{
    struct stage s;
    begin(&s);
    fake_says(&s.fake, 400, THROTTLED);
    fake_says(&s.fake, 500, "");
    fake_says(&s.fake, 200, TASKS);
    assert_int_equal(list_tasks(&s, 0), 0);
    assert_int_equal(s.fake.asked_n, 3);
    assert_int_equal(s.fake.slept_n, 2);
    assert_int_equal(s.fake.slept_ms[0], 500);
    assert_int_equal(s.fake.slept_ms[1], 1000);
    assert_str(fake_header(&s.fake, 2, "amz-sdk-request"), "attempt=3; max=3");
    assert_true(str_eq(fake_header(&s.fake, 0, "amz-sdk-invocation-id"),
                       fake_header(&s.fake, 2, "amz-sdk-invocation-id")));
    assert_str(fake_header(&s.fake, 2, "x-amz-date"), "20260921T141321Z");
    end(&s);
}

TEST(aws_call_gives_up_after_the_attempts_there_are)
{
    struct stage s;
    begin(&s);
    fake_set(&s.fake, "AWS_MAX_ATTEMPTS", "2");
    fake_says(&s.fake, 400, THROTTLED);
    assert_int_equal(list_tasks(&s, 0), E_THROTTLED);
    assert_int_equal(s.fake.asked_n, 2);
    assert_string_equal(s.failure.code, "ThrottlingException");
    assert_contains(str_from(s.failure.err.text), "Rate exceeded");
    end(&s);
}

TEST(aws_call_does_not_repeat_what_was_refused)
{
    struct stage s;
    begin(&s);
    fake_says(&s.fake, 400, "{\"__type\":\"InvalidParameterException\",\"message\":\"no\"}");
    assert_int_equal(list_tasks(&s, 0), E_REFUSED);
    assert_int_equal(s.fake.asked_n, 1);
    end(&s);
}

TEST(aws_call_sends_update_service_once_whatever_happens)
{
    const struct {
        struct fake_reply reply;
        int code;
    } ROWS[] = {
        {{.status = 400, .body = THROTTLED}, E_THROTTLED},
        {{.status = 500, .body = ""}, E_UNKNOWN_OUTCOME},
        {{.status = 503, .body = "{\"__type\":\"ServiceUnavailableException\"}"},
         E_UNKNOWN_OUTCOME},
        {{.status = 504, .body = "<html>Gateway Timeout</html>"}, E_UNKNOWN_OUTCOME},
        {{.status = 400, .body = "{\"__type\":\"ServerException\"}"}, E_UNKNOWN_OUTCOME},
        {{.status = 400, .body = "{\"__type\":\"ServiceNotActiveException\"}"}, E_REFUSED},
        {{.status = 400, .body = "{\"__type\":\"ServiceNotFoundException\"}"}, E_NOT_FOUND},
        {{.status = 400, .body = "{\"__type\":\"AccessDeniedException\"}"}, E_DENIED},
        {{.status = 400, .body = "{\"__type\":\"ExpiredTokenException\"}"}, E_EXPIRED},
        {{.status = 407, .body = "<html>proxy</html>"}, E_UNAVAILABLE},
        {{.status = 200, .body = "{\"service\":"}, E_UNKNOWN_OUTCOME},
        {{.status = 200, .body = "<html>hello</html>"}, E_UNKNOWN_OUTCOME},
        {{.code = E_UNKNOWN_OUTCOME}, E_UNKNOWN_OUTCOME},
        {{.code = E_TOO_LARGE}, E_UNKNOWN_OUTCOME},
        {{.code = E_UNREACHABLE}, E_UNREACHABLE},
        {{.code = E_TIMEOUT}, E_TIMEOUT},
    };
    for (size_t i = 0; i < EBB_COUNT(ROWS); i++) {
        struct stage s;
        begin(&s);
        fake_answer(&s.fake, ROWS[i].reply);
        int code = lower(&s, 0);
        if (code != ROWS[i].code) fail_msg("row %zu: %d %s", i, code, s.failure.err.text);
        assert_int_equal(s.failure.err.code, code);
        assert_int_equal(s.fake.asked_n, 1);
        assert_int_equal(s.fake.slept_n, 0);
        end(&s);
    }
}

TEST(aws_call_never_says_failed_of_what_may_have_happened)
{
    struct stage s;
    begin(&s);
    struct ecs_stop_task_input input = {.task = STR("t")};
    struct ecs_stop_task_output output = {0};
    fake_answer(&s.fake, (struct fake_reply){.code = E_UNKNOWN_OUTCOME});
    fake_answer(&s.fake, (struct fake_reply){.code = E_UNREACHABLE});
    assert_int_equal(call(&s, &ECS_STOP_TASK, &input, &output, 0), E_UNKNOWN_OUTCOME);
    assert_int_equal(s.fake.asked_n, 3);
    assert_contains(str_from(s.failure.err.text), "may have taken effect");
    end(&s);
}

TEST(aws_call_is_not_sent_after_its_time)
{
    struct stage s;
    begin(&s);
    fake_says(&s.fake, 200, TASKS);
    assert_int_equal(list_tasks(&s, FAKE_START_MS - 1), E_LATE);
    assert_int_equal(lower(&s, FAKE_START_MS - 1), E_LATE);
    assert_int_equal(s.fake.asked_n, 0);
    assert_int_equal(lower(&s, FAKE_START_MS), 0);
    assert_int_equal(s.fake.asked[0].not_after_ms, FAKE_START_MS);
    end(&s);
}

/* The answer is what went wrong, not that there was no time for another try. */
TEST(aws_call_does_not_wait_beyond_its_time)
{
    struct stage s;
    begin(&s);
    fake_says(&s.fake, 400, THROTTLED);
    assert_int_equal(list_tasks(&s, FAKE_START_MS + 499), E_THROTTLED);
    assert_int_equal(s.fake.asked_n, 1);
    assert_int_equal(s.fake.slept_n, 0);
    end(&s);
}

TEST(aws_call_quota_ends_retries_and_successes_refill_it)
{
    struct stage s;
    begin(&s);
    struct retry_quota quota;
    retry_quota_init(&quota);
    for (int i = 0; i < RETRY_QUOTA_MAX / RETRY_COST_TIMEOUT; i++)
        assert_true(retry_quota_take(&quota, RETRY_COST_TIMEOUT));
    assert_false(retry_quota_take(&quota, 1));
    retry_quota_give(&quota, RETRY_COST);
    assert_false(retry_quota_take(&quota, RETRY_COST_TIMEOUT));
    assert_true(retry_quota_take(&quota, RETRY_COST));
    retry_quota_give(&quota, 2 * RETRY_QUOTA_MAX);
    assert_int_equal(atomic_load(&quota.left), RETRY_QUOTA_MAX);
    /* 50 retries of calls that end in a timeout are all a client has. */
    fake_answer(&s.fake, (struct fake_reply){.code = E_TIMEOUT});
    for (int i = 0; i < RETRY_QUOTA_MAX / RETRY_COST_TIMEOUT / 2; i++) {
        s.fake.asked_n = s.fake.slept_n = 0;
        assert_int_equal(list_tasks(&s, 0), E_TIMEOUT);
        assert_int_equal(s.fake.asked_n, 3);
    }
    s.fake.asked_n = s.fake.slept_n = 0;
    assert_int_equal(list_tasks(&s, 0), E_TIMEOUT);
    assert_int_equal(s.fake.asked_n, 1);
    end(&s);
}

TEST(aws_retry_backoff_doubles_up_to_twenty_seconds)
{
    static const int64_t MOST_MS[] = {1000, 2000, 4000, 8000, 16000, 20000, 20000};
    for (size_t i = 0; i < EBB_COUNT(MOST_MS); i++) {
        assert_int_equal(retry_backoff_ms((int)i + 1, 0.5), MOST_MS[i] / 2);
        assert_int_equal(retry_backoff_ms((int)i + 1, 0), 0);
    }
    assert_int_equal(retry_backoff_ms(1000, 0.5), 10000);
}

TEST(aws_call_corrects_its_clock_once_by_what_aws_says)
{
    struct stage s;
    begin(&s);
    struct fake_reply skewed = {
        .status = 403,
        .body = "{\"__type\":\"InvalidSignatureException\",\"message\":\"Signature expired\"}",
        .headers = {{STR("date"), STR("Mon, 21 Sep 2026 15:13:20 GMT")}}};
    fake_answer(&s.fake, skewed);
    fake_says(&s.fake, 200, TASKS);
    assert_int_equal(list_tasks(&s, 0), 0);
    assert_str(fake_header(&s.fake, 1, "x-amz-date"), "20260921T151320Z");
    assert_int_equal(s.fake.slept_n, 0);
    /* It is kept for later calls. */
    assert_int_equal(list_tasks(&s, 0), 0);
    assert_str(fake_header(&s.fake, 2, "x-amz-date"), "20260921T151320Z");
    end(&s);
}

TEST(aws_call_with_wrong_keys_and_a_right_clock_is_denied)
{
    struct stage s;
    begin(&s);
    struct fake_reply wrong = {
        .status = 403,
        .body = "{\"__type\":\"InvalidSignatureException\",\"message\":\"does not match\"}",
        .headers = {{STR("date"), STR("Mon, 21 Sep 2026 14:15:00 GMT")}}};
    fake_answer(&s.fake, wrong);
    assert_int_equal(list_tasks(&s, 0), E_DENIED);
    assert_int_equal(s.fake.asked_n, 1);
    end(&s);
}

/* What was tried once is not tried again, but the next call is signed rightly. */
TEST(aws_call_that_is_sent_once_corrects_the_clock_for_the_next)
{
    struct stage s;
    begin(&s);
    fake_answer(&s.fake, (struct fake_reply){
                             .status = 403,
                             .body = "{\"__type\":\"RequestTimeTooSkewed\"}",
                             .headers = {{STR("date"), STR("Mon, 21 Sep 2026 13:13:20 GMT")}}});
    fake_says(&s.fake, 200, "{}");
    assert_int_equal(lower(&s, 0), E_UNAVAILABLE);
    assert_contains(str_from(s.failure.err.text), "clock is 3600 s off");
    assert_int_equal(lower(&s, 0), 0);
    assert_str(fake_header(&s.fake, 1, "x-amz-date"), "20260921T131320Z");
    end(&s);
}
