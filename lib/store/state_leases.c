/* SPDX-License-Identifier: Apache-2.0
 * Leases, and the intent that is written under the scale lease of a service. */
#include "lib/store/state.h"

#include "lib/store/keys.h"
#include "lib/store/numbers.h"
#include "lib/store/reads.h"
#include "scripts.h"

struct str state_scale_lease(struct arena *a, struct str service)
{
    return arena_format(a, "scale:%.*s", STR_ARG(service));
}

int state_take_lease(const struct store_port *port, struct str name, struct str holder,
                     int64_t life_ms, struct arena *a, struct err *e)
{
    struct str keys[] = {key_lease(a, name)};
    struct str args[] = {holder, number_text(a, life_ms)};
    struct reply r;
    int code = store_script(port, &SCRIPT_TAKE_LEASE, keys, args, EBB_COUNT(args), a, &r, e);
    if (code) return code;
    if (r.kind == REPLY_INT && r.integer == 1) return E_OK;
    return err_set(e, E_BUSY, "lease %.*s is held by somebody else", STR_ARG(name));
}

int state_release_lease(const struct store_port *port, struct str name, struct str holder,
                        struct arena *a, struct err *e)
{
    struct str keys[] = {key_lease(a, name)};
    struct str args[] = {holder};
    struct reply r;
    return store_script(port, &SCRIPT_RELEASE_LEASE, keys, args, EBB_COUNT(args), a, &r, e);
}

static int under_lease(const struct reply *r, struct str service, struct err *e)
{
    if (r->kind == REPLY_INT && r->integer == 1) return E_OK;
    if (r->kind == REPLY_INT && r->integer == 0)
        return err_set(e, E_BUSY, "the scale lease of %.*s was lost", STR_ARG(service));
    return err_set(e, E_CONFLICT, "another intent is open for %.*s", STR_ARG(service));
}

int state_put_intent(const struct store_port *port, struct str service, struct str holder,
                     const struct intent_fact *intent, struct arena *a, struct err *e)
{
    struct str keys[] = {key_lease(a, state_scale_lease(a, service)), key_intent(a, service)};
    struct str args[] = {holder, number_text(a, intent->base), number_text(a, intent->to),
                         number_text(a, intent->not_after), number_text(a, intent->others)};
    struct reply r;
    int code = store_script(port, &SCRIPT_PUT_INTENT, keys, args, EBB_COUNT(args), a, &r, e);
    return code ? code : under_lease(&r, service, e);
}

int state_close_intent(const struct store_port *port, struct str service, struct str holder,
                       const struct intent_fact *intent, struct arena *a, struct err *e)
{
    struct str keys[] = {key_lease(a, state_scale_lease(a, service)), key_intent(a, service)};
    struct str args[] = {holder, number_text(a, intent->base), number_text(a, intent->not_after)};
    struct reply r;
    int code = store_script(port, &SCRIPT_CLOSE_INTENT, keys, args, EBB_COUNT(args), a, &r, e);
    return code ? code : under_lease(&r, service, e);
}

int state_read_intent(const struct store_port *port, struct str service, struct arena *a,
                      struct intent_fact *out, struct err *e)
{
    struct str args[] = {STR("HMGET"), key_intent(a, service), STR("base"),
                         STR("to"),    STR("notAfter"),        STR("others")};
    struct reply r;
    int code = store_command(port, args, EBB_COUNT(args), a, &r, e);
    if (code) return code;
    *out = (struct intent_fact){0};
    if (r.kind != REPLY_LIST || r.n != 4)
        return err_set(e, E_BUG, "HMGET of an intent: unexpected reply");
    if (r.items[0].kind != REPLY_STR) return E_OK;
    int64_t *numbers[] = {&out->base, &out->to, &out->not_after, &out->others};
    for (size_t i = 0; i < EBB_COUNT(numbers); i++)
        if (!str_to_int(r.items[i].text, numbers[i]))
            return err_set(e, E_BUG, "the intent in Redis is not numbers");
    out->open = true;
    return E_OK;
}

int state_intents(const struct store_port *port, size_t max, struct arena *a, struct str_list *out,
                  struct err *e)
{
    return store_scan_names(port, STR(KEY_INTENT_PREFIX), max, a, out, e);
}

int state_forget_old_intent(const struct store_port *port, struct str service, struct arena *a,
                            bool *was_old, struct err *e)
{
    struct str args[] = {STR("DEL"), key_intent(a, service)};
    struct str open[] = {STR("HGETALL"), key_open(a, service)};
    struct str_list states; /* drain, "STATE ARN", drain ... */
    struct reply r;
    *was_old = false;
    int code = store_read_texts(port, open, EBB_COUNT(open), a, &states, e);
    if (code) return code;
    for (size_t i = 0; i < states.n; i++)
        if (str_starts(states.items[i], STR("DRAINED "))) return E_OK;
    *was_old = true;
    return store_command(port, args, EBB_COUNT(args), a, &r, e);
}
