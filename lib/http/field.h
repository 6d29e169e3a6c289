/* SPDX-License-Identifier: Apache-2.0
 * The characters HTTP allows: nothing that could end a line early gets into a request or a reply.
 */
#ifndef EBB_HTTP_FIELD_H
#define EBB_HTTP_FIELD_H

#include "lib/base/arena.h"

/* A method or a header's name: RFC 9110 section 5.6.2, at least one character. */
bool http_field_is_token(struct str s);
/* A header's value: no control characters but the tab (RFC 9110 section 5.5). May be empty. */
bool http_field_is_value(struct str s);
/* A copy with A-Z as a-z. */
struct str http_field_lower(struct arena *a, struct str s);

/* "https://host:port" of an absolute http or https address, borrowed; absent for anything else. */
struct str http_origin(struct str url);
/* The host of an origin without port and brackets. */
struct str http_origin_host(struct str origin);
/* This machine, or link-local: where a proxy of the environment has no business, such as the
 * credentials endpoints of ECS and EC2. */
bool http_host_is_near(struct str host);

#endif
