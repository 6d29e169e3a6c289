/* SPDX-License-Identifier: Apache-2.0
 * Inputs made of the seeds by chance: the same number gives the same input. */
#ifndef EBB_TESTS_FUZZ_MUTATE_H
#define EBB_TESTS_FUZZ_MUTATE_H

#include "lib/base/str.h"

/* A change of one seed, or a splice of two; at most out_max bytes are written to out. seeds_n is
 * not 0. */
size_t fuzz_mutate(const struct str *seeds, size_t seeds_n, uint64_t number, char *out,
                   size_t out_max);

#endif
