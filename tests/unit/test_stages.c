/* SPDX-License-Identifier: Apache-2.0
 * Goal: a stage that is added is there for all who list stages. Method: the stages beside the topics
 * that are made and checked. */
#include "lib/run/process.h"
#include "tests/support/test.h"
#include "workers/stage.h"

TEST(stages_and_topics_are_the_same)
{
    static const char *const TOPICS[] = {
#define X(topic) topic,
        EBB_STAGE_TOPICS(X)
#undef X
    };
    assert_int_equal(STAGES_N, EBB_COUNT(TOPICS));
    for (size_t i = 0; i < STAGES_N; i++) {
        assert_str(str_from(STAGES[i].topic), TOPICS[i]);
        assert_str(STAGES[i].name, TOPIC_STAGE(TOPICS[i]));
        assert_ptr_equal(stage_named(STAGES[i].name), &STAGES[i]);
        assert_ptr_equal(stage_of_topic(str_from(TOPICS[i])), &STAGES[i]);
    }
}

TEST(stages_topics_are_made)
{
    struct process p = {0};
    size_t n, compacted = 0;
    arena_init(&p.arena);
    const struct bus_topic *topics = process_topics(&p, &n);
    for (size_t s = 0; s < STAGES_N; s++) {
        bool made = false;
        for (size_t i = 0; i < n; i++)
            made |= str_eq(topics[i].name, str_from(STAGES[s].topic)) && !topics[i].compacted;
        assert_true(made);
    }
    for (size_t i = 0; i < n; i++)
        compacted += topics[i].compacted;
    assert_int_equal(compacted, 1);
    arena_release(&p.arena);
}
