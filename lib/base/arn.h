/* SPDX-License-Identifier: Apache-2.0
 * ARNs of ECS, and the key one service has everywhere in Ebb:
 * partition:region:account:cluster/name. Old ("service/name") and new ("service/cluster/name")
 * formats of one service give one key. */
#ifndef EBB_BASE_ARN_H
#define EBB_BASE_ARN_H

#include "lib/base/arena.h"

struct arn {
    struct str partition, service, region, account, resource; /* borrowed from the text */
};

int arn_parse(struct str text, struct arn *out) EBB_MUST_CHECK;

/* Bytes of a key, or of a service's ARN. ECS allows 255 characters each for the names of clusters
 * and services. */
#define SERVICE_KEY_MAX 768

struct service_key {
    struct str partition, region, account, cluster, name;
};

/* text is "partition:region:account:cluster/name"; parts are borrowed from it. E_MALFORMED when a
 * part has characters or a length that AWS gives to none. */
int service_key_parse(struct str text, struct service_key *out) EBB_MUST_CHECK;
struct str service_key_format(struct arena *a, const struct service_key *k);

/* From a service ARN. An old-format ARN has no cluster: cluster_or_arn (a name or a cluster ARN)
 * gives it. E_MALFORMED when it is not an ECS service ARN, the cluster is in neither, or a part is
 * none that AWS gives. */
int service_key_from_arn(struct str service_arn, struct str cluster_or_arn,
                         struct service_key *out) EBB_MUST_CHECK;

/* The name at the end of a cluster ARN, or the text itself when it is a plain name; absent becomes
 * "default". */
struct str arn_cluster_name(struct str cluster_or_arn);
/* The id at the end of a task ARN, old or new; the text itself when it has no '/'. */
struct str arn_task_id(struct str task_arn);

struct str service_key_arn(struct arena *a, const struct service_key *k);
struct str service_key_cluster_arn(struct arena *a, const struct service_key *k);
/* "service/cluster/name", the resource id of Application Auto Scaling. */
struct str service_key_resource_id(struct arena *a, const struct service_key *k);

#endif
