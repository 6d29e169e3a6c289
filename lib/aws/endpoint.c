/* SPDX-License-Identifier: Apache-2.0
 * Regions, partitions and addresses. The order of overrides is botocore's: the service's variable,
 * the general one, the profile's services section, the profile's endpoint_url. */
#include "lib/aws/endpoint.h"

#include <string.h>

#include "lib/aws/shapes/operations.h"

#define REGION_MAX ((size_t)63)
#define URL_MAX    ((size_t)1024)

struct partition {
    struct str name, region_prefix, suffix, dual_stack_suffix;
};

/* The first whose prefix fits; the last fits all. */
static const struct partition PARTITIONS[] = {
    {STR("aws-cn"), STR("cn-"), STR("amazonaws.com.cn"), STR("api.amazonwebservices.com.cn")},
    {STR("aws-us-gov"), STR("us-gov-"), STR("amazonaws.com"), STR("api.aws")},
    {STR("aws-eusc"), STR("eusc-"), STR("amazonaws.eu"), STR("api.amazonwebservices.eu")},
    {STR("aws-iso-b"), STR("us-isob-"), STR("sc2s.sgov.gov"), STR("api.aws.scloud")},
    {STR("aws-iso-e"), STR("eu-isoe-"), STR("cloud.adc-e.uk"), STR("api.cloud-aws.adc-e.uk")},
    {STR("aws-iso-f"), STR("us-isof-"), STR("csp.hci.ic.gov"), STR("api.aws.hci.ic.gov")},
    {STR("aws-iso"), STR("us-iso-"), STR("c2s.ic.gov"), STR("api.aws.ic.gov")},
    {STR("aws"), STR(""), STR("amazonaws.com"), STR("api.aws")},
};

static const struct partition *partition_of(struct str region)
{
    size_t i = 0;
    while (i + 1 < EBB_COUNT(PARTITIONS) && !str_starts(region, PARTITIONS[i].region_prefix))
        i++;
    return &PARTITIONS[i];
}

struct str endpoint_partition(struct str region)
{
    return partition_of(region)->name;
}

/* A region becomes part of a host name: one label, nothing else. */
static int check_region(struct str region, struct err *e)
{
    bool good = region.n > 0 && region.n <= REGION_MAX && region.p[0] != '-' &&
                region.p[region.n - 1] != '-';
    for (size_t i = 0; good && i < region.n; i++)
        good = memchr("abcdefghijklmnopqrstuvwxyz0123456789-", region.p[i], 37) != NULL;
    if (good) return E_OK;
    return err_set(e, E_CONFIG, "the AWS region \"%.*s\" is not the name of a region",
                   (int)(region.n < REGION_MAX ? region.n : REGION_MAX), region.p ? region.p : "");
}

/* "APPLICATION_AUTO_SCALING" as the profile writes it. */
static struct str profile_key(const struct aws_service *service, struct arena *a)
{
    struct str key = arena_format(a, "%s", service->id);
    char *p = arena_alloc(a, key.n + 1);
    for (size_t i = 0; i < key.n; i++)
        p[i] = key.p[i] >= 'A' && key.p[i] <= 'Z' ? (char)(key.p[i] + ('a' - 'A')) : key.p[i];
    return (struct str){p, key.n};
}

/* Takes an address of a person apart; from names where it was written. */
static int parse_url(struct str url, const char *from, struct arena *a, struct endpoint *out,
                     struct err *e)
{
    struct str rest = url;
    bool known = str_starts(url, STR("https://")) || str_starts(url, STR("http://"));
    bool clean = url.n <= URL_MAX;
    for (size_t i = 0; i < url.n; i++)
        clean = clean && url.p[i] > ' ' && url.p[i] < 0x7F && !memchr("?#@\\", url.p[i], 4);
    if (known) {
        (void)str_cut(&rest, '/');
        (void)str_cut(&rest, '/');
        out->host = str_cut(&rest, '/');
    }
    if (!known || !clean || str_is_empty(out->host))
        return err_set(e, E_CONFIG, "the endpoint in %s must be http:// or https:// and a host",
                       from);
    while (str_ends(url, STR("/")))
        url.n--;
    out->url = arena_copy(a, url);
    size_t head = (size_t)(out->host.p - url.p) + out->host.n;
    out->host = (struct str){out->url.p + (out->host.p - url.p), out->host.n};
    out->path = (struct str){out->url.p + head, out->url.n > head ? out->url.n - head : 0};
    return E_OK;
}

