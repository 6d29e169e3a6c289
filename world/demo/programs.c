/* SPDX-License-Identifier: Apache-2.0
 * See programs.h. */
#include "world/demo/programs.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *find_in_path(struct arena *a, const char *name)
{
    struct str folders = str_from(getenv("PATH"));
    while (folders.n) {
        struct str folder = str_cut(&folders, ':');
        const char *path = arena_format(a, "%.*s/%s", STR_ARG(folder), name).p;
        if (folder.n && !access(path, X_OK)) return path;
    }
    return NULL;
}

int programs_find(const char *ebb, struct arena *a, struct programs *out, struct err *e)
{
    char own[PATH_MAX], real[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", own, sizeof(own));
    if (n <= 0 || (size_t)n == sizeof(own))
        return err_set(e, E_MISSING, "/proc/self/exe cannot be read: is /proc mounted?");
    struct str folder = {own, (size_t)n};
    out->world = arena_copy(a, folder).p;
    while (folder.n && folder.p[folder.n - 1] != '/')
        folder.n--;
    if (!ebb) ebb = arena_format(a, "%.*sebb", STR_ARG(folder)).p;
    if (!realpath(ebb, real) || access(real, X_OK))
        return err_set(e, E_MISSING,
                       "%s cannot be run: %s; `make` builds it, --ebb PATH names another one", ebb,
                       strerror(errno));
    out->ebb = arena_copy(a, str_from(real)).p;
    out->redis = find_in_path(a, "redis-server");
    if (!out->redis)
        return err_set(e, E_MISSING,
                       "redis-server is not in PATH; on Debian `apt-get install redis-server`, or "
                       "`make demo`, installs it");
    return E_OK;
}

bool programs_has(const char *name)
{
    struct arena a;
    arena_init(&a);
    bool there = find_in_path(&a, name) != NULL;
    arena_release(&a);
    return there;
}
