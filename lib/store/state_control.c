/* SPDX-License-Identifier: Apache-2.0
 * See state_control.h. All control records are fields of one hash, since every claim asks for
 * three of them; what the scripts decide by stands before the record itself. */
#include "lib/store/state_control.h"

#include "lib/record/walkers.h"
#include "lib/store/keys.h"
#include "lib/store/numbers.h"
#include "scripts.h"

#define CONTROL_BYTES_MAX ((size_t)8 * 1024)
#define CONTROLS_MAX      ((size_t)100000)
/* Nobody takes a message again so much later. */
#define TAKEN_LIFE_MS ((int64_t)3600 * 1000)

static int encode(const struct control *c, struct arena *a, struct str *out, struct err *e)
{
    struct buf b;
    buf_init(&b, CONTROL_BYTES_MAX);
    int code = msgpack_encode(&CONTROL_RECORD, c, &b, e);
    if (!code) *out = arena_copy(a, buf_view(&b));
    buf_release(&b);
    return code;
}

/* "version recorded kind until at record" */
static int decode(struct str text, struct arena *a, struct control_held *out, struct err *e)
{
    struct str version = str_cut(&text, ' '), recorded = str_cut(&text, ' ');
    for (int i = 0; i < 3; i++)
        (void)str_cut(&text, ' '); /* the record has kind, until and at as well */
    *out = (struct control_held){.exists = true, .recorded = str_eq(version, recorded)};
    if (msgpack_decode(&CONTROL_RECORD, text, a, &out->record, e))
        return err_prefix(e, "control record in Redis");
    return E_OK;
}

int state_read_control(const struct store_port *port, struct str scope, struct arena *a,
                       struct control_held *out, struct err *e)
{
    struct str args[] = {STR("HGET"), KEY_CONTROLS, scope};
    struct reply r;
    *out = (struct control_held){0};
    int code = store_command(port, args, EBB_COUNT(args), a, &r, e);
    if (code) return code;
    if (r.kind == REPLY_ERROR) return err_set(e, E_BUG, "HGET: %.*s", STR_ARG(r.text));
    return r.kind == REPLY_STR ? decode(r.text, a, out, e) : E_OK;
}

int state_read_controls(const struct store_port *port, struct arena *a, struct control_list *out,
                        struct err *e)
{
    struct str args[] = {STR("HGETALL"), KEY_CONTROLS};
    struct reply r;
    int code = store_command(port, args, EBB_COUNT(args), a, &r, e);
    if (code) return code;
    if (r.kind != REPLY_LIST || r.n % 2) return err_set(e, E_BUG, "HGETALL: unexpected reply");
    size_t most = r.n / 2 < CONTROLS_MAX ? r.n / 2 : CONTROLS_MAX;
    *out = (struct control_list){.items = ARENA_ARRAY(a, most, struct control_held)};
    for (size_t i = 0; i < most; i++)
        if (!decode(r.items[2 * i + 1].text, a, &out->items[out->n], e)) out->n++;
    return E_OK;
}

static int script(const struct store_port *port, const struct script *s, struct str *keys,
                  struct str *args, size_t n, struct arena *a, struct str *word, struct err *e)
{
    struct reply r;
    int code = store_script(port, s, keys, args, n, a, &r, e);
    *word = r.text;
    return code;
}

static int said_meanwhile(const struct control *c, struct err *e)
{
    return err_set(e, E_CONFLICT, "somebody else said something about %.*s first",
                   STR_ARG(c->scope));
}

int state_set_control(const struct store_port *port, const struct control *c, struct arena *a,
                      struct err *e)
{
    struct str keys[] = {KEY_EPOCH, KEY_CONTROLS}, record, word;
    if (encode(c, a, &record, e)) return e->code;
    struct str args[] = {c->scope,
                         number_text(a, c->version - 1),
                         enum_word(&CONTROL_KINDS, c->kind),
                         number_text(a, c->until),
                         number_text(a, c->at),
                         record};
    int code = script(port, &SCRIPT_SET_CONTROL, keys, args, EBB_COUNT(args), a, &word, e);
    if (code || str_eq(word, STR("ok"))) return code;
    if (str_eq(word, STR("conflict"))) return said_meanwhile(c, e);
    return err_set(e, E_STATE_LOST,
                   "Redis lost its state, which is being rebuilt; no drain begins meanwhile");
}

int state_control_recorded(const struct store_port *port, const struct control *written,
                           struct arena *a, struct err *e)
{
    struct str keys[] = {KEY_CONTROLS}, word;
    struct str args[] = {written->scope, number_text(a, written->version),
                         number_text(a, written->at)};
    int code = script(port, &SCRIPT_CONTROL_RECORDED, keys, args, EBB_COUNT(args), a, &word, e);
    if (code || str_eq(word, STR("ok"))) return code;
    if (str_eq(word, STR("moved"))) return said_meanwhile(written, e);
    return err_set(e, E_NOT_FOUND, "there is no control record of %.*s in Redis",
                   STR_ARG(written->scope));
}

int state_merge_control(const struct store_port *port, const struct control *c, struct arena *a,
                        struct err *e)
{
    struct str keys[] = {KEY_CONTROLS}, record, word;
    if (encode(c, a, &record, e)) return e->code;
    struct str args[] = {c->scope,
                         number_text(a, c->version),
                         enum_word(&CONTROL_KINDS, c->kind),
                         number_text(a, c->until),
                         number_text(a, c->at),
                         record};
    return script(port, &SCRIPT_MERGE_CONTROL, keys, args, EBB_COUNT(args), a, &word, e);
}

int state_note_wrong(const struct store_port *port, struct str service,
                     const struct intent_fact *intent, struct arena *a, int64_t *count,
                     struct err *e)
{
    struct str keys[] = {key_wrong(a, service), KEY_CONTROLS, KEY_CLOCK};
    struct str args[] = {
        arena_format(a, "%.*s@%lld", STR_ARG(service), (long long)intent->not_after),
        control_account_of(a, service)};
    struct reply r;
    int code = store_script(port, &SCRIPT_NOTE_WRONG, keys, args, EBB_COUNT(args), a, &r, e);
    *count = r.integer;
    return code;
}

int state_count_taken(const struct store_port *port, const struct message_place *m,
                      enum taken_what what, struct str holder, struct arena *a, int64_t *others,
                      struct err *e)
{
    static const char *const WORDS[] = {
        [TAKEN_ASK] = "ask", [TAKEN_TAKE] = "take", [TAKEN_GIVE_BACK] = "give back"};
    struct str keys[] = {key_taken(a, m->topic, m->partition, m->offset)};
    struct str args[] = {str_from(WORDS[what]), holder, number_text(a, TAKEN_LIFE_MS)};
    struct reply r;
    int code = store_script(port, &SCRIPT_COUNT_TAKEN, keys, args, EBB_COUNT(args), a, &r, e);
    *others = code ? 0 : r.integer;
    return code;
}

int state_forget_taken(const struct store_port *port, const struct message_place *m,
                       struct arena *a, struct err *e)
{
    struct str args[] = {STR("DEL"), key_taken(a, m->topic, m->partition, m->offset)};
    struct reply r;
    return store_command(port, args, EBB_COUNT(args), a, &r, e);
}
