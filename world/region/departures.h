/* SPDX-License-Identifier: Apache-2.0
 * Where a region departs from what AWS says of ECS, for trying what finds out (ebb verify-aws).
 * None holds unless it is asked for. */
#ifndef EBB_WORLD_REGION_DEPARTURES_H
#define EBB_WORLD_REGION_DEPARTURES_H

#include "world/region/region.h"

/*    name, word, what it does */
#define REGION_DEPARTURES(X)                                                                       \
    X(IGNORES_PROTECTION, "scale_in_ignores_protection",                                           \
      "a lowered count takes protected tasks first")                                               \
    X(STOPS_ONE_MORE, "scale_in_stops_one_more", "a lowered count stops one task too many")        \
    X(STARTS_LATE, "scale_in_starts_late", "a lowered count stops nothing for two minutes")        \
    X(FORGETS_HELD_BACK, "held_back_scale_in_is_forgotten",                                        \
      "what protection held back is not stopped once it is unprotected")                           \
    X(REFUSES_UNPROTECTING, "unprotecting_is_refused",                                             \
      "while more tasks are protected than wanted none is unprotected")                            \
    X(COUNT_DEPLOYS, "count_begins_deployment", "a changed count is shown as a deployment")        \
    X(COUNT_SHOWN_LATE, "count_is_shown_late",                                                     \
      "DescribeServices shows a changed count half a minute later")                                \
    X(PROTECTS_ALL_BUT_ONE, "protection_ignores_one",                                              \
      "the last task of a batch is answered as protected and is not")                              \
    X(SHORTENS_PROTECTION, "protection_is_shortened", "half the minutes asked for are granted")    \
    X(KEEPS_EXPIRY, "protection_keeps_its_expiry", "a protected task's expiry is not set anew")    \
    X(EXPIRED_HOLDS, "expired_protection_holds", "a protection whose time is over holds on")       \
    X(ALL_OR_NOTHING, "batch_is_all_or_nothing",                                                   \
      "a batch with a task that cannot be protected is refused as a whole")                        \
    X(BLOCKED_IS_ERROR, "blocked_protection_is_an_error",                                          \
      "a protection that is blocked is an error of the call")                                      \
    X(STOPPING_IS_WANTED, "stopping_tasks_stay_wanted",                                            \
      "desiredStatus is RUNNING until the task has stopped")                                       \
    X(NO_STOP_CODE, "stop_codes_are_missing", "stopped tasks have no stopCode")                    \
    X(FORGETS_STOPPED, "stopped_tasks_are_forgotten", "stopped tasks are MISSING at once")         \
    X(STOP_HONOURS, "stop_task_honours_protection", "StopTask of a protected task is refused")     \
    X(NOT_REPLACED, "stopped_tasks_are_not_replaced",                                              \
      "the service starts nothing for a task that StopTask stopped")                               \
    X(DEPLOYS_OVER, "deployment_ignores_protection", "a deployment replaces protected tasks")      \
    X(HIDES_DEPLOYMENTS, "older_deployments_are_hidden",                                           \
      "DescribeServices shows the newest deployment only, as complete")                            \
    X(LISTS_ALL_BUT_ONE, "list_leaves_one_out", "ListTasks never shows the newest running task")   \
    X(FIRST_PAGE_ONLY, "list_ends_after_a_page", "ListTasks has no second page")                   \
    X(SILENT_MISSING, "missing_tasks_are_dropped", "DescribeTasks says nothing of unknown tasks")  \
    X(NO_ADDRESS, "tasks_have_no_address", "tasks are described without their address")            \
    X(NO_START, "tasks_have_no_start_time", "tasks are described without startedAt")               \
    X(DELETED_IS_ACTIVE, "deleted_services_stay_active",                                           \
      "a service that was deleted is described as ACTIVE")

enum departure {
#define X(name, word, help) DEPART_##name,
    REGION_DEPARTURES(X)
#undef X
        DEPARTURES_N
};

/* Of all of them: those named (struct str: their words) hold from now on, all others do not.
 * E_MALFORMED for a word that is none. */
int region_depart(struct region *region, struct list words, struct err *e) EBB_MUST_CHECK;
bool region_departs(const struct region *region, enum departure departure);

#endif
