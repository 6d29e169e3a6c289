/* SPDX-License-Identifier: Apache-2.0
 * "address:port" as configuration gives it. */
#ifndef EBB_HTTP_LISTEN_H
#define EBB_HTTP_LISTEN_H

#include "lib/base/err.h"

struct listen_address {
    char address[64]; /* numeric, without brackets */
    int port;         /* 0 = any free one */
};

/* "127.0.0.1:8090", "[::1]:8090", ":8090" (all addresses). E_CONFIG saying what is wrong. */
int listen_parse(struct str text, struct listen_address *out, struct err *e) EBB_MUST_CHECK;

#endif
