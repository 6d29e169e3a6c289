/* SPDX-License-Identifier: Apache-2.0
 * Goal: every clause of stage select. Method: a table of views and the next step each must give. */
/* rule 2: one table over all clauses reads best in one piece. */
#include "tests/support/stage_table.h"

static void unmanaged(struct fixture *f)
{
    f->view.settings = NULL;
}

static void alarm_ok(struct fixture *f)
{
    f->message.alarm_state = ALARM_OK;
}

static void alarm_unknown(struct fixture *f)
{
    f->message.alarm_state = ALARM_OTHER;
}

static void not_noted(struct fixture *f)
{
    f->view.did[EFFECT_NOTE_ALARM] = (struct attempt){0};
}

static void alarm_ok_not_noted(struct fixture *f)
{
    alarm_ok(f);
    not_noted(f);
}

static void unmanaged_not_noted(struct fixture *f)
{
    unmanaged(f);
    not_noted(f);
}

static void asked_by_operator(struct fixture *f)
{
    not_noted(f);
    f->message.alarm = STR_NONE;
    f->message.alarm_state = ALARM_OTHER;
    f->message.asked_by = STR("somebody");
}

/* A level's asking that Kafka delivers once more, hours later. */
static void asking_old(struct fixture *f)
{
    f->message.cause = STR("level-1");
    f->message.time = NOW_MS - f->settings.event_age_max_ms - 1;
}

static void event_old(struct fixture *f)
{
    f->message.time = NOW_MS - f->settings.event_age_max_ms - 1;
}

static void event_at_age(struct fixture *f)
{
    f->message.time = NOW_MS - f->settings.event_age_max_ms;
    f->view.limits.known = false;
}

static void no_limits(struct fixture *f)
{
    f->view.limits.known = false;
    f->view.service.known = false;
}

static void cooldown(struct fixture *f)
{
    f->view.limits.refusal = REASON_COOLDOWN;
    f->view.service.known = false;
}

static void paused(struct fixture *f)
{
    f->view.limits.refusal = REASON_PAUSED;
    f->view.limits.about = STR("it is paused by ann until it is resumed: a deployment");
}

static void says_who_paused_it(const struct fixture *f, const struct step *s)
{
    assert_true(str_eq(s->verdict.subject, f->view.limits.about));
}

static void account_full(struct fixture *f)
{
    f->view.limits.refusal = REASON_ACCOUNT_LIMIT;
    f->view.limits.have = f->view.limits.need = 1000;
}

static void state_lost(struct fixture *f)
{
    f->view.limits.refusal = REASON_STATE_LOST;
}

static void event_seen(struct fixture *f)
{
    f->view.limits.refusal = REASON_EVENT_SEEN;
    f->view.limits.seen_drain_id = STR(FIX_DRAIN);
    f->view.drain_known = false;
}

static void event_seen_not_asked(struct fixture *f)
{
    event_seen(f);
    f->view.drain_known = true;
}

static void event_seen_moved_on(struct fixture *f)
{
    event_seen_not_asked(f);
    fixture_drain_in(f, DRAIN_DRAINING);
}

static void no_service(struct fixture *f)
{
    f->view.service.known = false;
}

static void service_missing(struct fixture *f)
{
    f->view.service.exists = false;
}

static void service_inactive(struct fixture *f)
{
    f->view.service.active = false;
}

static void daemon_service(struct fixture *f)
{
    f->view.service.daemon = true;
}

static void code_deploy(struct fixture *f)
{
    f->view.service.foreign_controller = true;
}

static void deploying(struct fixture *f)
{
    f->view.service.deploying = true;
}

static void floor_unknown(struct fixture *f)
{
    f->view.floor.known = false;
}

static void no_floor(struct fixture *f)
{
    f->view.floor.exists = false;
}

static void no_tasks(struct fixture *f)
{
    f->view.tasks.known = false;
}

static void at_floor(struct fixture *f)
{
    f->view.floor.min = FIX_TASKS;
}

/* Two of four are being drained already: one more would leave one. */
static void at_floor_by_drains(struct fixture *f)
{
    f->open_tasks[0] = f->tasks[0].arn;
    f->open_tasks[1] = f->tasks[1].arn;
    f->view.limits.open_tasks_n = 2;
}

static void at_floor_by_pending(struct fixture *f)
{
    f->tasks[0].running = f->tasks[1].running = false;
}

