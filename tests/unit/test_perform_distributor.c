/* SPDX-License-Identifier: Apache-2.0
 * Goal: a removal counts as done only when the distributor did not say no, in any of the ways
 * functions say it. Method: a table of Lambda's answers, and what is sent. */
#include "tests/support/fake_ports.h"

static struct result ask(struct fake_ports *f, enum effect_kind kind, const char *output)
{
    fake_aws_says(f, "Invoke", output);
    struct result r = fake_perform(f, kind);
    assert_true((r.outcome == OUTCOME_OK) == str_is_empty(r.code));
    return r;
}

TEST(perform_distributor_judges_what_the_function_answers)
{
    static const struct {
        const char *output;
        bool done;
    } ROWS[] = {
        {"{\"StatusCode\":200}", true},
        {"{\"StatusCode\":200,\"Payload\":\"\"}", true},
        {"{\"StatusCode\":200,\"Payload\":\"null\"}", true},
        {"{\"StatusCode\":200,\"Payload\":\" \\n\"}", true},
        {"{\"StatusCode\":200,\"Payload\":\"\\\"done\\\"\"}", true},
        {"{\"StatusCode\":200,\"Payload\":\"[1,2]\"}", true},
        {"{\"StatusCode\":200,\"Payload\":\"{}\"}", true},
        {"{\"StatusCode\":200,\"Payload\":\"{\\\"ok\\\":true,\\\"more\\\":{\\\"ok\\\":false}}\"}",
         true},
        {"{\"StatusCode\":200,\"Payload\":\"{\\\"statusCode\\\":200,\\\"body\\\":\\\"x\\\"}\"}",
         true},
        {"{\"StatusCode\":200,\"Payload\":\"{\\\"statusCode\\\":399}\"}", true},
        /* No error, as programs write it. */
        {"{\"StatusCode\":200,\"Payload\":\"{\\\"ok\\\":true,\\\"error\\\":null}\"}", true},
        {"{\"StatusCode\":200,\"Payload\":\"{\\\"error\\\":\\\"\\\"}\"}", true},
        {"{\"StatusCode\":200,\"Payload\":\"{\\\"error\\\":false}\"}", true},

        {"{\"StatusCode\":200,\"Payload\":\"{\\\"ok\\\":false}\"}", false},
        {"{\"StatusCode\":200,\"Payload\":\"  {\\\"ok\\\": false }\"}", false},
        {"{\"StatusCode\":200,\"Payload\":\"{\\\"statusCode\\\":400}\"}", false},
        {"{\"StatusCode\":200,\"Payload\":\"{\\\"statusCode\\\":500,\\\"ok\\\":true}\"}", false},
        {"{\"StatusCode\":200,\"Payload\":\"{\\\"error\\\":\\\"no such address\\\"}\"}", false},
        {"{\"StatusCode\":200,\"Payload\":\"{\\\"error\\\":{\\\"code\\\":7}}\"}", false},
        {"{\"StatusCode\":200,\"Payload\":\"{\\\"ok\\\":true,\\\"error\\\":\\\"but\\\"}\"}", false},
        {"{\"StatusCode\":200,\"Payload\":\"{\\\"statusCode\\\":\\\"500\\\"}\"}", false},
        {"{\"StatusCode\":200,\"Payload\":\"{\\\"ok\\\":tr\"}", false},
        {"{\"StatusCode\":200,\"FunctionError\":\"Unhandled\",\"Payload\":\"{}\"}", false},
        {"{\"StatusCode\":200,\"FunctionError\":\"Handled\"}", false},
    };
    static const enum effect_kind KINDS[] = {EFFECT_EXCLUDE, EFFECT_RESTORE, EFFECT_RELEASE};
    for (size_t k = 0; k < EBB_COUNT(KINDS); k++)
        for (size_t i = 0; i < EBB_COUNT(ROWS); i++) {
            struct fake_ports f;
            fake_ports_open(&f);
            struct result r = ask(&f, KINDS[k], ROWS[i].output);
            if (r.outcome != (ROWS[i].done ? OUTCOME_OK : OUTCOME_RETRY))
                fail_msg("%s: outcome %d, %.*s", ROWS[i].output, r.outcome, STR_ARG(r.detail));
            assert_true(r.answered == !ROWS[i].done);
            fake_ports_close(&f);
        }
}

