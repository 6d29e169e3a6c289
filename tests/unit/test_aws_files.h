/* SPDX-License-Identifier: Apache-2.0
 * The shared files config and credentials, in a folder of the test's own. */
#ifndef EBB_TESTS_UNIT_TEST_AWS_FILES_H
#define EBB_TESTS_UNIT_TEST_AWS_FILES_H

#include "tests/unit/test_aws_fake.h"

struct files {
    struct fake fake; /* its environment names them, and no region */
    char folder[40], config[60], credentials[60];
};

void files_init(struct files *f, const char *config, const char *credentials);
void files_release(struct files *f);
void files_write(const char *path, const char *text);

#endif