static void at_floor_by_desired(struct fixture *f)
{
    f->view.service.desired = 2;
}

static void newest_only_starts(struct fixture *f)
{
    f->tasks[FIX_TASKS - 1].running = false;
    f->view.floor.min = 1;
}

static void newest_is_draining(struct fixture *f)
{
    f->open_tasks[0] = f->tasks[3].arn;
    f->view.limits.open_tasks_n = 1;
}

static void oldest_wanted(struct fixture *f)
{
    f->settings.victim = VICTIM_OLDEST;
}

static void all_started_at_once(struct fixture *f)
{
    for (int i = 0; i < FIX_TASKS; i++)
        f->tasks[i].started_at = NOW_MS;
}

static void task_named_by_id(struct fixture *f)
{
    f->message.task = STR("00000000000000000000000000000001");
}

static void task_named_unknown(struct fixture *f)
{
    f->message.task = STR("99999999999999999999999999999999");
}

static void task_named_draining(struct fixture *f)
{
    newest_is_draining(f);
    f->message.task = f->tasks[3].arn;
}

static void no_address(struct fixture *f)
{
    f->tasks[3].address = STR_NONE;
}

static void observe(struct fixture *f)
{
    f->settings.mode = MODE_OBSERVE;
}

static void mode_unset(struct fixture *f)
{
    f->settings.mode = MODE_UNSET;
}

static void claim_refused(struct fixture *f)
{
    f->view.claim = (struct limits_fact){
        .known = true, .refusal = REASON_CONCURRENCY_LIMIT, .have = 1, .need = 1};
    fixture_did(f, EFFECT_CLAIM, OUTCOME_REFUSED);
}

static void claimed(struct fixture *f)
{
    fixture_did(f, EFFECT_CLAIM, OUTCOME_OK);
    f->view.drain.recorded = false;
}

static void claimed_recorded(struct fixture *f)
{
    claimed(f);
    f->view.drain.recorded = true;
}

static void claimed_asked(struct fixture *f)
{
    claimed_recorded(f);
    f->view.drain.asked = true;
}

static void claims_task_3(const struct fixture *f, const struct step *s)
{
    assert_str(s->effect.drain.task_arn, f->tasks[3].arn.p);
    assert_str(s->effect.drain.address, "10.0.0.4");
    assert_int_equal(s->effect.drain.state, DRAIN_CLAIMED);
    assert_int_equal(s->effect.drain.claimed_at, NOW_MS);
    assert_int_equal(s->effect.drain.drain_id.n, 16);
    assert_int_equal(s->effect.serving, FIX_TASKS);
    assert_int_equal(s->effect.floor, 2);
}

static void claims_by_alarm(const struct fixture *f, const struct step *s)
{
    assert_true(s->effect.drain.by_alarm);
    assert_str(s->effect.drain.trigger, f->message.alarm.p);
}

static void claims_by_operator(const struct fixture *f, const struct step *s)
{
    (void)f;
    assert_false(s->effect.drain.by_alarm);
    assert_str(s->effect.drain.trigger, "somebody");
}

static void claims_task_2(const struct fixture *f, const struct step *s)
{
    assert_str(s->effect.drain.task_arn, f->tasks[2].arn.p);
}

static void claims_task_1(const struct fixture *f, const struct step *s)
{
    assert_str(s->effect.drain.task_arn, f->tasks[1].arn.p);
}

static void claims_task_0(const struct fixture *f, const struct step *s)
{
    assert_str(s->effect.drain.task_arn, f->tasks[0].arn.p);
}

static void has_numbers(const struct fixture *f, const struct step *s)
{
    (void)f;
    assert_true(s->verdict.have - 1 < s->verdict.need);
}

static void names_task_3(const struct fixture *f, const struct step *s)
{
    assert_str(s->verdict.subject, f->tasks[3].arn.p);
}

static void asks_remove(const struct fixture *f, const struct step *s)
{
    (void)f;
    assert_string_equal(s->effect.topic, TOPIC_REMOVE);
}

