/* SPDX-License-Identifier: Apache-2.0
 * Goal: a call goes out in the right form to the right place, and its reply is read. Method: a
 * scripted http port; what it was asked is looked at byte by byte. */
#include "lib/aws/shapes/lambda.h"
#include "lib/aws/shapes/sqs.h"
#include "lib/aws/shapes/sts.h"
#include "tests/unit/test_aws_fake.h"

#define TASKS "{\"taskArns\":[\"arn:aws:ecs:eu-west-1:123456789012:task/games/a\"]}"

TEST(aws_call_sends_a_signed_request_and_reads_the_reply)
{
    struct fake_call s;
    fake_call_begin(&s);
    fake_set(&s.fake, "AWS_SESSION_TOKEN", "a+token/=");
    fake_says(&s.fake, 200, TASKS);
    assert_int_equal(fake_call_list_tasks(&s, 0), 0);
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
    fake_call_end(&s);
}

TEST(aws_call_of_a_zero_count_is_written)
{
    struct fake_call s;
    fake_call_begin(&s);
    fake_says(&s.fake, 200, "{\"service\":{}}");
    assert_int_equal(fake_call_lower(&s, 0), 0);
    assert_contains(s.fake.asked[0].body, "\"desiredCount\":0");
    assert_str(fake_header(&s.fake, 0, "amz-sdk-request"), "attempt=1; max=1");
    fake_call_end(&s);
}

TEST(aws_call_goes_to_another_region_when_asked)
{
    struct fake_call s;
    fake_call_begin(&s);
    fake_says(&s.fake, 200, TASKS);
    s.client = fake_client(&s.fake);
    struct aws_port port = aws_client_port(s.client);
    struct ecs_list_tasks_input input = {0};
    assert_int_equal(aws_call(&port, &ECS_LIST_TASKS, STR("cn-north-1"), &input, &s.arena, &s.tasks,
                              0, &s.failure),
                     0);
    assert_str(s.fake.asked[0].url, "https://ecs.cn-north-1.amazonaws.com.cn/");
    assert_contains(fake_header(&s.fake, 0, "authorization"), "/cn-north-1/ecs/aws4_request");
    fake_call_end(&s);
}

TEST(aws_call_speaks_query_and_xml_to_sts)
{
    struct fake_call s;
    fake_call_begin(&s);
    fake_says(&s.fake, 200,
              "<GetCallerIdentityResponse "
              "xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>"
              "<Arn>arn:aws:iam::123456789012:user/x</Arn><UserId>AIDA</UserId>"
              "<Account>123456789012</Account></GetCallerIdentityResult><ResponseMetadata>"
              "<RequestId>1</RequestId></ResponseMetadata></GetCallerIdentityResponse>");
    struct sts_get_caller_identity_input input = {0};
    struct sts_get_caller_identity_output output = {0};
    assert_int_equal(fake_call_make(&s, &STS_GET_CALLER_IDENTITY, &input, &output, 0), 0);
    assert_str(output.account, "123456789012");
    assert_str(s.fake.asked[0].body, "Action=GetCallerIdentity&Version=2011-06-15");
    assert_str(s.fake.asked[0].url, "https://sts.eu-west-1.amazonaws.com/");
    fake_call_end(&s);
}

TEST(aws_call_puts_the_parts_of_a_lambda_where_they_belong)
{
    struct fake_call s;
    fake_call_begin(&s);
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
    assert_int_equal(fake_call_make(&s, &LAMBDA_INVOKE, &input, &output, 0), 0);
    assert_str(s.fake.asked[0].url,
               "https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/"
               "arn%3Aaws%3Alambda%3Aeu-west-1%3A123456789012%3Afunction%3Akamailio/invocations"
               "?Qualifier=%24LATEST");
    assert_str(fake_header(&s.fake, 0, "x-amz-invocation-type"), "RequestResponse");
    assert_str(s.fake.asked[0].body, "{\"action\":\"comment_out_ip\"}");
    assert_int_equal(output.status_code, 200);
    assert_str(output.function_error, "Unhandled");
    assert_str(output.payload, "{\"errorMessage\":\"no\"}");
    fake_call_end(&s);
}

TEST(aws_call_goes_below_the_path_of_an_endpoint)
{
    struct fake_call s;
    struct lambda_invoke_input input = {.function_name = STR("f"), .payload = STR("{}")};
    struct lambda_invoke_output output = {0};
    fake_call_begin(&s);
    fake_set(&s.fake, "AWS_ENDPOINT_URL", "http://127.0.0.1:4566/a/b/");
    fake_says(&s.fake, 200, "{}");
    assert_int_equal(fake_call_make(&s, &LAMBDA_INVOKE, &input, &output, 0), 0);
    assert_str(s.fake.asked[0].url, "http://127.0.0.1:4566/a/b/2015-03-31/functions/f/invocations");
    assert_str(fake_header(&s.fake, 0, "host"), "127.0.0.1:4566");
    fake_call_end(&s);
}

TEST(aws_call_names_the_field_an_input_lacks)
{
    struct fake_call s;
    fake_call_begin(&s);
    fake_says(&s.fake, 200, "{}");
    struct lambda_invoke_input input = {.payload = STR("{}")};
    struct lambda_invoke_output output = {0};
    assert_int_equal(fake_call_make(&s, &LAMBDA_INVOKE, &input, &output, 0), E_MALFORMED);
    assert_contains(str_from(s.failure.err.text), "FunctionName");
    assert_int_equal(s.fake.asked_n, 0);
    fake_call_end(&s);
}

TEST(aws_call_tells_a_query_compatible_service_so)
{
    struct fake_call s;
    fake_call_begin(&s);
    fake_answer(&s.fake, (struct fake_reply){
                             .status = 400,
                             .body = "{\"__type\":\"com.amazonaws.sqs#QueueDoesNotExist\","
                                     "\"message\":\"The specified queue does not exist.\"}",
                             .headers = {{STR("x-amzn-query-error"),
                                          STR("AWS.SimpleQueueService.NonExistentQueue;Sender")}}});
    struct sqs_get_queue_url_input input = {.queue_name = STR("none")};
    struct sqs_queue_url_output output = {0};
    assert_int_equal(fake_call_make(&s, &SQS_GET_QUEUE_URL, &input, &output, 0), E_NOT_FOUND);
    assert_str(fake_header(&s.fake, 0, "x-amzn-query-mode"), "true");
    assert_string_equal(s.failure.code, "AWS.SimpleQueueService.NonExistentQueue");
    assert_contains(str_from(s.failure.err.text), "The specified queue does not exist.");
    fake_call_end(&s);
}
