/* SPDX-License-Identifier: Apache-2.0
 * What is not of ours and was written by the simulator (foreign.c), so that invariants know it. */
#ifndef EBB_TESTS_SIM_FOREIGN_H
#define EBB_TESTS_SIM_FOREIGN_H

#include "lib/base/str.h"

#define SIM_NEWER_PREFIX "newer-"
#define SIM_NONSENSE_KEY "nonsense"
#define SIM_FOREIGN_MAX  64

struct foreign_drain {
    struct str id, record;
};

struct foreign {
    struct foreign_drain drains[SIM_FOREIGN_MAX];
    size_t n;
};

#endif
