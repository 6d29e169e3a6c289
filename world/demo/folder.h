/* SPDX-License-Identifier: Apache-2.0
 * The demo's folder: configuration, sockets and one log for each process. Made fresh, and removed
 * with all that is in it, unless something went wrong and somebody wants to read the logs. */
#ifndef EBB_WORLD_DEMO_FOLDER_H
#define EBB_WORLD_DEMO_FOLDER_H

#include "lib/base/arena.h"
#include "lib/base/err.h"

/* A unix socket's path has at most 107 bytes; what follows the folder's name is shorter than 20. */
#define FOLDER_PATH_MAX ((size_t)88)

/* Under $TMPDIR, or /tmp. E_MISSING when it cannot be made, E_CONFIG when its path would be too
 * long for a socket. */
int folder_make(struct arena *a, const char **out, struct err *e) EBB_MUST_CHECK;
/* Whoever cannot read the file cannot read the keys in it. */
int folder_write(const char *folder, const char *name, struct str text,
                 struct err *e) EBB_MUST_CHECK;
/* The file's first bytes (FOLDER_READ_MAX); absent while there is no such file. */
#define FOLDER_READ_MAX ((size_t)64 * 1024)
struct str folder_read(const char *folder, const char *name, struct arena *a);
/* NULL is nothing; what cannot be removed stays. */
void folder_remove(const char *folder);

#endif
