/* SPDX-License-Identifier: Apache-2.0
 * Goal: whatever comes back is understood: an error in any of AWS's forms, a page that AWS did not
 * write, bytes that mean nothing. Method: replies by hand, one row each, read directly. */
#include "lib/aws/reply.h"
#include "lib/aws/shapes/ecs.h"
#include "lib/aws/shapes/sts.h"
#include "lib/record/walkers.h"
#include "tests/support/test.h"

#define XML_ERROR(code)                                                                            \
    "<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error>"                   \
    "<Type>Sender</Type><Code>" code "</Code><Message>some words</Message></Error>"                \
    "<RequestId>1</RequestId></ErrorResponse>"

struct row {
    int status;
    const char *body, *query_error, *error_type;
    const char *code;
    int err;
    enum aws_meaning meaning;
};

static const struct row ROWS[] = {
    {400, "{\"__type\":\"ClusterNotFoundException\",\"message\":\"some words\"}", NULL, NULL,
     "ClusterNotFoundException", E_NOT_FOUND, AWS_MEANS_NOT_FOUND},
    {400, "{\"__type\":\"com.amazonaws.sqs#QueueDoesNotExist\",\"message\":\"some words\"}", NULL,
     NULL, "QueueDoesNotExist", E_NOT_FOUND, AWS_MEANS_NOT_FOUND},
    {400, "{\"__type\":\"a#B\",\"Message\":\"some words\"}",
     "AWS.SimpleQueueService.NonExistentQueue;Sender", "Other:http://x",
     "AWS.SimpleQueueService.NonExistentQueue", E_NOT_FOUND, AWS_MEANS_NOT_FOUND},
    {404, "{\"Type\":\"User\",\"message\":\"some words\"}", NULL,
     "ResourceNotFoundException:http://internal.amazon.com/coral/", "ResourceNotFoundException",
     E_NOT_FOUND, AWS_MEANS_NOT_FOUND},
    {400, "{\"code\":\"ThrottlingException\",\"message\":\"some words\"}", NULL, NULL,
     "ThrottlingException", E_THROTTLED, AWS_MEANS_THROTTLED},
    {429, "{\"message\":\"some words\"}", NULL, NULL, "", E_THROTTLED, AWS_MEANS_THROTTLED},
    {408, "{\"message\":\"some words\"}", NULL, NULL, "", E_UNAVAILABLE, AWS_MEANS_TRANSIENT},
    {502, "{\"message\":\"some words\"}", NULL, "EC2ThrottledException", "EC2ThrottledException",
     E_THROTTLED, AWS_MEANS_THROTTLED},
    {403, XML_ERROR("InvalidClientTokenId"), NULL, NULL, "InvalidClientTokenId", E_DENIED,
     AWS_MEANS_DENIED},
    {403, XML_ERROR("SignatureDoesNotMatch"), NULL, NULL, "SignatureDoesNotMatch", E_DENIED,
     AWS_MEANS_SIGNATURE},
    {403, XML_ERROR("ExpiredToken"), NULL, NULL, "ExpiredToken", E_EXPIRED, AWS_MEANS_EXPIRED},
    {400, "{\"__type\":\"InvalidParameterException\",\"message\":\"some words\"}", NULL, NULL,
     "InvalidParameterException", E_REFUSED, AWS_MEANS_REFUSED},
    {400, "{\"__type\":\"ConcurrentUpdateException\",\"message\":\"some words\"}", NULL, NULL,
     "ConcurrentUpdateException", E_CONFLICT, AWS_MEANS_CONFLICT},
    {500, "{\"__type\":\"ServerException\",\"message\":\"some words\"}", NULL, NULL,
     "ServerException", E_UNAVAILABLE, AWS_MEANS_TRANSIENT},
    {500, "", NULL, NULL, "", E_UNAVAILABLE, AWS_MEANS_TRANSIENT},
    {403, "", NULL, NULL, "", E_DENIED, AWS_MEANS_DENIED},
    {404, "", NULL, NULL, "", E_NOT_FOUND, AWS_MEANS_NOT_FOUND},
    {301, "", NULL, NULL, "", E_REFUSED, AWS_MEANS_REFUSED},
    {500, "<!doctype html><title>500 Internal Server Error</title>", NULL, NULL, "", E_UNAVAILABLE,
     AWS_MEANS_TRANSIENT},
    {403, "<html>\r\n\r\nthe proxy\x01 says no</html>", NULL, NULL, "", E_UNAVAILABLE,
     AWS_MEANS_NOT_DONE},
    {400, "{\"__type\":", NULL, NULL, "", E_UNAVAILABLE, AWS_MEANS_NOT_DONE},
    {400, "\xFF\xFE\x00", NULL, NULL, "", E_UNAVAILABLE, AWS_MEANS_NOT_DONE},
    {400, "<Error><Code>", NULL, NULL, "", E_UNAVAILABLE, AWS_MEANS_NOT_DONE},
};

TEST(aws_reply_failure_is_understood_in_any_form)
{
    for (size_t i = 0; i < EBB_COUNT(ROWS); i++) {
        const struct row *row = &ROWS[i];
        struct arena a;
        struct aws_failure failure;
        struct http_header headers[2];
        struct http_response reply = {
            .status = row->status, .headers = headers, .body = str_from(row->body)};
        arena_init(&a);
        if (row->query_error)
            headers[reply.headers_n++] =
                (struct http_header){STR("x-amzn-query-error"), str_from(row->query_error)};
        if (row->error_type)
            headers[reply.headers_n++] =
                (struct http_header){STR("x-amzn-errortype"), str_from(row->error_type)};
        enum aws_meaning meaning = aws_reply_failure(&ECS_LIST_TASKS, &reply, &a, &failure);
        if (meaning != row->meaning || failure.err.code != row->err)
            fail_msg("row %zu: meaning %d, %s", i, (int)meaning, failure.err.text);
        assert_string_equal(failure.code, row->code);
        assert_int_equal(failure.http_status, row->status);
        assert_contains(str_from(failure.err.text), "ListTasks");
        if (str_contains(reply.body, STR("some words")))
            assert_contains(str_from(failure.err.text), "some words");
        arena_release(&a);
    }
}

