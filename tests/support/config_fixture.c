/* SPDX-License-Identifier: Apache-2.0
 * See config_fixture.h. */
#include "tests/support/config_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void config_fixture_open(struct config_fixture *f, const char *text, const char *const *environment)
{
    *f = (struct config_fixture){.environment = environment};
    arena_init(&f->arena);
    if (!text) return;
    (void)snprintf(f->directory, sizeof(f->directory), "/tmp/ebb-test-config-XXXXXX");
    assert_non_null(mkdtemp(f->directory));
    (void)snprintf(f->path, sizeof(f->path), "%s/ebb.yaml", f->directory);
    FILE *file = fopen(f->path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
}

static const char *find(void *ctx, const char *name)
{
    const struct config_fixture *f = ctx;
    size_t n = strlen(name);
    for (size_t i = 0; f->environment && f->environment[i]; i++)
        if (strncmp(f->environment[i], name, n) == 0 && f->environment[i][n] == '=')
            return f->environment[i] + n + 1;
    return NULL;
}

int config_fixture_load(struct config_fixture *f)
{
    struct config_source source = {
        .path = f->path[0] ? f->path : NULL, .getenv = find, .ctx = f, .variables = f->environment};
    f->e = (struct err){0};
    int code = config_load(&source, &f->arena, &f->config, &f->e);
    assert_int_equal(code, f->e.code);
    return code;
}

struct str config_fixture_error(struct config_fixture *f)
{
    struct str text = str_from(f->e.text), folder = str_from(f->directory);
    if (!folder.n || !str_starts(text, folder)) return text;
    return (struct str){text.p + folder.n + 1, text.n - folder.n - 1};
}

void config_fixture_close(struct config_fixture *f)
{
    if (f->path[0]) {
        (void)unlink(f->path); /* a test may have removed it */
        assert_int_equal(rmdir(f->directory), 0);
    }
    arena_release(&f->arena);
}
