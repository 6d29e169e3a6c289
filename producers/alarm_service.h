/* SPDX-License-Identifier: Apache-2.0
 * Which service an alarm means, whether it was heard of in an event or read from CloudWatch. Pure. */
#ifndef EBB_PRODUCERS_ALARM_SERVICE_H
#define EBB_PRODUCERS_ALARM_SERVICE_H

#include "schemas/config.h"
#include "schemas/event.h"

/* An alarm's name is unique within a region of an account. */
struct alarm_named {
    struct str partition, region, account, name;
};

/* *service: its key. False when it means none, and *why says it to a person. */
bool alarm_service(const struct config *c, const struct alarm_named *alarm,
                   const struct alarm_configuration *configuration, struct arena *a,
                   struct str *service, struct str *why);

#endif
