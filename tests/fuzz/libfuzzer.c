/* SPDX-License-Identifier: Apache-2.0
 * The target as libFuzzer calls it, for `make fuzz`: EBB_FUZZ_TARGET names it,
 * or is "list". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static const struct fuzz_target *target;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    const char *name = getenv("EBB_FUZZ_TARGET");
    (void)argc, (void)argv;
    if (name && !strcmp(name, "list")) {
        for (size_t i = 0; (target = fuzz_at(i)); i++)
            printf("%s\n", target->name);
        exit(0);
    }
    target = name ? fuzz_find(name) : NULL;
    if (target) return 0;
    (void)fprintf(stderr, "EBB_FUZZ_TARGET must be the name of a target\n");
    exit(2);
}

/* libFuzzer's bytes are a copy of their own size already. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    const void *p = bytes;
    target->run((struct str){p, n});
    return 0;
}
