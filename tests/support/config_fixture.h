/* SPDX-License-Identifier: Apache-2.0
 * A configuration file of the test's own, named ebb.yaml in its errors, and an environment that is
 * a list of NAME=value. */
#ifndef EBB_TESTS_SUPPORT_CONFIG_FIXTURE_H
#define EBB_TESTS_SUPPORT_CONFIG_FIXTURE_H

#include "schemas/config.h"
#include "tests/support/test.h"

struct config_fixture {
    struct arena arena;
    struct config config;
    struct err e;
    char directory[64];
    char path[80]; /* empty without a file */
    const char *const *environment;
};

/* text NULL: no file; environment NULL: empty. Both are borrowed. */
void config_fixture_open(struct config_fixture *f, const char *text,
                         const char *const *environment);
int config_fixture_load(struct config_fixture *f);
/* The error's words, without the folder the file is in. */
struct str config_fixture_error(struct config_fixture *f);
void config_fixture_close(struct config_fixture *f);

#endif
