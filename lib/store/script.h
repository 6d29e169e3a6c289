/* SPDX-License-Identifier: Apache-2.0
 * Running a script wherever commands are performed: a server's pool, or a model of one. */
#ifndef EBB_STORE_SCRIPT_H
#define EBB_STORE_SCRIPT_H

#include "lib/store/store.h"

struct script_host {
    void *ctx;
    /* Performs one command; is_script: it may write before it fails. */
    int (*perform)(void *ctx, const struct str *args, size_t n, bool is_script, struct arena *a,
                   struct reply *out, struct err *e);
};

/* EVALSHA; where the script is not known it is loaded and run once more. */
int script_run(const struct script_host *host, const struct script *script, const struct str *keys,
               const struct str *args, size_t n, struct arena *a, struct reply *out,
               struct err *e) EBB_MUST_CHECK;

#endif
