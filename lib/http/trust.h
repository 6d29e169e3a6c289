/* SPDX-License-Identifier: Apache-2.0
 * The certificates of the authorities we trust: loaded once, at the first https connection, and
 * shared by all. Thread-safe. */
#ifndef EBB_HTTP_TRUST_H
#define EBB_HTTP_TRUST_H

#include "lib/base/err.h"

struct http_trust;

/* file: of PEM certificates, copied; NULL for the system's. Reads nothing yet. */
struct http_trust *http_trust_new(const char *file);
void http_trust_free(struct http_trust *trust);

/* Makes ssl_ctx, an SSL_CTX of OpenSSL, verify with these certificates. system_file is what NULL
 * stands for. E_CONFIG when the file cannot be read or holds no certificate. */
int http_trust_apply(struct http_trust *trust, void *ssl_ctx, const char *system_file,
                     struct err *e) EBB_MUST_CHECK;

#endif