TEST(perform_distributor_sends_the_documents_payload)
{
    static const struct {
        enum effect_kind kind;
        const char *payload;
    } ROWS[] = {
        {EFFECT_EXCLUDE,
         "{\"action\":\"comment_out_ip\",\"target_ip\":\"10.0.0.7\",\"drainId\":\"" FAKE_PORTS_DRAIN
         "\"}"},
        {EFFECT_RESTORE,
         "{\"action\":\"restore_ip\",\"target_ip\":\"10.0.0.7\",\"drainId\":\"" FAKE_PORTS_DRAIN
         "\"}"},
        {EFFECT_RELEASE,
         "{\"action\":\"release_ip\",\"target_ip\":\"10.0.0.7\",\"drainId\":\"" FAKE_PORTS_DRAIN
         "\"}"},
    };
    struct fake_ports f;
    fake_ports_open(&f);
    for (size_t i = 0; i < EBB_COUNT(ROWS); i++) {
        assert_int_equal(ask(&f, ROWS[i].kind, "{\"StatusCode\":200}").outcome, OUTCOME_OK);
        struct buf b;
        buf_init(&b, 4096);
        buf_add_text(&b, "{\"FunctionName\":\"kamailio\",\"InvocationType\":\"RequestResponse\","
                         "\"Payload\":");
        buf_add_json_string(&b, str_from(ROWS[i].payload));
        buf_add_char(&b, '}');
        assert_str(f.calls[i].input, arena_cstr(&f.arena, buf_view(&b)));
        assert_str(f.calls[i].region, "us-east-1");
        buf_release(&b);
    }
    fake_ports_close(&f);
}

TEST(perform_distributor_event_mode_is_taken_with_202_only)
{
    struct fake_ports f;
    fake_ports_open(&f);
    f.settings.distributor.invocation = INVOCATION_EVENT;
    assert_int_equal(ask(&f, EFFECT_EXCLUDE, "{\"StatusCode\":202}").outcome, OUTCOME_OK);
    assert_contains(f.calls[0].input, "\"InvocationType\":\"Event\"");
    assert_int_equal(ask(&f, EFFECT_EXCLUDE, "{\"StatusCode\":200}").outcome, OUTCOME_RETRY);
    assert_int_equal(ask(&f, EFFECT_EXCLUDE, "{\"StatusCode\":204}").outcome, OUTCOME_RETRY);
    fake_ports_close(&f);
}

TEST(perform_distributor_failures_are_not_removals)
{
    static const struct {
        int code;
        const char *aws_code;
        enum outcome outcome;
    } ROWS[] = {
        {E_THROTTLED, "TooManyRequestsException", OUTCOME_RETRY},
        {E_UNAVAILABLE, "ServiceException", OUTCOME_RETRY},
        {E_UNREACHABLE, NULL, OUTCOME_RETRY},
        {E_TIMEOUT, NULL, OUTCOME_RETRY},
        {E_UNKNOWN_OUTCOME, NULL, OUTCOME_UNKNOWN},
        {E_NOT_FOUND, "ResourceNotFoundException", OUTCOME_REFUSED},
        {E_DENIED, "AccessDeniedException", OUTCOME_REFUSED},
    };
    for (size_t i = 0; i < EBB_COUNT(ROWS); i++) {
        struct fake_ports f;
        fake_ports_open(&f);
        fake_aws_fails(&f, "Invoke", ROWS[i].code, ROWS[i].aws_code);
        struct result r = fake_perform(&f, EFFECT_EXCLUDE);
        assert_int_equal(r.outcome, ROWS[i].outcome);
        if (ROWS[i].aws_code) assert_str(r.code, ROWS[i].aws_code);
        assert_true(r.answered == (ROWS[i].aws_code && ROWS[i].code != E_THROTTLED));
        fake_ports_close(&f);
    }
}

TEST(perform_distributor_asks_nobody_about_a_service_that_is_none)
{
    struct fake_ports f;
    fake_ports_open(&f);
    f.drain.service = STR("no key");
    f.view.drain.record.service = STR("no key");
    struct result r = fake_perform(&f, EFFECT_EXCLUDE);
    assert_true(r.outcome != OUTCOME_OK && r.outcome != OUTCOME_UNKNOWN);
    assert_contains(r.detail, "not a service key");
    assert_int_equal(f.calls_n, 0);
    fake_ports_close(&f);
}

TEST(perform_distributor_without_such_an_action_has_nothing_to_do)
{
    struct fake_ports f;
    fake_ports_open(&f);
    f.settings.distributor.release_action = STR("");
    assert_int_equal(fake_perform(&f, EFFECT_RELEASE).outcome, OUTCOME_OK);
    assert_int_equal(f.calls_n, 0);
    fake_ports_close(&f);
}
