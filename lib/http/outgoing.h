/* SPDX-License-Identifier: Apache-2.0
 * A request checked and put into the form libcurl takes. */
#ifndef EBB_HTTP_OUTGOING_H
#define EBB_HTTP_OUTGOING_H

#include "lib/http/http.h"

#define HTTP_URL_BYTES_MAX     ((size_t)16 * 1024)
#define HTTP_REQUEST_LINES_MAX 64

struct http_outgoing {
    const char *method, *url;
    bool has_body; /* a Content-Length is sent, be it 0 */
    const char *lines[HTTP_REQUEST_LINES_MAX];
    size_t lines_n;
};

/* E_MALFORMED, and the words say what: nothing a caller passes can add a header line or a second
 * request. */
int http_outgoing_prepare(const struct http_request *request, struct arena *a,
                          struct http_outgoing *out, struct err *e) EBB_MUST_CHECK;

#endif
