/* SPDX-License-Identifier: Apache-2.0
 * See drain.h. */
#include "schemas/drain.h"

#include "lib/base/arn.h"
#include "lib/base/crypto.h"
#include "schemas/event.h"

#define DRAIN_ID_BUCKET_MS ((int64_t)600 * 1000)
#define DRAIN_ID_BYTES     8

static const struct str STATE_WORDS[] = {
    [DRAIN_OTHER] = {"OTHER", 5},         [DRAIN_CLAIMED] = {"CLAIMED", 7},
    [DRAIN_REMOVED] = {"REMOVED", 7},     [DRAIN_DRAINING] = {"DRAINING", 8},
    [DRAIN_DRAINED] = {"DRAINED", 7},     [DRAIN_UNDOING] = {"UNDOING", 7},
    [DRAIN_RELEASING] = {"RELEASING", 9}, [DRAIN_SCALED_OUT] = {"SCALED_OUT", 10},
    [DRAIN_RESTORED] = {"RESTORED", 8},   [DRAIN_REPLACED] = {"REPLACED", 8},
    [DRAIN_GONE] = {"GONE", 4},
};
const struct enum_names DRAIN_STATES = {STATE_WORDS, EBB_COUNT(STATE_WORDS)};

static const struct str CONFIRMATION_WORDS[] = {
    [CONFIRMATION_NONE] = {"none", 4},
    [CONFIRMATION_CONFIRMED] = {"confirmed", 9},
    [CONFIRMATION_UNCONFIRMED] = {"unconfirmed", 11},
};
static const struct enum_names CONFIRMATIONS = {CONFIRMATION_WORDS, EBB_COUNT(CONFIRMATION_WORDS)};

static const struct field FIELDS[] = {
    F_INT(struct drain, format, "v", .flags = FIELD_ALWAYS | FIELD_REQUIRED, .min = 1, .max = 1000,
          .help = "version of this record's format"),
    F_STR(struct drain, drain_id, "drainId", .flags = FIELD_REQUIRED, .min = 1, .max = 64,
          .help = "names the drain; unchanged for its whole life"),
    F_STR(struct drain, service, "service", .flags = FIELD_REQUIRED, .min = 1,
          .max = SERVICE_KEY_MAX, .help = "partition:region:account:cluster/name"),
    F_STR(struct drain, task_arn, "taskArn", .flags = FIELD_REQUIRED, .min = 1, .max = 512,
          .help = "the task that is taken out of service"),
    F_STR(struct drain, cluster_arn, "clusterArn", .max = 512, .help = "its cluster"),
    F_STR(struct drain, service_arn, "serviceArn", .max = SERVICE_KEY_MAX, .help = "its service"),
    F_STR(struct drain, address, "address", .max = 64, .help = "private IPv4 address of the task"),
    F_ENUM(struct drain, state, DRAIN_STATES, "state", .flags = FIELD_REQUIRED | FIELD_ALWAYS,
           .help = "where the drain stands"),
    F_ENUM(struct drain, becomes, DRAIN_STATES, "becomes", .help = "in RELEASING: how it will end"),
    F_INT(struct drain, version, "version", .flags = FIELD_ALWAYS, .min = 0, .max = INT64_MAX,
          .help = "rises by one with every change"),
    F_STR(struct drain, cause, "cause", .max = 256, .help = "id of the event that began it"),
    F_STR(struct drain, trigger, "trigger", .max = ALARM_NAME_MAX,
          .help = "the alarm's name, or who asked"),
    F_TIME(struct drain, claimed_at, "claimedAt", .help = "the slot was taken"),
    F_TIME(struct drain, protected_until, "protectedUntil",
           .help = "ECS protects the task until then"),
    F_TIME(struct drain, remove_sent_at, "removeSentAt", .help = "the distributor was first told"),
    F_TIME(struct drain, removed_at, "removedAt", .help = "the distributor confirmed"),
    F_TIME(struct drain, start_sent_at, "startSentAt", .help = "the task was last told to drain"),
    F_TIME(struct drain, started_at, "startedAt", .help = "the task accepted"),
    F_TIME(struct drain, drained_at, "drainedAt", .help = "the task was empty, or its time was up"),
    F_TIME(struct drain, deadline_at, "deadlineAt", .help = "by when the task must be empty"),
    F_TIME(struct drain, unprotected_at, "unprotectedAt",
           .help = "it was given to ECS to be stopped"),
    F_TIME(struct drain, undoing_at, "undoingAt", .help = "it was decided to undo the drain"),
    F_TIME(struct drain, cancelled_at, "cancelledAt", .help = "the task accepts work again"),
    F_TIME(struct drain, stopped_at, "stoppedAt", .help = "the task was seen to be gone"),
    F_TIME(struct drain, finished_at, "finishedAt", .help = "the drain reached its final state"),
    F_TIME(struct drain, look_at, "lookAt", .help = "it is looked at again then, at the latest"),
    F_INT(struct drain, attempts, "attempts", .min = 0, .max = INT32_MAX,
          .help = "calls of the present state that failed"),
    F_INT(struct drain, missing, "missing", .min = 0, .max = INT32_MAX,
          .help = "times in a row that ECS did not know the task"),
    F_ENUM(struct drain, confirmation, CONFIRMATIONS, "confirmation",
           .help = "whether the distributor confirmed the removal"),
    F_INT(struct drain, unclear_starts, "unclearStarts", .min = 0, .max = INT64_MAX,
          .help = "starts of which nobody knows whether they arrived"),
    F_BOOL(struct drain, start_refused, "startRefused",
           .help = "the task refused to begin, or no start reached it"),
    F_BOOL(struct drain, never_began, "neverBegan", .help = "the task said that it never began"),
    F_BOOL(struct drain, by_deadline, "byDeadline",
           .help = "ended by the deadline, not by being empty"),
    F_STR(struct drain, reason, "reason", .max = 512,
          .help = "why it is undone, or ended as it did"),
    F_BOOL(struct drain, by_alarm, "byAlarm", .help = "the trigger is an alarm, nobody who asked"),
    F_TIME(struct drain, cancel_asked_at, "cancelAskedAt", .help = "somebody asked to undo it"),
    F_STR(struct drain, cancel_asked_by, "cancelAskedBy", .max = 256, .help = "who asked that"),
    F_STR(struct drain, cancel_why, "cancelWhy", .max = 1024, .help = "and why"),
    F_TIME(struct drain, closed_at, "closedAt", .help = "somebody ended it by hand"),
    F_STR(struct drain, closed_by, "closedBy", .max = 256, .help = "who ended it"),
    F_STR(struct drain, close_why, "closeWhy", .max = 1024, .help = "and why"),
    F_STR(struct drain, unconfirmed, "unconfirmed", .max = 1024,
          .help = "what nobody confirmed when it was ended"),
    F_TIME(struct drain, protection_asked, "protectionAsked",
           .help = "the end of the protection that was asked for"),
    F_TIME(struct drain, protected_before, "protectedBefore",
           .help = "the end of the protection that another had set before"),
    F_TIME(struct drain, call_sent_at, "callSentAt",
           .help = "a call of the distributor was sent of which it is not known whether it ended"),
    F_TIME(struct drain, late_until, "lateUntil",
           .help = "an earlier such call may take effect until then"),
    F_TIME(struct drain, given_back_at, "givenBackAt",
           .help = "the distributor was told to take the address back, or to let it go"),
};
const struct record DRAIN_RECORD = {
    .name = "drain",
    .size = sizeof(struct drain),
    .fields = FIELDS,
    .n = EBB_COUNT(FIELDS),
    .help = "the state of one drain",
};

