/* SPDX-License-Identifier: Apache-2.0
 * Questions to Redis of which there are several of a kind. */
#ifndef EBB_STORE_READS_H
#define EBB_STORE_READS_H

#include "lib/store/state.h"

/* A command that is answered with a list of texts. E_BUG when the answer is anything else. */
int store_read_texts(const struct store_port *port, const struct str *args, size_t n,
                     struct arena *a, struct str_list *out, struct err *e) EBB_MUST_CHECK;
/* What follows the prefix in the names of all keys that have it, at most so many, each once. */
int store_scan_names(const struct store_port *port, struct str prefix, size_t max, struct arena *a,
                     struct str_list *out, struct err *e) EBB_MUST_CHECK;

#endif
