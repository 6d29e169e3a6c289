/* SPDX-License-Identifier: Apache-2.0
 * Scalable targets from inside. */
#ifndef EBB_WORLD_REGION_AUTOSCALING_H
#define EBB_WORLD_REGION_AUTOSCALING_H

#include "world/region/ecs_model.h"

struct scalable_target {
    uint64_t number;
    char resource_id[KEY_BYTES], arn[ARN_BYTES];
    int64_t minimum, maximum, created_ms;
    bool scale_in_suspended, scale_out_suspended, schedule_suspended;
};

/* By "service/cluster/name"; NULL when there is none. */
const struct scalable_target *scalable_target_find(const struct region *region,
                                                   struct str resource_id);

#endif
