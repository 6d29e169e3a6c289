/* SPDX-License-Identifier: Apache-2.0
 * A command that Redis answers with a list of texts. */
#ifndef EBB_STORE_TEXTS_H
#define EBB_STORE_TEXTS_H

#include "lib/store/state.h"

/* E_BUG when the answer is anything else. */
int store_read_texts(const struct store_port *port, const struct str *args, size_t n,
                     struct arena *a, struct str_list *out, struct err *e) EBB_MUST_CHECK;

#endif