bool drain_never_began(const struct drain *d)
{
    bool ended = d->state == DRAIN_UNDOING || d->state == DRAIN_RESTORED ||
                 d->state == DRAIN_RELEASING || d->state == DRAIN_GONE;
    return ended && (d->start_sent_at == 0 || d->start_refused || d->never_began);
}

bool drain_is_final(int state)
{
    switch ((enum drain_state)state) {
    case DRAIN_SCALED_OUT:
    case DRAIN_RESTORED:
    case DRAIN_REPLACED:
    case DRAIN_GONE: return true;
    case DRAIN_OTHER:
    case DRAIN_CLAIMED:
    case DRAIN_REMOVED:
    case DRAIN_DRAINING:
    case DRAIN_DRAINED:
    case DRAIN_UNDOING:
    case DRAIN_RELEASING: return false;
    }
    return false;
}

bool drain_is_newer(const struct drain *d)
{
    return d->state == DRAIN_OTHER || d->format > DRAIN_FORMAT;
}

struct str drain_public_state(int state)
{
    switch ((enum drain_state)state) {
    case DRAIN_CLAIMED:
    case DRAIN_UNDOING:
    case DRAIN_RESTORED: return STR("RUNNING");
    case DRAIN_REMOVED:
    case DRAIN_DRAINING:
    case DRAIN_DRAINED: return STR("DRAINING");
    case DRAIN_RELEASING:
    case DRAIN_SCALED_OUT:
    case DRAIN_REPLACED:
    case DRAIN_GONE: return STR("SCALED_OUT");
    case DRAIN_OTHER: return STR("OTHER");
    }
    return STR("OTHER");
}

struct str drain_id_for(struct arena *a, struct str task_arn, int64_t now_ms)
{
    struct str text =
        arena_format(a, "%.*s:%lld", STR_ARG(task_arn), (long long)(now_ms / DRAIN_ID_BUCKET_MS));
    struct sha256 digest = crypto_sha256(text);
    return crypto_hex(a, &digest, DRAIN_ID_BYTES);
}
