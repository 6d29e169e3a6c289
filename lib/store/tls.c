/* SPDX-License-Identifier: Apache-2.0
 * See tls.h. The only file here that speaks to OpenSSL. Bytes pass through a BIO of our own,
 * because OpenSSL's socket BIO writes with write(2), which raises SIGPIPE on a connection the
 * server closed.
 */
#include "lib/store/tls.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <sys/socket.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#define VERIFY_DEPTH_MAX 10

struct redis_tls_context {
    SSL_CTX *ssl;
    BIO_METHOD *method;
};

struct redis_tls {
    SSL *ssl;
    int fd;
    uint64_t sent_bytes;
};

static int bio_result(BIO *bio, ssize_t n, int retry_flag)
{
    BIO_clear_retry_flags(bio);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        BIO_set_flags(bio, retry_flag | BIO_FLAGS_SHOULD_RETRY);
    return (int)n;
}

static int bio_write(BIO *bio, const char *p, int n)
{
    struct redis_tls *tls = BIO_get_data(bio);
    ssize_t sent = send(tls->fd, p, (size_t)n, MSG_NOSIGNAL);
    if (sent > 0) tls->sent_bytes += (uint64_t)sent;
    return bio_result(bio, sent, BIO_FLAGS_WRITE);
}

static int bio_read(BIO *bio, char *p, int n)
{
    struct redis_tls *tls = BIO_get_data(bio);
    return bio_result(bio, recv(tls->fd, p, (size_t)n, 0), BIO_FLAGS_READ);
}

static long bio_control(BIO *bio, int command, long number, void *p)
{
    (void)bio;
    (void)number;
    (void)p;
    return command == BIO_CTRL_FLUSH ? 1 : 0; /* nothing is kept back, so a flush is always done */
}

/* OpenSSL's own words for the error it queued last; the system's when that was at the bottom. */
static const char *last_words(void)
{
    unsigned long code = ERR_peek_last_error(), first = ERR_peek_error();
    if (first && ERR_SYSTEM_ERROR(first)) return strerrordesc_np(ERR_GET_REASON(first));
    const char *words = code ? ERR_reason_error_string(code) : NULL;
    return words ? words : "no reason given";
}

static int load_authorities(SSL_CTX *ssl, const char *ca_file, struct err *e)
{
    ERR_clear_error();
    if (ca_file && SSL_CTX_load_verify_file(ssl, ca_file) != 1)
        return err_set(e, E_CONFIG, "the CA file %s for Redis cannot be used: %s", ca_file,
                       last_words());
    if (!ca_file && SSL_CTX_set_default_verify_paths(ssl) != 1)
        return err_set(e, E_CONFIG, "the system's CA certificates cannot be used: %s",
                       last_words());
    return 0;
}

