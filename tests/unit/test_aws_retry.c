/* SPDX-License-Identifier: Apache-2.0
 * Goal: when a call is sent again, and what the caller is told when it is not. Method: a scripted
 * http port and a clock that moves only by sleeping; each test is one script and the expectations
 * on code, requests and pauses. */
#include "lib/aws/retry.h"
#include "tests/unit/test_aws_fake.h"

#define THROTTLED "{\"__type\":\"ThrottlingException\",\"message\":\"Rate exceeded\"}"
#define TASKS     "{\"taskArns\":[\"arn:aws:ecs:eu-west-1:123456789012:task/games/a\"]}"

TEST(aws_call_repeats_a_read_with_growing_pauses)
{
    struct fake_call s;
    fake_call_begin(&s);
    fake_says(&s.fake, 400, THROTTLED);
    fake_says(&s.fake, 500, "");
    fake_says(&s.fake, 200, TASKS);
    assert_int_equal(fake_call_list_tasks(&s, 0), 0);
    assert_int_equal(s.fake.asked_n, 3);
    assert_int_equal(s.fake.slept_n, 2);
    assert_int_equal(s.fake.slept_ms[0], 500);
    assert_int_equal(s.fake.slept_ms[1], 1000);
    assert_str(fake_header(&s.fake, 2, "amz-sdk-request"), "attempt=3; max=3");
    assert_true(str_eq(fake_header(&s.fake, 0, "amz-sdk-invocation-id"),
                       fake_header(&s.fake, 2, "amz-sdk-invocation-id")));
    assert_str(fake_header(&s.fake, 2, "x-amz-date"), "20260921T141321Z");
    fake_call_end(&s);
}

TEST(aws_call_gives_up_after_the_attempts_there_are)
{
    struct fake_call s;
    fake_call_begin(&s);
    fake_set(&s.fake, "AWS_MAX_ATTEMPTS", "2");
    fake_says(&s.fake, 400, THROTTLED);
    assert_int_equal(fake_call_list_tasks(&s, 0), E_THROTTLED);
    assert_int_equal(s.fake.asked_n, 2);
    assert_string_equal(s.failure.code, "ThrottlingException");
    assert_contains(str_from(s.failure.err.text), "Rate exceeded");
    fake_call_end(&s);
}

TEST(aws_call_does_not_repeat_what_was_refused)
{
    struct fake_call s;
    fake_call_begin(&s);
    fake_says(&s.fake, 400, "{\"__type\":\"InvalidParameterException\",\"message\":\"no\"}");
    assert_int_equal(fake_call_list_tasks(&s, 0), E_REFUSED);
    assert_int_equal(s.fake.asked_n, 1);
    fake_call_end(&s);
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
        struct fake_call s;
        fake_call_begin(&s);
        fake_answer(&s.fake, ROWS[i].reply);
        int code = fake_call_lower(&s, 0);
        if (code != ROWS[i].code) fail_msg("row %zu: %d %s", i, code, s.failure.err.text);
        assert_int_equal(s.failure.err.code, code);
        assert_int_equal(s.fake.asked_n, 1);
        assert_int_equal(s.fake.slept_n, 0);
        fake_call_end(&s);
    }
}

TEST(aws_call_never_says_failed_of_what_may_have_happened)
{
    struct fake_call s;
    fake_call_begin(&s);
    struct ecs_stop_task_input input = {.task = STR("t")};
    struct ecs_stop_task_output output = {0};
    fake_answer(&s.fake, (struct fake_reply){.code = E_UNKNOWN_OUTCOME});
    fake_answer(&s.fake, (struct fake_reply){.code = E_UNREACHABLE});
    assert_int_equal(fake_call_make(&s, &ECS_STOP_TASK, &input, &output, 0), E_UNKNOWN_OUTCOME);
    assert_int_equal(s.fake.asked_n, 3);
    assert_contains(str_from(s.failure.err.text), "may have taken effect");
    fake_call_end(&s);
}

