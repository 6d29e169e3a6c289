/* SPDX-License-Identifier: Apache-2.0
 * The canonical form of a request, from which both sides of a signature begin. */
#ifndef EBB_AWS_SIGV4_CANONICAL_H
#define EBB_AWS_SIGV4_CANONICAL_H

#include "lib/aws/sigv4.h"
#include "lib/base/buf.h"

/* Dot segments and doubled slashes go, then every byte outside RFC 3986's unreserved set is
 * escaped, '%' included; with twice false (S3) the path is taken as it is. Empty becomes "/". */
struct str sigv4_canonical_path(struct str path, bool twice, struct arena *a);
/* Parameters in order of name, then value, each escaped in one way whatever the wire had. */
struct str sigv4_canonical_query(struct str query, struct arena *a);
/* The lines "name:value\n", and their names with semicolons between. */
struct str sigv4_canonical_headers(const struct http_header *headers, size_t n, struct arena *a,
                                   struct str *names);

#endif