int redis_tls_context_new(const char *ca_file, struct redis_tls_context **out, struct err *e)
{
    *out = NULL;
    struct redis_tls_context *context = calloc(1, sizeof(*context));
    if (!context) abort();
    context->ssl = SSL_CTX_new(TLS_client_method());
    context->method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "ebb redis socket");
    if (!context->ssl || !context->method) abort();
    EBB_ASSERT(BIO_meth_set_write(context->method, bio_write) == 1);
    EBB_ASSERT(BIO_meth_set_read(context->method, bio_read) == 1);
    EBB_ASSERT(BIO_meth_set_ctrl(context->method, bio_control) == 1);
    EBB_ASSERT(SSL_CTX_set_min_proto_version(context->ssl, TLS1_2_VERSION) == 1);
    SSL_CTX_set_options(context->ssl, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(context->ssl,
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_session_cache_mode(context->ssl, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_verify(context->ssl, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_verify_depth(context->ssl, VERIFY_DEPTH_MAX);
    int code = load_authorities(context->ssl, ca_file, e);
    if (code) {
        redis_tls_context_free(context);
        return code;
    }
    *out = context;
    return 0;
}

void redis_tls_context_free(struct redis_tls_context *context)
{
    if (!context) return;
    SSL_CTX_free(context->ssl);
    BIO_meth_free(context->method);
    free(context);
}

static bool is_ip_address(const char *host)
{
    unsigned char bytes[sizeof(struct in6_addr)];
    return inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1;
}

struct redis_tls *redis_tls_new(struct redis_tls_context *context, int fd, const char *host)
{
    struct redis_tls *tls = calloc(1, sizeof(*tls));
    if (!tls) abort();
    tls->fd = fd;
    tls->ssl = SSL_new(context->ssl);
    BIO *bio = BIO_new(context->method);
    if (!tls->ssl || !bio) abort();
    BIO_set_data(bio, tls);
    BIO_set_init(bio, 1);
    SSL_set_bio(tls->ssl, bio, bio);
    SSL_set_connect_state(tls->ssl);
    X509_VERIFY_PARAM *verify = SSL_get0_param(tls->ssl);
    if (is_ip_address(host)) {
        EBB_ASSERT(X509_VERIFY_PARAM_set1_ip_asc(verify, host) == 1);
    } else {
        X509_VERIFY_PARAM_set_hostflags(verify, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        EBB_ASSERT(X509_VERIFY_PARAM_set1_host(verify, host, 0) == 1);
        EBB_ASSERT(SSL_set_tlsext_host_name(tls->ssl, host) == 1);
    }
    return tls;
}

void redis_tls_free(struct redis_tls *tls)
{
    if (!tls) return;
    SSL_free(tls->ssl);
    free(tls);
}

static enum redis_tls_step failed(const struct redis_tls *tls, int saved_errno, struct err *e)
{
    long verdict = SSL_get_verify_result(tls->ssl);
    if (verdict != X509_V_OK)
        (void)err_set(e, E_UNREACHABLE, "TLS: its certificate is refused: %s",
                      X509_verify_cert_error_string(verdict));
    else if (ERR_peek_last_error() == 0 && saved_errno)
        (void)err_set(e, E_UNREACHABLE, "TLS: %s", strerrordesc_np(saved_errno));
    else
        (void)err_set(e, E_UNREACHABLE, "TLS: %s", last_words());
    return REDIS_TLS_FAILED;
}

/* Turns the result of an SSL_ call into a step; the error queue was cleared before the call. */
static enum redis_tls_step step_of(const struct redis_tls *tls, int result, struct err *e)
{
    int saved_errno = errno;
    if (result > 0) return REDIS_TLS_DONE;
    int reason = SSL_get_error(tls->ssl, result);
    if (reason == SSL_ERROR_WANT_READ) return REDIS_TLS_WANT_READ;
    if (reason == SSL_ERROR_WANT_WRITE) return REDIS_TLS_WANT_WRITE;
    if (reason == SSL_ERROR_ZERO_RETURN) return REDIS_TLS_END;
    if (reason == SSL_ERROR_SYSCALL && saved_errno == 0) return REDIS_TLS_END;
    if (ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
        return REDIS_TLS_END;
    return failed(tls, saved_errno, e);
}

static void prepare(void)
{
    ERR_clear_error();
    errno = 0;
}

enum redis_tls_step redis_tls_handshake(struct redis_tls *tls, struct err *e)
{
    prepare();
    return step_of(tls, SSL_do_handshake(tls->ssl), e);
}

enum redis_tls_step redis_tls_read(struct redis_tls *tls, char *p, size_t size, size_t *got,
                                   struct err *e)
{
    prepare();
    return step_of(tls, SSL_read_ex(tls->ssl, p, size, got), e);
}

enum redis_tls_step redis_tls_write(struct redis_tls *tls, struct str bytes, size_t *written,
                                    struct err *e)
{
    prepare();
    return step_of(tls, SSL_write_ex(tls->ssl, bytes.p, bytes.n, written), e);
}

uint64_t redis_tls_sent_bytes(const struct redis_tls *tls)
{
    return tls->sent_bytes;
}

bool redis_tls_is_quiet(struct redis_tls *tls)
{
    /* Peeking lets OpenSSL take in what TLS itself sent meanwhile, such as session tickets. */
    char byte;
    size_t got = 0;
    struct err ignored;
    prepare();
    int result = SSL_peek_ex(tls->ssl, &byte, sizeof(byte), &got);
    return step_of(tls, result, &ignored) == REDIS_TLS_WANT_READ;
}

void redis_tls_say_goodbye(struct redis_tls *tls)
{
    prepare();
    (void)SSL_shutdown(tls->ssl); /* the connection is closed whatever comes of it */
    ERR_clear_error();
}
