/* SPDX-License-Identifier: Apache-2.0
 * What contradicts: settings that are each right, and wrong together or for what they are for. */
#include "schemas/config_parts.h"

#define SECRET_CHARS_MIN 16
#define ALARM_POLL_MIN   ((int64_t)1000) /* CloudWatch takes nine calls a second of an account */

static bool has_wildcards(struct str pattern)
{
    return str_find(pattern, '*') >= 0 || str_find(pattern, '?') >= 0;
}

static bool is_http(struct str url)
{
    return str_starts(url, STR("http://")) || str_starts(url, STR("https://"));
}

/* The first match counts: an entry after one that matches all it could match does nothing. */
static int check_match(const struct reading *in, const struct config *c, size_t i)
{
    struct str match = LIST_AT(c->services, struct service_settings, i)->match;
    if (str_find(match, '/') < 0 && str_find(match, '*') < 0)
        return config_contradict_service(in, i, "match",
                                         "matches no service: it must be cluster/name");
    for (size_t k = 0; k < i; k++) {
        struct str earlier = LIST_AT(c->services, struct service_settings, k)->match;
        /* A ? would take a * for one character, which it is not. */
        bool comparable = str_find(earlier, '?') < 0 || !has_wildcards(match);
        if (!str_eq(match, earlier) && !(comparable && str_matches(match, earlier))) continue;
        struct str words = arena_format(in->arena,
                                        "can never count: services[%zu] matches the same before "
                                        "it; put the narrower one first",
                                        k);
        return config_contradict_service(in, i, "match", words.p);
    }
    return E_OK;
}

static int check_service(const struct reading *in, const struct config *c, size_t i)
{
    const struct service_settings *s = LIST_AT(c->services, struct service_settings, i);
    bool scheme_known = str_eq(s->task.scheme, STR("http")) || str_eq(s->task.scheme, STR("https"));
    if (!scheme_known)
        return config_contradict_service(in, i, "task.scheme", "must be http or https");
    if (s->alarms.n && has_wildcards(s->match))
        return config_contradict_service(in, i, "alarms",
                                         "an alarm means one service, and match has wildcards");
    if (s->mode == MODE_ACT && !s->distributor.function.n)
        return config_contradict_service(
            in, i, "distributor.function",
            "missing; mode act needs to know what sends work to the tasks");
    return check_match(in, c, i);
}

static bool acts(const struct config *c)
{
    for (size_t i = 0; i < c->services.n; i++)
        if (LIST_AT(c->services, struct service_settings, i)->mode == MODE_ACT) return true;
    return false;
}

static int check_secret(const struct reading *in, struct str path, struct str secret)
{
    if (!secret.n || secret.n >= SECRET_CHARS_MIN) return E_OK;
    struct str words = arena_format(in->arena, "shorter than %d characters", SECRET_CHARS_MIN);
    return config_contradict(in, path, words.p);
}

static int check_callback(const struct reading *in, const struct config *c)
{
    const struct callback_settings *s = &c->callback;
    if (s->accept_shared_token && !s->shared_token.n)
        return config_contradict(in, STR("callback.acceptSharedToken"),
                                 "true, but no shared token is set (SHARED_TOKEN)");
    int code = check_secret(in, STR("callback.secret"), s->secret);
    if (!code) code = check_secret(in, STR("callback.previousSecret"), s->previous_secret);
    if (code) return code;
    if (s->url.n && !is_http(s->url))
        return config_contradict(in, STR("callback.url"),
                                 "must begin with http:// or https://: tasks call it as it is");
    if (!acts(c)) return E_OK;
    if (!s->secret.n)
        return config_contradict(
            in, STR("callback.secret"),
            "missing; a service in mode act needs it for the tokens of its drains");
    if (!s->url.n)
        return config_contradict(
            in, STR("callback.url"),
            "missing; a service in mode act needs to tell its tasks where to call back");
    return E_OK;
}

int config_check(const struct reading *in, const struct config *c)
{
    for (size_t i = 0; i < c->services.n; i++) {
        int code = check_service(in, c, i);
        if (code) return code;
    }
    if (c->alarms.poll_ms && c->alarms.poll_ms < ALARM_POLL_MIN)
        return config_contradict(in, STR("alarms.poll"),
                                 "shorter than 1 s; 0 turns it off, 60 s is what alarms need");
    return check_callback(in, c);
}