TEST(select_clauses)
{
    static const struct clause_row ROWS[] = {
        ENDS("S1", unmanaged, REFUSED, NOT_MANAGED),
        ENDS("S1", unmanaged_not_noted, REFUSED, NOT_MANAGED),
        WANTS("S2", not_noted, NOTE_ALARM),
        WANTS("S2", alarm_ok_not_noted, NOTE_ALARM),
        WANTS_AND("S2", asked_by_operator, CLAIM, claims_by_operator),
        ENDS("S2", alarm_ok, REFUSED, NOT_IN_ALARM),
        ENDS("S2", alarm_unknown, REFUSED, NOT_IN_ALARM),
        ENDS("S3", event_old, REFUSED, EVENT_TOO_OLD),
        ENDS("S3", asking_old, REFUSED, EVENT_TOO_OLD),
        WANTS("S3", event_at_age, READ_LIMITS),
        WANTS("S4", no_limits, READ_LIMITS),
        ENDS("S4", cooldown, REFUSED, COOLDOWN),
        ENDS_AND("S4", paused, REFUSED, PAUSED, says_who_paused_it),
        ENDS("S4", account_full, REFUSED, ACCOUNT_LIMIT),
        ENDS("S4", state_lost, RETRY, STATE_LOST),
        WANTS("S4", event_seen, READ_DRAIN),
        WANTS_AND("S4", event_seen_not_asked, ASK, asks_remove),
        ENDS("S4", event_seen_moved_on, REFUSED, EVENT_SEEN),
        WANTS("S5", no_service, READ_SERVICE),
        ENDS("S5", service_missing, REFUSED, SERVICE_NOT_FOUND),
        ENDS("S5", service_inactive, REFUSED, SERVICE_NOT_ACTIVE),
        ENDS("S5", daemon_service, REFUSED, DAEMON_SERVICE),
        ENDS("S5", code_deploy, REFUSED, FOREIGN_CONTROLLER),
        ENDS("S5", deploying, REFUSED, DEPLOYING),
        WANTS("S6", floor_unknown, READ_FLOOR),
        ENDS("S6", no_floor, REFUSED, NO_FLOOR),
        WANTS("S7", no_tasks, READ_TASKS),
        ENDS_AND("S7", at_floor, REFUSED, AT_MIN_CAPACITY, has_numbers),
        ENDS_AND("S7", at_floor_by_drains, REFUSED, AT_MIN_CAPACITY, has_numbers),
        ENDS("S7", at_floor_by_pending, REFUSED, AT_MIN_CAPACITY),
        ENDS("S7", at_floor_by_desired, REFUSED, AT_MIN_CAPACITY),
        WANTS_AND("S8", NULL, CLAIM, claims_task_3),
        WANTS_AND("S8", NULL, CLAIM, claims_by_alarm),
        WANTS_AND("S8", newest_only_starts, CLAIM, claims_task_2),
        WANTS_AND("S8", newest_is_draining, CLAIM, claims_task_2),
        WANTS_AND("S8", oldest_wanted, CLAIM, claims_task_0),
        WANTS_AND("S8", all_started_at_once, CLAIM, claims_task_0),
        WANTS_AND("S8", task_named_by_id, CLAIM, claims_task_1),
        ENDS("S8", task_named_unknown, REFUSED, TASK_NOT_FOUND),
        ENDS("S8", task_named_draining, REFUSED, ALREADY_DRAINING),
        ENDS("S9", no_address, REFUSED, NO_IP),
        ENDS_AND("S10", observe, WOULD, CLAIMED, names_task_3),
        ENDS("S10", mode_unset, WOULD, CLAIMED),
        ENDS("S11", claim_refused, REFUSED, CONCURRENCY_LIMIT),
        WANTS("S12", claimed, RECORD),
        WANTS_AND("S12", claimed_recorded, ASK, asks_remove),
        ENDS("S12", claimed_asked, DONE, CLAIMED),
    };
    stage_table_run(select_next, ROWS, EBB_COUNT(ROWS));
}

/* The documents' vectors: reference numbers of the drain id's ten-minute bucket. */
TEST(drain_id_is_the_documents)
{
    struct arena a;
    struct str arn =
        STR("arn:aws:ecs:us-east-1:123456789012:task/demo/0123456789abcdef0123456789abcdef");
    arena_init(&a);
    assert_str(drain_id_for(&a, arn, 1700000000000), "3366f10b5f0aa7ab");
    assert_str(drain_id_for(&a, arn, 1700000399999), "3366f10b5f0aa7ab");
    assert_str(drain_id_for(&a, arn, 1700000400000), "b99e5919ccfb6755");
    arena_release(&a);
}