TEST(aws_call_is_not_sent_after_its_time)
{
    struct fake_call s;
    fake_call_begin(&s);
    fake_says(&s.fake, 200, TASKS);
    assert_int_equal(fake_call_list_tasks(&s, FAKE_START_MS - 1), E_LATE);
    assert_int_equal(fake_call_lower(&s, FAKE_START_MS - 1), E_LATE);
    assert_int_equal(s.fake.asked_n, 0);
    assert_int_equal(fake_call_lower(&s, FAKE_START_MS), 0);
    assert_int_equal(s.fake.asked[0].not_after_ms, FAKE_START_MS);

    /* Its time ended while the connection was made: that is told, and not tried again. */
    s.fake.asked_n = s.fake.replies_n = 0;
    fake_answer(&s.fake, (struct fake_reply){.code = E_LATE});
    assert_int_equal(fake_call_list_tasks(&s, FAKE_START_MS), E_LATE);
    assert_int_equal(s.fake.asked_n, 1);
    fake_call_end(&s);
}

/* The answer is what went wrong, not that there was no time for another try. */
TEST(aws_call_does_not_wait_beyond_its_time)
{
    struct fake_call s;
    fake_call_begin(&s);
    fake_says(&s.fake, 400, THROTTLED);
    assert_int_equal(fake_call_list_tasks(&s, FAKE_START_MS + 499), E_THROTTLED);
    assert_int_equal(s.fake.asked_n, 1);
    assert_int_equal(s.fake.slept_n, 0);
    fake_call_end(&s);
}

TEST(aws_call_quota_ends_retries_and_successes_refill_it)
{
    struct fake_call s;
    fake_call_begin(&s);
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
        assert_int_equal(fake_call_list_tasks(&s, 0), E_TIMEOUT);
        assert_int_equal(s.fake.asked_n, 3);
    }
    s.fake.asked_n = s.fake.slept_n = 0;
    assert_int_equal(fake_call_list_tasks(&s, 0), E_TIMEOUT);
    assert_int_equal(s.fake.asked_n, 1);
    fake_call_end(&s);
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
    struct fake_call s;
    fake_call_begin(&s);
    struct fake_reply skewed = {
        .status = 403,
        .body = "{\"__type\":\"InvalidSignatureException\",\"message\":\"Signature expired\"}",
        .headers = {{STR("date"), STR("Mon, 21 Sep 2026 15:13:20 GMT")}}};
    fake_answer(&s.fake, skewed);
    fake_says(&s.fake, 200, TASKS);
    assert_int_equal(fake_call_list_tasks(&s, 0), 0);
    assert_str(fake_header(&s.fake, 1, "x-amz-date"), "20260921T151320Z");
    assert_int_equal(s.fake.slept_n, 0);
    /* It is kept for later calls. */
    assert_int_equal(fake_call_list_tasks(&s, 0), 0);
    assert_str(fake_header(&s.fake, 2, "x-amz-date"), "20260921T151320Z");
    fake_call_end(&s);
}

TEST(aws_call_with_wrong_keys_and_a_right_clock_is_denied)
{
    struct fake_call s;
    fake_call_begin(&s);
    struct fake_reply wrong = {
        .status = 403,
        .body = "{\"__type\":\"InvalidSignatureException\",\"message\":\"does not match\"}",
        .headers = {{STR("date"), STR("Mon, 21 Sep 2026 14:15:00 GMT")}}};
    fake_answer(&s.fake, wrong);
    assert_int_equal(fake_call_list_tasks(&s, 0), E_DENIED);
    assert_int_equal(s.fake.asked_n, 1);
    fake_call_end(&s);
}

/* What was tried once is not tried again, but the next call is signed rightly. */
TEST(aws_call_that_is_sent_once_corrects_the_clock_for_the_next)
{
    struct fake_call s;
    fake_call_begin(&s);
    fake_answer(&s.fake, (struct fake_reply){
                             .status = 403,
                             .body = "{\"__type\":\"RequestTimeTooSkewed\"}",
                             .headers = {{STR("date"), STR("Mon, 21 Sep 2026 13:13:20 GMT")}}});
    fake_says(&s.fake, 200, "{}");
    assert_int_equal(fake_call_lower(&s, 0), E_UNAVAILABLE);
    assert_contains(str_from(s.failure.err.text), "clock is 3600 s off");
    assert_int_equal(fake_call_lower(&s, 0), 0);
    assert_str(fake_header(&s.fake, 1, "x-amz-date"), "20260921T131320Z");
    fake_call_end(&s);
}
