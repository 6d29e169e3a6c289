/* SPDX-License-Identifier: Apache-2.0
 * Keys of the task's role, from the endpoint that ECS (and EKS) gives a container. Decides which
 * addresses may be asked: the authorization token must not go to just any host in clear text. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lib/aws/providers.h"
#include "lib/base/crypto.h"

#define ENDPOINT         "http://169.254.170.2"
#define TIMEOUT_MS       ((int64_t)2000)
#define ATTEMPTS_MAX     3
#define ATTEMPT_PAUSE_MS ((int64_t)1000)
#define REPLY_MAX        ((size_t)64 * 1024)
#define TOKEN_MAX        ((size_t)16 * 1024)

/* Host of a URL that begins with scheme, without brackets and port. */
static struct str host_of(struct str url, struct str scheme)
{
    struct str rest = {url.p + scheme.n, url.n - scheme.n}, host;
    for (size_t i = 0; i < rest.n; i++)
        if (memchr("/?#", rest.p[i], 3)) rest.n = i;
    if (str_find(rest, '@') >= 0) return STR_NONE;
    if (!str_starts(rest, STR("["))) return str_cut(&rest, ':');
    rest = (struct str){rest.p + 1, rest.n - 1};
    host = str_cut(&rest, ']');
    return rest.p ? host : STR_NONE;
}

/* 127.0.0.0/8 as four decimal numbers. */
static bool is_loopback_ipv4(struct str host)
{
    int64_t part;
    size_t parts = 0;
    if (!str_starts(host, STR("127."))) return false;
    for (struct str rest = host; rest.p; parts++)
        if (!str_to_int(str_cut(&rest, '.'), &part) || part < 0 || part > 255) return false;
    return parts == 4;
}

static bool is_allowed(struct str url)
{
    static const struct str HOSTS[] = {
        STR("localhost"),    STR("169.254.170.2"), STR("169.254.170.23"),
        STR("fd00:ec2::23"), STR("::1"),
    };
    if (str_starts(url, STR("https://"))) return !str_is_empty(host_of(url, STR("https://")));
    if (!str_starts(url, STR("http://"))) return false;
    struct str host = host_of(url, STR("http://"));
    for (size_t i = 0; i < EBB_COUNT(HOSTS); i++)
        if (str_eq_nocase(host, HOSTS[i])) return true;
    return is_loopback_ipv4(host);
}

static int find_url(const struct provider_input *in, struct arena *a, struct str *url,
                    struct err *e)
{
    struct str relative = aws_environment_get(in->env, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    struct str full = aws_environment_get(in->env, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
    if (!relative.p && !full.p) return PROVIDER_NOT_CONFIGURED;
    if (relative.p && relative.p[0] != '/')
        return err_set(e, E_CONFIG, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI must begin with /");
    if (!relative.p && !is_allowed(full))
        return err_set(e, E_CONFIG,
                       "AWS_CONTAINER_CREDENTIALS_FULL_URI must be https, or http to this machine "
                       "or to the endpoint of ECS or EKS");
    *url = relative.p ? arena_format(a, ENDPOINT "%.*s", STR_ARG(relative)) : full;
    return E_OK;
}

static int read_token_file(const char *path, struct arena *a, struct str *token, struct err *e)
{
    char *bytes = arena_alloc(a, TOKEN_MAX + 1);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, bytes, TOKEN_MAX + 1);
    if (fd >= 0) (void)close(fd); /* it was only read */
    if (n < 0)
        return err_set(e, E_CONFIG,
                       "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE names %s, which cannot be read",
                       path);
    if ((size_t)n > TOKEN_MAX)
        return err_set(e, E_CONFIG, "%s is larger than a token may be", path);
    *token = (struct str){bytes, (size_t)n};
    return E_OK;
}

/* Read for each refresh: the file is rewritten when the token in it rotates. */
static int find_token(const struct provider_input *in, struct arena *a, struct str *token,
                      struct err *e)
{
    struct str path = aws_environment_get(in->env, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    *token = aws_environment_get(in->env, "AWS_CONTAINER_AUTHORIZATION_TOKEN");
    int rc = path.p ? read_token_file(path.p, a, token, e) : E_OK;
    if (rc) return rc;
    *token = str_trim(*token);
    if (str_find(*token, '\r') >= 0 || str_find(*token, '\n') >= 0)
        return err_set(e, E_CONFIG, "the container's authorization token has a line break in it");
    return E_OK;
}

static bool may_pass(int code, int status)
{
    if (code) return err_class_of(code) == ERR_CLASS_RETRY;
    return status == 429 || status >= 500;
}

static int read_reply(const struct http_response *reply, struct arena *a, struct provider_keys *out,
                      struct err *e)
{
    struct provider_document doc;
    int rc = provider_read_document(reply->body, a, &doc, out, e);
    provider_cleanse(reply->body);
    if (reply->status == 200)
        return rc ? err_prefix(e, "the container's credentials endpoint answered badly") : E_OK;
    provider_keys_cleanse(out);
    int code = reply->status >= 500 || reply->status == 429 ? E_UNAVAILABLE : E_DENIED;
    return err_set(e, code, "the container's credentials endpoint answered %d %.*s", reply->status,
                   STR_ARG(doc.code));
}

int provider_container(const struct provider_input *in, struct arena *a, struct provider_keys *out,
                       struct err *e)
{
    struct str url, token;
    struct http_response reply = {0};
    int rc = find_url(in, a, &url, e);
    if (!rc) rc = find_token(in, a, &token, e);
    if (rc) return rc;
    struct http_header headers[] = {{STR("accept"), STR("application/json")},
                                    {STR("authorization"), token}};
    struct http_request request = {
        .method = STR("GET"),
        .url = url,
        .headers = headers,
        .headers_n = token.n ? 2 : 1,
        .connect_timeout_ms = TIMEOUT_MS,
        .timeout_ms = TIMEOUT_MS,
        .response_max = REPLY_MAX,
    };
    for (int attempt = 1;; attempt++) {
        rc = http_send(in->http, &request, a, &reply, e);
        if (attempt == ATTEMPTS_MAX || !may_pass(rc, reply.status)) break;
        in->sleep_ms(in->sleep_ctx, ATTEMPT_PAUSE_MS);
    }
    out->source = "the container's credentials endpoint";
    return rc ? err_prefix(e, "the container's credentials endpoint")
              : read_reply(&reply, a, out, e);
}
