/* SPDX-License-Identifier: Apache-2.0
 * One run: what earlier ones left is looked for, the service is made, every group is tried, and all
 * of it is removed, whatever happened in between. */
#include "lib/aws/shapes/ecs_setup.h"
#include "lib/verify/assume.h"

#include <string.h>

#define RESULTS_MAX 64
#define LEFT_MAX    64

static const struct str end_words[] = {
    [VERIFY_NOT_CHECKED] = STR("not checked"),
    [VERIFY_PROVEN] = STR("proven"),
    [VERIFY_BROKEN] = STR("broken"),
};
const struct enum_names VERIFY_ENDS = {end_words, EBB_COUNT(end_words)};

static const struct field result_fields[] = {
    F_STR(struct verify_result, id, "id", .help = "as in docs/assumptions.md"),
    F_STR(struct verify_result, words, "words", .help = "what is believed"),
    F_ENUM(struct verify_result, end, VERIFY_ENDS, "result", .flags = FIELD_ALWAYS,
           .help = "proven, broken or not checked"),
    F_STR(struct verify_result, seen, "seen", .help = "what was seen, or why nothing was"),
};
const struct record VERIFY_RESULT_RECORD = RECORD_OF(struct verify_result, result_fields);

/* "A7" is the seventh: groups are tried in another order than the page has. */
static size_t place_of(const struct assumption *row)
{
    struct str number = {row->id + 1, strlen(row->id) - 1};
    int64_t n = 0;
    bool good = str_to_int(number, &n) && n >= 1 && n <= RESULTS_MAX;
    EBB_ASSERT(good);
    return (size_t)n - 1;
}

struct list verify_assumptions(struct arena *a)
{
    struct verify_result *results = ARENA_ARRAY(a, RESULTS_MAX, struct verify_result);
    size_t n = 0;
    for (size_t g = 0; g < VERIFY_GROUPS_N; g++)
        for (size_t i = 0; i < VERIFY_GROUPS[g]->n; i++, n++) {
            const struct assumption *row = &VERIFY_GROUPS[g]->rows[i];
            results[place_of(row)] =
                (struct verify_result){.id = str_from(row->id), .words = str_from(row->words)};
        }
    return LIST_OF(results, n);
}

struct list verify_actions(struct arena *a)
{
    static const struct aws_operation *const CALLED[] = {
        &ECS_CREATE_CLUSTER,
        &ECS_DELETE_CLUSTER,
        &ECS_DESCRIBE_CLUSTERS,
        &ECS_LIST_CLUSTERS,
        &ECS_CREATE_SERVICE,
        &ECS_UPDATE_SERVICE,
        &ECS_DELETE_SERVICE,
        &ECS_DESCRIBE_SERVICES,
        &ECS_LIST_SERVICES,
        &ECS_LIST_TASKS,
        &ECS_DESCRIBE_TASKS,
        &ECS_STOP_TASK,
        &ECS_GET_TASK_PROTECTION,
        &ECS_UPDATE_TASK_PROTECTION,
        &ECS_REGISTER_TASK_DEFINITION,
        &ECS_DEREGISTER_TASK_DEFINITION,
        &ECS_LIST_TASK_DEFINITIONS,
    };
    size_t n = EBB_COUNT(CALLED);
    struct str *actions = ARENA_ARRAY(a, n + 1, struct str);
    for (size_t i = 0; i < n; i++)
        actions[i] = arena_format(a, "ecs:%s", CALLED[i]->name);
    /* No call of its own: what is made with tags is allowed by it. */
    actions[n] = STR("ecs:TagResource");
    return LIST_OF(actions, n + 1);
}

static void note(struct verify_report *out, struct verify_result *result, struct finding f,
                 struct str why)
{
    result->end = f.end;
    result->seen = f.end == VERIFY_NOT_CHECKED && !f.seen.n ? why : f.seen;
    out->proven += f.end == VERIFY_PROVEN;
    out->broken += f.end == VERIFY_BROKEN;
    out->not_checked += f.end == VERIFY_NOT_CHECKED;
}

/* Tries a group and judges what was seen. */
static void try_group(struct scene *s, const struct verify_group *g, struct verify_report *out)
{
    void *seen = arena_alloc(s->arena, g->seen_bytes);
    s->failure = (struct aws_failure){0};
    if (!s->why[0]) {
        scene_say(s, "-- %s", g->name);
        if (g->observe(s, seen)) scene_say(s, "%s", s->failure.err.text);
    }
    struct str why = scene_why(s, s->arena);
    for (size_t i = 0; i < g->n; i++) {
        struct verify_result *result =
            LIST_AT(out->results, struct verify_result, place_of(&g->rows[i]));
        note(out, result, g->rows[i].judge(seen, s->arena), why);
        if (result->end != VERIFY_NOT_CHECKED)
            scene_say(s, "%.*s %.*s: %.*s", STR_ARG(result->id), STR_ARG(end_words[result->end]),
                      STR_ARG(result->seen));
    }
}

