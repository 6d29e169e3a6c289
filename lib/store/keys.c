/* SPDX-License-Identifier: Apache-2.0
 * See keys.h. */
#include "lib/store/keys.h"

#include "lib/base/arn.h"
#include "schemas/control.h"

static struct str key(struct arena *a, const char *kind, struct str name)
{
    return arena_format(a, "{ebb}:%s:%.*s", kind, STR_ARG(name));
}

struct str key_event(struct arena *a, struct str service, struct str event_id)
{
    return arena_format(a, "{ebb}:event:%.*s:%.*s", STR_ARG(service), STR_ARG(event_id));
}

struct str key_drain(struct arena *a, struct str drain_id)
{
    return key(a, "drain", drain_id);
}

struct str key_open(struct arena *a, struct str service)
{
    return key(a, "open", service);
}

struct str key_begun(struct arena *a, struct str service)
{
    return key(a, "begun", service);
}

struct str key_task(struct arena *a, struct str task_arn)
{
    return key(a, "task", task_arn);
}

struct str key_address(struct arena *a, struct str service, struct str address)
{
    struct service_key k;
    if (service_key_parse(service, &k))
        return arena_format(a, "{ebb}:address:%.*s", STR_ARG(address));
    return arena_format(a, "{ebb}:address:%.*s:%.*s:%.*s", STR_ARG(k.account), STR_ARG(k.region),
                        STR_ARG(address));
}

struct str key_backoff(struct arena *a, struct str service)
{
    return key(a, "backoff", service);
}

struct str key_lease(struct arena *a, struct str name)
{
    return key(a, "lease", name);
}

struct str key_intent(struct arena *a, struct str service)
{
    return key(a, "intent", service);
}

struct str key_alarms(struct arena *a, struct str service)
{
    return key(a, "alarms", service);
}

struct str key_asked(struct arena *a, struct str service)
{
    return key(a, "asked", service);
}

/* "account:NUMBER" is what control records call it, too. */
struct str key_account(struct arena *a, struct str service)
{
    return arena_format(a, "{ebb}:%.*s", STR_ARG(control_account_of(a, service)));
}

struct str key_wrong(struct arena *a, struct str service)
{
    return key(a, "wrong", control_account_of(a, service));
}

struct str key_taken(struct arena *a, struct str topic, int32_t partition, int64_t offset)
{
    return arena_format(a, "{ebb}:taken:%.*s:%d:%lld", STR_ARG(topic), (int)partition,
                        (long long)offset);
}

struct str key_budget(struct arena *a, struct str account, struct str region)
{
    return arena_format(a, "{ebb}:budget:%.*s:%.*s", STR_ARG(account), STR_ARG(region));
}

struct str key_looks(struct arena *a, struct str service)
{
    return key(a, "looks", service);
}

struct str key_drain_looks(struct arena *a, struct str drain_id)
{
    return key(a, "timeline", drain_id);
}
