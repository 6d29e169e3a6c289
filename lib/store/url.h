/* SPDX-License-Identifier: Apache-2.0
 * Where Redis is and who we are there, read from a URL:
 *   redis://[user[:password]@]host[:port][/database]    rediss://... for TLS
 *   unix://[user[:password]@]/path
 * User and password are percent-decoded. No error quotes any part of the URL, because in a
 * mistyped one every part can be the password. */
#ifndef EBB_STORE_URL_H
#define EBB_STORE_URL_H

#include "lib/base/err.h"

#define REDIS_HOST_BYTES     ((size_t)256)
#define REDIS_PATH_BYTES     ((size_t)108) /* what a sockaddr_un holds */
#define REDIS_NAME_BYTES     ((size_t)320) /* host:port or path, for people */
#define REDIS_USER_BYTES     ((size_t)256)
#define REDIS_PASSWORD_BYTES ((size_t)4096) /* tokens of managed Redis are long */

struct redis_address {
    bool tls;
    char host[REDIS_HOST_BYTES]; /* without the brackets of IPv6; empty for a unix socket */
    int port;
    char path[REDIS_PATH_BYTES]; /* empty unless it is a unix socket */
};

/* The secrets of one store; cleansed when it closes, never formatted into anything. */
struct redis_login {
    char user[REDIS_USER_BYTES];
    size_t user_n; /* 0: the default user */
    char password[REDIS_PASSWORD_BYTES];
    size_t password_n; /* 0: no AUTH is sent */
};

struct redis_url {
    struct redis_address address;
    struct redis_login login;
    int64_t database;
};

/* E_CONFIG when it is not such a URL. *out is filled in place, so that the caller can cleanse it.
 */
int redis_url_parse(struct str text, struct redis_url *out, struct err *e) EBB_MUST_CHECK;

/* "host:port", "[::1]:6379" or the path. */
void redis_address_name(const struct redis_address *address, char out[REDIS_NAME_BYTES]);

/* "host:port" as cluster redirects write it, IPv6 with or without brackets. An empty host means the
 * host we are talking to, so out->host and out->tls are kept as they came. E_MALFORMED otherwise.
 */
int redis_address_redirect(struct str text, struct redis_address *out) EBB_MUST_CHECK;

#endif
