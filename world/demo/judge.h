/* SPDX-License-Identifier: Apache-2.0
 * What came of it, by the world's own log, which Ebb never sees: the summary, and whether the demo
 * showed what it says it shows. */
#ifndef EBB_WORLD_DEMO_JUDGE_H
#define EBB_WORLD_DEMO_JUDGE_H

#include "world/demo/demo.h"

#define JUDGE_WRONGS_MAX ((size_t)8)

struct judgement {
    struct str summary;                  /* lines for people */
    struct str wrongs[JUDGE_WRONGS_MAX]; /* what was not as it should be */
    size_t wrongs_n;
};

/* Memory of the demo's arena. */
int judge(struct demo *d, struct judgement *out, struct err *e) EBB_MUST_CHECK;

#endif
