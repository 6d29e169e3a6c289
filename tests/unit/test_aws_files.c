/* SPDX-License-Identifier: Apache-2.0
 * See test_aws_files.h. */
#include "tests/unit/test_aws_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void files_write(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
    assert_int_equal(fclose(f), 0);
}

void files_init(struct files *f, const char *config, const char *credentials)
{
    *f = (struct files){.folder = "/tmp/ebb-test-aws-XXXXXX"};
    fake_init(&f->fake);
    assert_non_null(mkdtemp(f->folder));
    (void)snprintf(f->config, sizeof(f->config), "%s/config", f->folder);
    (void)snprintf(f->credentials, sizeof(f->credentials), "%s/credentials", f->folder);
    files_write(f->config, config);
    files_write(f->credentials, credentials);
    fake_set(&f->fake, "AWS_CONFIG_FILE", f->config);
    fake_set(&f->fake, "AWS_SHARED_CREDENTIALS_FILE", f->credentials);
    fake_set(&f->fake, "AWS_REGION", NULL);
}

void files_release(struct files *f)
{
    assert_int_equal(unlink(f->config), 0);
    assert_int_equal(unlink(f->credentials), 0);
    assert_int_equal(rmdir(f->folder), 0);
    fake_release(&f->fake);
}
