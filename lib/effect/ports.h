/* SPDX-License-Identifier: Apache-2.0
 * The ports: the code that performs effects of one kind each. A port has a real side and a
 * simulated one; effects are performed by the same code on both. */
#ifndef EBB_EFFECT_PORTS_H
#define EBB_EFFECT_PORTS_H

#include "lib/aws/aws.h"
#include "lib/budget/budget.h"
#include "lib/bus/bus.h"
#include "lib/effect/view.h"
#include "lib/http/http.h"
#include "lib/store/store.h"

struct ports {
    struct store_port store;
    struct aws_port aws;
    struct budget *budget;  /* of the calls to AWS; NULL: they are not limited */
    struct budget_use *use; /* of the look under way, for what it takes ahead; NULL: nothing */
    struct http_port http;
    struct bus_port bus;
    struct clock clock;
    const struct config *config;
    struct str holder; /* of leases: unique to the thread that looks */
};

/* Does what is wanted and says how it ended. Never fails in another way: every failure is an
 * outcome with a code. */
void perform(const struct ports *ports, const struct view *v, const struct effect *effect,
             struct result *out);

/* One file per kind of effect. */
void perform_store(const struct ports *ports, const struct view *v, const struct effect *effect,
                   struct result *out);
void perform_ecs(const struct ports *ports, const struct view *v, const struct effect *effect,
                 struct result *out);
void perform_task(const struct ports *ports, const struct view *v, const struct effect *effect,
                  struct result *out);
void perform_bus(const struct ports *ports, const struct view *v, const struct effect *effect,
                 struct result *out);
void perform_alarms(const struct ports *ports, const struct view *v, const struct effect *effect,
                    struct result *out);
void perform_budget(const struct ports *ports, const struct view *v, struct result *out);
/* lib/distributor/: what is said to the distributor. */
void perform_distributor(const struct ports *ports, const struct view *v,
                         const struct effect *effect, struct result *out);

/* For whoever drives a look (lib/run/look.c): its calls to AWS as one use of the API budget, and
 * how urgent those of an effect are. */
struct budget_use perform_use(const struct ports *ports, const struct view *v);
enum priority perform_priority(const struct view *v, enum effect_kind kind);

/* Puts outcome, code and words of an error into a result: RETRY, REFUSED or UNKNOWN by the error's
 * class. */
void result_of_error(struct result *out, int code, const struct err *e, struct arena *a);
/* The same, with AWS's own code where it gave one. */
void result_of_aws(struct result *out, int code, const struct aws_failure *failure,
                   struct arena *a);

#define SCALE_LEASE_MS ((int64_t)60 * 1000)

#endif
