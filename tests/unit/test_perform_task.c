/* SPDX-License-Identifier: Apache-2.0
 * Goal: what a task answers, or does not, is never taken for more than it is: accepted, refused,
 * surely not arrived, or unknown. Method: scripted replies of every class for the three calls of
 * the task's contract. */
#include "lib/distributor/token.h"
#include "lib/record/walkers.h"
#include "schemas/contract.h"
#include "tests/support/fake_ports.h"

static const enum effect_kind CALLS[] = {EFFECT_START, EFFECT_CANCEL};

TEST(perform_start_and_cancel_tell_http_statuses_apart)
{
    static const struct {
        int status;
        enum outcome outcome;
    } ROWS[] = {
        {200, OUTCOME_OK},      {201, OUTCOME_OK},      {202, OUTCOME_OK},
        {204, OUTCOME_OK},      {299, OUTCOME_OK},      {300, OUTCOME_REFUSED},
        {301, OUTCOME_REFUSED}, {304, OUTCOME_REFUSED}, {400, OUTCOME_REFUSED},
        {401, OUTCOME_REFUSED}, {403, OUTCOME_REFUSED}, {404, OUTCOME_REFUSED},
        {405, OUTCOME_REFUSED}, {408, OUTCOME_RETRY},   {409, OUTCOME_REFUSED},
        {410, OUTCOME_REFUSED}, {422, OUTCOME_REFUSED}, {429, OUTCOME_RETRY},
        {500, OUTCOME_UNKNOWN}, {501, OUTCOME_REFUSED}, {502, OUTCOME_UNKNOWN},
        {503, OUTCOME_RETRY},   {504, OUTCOME_UNKNOWN}, {599, OUTCOME_UNKNOWN},
    };
    for (size_t k = 0; k < EBB_COUNT(CALLS); k++)
        for (size_t i = 0; i < EBB_COUNT(ROWS); i++) {
            struct fake_ports f;
            fake_ports_open(&f);
            fake_http_says(&f, ROWS[i].status, "whatever it says");
            struct result r = fake_perform(&f, CALLS[k]);
            if (r.outcome != ROWS[i].outcome) fail_msg("%d: outcome %d", ROWS[i].status, r.outcome);
            if (r.outcome == OUTCOME_OK) assert_true(str_is_empty(r.code));
            if (ROWS[i].status == 409) assert_str(r.code, "http_409");
            fake_ports_close(&f);
        }
}

TEST(perform_start_and_cancel_tell_not_arrived_from_not_known)
{
    static const struct {
        int code;
        enum outcome outcome;
    } ROWS[] = {
        {E_UNREACHABLE, OUTCOME_RETRY},
        {E_TIMEOUT, OUTCOME_RETRY},
        {E_UNKNOWN_OUTCOME, OUTCOME_UNKNOWN},
        {E_LATE, OUTCOME_RETRY},
        {E_MALFORMED, OUTCOME_REFUSED},
        /* The reply was too large to be read, so the request had arrived. */
        {E_TOO_LARGE, OUTCOME_UNKNOWN},
    };
    for (size_t k = 0; k < EBB_COUNT(CALLS); k++)
        for (size_t i = 0; i < EBB_COUNT(ROWS); i++) {
            struct fake_ports f;
            fake_ports_open(&f);
            fake_http_fails(&f, ROWS[i].code);
            struct result r = fake_perform(&f, CALLS[k]);
            if (r.outcome != ROWS[i].outcome) fail_msg("%d: outcome %d", ROWS[i].code, r.outcome);
            assert_true(str_eq(r.code, err_name(ROWS[i].code)));
            fake_ports_close(&f);
        }
}

TEST(perform_start_sends_the_contract)
{
    struct fake_ports f;
    struct start_body body = {0};
    struct err e = {0};
    fake_ports_open(&f);
    fake_http_says(&f, 202, "");
    assert_int_equal(fake_perform(&f, EFFECT_START).outcome, OUTCOME_OK);
    const struct fake_http_call *sent = &f.requests[0];
    assert_str(sent->method, "POST");
    assert_str(sent->url, "http://10.0.0.7:8080/drain/start");
    assert_str(sent->content_type, "application/json");
    assert_int_equal(sent->timeout_ms, 5000);
    assert_int_equal(sent->response_max, CONTRACT_BODY_MAX);
    assert_ok(json_decode(&START_BODY_RECORD, sent->body, &f.arena, &body, &e), e);
    assert_str(body.task_arn, FAKE_PORTS_TASK);
    assert_str(body.drain_id, FAKE_PORTS_DRAIN);
    assert_int_equal(body.max_drain_seconds, 14400);
    assert_str(body.callback_url, "http://callback.internal:8090/");
    assert_true(token_is_right(&f.config.callback, body.token, f.drain.drain_id, f.drain.task_arn,
                               &f.arena));
    fake_ports_close(&f);
}

TEST(perform_cancel_sends_the_contract)
{
    struct fake_ports f;
    fake_ports_open(&f);
    f.settings.task.scheme = STR("https");
    f.settings.task.port = 443;
    fake_http_says(&f, 200, "");
    assert_int_equal(fake_perform(&f, EFFECT_CANCEL).outcome, OUTCOME_OK);
    assert_str(f.requests[0].url, "https://10.0.0.7:443/drain/cancel");
    assert_str(f.requests[0].body,
               "{\"taskArn\":\"" FAKE_PORTS_TASK "\",\"drainId\":\"" FAKE_PORTS_DRAIN "\"}");
    fake_ports_close(&f);
}

