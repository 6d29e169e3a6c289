/* SPDX-License-Identifier: Apache-2.0
 * See arn.h. Formats: AWS General Reference, "Amazon Resource Names"; ECS Developer Guide, "ARN and
 * ID settings". */
#include "lib/base/arn.h"

#include "lib/base/err.h"

#include <string.h>

#define LOWER  "abcdefghijklmnopqrstuvwxyz"
#define UPPER  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

int arn_parse(struct str text, struct arn *out)
{
    struct str rest = text;
    struct arn arn;
    if (!str_eq(str_cut(&rest, ':'), STR("arn")) || !rest.p) return E_MALFORMED;
    arn.partition = str_cut(&rest, ':');
    arn.service = str_cut(&rest, ':');
    arn.region = str_cut(&rest, ':');
    arn.account = str_cut(&rest, ':');
    arn.resource = rest;
    if (str_is_empty(arn.partition) || str_is_empty(arn.service) || str_is_empty(rest))
        return E_MALFORMED;
    *out = arn;
    return E_OK;
}

#define LABEL_MAX 63  /* a region becomes part of a host name */
#define NAME_MAX  255 /* ECS: letters, digits, hyphens and underscores */

static bool is_made_of(struct str s, size_t max, const char *characters)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == '\0' || !strchr(characters, s.p[i])) return false;
    return s.n > 0 && s.n <= max;
}

static bool is_label(struct str s)
{
    return is_made_of(s, LABEL_MAX, LOWER DIGITS "-") && s.p[0] != '-' && s.p[s.n - 1] != '-';
}

static bool is_name(struct str s)
{
    return is_made_of(s, NAME_MAX, LOWER UPPER DIGITS "-_");
}

static bool is_key(const struct service_key *k)
{
    return is_label(k->partition) && is_label(k->region) &&
           is_made_of(k->account, LABEL_MAX, DIGITS) && is_name(k->cluster) && is_name(k->name);
}

int service_key_parse(struct str text, struct service_key *out)
{
    struct str rest = text;
    struct service_key k;
    k.partition = str_cut(&rest, ':');
    k.region = str_cut(&rest, ':');
    k.account = str_cut(&rest, ':');
    k.cluster = str_cut(&rest, '/');
    k.name = rest;
    if (!is_key(&k)) return E_MALFORMED;
    *out = k;
    return E_OK;
}

struct str service_key_format(struct arena *a, const struct service_key *k)
{
    return arena_format(a, "%.*s:%.*s:%.*s:%.*s/%.*s", STR_ARG(k->partition), STR_ARG(k->region),
                        STR_ARG(k->account), STR_ARG(k->cluster), STR_ARG(k->name));
}

/* What follows the last '/', or all of it. */
static struct str last_part(struct str s)
{
    struct str rest = s, part = s;
    while (rest.p)
        part = str_cut(&rest, '/');
    return part;
}

struct str arn_cluster_name(struct str cluster_or_arn)
{
    if (str_is_empty(cluster_or_arn)) return STR("default");
    return last_part(cluster_or_arn);
}

struct str arn_task_id(struct str task_arn)
{
    return last_part(task_arn);
}

int service_key_from_arn(struct str service_arn, struct str cluster_or_arn, struct service_key *out)
{
    struct arn arn;
    if (arn_parse(service_arn, &arn)) return E_MALFORMED;
    struct str rest = arn.resource;
    if (!str_eq(arn.service, STR("ecs")) || !str_eq(str_cut(&rest, '/'), STR("service")))
        return E_MALFORMED;
    struct str first = str_cut(&rest, '/');
    if (str_is_empty(first)) return E_MALFORMED;
    bool new_format = rest.p != NULL;
    if (!new_format && str_is_empty(cluster_or_arn)) return E_MALFORMED;
    struct service_key k = {
        .partition = arn.partition,
        .region = arn.region,
        .account = arn.account,
        .cluster = new_format ? first : arn_cluster_name(cluster_or_arn),
        .name = new_format ? rest : first,
    };
    if (!is_key(&k)) return E_MALFORMED;
    *out = k;
    return E_OK;
}

struct str service_key_arn(struct arena *a, const struct service_key *k)
{
    return arena_format(a, "arn:%.*s:ecs:%.*s:%.*s:service/%.*s/%.*s", STR_ARG(k->partition),
                        STR_ARG(k->region), STR_ARG(k->account), STR_ARG(k->cluster),
                        STR_ARG(k->name));
}

struct str service_key_cluster_arn(struct arena *a, const struct service_key *k)
{
    return arena_format(a, "arn:%.*s:ecs:%.*s:%.*s:cluster/%.*s", STR_ARG(k->partition),
                        STR_ARG(k->region), STR_ARG(k->account), STR_ARG(k->cluster));
}

struct str service_key_resource_id(struct arena *a, const struct service_key *k)
{
    return arena_format(a, "service/%.*s/%.*s", STR_ARG(k->cluster), STR_ARG(k->name));
}
