/* SPDX-License-Identifier: Apache-2.0
 * See folder.h. */
#include "world/demo/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OPEN_FOLDERS_MAX 8 /* while removing */

int folder_make(struct arena *a, const char **out, struct err *e)
{
    const char *base = getenv("TMPDIR");
    if (!base || !*base) base = "/tmp";
    struct str name = arena_format(a, "%s/ebb-demo.XXXXXX", base);
    if (name.n > FOLDER_PATH_MAX)
        return err_set(e, E_CONFIG,
                       "the path of TMPDIR is too long for a socket in it (%zu bytes, limit %zu); "
                       "try TMPDIR=/tmp",
                       name.n, FOLDER_PATH_MAX);
    char *path = arena_alloc(a, name.n + 1);
    memcpy(path, name.p, name.n);
    if (!mkdtemp(path))
        return err_set(e, E_MISSING, "no folder can be made in %s: %s; set TMPDIR", base,
                       strerror(errno));
    *out = path;
    return E_OK;
}

int folder_write(const char *folder, const char *name, struct str text, struct err *e)
{
    struct arena a;
    arena_init(&a);
    const char *path = arena_cstr(&a, arena_format(&a, "%s/%s", folder, name));
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    bool ok = file && fwrite(text.p, 1, text.n, file) == text.n;
    if (file) ok = fclose(file) == 0 && ok;
    int rc = ok ? E_OK : err_set(e, E_MISSING, "%s cannot be written: %s", path, strerror(errno));
    arena_release(&a);
    return rc;
}

struct str folder_read(const char *folder, const char *name, struct arena *a)
{
    const char *path = arena_cstr(a, arena_format(a, "%s/%s", folder, name));
    FILE *file = fopen(path, "rbe");
    if (!file) return STR_NONE;
    char bytes[FOLDER_READ_MAX];
    size_t n = fread(bytes, 1, sizeof(bytes), file);
    (void)fclose(file); /* only read */
    return arena_copy(a, (struct str){bytes, n});
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *place)
{
    (void)about;
    (void)kind;
    (void)place;
    (void)remove(path); /* the rest is removed all the same */
    return 0;
}

void folder_remove(const char *folder)
{
    if (folder) (void)nftw(folder, remove_one, OPEN_FOLDERS_MAX, FTW_DEPTH | FTW_PHYS);
}