static void note_left(struct scene *s, struct verify_report *out, struct str what)
{
    struct str *left = out->left.items;
    if (!left) left = ARENA_ARRAY(s->arena, LEFT_MAX, struct str);
    if (out->left.n < LEFT_MAX) left[out->left.n] = what;
    out->left = LIST_OF(left, out->left.n < LEFT_MAX ? out->left.n + 1 : LEFT_MAX);
    scene_say(s, "left: %.*s", STR_ARG(what));
}

static void note_failed(struct scene *s, struct verify_report *out, struct str what)
{
    note_left(s, out, arena_format(s->arena, "%.*s: %s", STR_ARG(what), s->failure.err.text));
}

static void begin(struct scene *s, const struct verify_ports *ports,
                  const struct verify_options *options, struct arena *a)
{
    *s = (struct scene){.ports = ports, .options = options, .arena = a};
    arena_init(&s->round);
    s->begun_ms = scene_mono(s);
    s->until_ms = s->begun_ms + options->timeout_ms;
}

/* Of earlier runs: as if this one had made it. */
static int take_over(struct scene *s, const struct left *left)
{
    struct arn arn;
    if (arn_parse(left->cluster, &arn))
        return err_set(&s->failure.err, E_UNAVAILABLE, "'%.*s' is no cluster's ARN",
                       STR_ARG(left->cluster));
    s->key = (struct service_key){.partition = arn.partition,
                                  .region = arn.region,
                                  .account = arn.account,
                                  .cluster = arn_cluster_name(left->cluster),
                                  .name = left->service};
    return E_OK;
}

/* What ended runs left is removed; with `all` that of runs that may be going on, too. */
static int remove_leftovers(struct scene *s, bool all, struct verify_report *out)
{
    struct list found;
    int code = leftovers_find(s, &found);
    for (size_t i = 0; i < found.n && !code; i++) {
        const struct left *left = LIST_AT(found, struct left, i);
        struct str name =
            arena_format(s->arena, "%.*s %.*s", STR_ARG(left->cluster), STR_ARG(left->service));
        if (!all && left->ends_ms > scene_now(s)) {
            note_left(s, out,
                      arena_format(s->arena, "%.*s: another run may be using it", STR_ARG(name)));
            continue;
        }
        if (take_over(s, left) || clean_one(s, left)) note_failed(s, out, name);
    }
    s->key = (struct service_key){0};
    return code;
}

/* The answer that would have told where it is was lost; its name is known. */
static void find_own(struct scene *s)
{
    struct list found;
    struct str name = s->key.name;
    if (leftovers_find(s, &found)) return;
    for (size_t i = 0; i < found.n; i++) {
        const struct left *left = LIST_AT(found, struct left, i);
        if (!str_eq(arn_cluster_name(left->cluster), name) || take_over(s, left)) continue;
        s->key.name = name;
        return;
    }
}

static void remove_own(struct scene *s, struct verify_report *out)
{
    if (s->own_cluster && !s->key.cluster.n) find_own(s);
    struct left own = {.own_cluster = s->own_cluster, .service = s->key.name};
    struct str name =
        arena_format(s->arena, "%.*s/%.*s", STR_ARG(s->key.cluster), STR_ARG(s->key.name));
    if (s->key.cluster.n && clean_one(s, &own)) note_failed(s, out, name);
    if (s->definition.n && clean_definition(s, s->definition)) note_failed(s, out, s->definition);
}

static int conclude(struct scene *s, int code, const struct verify_report *out, struct err *e)
{
    if (code) {
        *e = s->failure.err;
        e->code = code;
    } else if (out->left.n) {
        code = err_set(e, E_REFUSED,
                       "not everything is removed: `ebb verify-aws --clean-up` "
                       "does it");
    }
    arena_release(&s->round);
    return code;
}

int verify_run(const struct verify_ports *ports, const struct verify_options *options,
               struct arena *a, struct verify_report *out, struct err *e)
{
    struct scene s;
    *out = (struct verify_report){.results = verify_assumptions(a)};
    begin(&s, ports, options, a);
    int code = remove_leftovers(&s, false, out);
    if (!code) code = scene_create(&s);
    if (code) scene_give_up(&s, "%s", s.failure.err.text);
    struct aws_failure failure = s.failure;
    if (!code) {
        out->cluster = service_key_cluster_arn(a, &s.key);
        out->service = service_key_arn(a, &s.key);
    }
    for (size_t i = 0; i < VERIFY_GROUPS_N; i++)
        try_group(&s, VERIFY_GROUPS[i], out);
    remove_own(&s, out);
    s.failure = failure;
    return conclude(&s, code, out, e);
}

int verify_clean_up(const struct verify_ports *ports, const struct verify_options *options,
                    struct arena *a, struct verify_report *out, struct err *e)
{
    struct scene s;
    struct list definitions = {0};
    *out = (struct verify_report){.results = LIST_OF(NULL, 0)};
    begin(&s, ports, options, a);
    int code = remove_leftovers(&s, true, out);
    if (!code) code = leftover_definitions(&s, &definitions);
    for (size_t i = 0; i < definitions.n && !code; i++) {
        struct str arn = *LIST_AT(definitions, struct str, i);
        if (clean_definition(&s, arn)) note_failed(&s, out, arn);
    }
    return conclude(&s, code, out, e);
}
