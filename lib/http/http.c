/* SPDX-License-Identifier: Apache-2.0
 * What is the same for every http port: the call itself and the look at a reply. */
#include "lib/http/http.h"

int http_send(const struct http_port *port, const struct http_request *request, struct arena *a,
              struct http_response *out, struct err *e)
{
    *out = (struct http_response){0};
    return port->send(port->ctx, request, a, out, e);
}

struct str http_response_header(const struct http_response *response, struct str name)
{
    for (size_t i = 0; i < response->headers_n; i++)
        if (str_eq(response->headers[i].name, name)) return response->headers[i].value;
    return STR_NONE;
}
