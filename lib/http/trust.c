/* SPDX-License-Identifier: Apache-2.0
 * See trust.h. libcurl would read the bundle anew for every connection handle (17 to 33 ms of
 * processor and 0.8 MB each), and on Debian, where it is built with a CA path, for every
 * connection. */
#include "lib/http/trust.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* rule 10: lib/store/tls.c includes it too; a store of certificates can only be put into an SSL_CTX
 * with a function of this header, and the two files have nothing else in common. */
#include <openssl/ssl.h> /* rule 10: see above */

struct http_trust {
    char *file;
    pthread_mutex_t mutex;
    X509_STORE *store; /* NULL until the first use */
};

struct http_trust *http_trust_new(const char *file)
{
    struct http_trust *trust = calloc(1, sizeof(*trust));
    if (!trust) abort();
    EBB_ASSERT(pthread_mutex_init(&trust->mutex, NULL) == 0);
    if (!file) return trust;
    trust->file = strdup(file);
    if (!trust->file) abort();
    return trust;
}

void http_trust_free(struct http_trust *trust)
{
    if (!trust) return;
    X509_STORE_free(trust->store);
    (void)pthread_mutex_destroy(&trust->mutex); /* fails only while locked, and nobody is left */
    free(trust->file);
    free(trust);
}

static int load(struct http_trust *trust, const char *system_file, struct err *e)
{
    const char *file = trust->file ? trust->file : system_file;
    if (!file)
        return err_set(e, E_CONFIG, "libcurl names no file of CA certificates; name one yourself");
    X509_STORE *store = X509_STORE_new();
    if (!store) abort();
    if (X509_STORE_load_file(store, file) != 1) {
        X509_STORE_free(store);
        return err_set(e, E_CONFIG,
                       "no CA certificates can be read from %s; install the package "
                       "ca-certificates or name another file",
                       file);
    }
    trust->store = store;
    return 0;
}

int http_trust_apply(struct http_trust *trust, void *ssl_ctx, const char *system_file,
                     struct err *e)
{
    pthread_mutex_lock(&trust->mutex);
    int code = trust->store ? 0 : load(trust, system_file, e);
    if (!code) SSL_CTX_set1_cert_store(ssl_ctx, trust->store);
    pthread_mutex_unlock(&trust->mutex);
    return code;
}
