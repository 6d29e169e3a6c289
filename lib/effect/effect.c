/* SPDX-License-Identifier: Apache-2.0
 * The words of effects, outcomes, verdicts and reasons, and the small constructors stages use. */
#include "lib/effect/effect.h"

static const struct {
    const char *word;
    enum effect_class class;
} EFFECTS[EFFECT_KINDS] = {
#define X(name, word, class, help) [EFFECT_##name] = {word, EFFECT_CLASS_##class},
    EBB_EFFECTS(X)
#undef X
};

static const struct {
    const char *word, *text;
} REASON_ROWS[REASONS] = {
#define X(name, word, text) [REASON_##name] = {word, text},
    EBB_REASONS(X)
#undef X
};

const char *effect_word(enum effect_kind kind)
{
    EBB_ASSERT(kind < EFFECT_KINDS);
    return EFFECTS[kind].word;
}

enum effect_class effect_class_of(enum effect_kind kind)
{
    EBB_ASSERT(kind < EFFECT_KINDS);
    return EFFECTS[kind].class;
}

struct str outcome_word(enum outcome outcome)
{
    switch (outcome) {
    case OUTCOME_NONE: return STR("none");
    case OUTCOME_OK: return STR("ok");
    case OUTCOME_REFUSED: return STR("refused");
    case OUTCOME_RETRY: return STR("retry");
    case OUTCOME_UNKNOWN: return STR("unknown");
    }
    return STR("none");
}

struct str verdict_word(enum verdict_kind kind)
{
    switch (kind) {
    case VERDICT_DONE: return STR("done");
    case VERDICT_REFUSED: return STR("refused");
    case VERDICT_WOULD: return STR("would");
    case VERDICT_WAIT: return STR("wait");
    case VERDICT_RETRY: return STR("retry");
    case VERDICT_DEAD: return STR("dead");
    }
    return STR("dead");
}

struct str reason_word(enum reason reason)
{
    EBB_ASSERT(reason < REASONS);
    return str_from(REASON_ROWS[reason].word);
}

const char *reason_text(enum reason reason)
{
    EBB_ASSERT(reason < REASONS);
    return REASON_ROWS[reason].text;
}

enum reason reason_of_word(struct str word)
{
    for (int i = 0; i < REASONS; i++)
        if (str_eq(word, str_from(REASON_ROWS[i].word))) return (enum reason)i;
    return REASON_NONE;
}

struct step want(enum effect_kind kind)
{
    return (struct step){.effect = {.kind = kind}};
}

struct step want_drain(enum effect_kind kind, const struct drain *drain)
{
    return (struct step){.effect = {.kind = kind, .drain = *drain}};
}

struct step want_ask(const char *topic, const struct drain *drain)
{
    return (struct step){.effect = {.kind = EFFECT_ASK, .drain = *drain, .topic = topic}};
}

struct step finish(enum verdict_kind kind, enum reason reason)
{
    return (struct step){.is_verdict = true, .verdict = {.kind = kind, .reason = reason}};
}

struct step wait_until(int64_t at, enum reason reason)
{
    return (struct step){.is_verdict = true,
                         .verdict = {.kind = VERDICT_WAIT, .reason = reason, .at = at}};
}