TEST(aws_reply_that_is_no_reply_is_shown_in_one_short_line)
{
    struct arena a;
    struct aws_failure failure;
    arena_init(&a);
    char page[5000];
    for (size_t i = 0; i < sizeof(page); i++)
        page[i] = i % 50 ? 'x' : '\n';
    struct http_response reply = {.status = 502, .body = {page, sizeof(page)}};
    (void)aws_reply_failure(&ECS_LIST_TASKS, &reply, &a, &failure);
    assert_true(str_from(failure.err.text).n < 200);
    assert_int_equal(str_find(str_from(failure.err.text), '\n'), -1);
    /* A cut between the bytes of one character would be no UTF-8. */
    for (size_t i = 0; i + 3 <= sizeof(page); i += 3)
        page[i] = '\xE2', page[i + 1] = '\x82', page[i + 2] = '\xAC';
    (void)aws_reply_failure(&ECS_LIST_TASKS, &reply, &a, &failure);
    assert_true(str_is_utf8(str_from(failure.err.text)));
    arena_release(&a);
}

TEST(aws_reply_with_a_code_of_any_length_fits)
{
    struct arena a;
    struct aws_failure failure;
    arena_init(&a);
    struct str code = arena_format(&a, "%0500d", 7);
    struct http_header header = {STR("x-amzn-errortype"), code};
    struct http_response reply = {.status = 400, .headers = &header, .headers_n = 1};
    assert_int_equal(aws_reply_failure(&ECS_LIST_TASKS, &reply, &a, &failure), AWS_MEANS_REFUSED);
    assert_true(str_from(failure.code).n < sizeof(failure.code));
    arena_release(&a);
}

static int decode(const char *body, struct ecs_list_tasks_output *out, struct err *e)
{
    struct arena a;
    arena_init(&a);
    struct http_response reply = {.status = 200, .body = str_from(body)};
    *out = (struct ecs_list_tasks_output){0};
    int rc = aws_reply_decode(&ECS_LIST_TASKS, &reply, &a, out, e);
    arena_release(&a);
    return rc;
}

TEST(aws_reply_of_success_is_read_or_refused)
{
    struct ecs_list_tasks_output out;
    struct err e;
    assert_int_equal(decode("", &out, &e), 0);
    assert_int_equal(decode("{}", &out, &e), 0);
    assert_int_equal(decode("{\"taskArns\":[],\"unknown\":{\"x\":[1]}}", &out, &e), 0);
    assert_int_equal(decode("{\"taskArns\":[1]}", &out, &e), E_MALFORMED);
    assert_contains(str_from(e.text), "taskArns[0]");
    assert_int_equal(decode("{\"taskArns\":[]} x", &out, &e), E_MALFORMED);
    assert_int_equal(decode("<html>sign in to the hotel</html>", &out, &e), E_UNAVAILABLE);
    assert_contains(str_from(e.text), "sign in to the hotel");
}

TEST(aws_reply_in_xml_must_hold_its_result)
{
    struct arena a;
    struct err e;
    struct sts_get_caller_identity_output out = {0};
    arena_init(&a);
    struct http_response reply = {.status = 200, .body = STR("<html>no</html>")};
    assert_int_equal(aws_reply_decode(&STS_GET_CALLER_IDENTITY, &reply, &a, &out, &e),
                     E_UNAVAILABLE);
    arena_release(&a);
}

TEST(ecs_task_address_is_found_where_the_api_and_where_events_put_it)
{
    static const struct {
        const char *json, *address;
    } TASKS[] = {
        {"{\"attachments\":[{\"type\":\"Other\",\"details\":[{\"name\":\"privateIPv4Address\","
         "\"value\":\"10.0.0.9\"}]},{\"type\":\"ElasticNetworkInterface\",\"status\":\"ATTACHED\","
         "\"details\":[{\"name\":\"macAddress\",\"value\":\"0a\"},{\"name\":"
         "\"privateIPv4Address\",\"value\":\"10.0.0.1\"}]}],\"containers\":[{"
         "\"networkInterfaces\":[{\"privateIpv4Address\":\"10.0.0.2\"}]}]}",
         "10.0.0.1"},
        {"{\"attachments\":[{\"type\":\"eni\",\"details\":[{\"name\":\"privateIPv4Address\","
         "\"value\":\"10.0.0.3\"}]}]}",
         "10.0.0.3"},
        {"{\"attachments\":[{\"type\":\"eni\",\"details\":[]}],\"containers\":[{\"exitCode\":0},"
         "{\"networkInterfaces\":[{\"privateIpv4Address\":\"10.0.0.4\"}]}]}",
         "10.0.0.4"},
        {"{\"containers\":[{\"name\":\"x\"}]}", NULL},
    };
    for (size_t i = 0; i < EBB_COUNT(TASKS); i++) {
        struct arena a;
        struct err e;
        struct ecs_task task = {0};
        arena_init(&a);
        assert_ok(json_decode(&ECS_TASK_RECORD, str_from(TASKS[i].json), &a, &task, &e), e);
        struct str address = ecs_task_private_ipv4(&task);
        if (TASKS[i].address)
            assert_str(address, TASKS[i].address);
        else
            assert_null(address.p);
        arena_release(&a);
    }
}