/* The first override there is; *from says where it was found. */
static struct str find_override(const struct endpoint_settings *s,
                                const struct aws_service *service, const char **from,
                                struct arena *a)
{
    struct str key = profile_key(service, a);
    if (s->ignore_configured) return STR_NONE;
    *from = arena_format(a, "AWS_ENDPOINT_URL_%s", service->id).p;
    struct str url = aws_environment_get(&s->env, *from);
    if (url.p) return url;
    *from = "AWS_ENDPOINT_URL";
    url = aws_environment_get(&s->env, *from);
    if (url.p) return url;
    *from = "the profile's services section";
    for (size_t i = 0; i < s->profile_services.n; i++) {
        const struct pair *pair = LIST_AT(s->profile_services, const struct pair, i);
        if (str_eq(pair->key, key)) return pair->value;
    }
    *from = "the profile's endpoint_url";
    return s->profile_endpoint_url;
}

int endpoint_find(const struct endpoint_settings *s, const struct aws_service *service,
                  struct str region, struct arena *a, struct endpoint *out, struct err *e)
{
    const char *from = "";
    int rc = check_region(region, e);
    if (rc) return rc;
    struct str url = find_override(s, service, &from, a);
    if (url.p) return parse_url(url, from, a, out, e);
    const struct partition *partition = partition_of(region);
    struct str suffix = s->dual_stack ? partition->dual_stack_suffix : partition->suffix;
    out->host = arena_format(a, "%s%s.%.*s.%.*s", service->host_prefix, s->fips ? "-fips" : "",
                             STR_ARG(region), STR_ARG(suffix));
    out->url = arena_format(a, "https://%.*s", STR_ARG(out->host));
    out->path = STR("");
    return E_OK;
}

/* The services sections of all services we know, so that the file need not be kept. */
static void copy_services(const struct aws_profile *profile, struct arena *a, struct list *out)
{
    struct pair *pairs = ARENA_ARRAY(a, AWS_OPERATIONS_N, struct pair);
    *out = LIST_OF(pairs, 0);
    for (size_t i = 0; i < AWS_OPERATIONS_N; i++) {
        const struct aws_service *service = AWS_OPERATIONS[i]->service;
        if (i > 0 && service == AWS_OPERATIONS[i - 1]->service) continue;
        struct str key = profile_key(service, a);
        struct str url = aws_profile_service_endpoint(profile, key);
        if (url.p) pairs[out->n++] = (struct pair){key, arena_copy(a, url)};
    }
}

/* A setting that the environment can turn on, or else the profile. */
static bool is_on(const struct aws_environment *env, const char *variable,
                  const struct aws_profile *profile, struct str key)
{
    if (aws_environment_get(env, variable).p) return aws_environment_is_true(env, variable);
    return str_eq_nocase(aws_profile_value(profile, key), STR("true"));
}

int endpoint_settings_load(const struct aws_environment *env, const struct aws_profile *profile,
                           struct str region, struct arena *a, struct endpoint_settings *out,
                           struct err *e)
{
    *out = (struct endpoint_settings){.env = *env, .region = arena_copy(a, region)};
    if (str_is_empty(out->region))
        out->region = arena_copy(a, aws_environment_get(env, "AWS_REGION"));
    if (!out->region.p) out->region = arena_copy(a, aws_environment_get(env, "AWS_DEFAULT_REGION"));
    if (!out->region.p) out->region = arena_copy(a, aws_profile_value(profile, STR("region")));
    if (!out->region.p)
        return err_set(e, E_CONFIG,
                       "no AWS region: set AWS_REGION, or region in profile %.*s of the shared "
                       "config file",
                       STR_ARG(profile->name));
    out->profile_endpoint_url = arena_copy(a, aws_profile_value(profile, STR("endpoint_url")));
    copy_services(profile, a, &out->profile_services);
    out->ignore_configured = is_on(env, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", profile,
                                   STR("ignore_configured_endpoint_urls"));
    out->fips = is_on(env, "AWS_USE_FIPS_ENDPOINT", profile, STR("use_fips_endpoint"));
    out->dual_stack =
        is_on(env, "AWS_USE_DUALSTACK_ENDPOINT", profile, STR("use_dualstack_endpoint"));
    int rc = E_OK;
    for (size_t i = 0; !rc && i < AWS_OPERATIONS_N; i++) {
        struct endpoint found;
        rc = endpoint_find(out, AWS_OPERATIONS[i]->service, out->region, a, &found, e);
    }
    return rc;
}
