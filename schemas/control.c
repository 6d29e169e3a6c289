/* SPDX-License-Identifier: Apache-2.0
 * See control.h. */
#include "schemas/control.h"

#include "lib/base/arn.h"
#include "lib/base/time_text.h"

static const struct str KIND_WORDS[] = {
    [CONTROL_OTHER] = {"other", 5},
    [CONTROL_PAUSE] = {"pause", 5},
    [CONTROL_RESUME] = {"resume", 6},
};
const struct enum_names CONTROL_KINDS = {KIND_WORDS, EBB_COUNT(KIND_WORDS)};

static const struct field FIELDS[] = {
    F_INT(struct control, format, "v", .flags = FIELD_ALWAYS | FIELD_REQUIRED, .min = 1,
          .max = 1000, .help = "version of this record's format"),
    F_ENUM(struct control, kind, CONTROL_KINDS, "kind", .flags = FIELD_REQUIRED | FIELD_ALWAYS,
           .help = "pause: no drain begins; resume: the pause is over"),
    F_STR(struct control, scope, "scope", .flags = FIELD_REQUIRED, .min = 1, .max = SERVICE_KEY_MAX,
          .help = "a service's key, account:NUMBER, or everything"),
    F_TIME(struct control, until, "until", .help = "a pause is over by itself then"),
    F_STR(struct control, by, "by", .max = 256, .help = "who said it; ebb: the brake"),
    F_STR(struct control, why, "why", .max = 1024, .help = "why, in their words"),
    F_TIME(struct control, at, "at", .help = "when it was said"),
    F_INT(struct control, version, "version", .flags = FIELD_ALWAYS, .min = 0, .max = INT64_MAX,
          .help = "rises by one with every change"),
};
const struct record CONTROL_RECORD = {
    .name = "control",
    .size = sizeof(struct control),
    .fields = FIELDS,
    .n = EBB_COUNT(FIELDS),
    .help = "a pause of drains to come, or its end",
};

struct str control_account(struct arena *a, struct str account)
{
    return arena_format(a, CONTROL_ACCOUNT_PREFIX "%.*s", STR_ARG(account));
}

struct str control_account_of(struct arena *a, struct str service)
{
    struct service_key k;
    /* What is no key is in an account of its own. */
    return control_account(a, service_key_parse(service, &k) ? service : k.account);
}

bool control_is_newer(const struct control *c)
{
    return c->kind == CONTROL_OTHER || c->format > CONTROL_FORMAT;
}

bool control_pauses(const struct control *c, int64_t now_ms)
{
    return c->kind == CONTROL_PAUSE && (!c->until || now_ms < c->until);
}

bool control_is_about(struct str scope, struct str service, struct arena *a)
{
    return str_eq(scope, service) || str_eq(scope, STR(CONTROL_EVERYTHING)) ||
           str_eq(scope, control_account_of(a, service));
}

struct str control_text(const struct control *c, struct arena *a)
{
    struct str until = STR("until it is resumed");
    if (c->until) until = arena_format(a, "until %.*s", STR_ARG(time_format_iso(a, c->until)));
    return arena_format(a, "%.*s is paused by %.*s %.*s%s%.*s", STR_ARG(c->scope), STR_ARG(c->by),
                        STR_ARG(until), c->why.n ? ": " : "", STR_ARG(c->why));
}
