/* SPDX-License-Identifier: Apache-2.0
 * See tidy.h. */
#include "producers/tidy.h"

#include "lib/effect/durable.h"
#include "lib/effect/publish.h"
#include "lib/store/state_control.h"

#define TIDY_MS     ((int64_t)1000)
#define EXPIRED_MAX ((size_t)100) /* records removed at a time */

/* T5. Whoever said it died before it was written, or could not write it. */
static int write_what_was_said(const struct ports *ports, struct arena *a, struct err *e)
{
    struct control_list said;
    int code = state_read_controls(&ports->store, a, &said, e);
    for (size_t i = 0; i < said.n && !code; i++)
        if (!said.items[i].recorded) code = durable_said(ports, said.items[i].record.scope, a, e);
    return code;
}

/* T6. Told to ebb.state first: what is not forgotten here is removed once more, which does no harm.
 */
static int remove_expired(const struct ports *ports, struct arena *a, struct err *e)
{
    struct str_list expired;
    int code = state_read_expired(&ports->store, clock_wall_ms(&ports->clock), EXPIRED_MAX, a,
                                  &expired, e);
    for (size_t i = 0; i < expired.n && !code; i++) {
        code = publish_drain_removed(&ports->bus, expired.items[i], e);
        if (!code) code = state_forget_expired(&ports->store, expired.items[i], a, e);
    }
    return code;
}

int tidy(struct timers_pass *t, struct arena *a, struct err *e)
{
    int64_t now_ms = clock_mono_ms(&t->ports->clock);
    if (t->tidied_at && now_ms - t->tidied_at < TIDY_MS) return E_OK;
    t->tidied_at = now_ms;
    int code = write_what_was_said(t->ports, a, e);
    return code ? code : remove_expired(t->ports, a, e);
}
