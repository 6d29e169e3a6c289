/* SPDX-License-Identifier: Apache-2.0
 * The list of stages. */
#include "workers/stage.h"

const struct stage STAGES[] = {
    {{"select", 6}, TOPIC_SELECT, select_next, "choose the task to drain, or say why none"},
    {{"remove", 6},
     TOPIC_REMOVE,
     remove_next,
     "tell the distributor: nothing new, back again, forget it"},
    {{"drain", 5}, TOPIC_DRAIN, drain_next, "tell the task to finish its work, and watch it"},
    {{"scale", 5},
     TOPIC_SCALE,
     scale_next,
     "lower the desired count so that exactly the drained tasks stop"},
};
const size_t STAGES_N = EBB_COUNT(STAGES);

const struct stage *stage_named(struct str name)
{
    for (size_t i = 0; i < STAGES_N; i++)
        if (str_eq(STAGES[i].name, name)) return &STAGES[i];
    return NULL;
}

const struct stage *stage_of_topic(struct str topic)
{
    for (size_t i = 0; i < STAGES_N; i++)
        if (str_eq(str_from(STAGES[i].topic), topic)) return &STAGES[i];
    return NULL;
}
