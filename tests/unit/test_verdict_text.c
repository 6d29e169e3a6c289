/* SPDX-License-Identifier: Apache-2.0
 * Goal: what is told of a decision is true and reads as people say it. Method: a table of verdicts
 * and their sentences, and the line that commands make of them. */
#include "commands/show.h"
#include "lib/effect/effect.h"
#include "tests/support/test.h"

TEST(verdict_texts_say_what_the_numbers_mean)
{
    static const struct {
        struct verdict verdict;
        const char *text;
    } cases[] = {
        {{.kind = VERDICT_WOULD, .reason = REASON_CLAIMED, .subject = {"arn:a/b", 7}},
         "a drain of arn:a/b would begin"},
        {{.kind = VERDICT_DONE, .reason = REASON_CLAIMED}, "a drain was begun"},
        {{.kind = VERDICT_REFUSED, .reason = REASON_COOLDOWN, .have = 10585, .need = 19415},
         "the last drain of this service began too short a time ago (10.5 s ago; again in 19.4 "
         "s)"},
        {{.kind = VERDICT_REFUSED, .reason = REASON_BACKOFF, .need = 250000},
         "a drain of this service failed a moment ago (again in 4 min 10 s)"},
        {{.kind = VERDICT_REFUSED, .reason = REASON_AT_MIN_CAPACITY, .have = 2, .need = 2},
         "one task fewer would be below the floor (2, limit 2)"},
        {{.kind = VERDICT_REFUSED,
          .reason = REASON_PAUSED,
          .need = 5000,
          .subject = {"x is paused by ann until it is resumed: y", 41}},
         "drains are paused: x is paused by ann until it is resumed: y"},
        {{.kind = VERDICT_REFUSED, .reason = REASON_ACCOUNT_LIMIT, .have = 1000, .need = 1000},
         "as many drains as allowed are open in the account (1000, limit 1000)"},
        {{.kind = VERDICT_REFUSED, .reason = REASON_HOURLY_LIMIT},
         "as many drains as allowed began within the last hour"},
        {{.kind = VERDICT_WAIT, .reason = REASON_DRAINING, .have = 3},
         "the task finishes its work (3 left)"},
        {{.kind = VERDICT_WAIT, .reason = REASON_DRAINING, .have = -1},
         "the task finishes its work"},
        {{.kind = VERDICT_DONE, .reason = REASON_WRONG_TASK_STOPPED, .have = 2, .need = 3},
         "a task that was not drained stopped while we lowered the count (of 3 others 2 are left)"},
        {{.kind = VERDICT_RETRY, .reason = REASON_UNREACHABLE, .subject = {"timeout", 7}},
         "something needed did not answer: timeout"},
    };
    struct arena a;
    arena_init(&a);
    for (size_t i = 0; i < EBB_COUNT(cases); i++)
        assert_str(verdict_text(&cases[i].verdict, &a), cases[i].text);
    arena_release(&a);
}

TEST(verdict_of_observe_mode_claims_nothing_to_be_done)
{
    struct arena a;
    struct verdict_note would = {
        .verdict = STR("would"), .reason = STR("claimed"), .why = STR("a drain of x would begin")};
    struct verdict_note done = {
        .verdict = STR("done"), .reason = STR("claimed"), .why = STR("a drain was begun")};
    arena_init(&a);
    assert_str(show_decision(&a, &would), "would drain: a drain of x would begin");
    assert_str(show_decision(&a, &done), "done claimed: a drain was begun");
    arena_release(&a);
}
