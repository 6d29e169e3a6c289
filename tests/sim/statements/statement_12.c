/* SPDX-License-Identifier: Apache-2.0
 * A late duplicate callback is answered 200; one for a drain that there is not, 409; one for a drain
 * of which Redis lost the state is asked to come again. */
#include "lib/distributor/token.h"
#include "tests/sim/redis_model.h"
#include "tests/sim/statements/written.h"

static int call_back(struct written *w, struct str drain_id, struct str task_arn)
{
    struct str token = token_for(&w->sim.config->callback, drain_id, task_arn, &w->arena);
    struct str body = arena_format(&w->arena, "{\"taskArn\":\"%.*s\",\"drainId\":\"%.*s\"}",
                                   STR_ARG(task_arn), STR_ARG(drain_id));
    return written_callback(w, STR("POST"), token, body);
}

TEST(statement_12_a_late_duplicate_callback_is_answered_200)
{
    struct written w;
    written_begin(&w, &(struct written_options){0});
    written_drain(&w);
    struct str id = w.drains[0].drain_id, arn = w.drains[0].task_arn;
    written_empty(&w, arn);
    written_wait(&w, all_drains_are_final, 3 * MINUTE_MS, "the drain's end");
    written_is(&w, 0, DRAIN_SCALED_OUT);
    int64_t version = w.drains[0].version;
    assert_int_equal(call_back(&w, id, arn), 200);
    assert_int_equal(call_back(&w, id, arn), 200);
    written_pass(&w, MINUTE_MS);
    assert_int_equal(w.drains[0].version, version);
    assert_int_equal(written_lowered(&w), 1);
    written_end(&w);
}

TEST(statement_12_b_a_callback_for_no_drain_is_answered_409)
{
    struct written w;
    written_begin(&w, &(struct written_options){0});
    written_drain(&w);
    struct str id = w.drains[0].drain_id, arn = w.drains[0].task_arn;
    assert_int_equal(call_back(&w, STR("0123456789abcdef"), arn), 409);
    assert_int_equal(call_back(&w, id, written_task(&w, 0).arn), 409);
    written_pass(&w, 30 * SECOND_MS);
    written_is(&w, 0, DRAIN_DRAINING);
    written_end(&w);
}

TEST(statement_12_c_a_callback_for_a_drain_that_redis_lost_comes_again)
{
    struct written w;
    written_begin(&w, &(struct written_options){0});
    written_drain(&w);
    struct str id = w.drains[0].drain_id, arn = w.drains[0].task_arn;
    redis_model_restart(w.sim.redis, STR("00000000000000000000000000000000000000c1"));
    assert_int_equal(call_back(&w, id, arn), 503);
    written_pass(&w, MINUTE_MS);
    assert_int_equal(call_back(&w, id, arn), 200);
    written_end(&w);
}
