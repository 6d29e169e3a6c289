/* SPDX-License-Identifier: Apache-2.0
 * See remedy.h. */
#include "lib/run/remedy.h"

#include <stdio.h>
#include <string.h>

static int append(struct err *e, const char *remedy)
{
    size_t n = strlen(e->text), more = strlen(remedy) + 2;
    if (!*remedy) return e->code;
    EBB_ASSERT(more < sizeof(e->text) / 2);
    if (n + more >= sizeof(e->text)) n = sizeof(e->text) - more - 1;
    (void)snprintf(e->text + n, sizeof(e->text) - n, "; %s", remedy); /* room was made */
    return e->code;
}

int remedy_redis(struct err *e)
{
    switch (e->code) {
    case E_UNREACHABLE:
    case E_UNKNOWN_OUTCOME:
        return append(e, "does Redis run there, is redis.url right (REDIS_URL), and may this "
                         "machine reach it?");
    case E_DENIED:
        if (strstr(e->text, "(ACL)")) return e->code; /* it is not the login; told already */
        return append(e, "redis.username and redis.password give them (REDIS_USERNAME, "
                         "REDIS_PASSWORD)");
    default: return e->code;
    }
}

int remedy_kafka(struct err *e)
{
    switch (e->code) {
    case E_UNREACHABLE:
    case E_TIMEOUT:
        return append(e, "do the brokers run, are kafka.brokers (KAFKA_BROKERS) and "
                         "security.protocol of kafka.properties right, and may this machine reach "
                         "them?");
    case E_DENIED:
        return append(e, "sasl.* and security.protocol of kafka.properties say who we are");
    default: return e->code;
    }
}

static bool is(const struct aws_failure *f, const char *code)
{
    return strcmp(f->code, code) == 0;
}

static bool is_permission(const struct aws_failure *f)
{
    return is(f, "AccessDenied") || is(f, "AccessDeniedException") ||
           is(f, "UnauthorizedOperation") || is(f, "NotAuthorized");
}

bool remedy_aws_knows_us(const struct aws_failure *f)
{
    if (!f->err.code) return true;
    bool understood = f->http_status >= 400 && f->http_status < 500 && f->code[0];
    return understood && f->err.code != E_EXPIRED && (f->err.code != E_DENIED || is_permission(f));
}

static const char *remedy_of_aws(const struct aws_failure *f)
{
    switch (f->err.code) {
    case E_EXPIRED: return "renew the credentials, or give a source that renews them by itself";
    case E_UNREACHABLE:
    case E_UNKNOWN_OUTCOME:
    case E_TIMEOUT:
        return "is the region right (AWS_REGION), is AWS_ENDPOINT_URL, and is there a way out "
               "(NAT, "
               "VPC endpoint, proxy)?";
    case E_NOT_FOUND: return "is the region right (AWS_REGION), is the account, and is the name?";
    case E_DENIED: break;
    default: return "";
    }
    if (is_permission(f)) return "docs/iam-policy.json lists what the role needs";
    if (strstr(f->err.text, "scoped to a valid region"))
        return "is the region right (AWS_REGION), and is AWS_ENDPOINT_URL one of it?";
    if (is(f, "InvalidSignatureException") || is(f, "SignatureDoesNotMatch"))
        return "the secret access key is not that of the access key, or the clock is wrong";
    return "AWS does not know the access key: was it deleted, or is the region one that the "
           "account "
           "has not enabled?";
}

int remedy_aws(const struct aws_failure *failure, struct str region, struct err *e)
{
    *e = failure->err;
    const char *remedy = remedy_of_aws(failure);
    if (!*remedy) return e->code;
    struct err in = {0};
    (void)err_set(&in, e->code, "in %.*s; %s", STR_ARG(region), remedy);
    return append(e, in.text);
}
