/* SPDX-License-Identifier: Apache-2.0
 * The list of stages. */
#include "workers/stage.h"

const struct stage STAGES[] = {
#define X(name, topic, help) {{#name, sizeof(#name) - 1}, topic, name##_next, help},
    EBB_STAGES(X)
#undef X
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