#define MINE "{\"taskArn\":\"" FAKE_PORTS_TASK "\",\"drainId\":\"" FAKE_PORTS_DRAIN "\""

TEST(perform_status_knows_only_what_the_task_says_of_itself)
{
    static const struct {
        const char *body;
        bool known, draining, empty;
        int64_t sessions;
    } ROWS[] = {
        {MINE ",\"state\":\"DRAINING\",\"sessions\":3}", true, true, false, 3},
        {MINE ",\"state\":\"DRAINING\",\"sessions\":0}", true, true, true, 0},
        {MINE ",\"state\":\"drained\",\"sessions\":0,\"more\":[1]}", true, true, true, 0},
        {MINE ",\"state\":\"RUNNING\",\"sessions\":0}", true, false, true, 0},
        {MINE ",\"sessions\":0}", true, false, true, 0},
        /* Not saying how many is not zero. */
        {MINE ",\"state\":\"DRAINING\"}", true, true, false, -1},
        {MINE ",\"state\":\"DRAINING\",\"sessions\":null}", true, true, false, -1},
        {MINE ",\"state\":\"DRAINING\",\"sessions\":-1}", true, true, false, -1},
        {MINE ",\"state\":\"DRAINING\",\"sessions\":-2}", false, false, false, 0},
        {MINE ",\"state\":\"DRAINING\",\"sessions\":\"0\"}", false, false, false, 0},
        {MINE ",\"state\":\"DRAINING\",\"sessions\":0.5}", false, false, false, 0},
        {MINE ",\"state\":7,\"sessions\":0}", false, false, false, 0},
        /* Addresses are reused: another task's word is nobody's. */
        {"{\"taskArn\":\"arn:aws:ecs:us-east-1:123456789012:task/demo/another\","
         "\"state\":\"DRAINING\",\"sessions\":0}",
         false, false, false, 0},
        {"{\"state\":\"DRAINING\",\"sessions\":0}", false, false, false, 0},
        {"{\"taskArn\":\"\",\"state\":\"DRAINING\",\"sessions\":0}", false, false, false, 0},
        {"{\"taskArn\":null,\"state\":\"DRAINING\",\"sessions\":0}", false, false, false, 0},
        {"", false, false, false, 0},
        {"{}", false, false, false, 0},
        {"[]", false, false, false, 0},
        {"OK", false, false, false, 0},
        {MINE ",\"state\":\"DRAINING\",\"sessions\":0", false, false, false, 0},
    };
    for (size_t i = 0; i < EBB_COUNT(ROWS); i++) {
        struct fake_ports f;
        fake_ports_open(&f);
        fake_http_says(&f, 200, ROWS[i].body);
        struct result r = fake_perform(&f, EFFECT_READ_STATUS);
        assert_str(f.requests[0].method, "GET");
        assert_str(f.requests[0].url, "http://10.0.0.7:8080/drain/status");
        assert_int_equal(f.requests[0].body.n, 0);
        if (r.status.known != ROWS[i].known) fail_msg("row %zu: known %d", i + 1, r.status.known);
        assert_int_equal(r.outcome == OUTCOME_OK, ROWS[i].known);
        assert_int_equal(r.status.draining, ROWS[i].draining);
        assert_int_equal(r.status.empty, ROWS[i].empty);
        assert_int_equal(r.status.sessions, ROWS[i].sessions);
        if (r.status.known) assert_str(r.status.drain_id, FAKE_PORTS_DRAIN);
        fake_ports_close(&f);
    }
}

TEST(perform_status_is_known_from_a_200_only)
{
    static const int STATUSES[] = {201, 202, 204, 301, 401, 404, 409, 429, 500, 503};
    static const int CODES[] = {E_UNREACHABLE, E_TIMEOUT, E_UNKNOWN_OUTCOME, E_TOO_LARGE};
    for (size_t i = 0; i < EBB_COUNT(STATUSES) + EBB_COUNT(CODES); i++) {
        struct fake_ports f;
        fake_ports_open(&f);
        if (i < EBB_COUNT(STATUSES))
            fake_http_says(&f, STATUSES[i], MINE ",\"state\":\"DRAINING\",\"sessions\":0}");
        else
            fake_http_fails(&f, CODES[i - EBB_COUNT(STATUSES)]);
        struct result r = fake_perform(&f, EFFECT_READ_STATUS);
        assert_int_not_equal(r.outcome, OUTCOME_OK);
        assert_false(r.status.known || r.status.empty);
        fake_ports_close(&f);
    }
}

TEST(perform_never_puts_the_token_into_what_people_see)
{
    struct fake_ports f;
    fake_ports_open(&f);
    struct str token = token_for(&f.config.callback, f.drain.drain_id, f.drain.task_arn, &f.arena);
    static const int STATUSES[] = {200, 409, 500};
    for (size_t i = 0; i < EBB_COUNT(STATUSES); i++) {
        fake_http_says(&f, STATUSES[i], arena_cstr(&f.arena, token));
        struct result r = fake_perform(&f, EFFECT_START);
        assert_false(str_contains(r.detail, token) || str_contains(r.code, token));
        assert_true(str_contains(f.requests[i].body, token));
    }
    fake_ports_close(&f);
}
