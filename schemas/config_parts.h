/* SPDX-License-Identifier: Apache-2.0
 * Shared by the config_*.c files only: what the settings were read from, and the steps of reading.
 * All return 0 or E_CONFIG, with one line in *err that names the place. */
#ifndef EBB_SCHEMAS_CONFIG_PARTS_H
#define EBB_SCHEMAS_CONFIG_PARTS_H

#include "schemas/config.h"

/* While reading: where a contradiction is told to be. */
struct reading {
    struct config_origin from;
    bool is_implicit; /* the one service is that of the environment */
    struct arena *arena;
    struct err *err;
};

/* config_environment.c. Sets every field whose variable is set; nested records too, lists of
 * records not. *first becomes the first such variable. */
int config_apply_environment(const struct reading *in, const struct record *r, void *out,
                             const char **first) EBB_MUST_CHECK;
/* A variable that begins with EBB_ and sets nothing was meant to set something. */
int config_refuse_unknown_variables(const struct reading *in) EBB_MUST_CHECK;

/* config_check.c. What values of their own right say together. */
int config_check(const struct reading *in, const struct config *c) EBB_MUST_CHECK;

/* config_place.c. "ebb.yaml: line 4, column 5: services[0].mode: words", or the variable that set
 * it, or would. Always E_CONFIG. */
int config_contradict(const struct reading *in, struct str path, const char *words);
int config_contradict_service(const struct reading *in, size_t i, const char *name,
                              const char *words);

#endif
