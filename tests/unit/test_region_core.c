/* SPDX-License-Identifier: Apache-2.0
 * Goal: the region is a function of seed, inputs and time; faults act when asked; the snapshot
 * tells the truth. Method: the same busy hour twice, and with another seed. */
#include "tests/unit/region_fixture.h"

#include "lib/record/walkers.h"
#include "world/region/fault.h"
#include "world/region/heap.h"

static uint64_t busy_hour(int64_t seed, int64_t step_ms, bool read_a_lot)
{
    struct region_options options = {.seed = seed, .throttling_off = true};
    struct small_world w = small_world_new(&options);
    struct app_options app = {.cluster = STR("demo"),
                              .service = STR("pbx"),
                              .arrivals_per_hour = 2000,
                              .session_mean_ms = 60000};
    struct err e;
    assert_ok(region_app_set(w.region, &app, &e), e);
    small_world_service(&w, "pbx", 5);
    int64_t begin_ms = region_now_ms(w.region);
    for (int64_t quarter = 0; quarter < 4; quarter++) {
        int64_t until_ms = begin_ms + (quarter + 1) * 15 * MINUTE_MS;
        small_world_desire(&w, "pbx", 5 - quarter);
        while (region_now_ms(w.region) < until_ms) {
            int64_t next_ms = region_now_ms(w.region) + step_ms;
            region_advance(w.region, next_ms < until_ms ? next_ms : until_ms);
            if (read_a_lot) (void)small_world_describe(&w, "pbx");
        }
    }
    uint64_t hash = region_log_hash(w.region);
    small_world_free(&w);
    return hash;
}

TEST(region_is_a_function_of_its_seed)
{
    uint64_t first = busy_hour(7, 1000, false);
    assert_true(first == busy_hour(7, 1000, false));
    /* How time is cut into steps and how often somebody reads makes no difference. */
    assert_true(first == busy_hour(7, 7 * MINUTE_MS, true));
    assert_true(first != busy_hour(8, 1000, false));
}

TEST(region_time_goes_forward_only)
{
    struct small_world w = small_world_new(NULL);
    int64_t now_ms = region_now_ms(w.region);
    region_advance(w.region, now_ms - 1000);
    assert_int_equal(region_now_ms(w.region), now_ms);
    assert_true(region_next_due_ms(w.region) == INT64_MAX);
    small_world_free(&w);
}

TEST(region_refuses_options_that_cannot_be)
{
    struct region *region;
    struct err e;
    struct region_options bad = {.address_first = STR("10.0.0")};
    assert_int_equal(region_new(&bad, &region, &e), E_MALFORMED);
    bad = (struct region_options){.event_lost_percent = 101};
    assert_int_not_equal(region_new(&bad, &region, &e), 0);
    assert_contains(str_from(e.text), "eventLostPercent");
}

TEST(heap_keeps_order_of_time_then_of_asking)
{
    struct heap heap = {0};
    for (uint64_t i = 0; i < 500; i++)
        heap_push(&heap, (struct due){.at_ms = (int64_t)(i * 7919 % 50), .subject = i});
    int64_t at_ms = -1;
    uint64_t subject = 0;
    for (int i = 0; i < 500; i++) {
        struct due due = heap_pop(&heap);
        assert_true(due.at_ms > at_ms || (due.at_ms == at_ms && due.subject > subject));
        at_ms = due.at_ms;
        subject = due.subject;
    }
    assert_null(heap_peek(&heap));
    heap_release(&heap);
}

TEST(faults_act_in_order_and_use_themselves_up)
{
    struct small_world w = small_world_new(NULL);
    struct err e;
    struct fault_rule third = {.operation = STR("ecs:Update*"),
                               .effect = FAULT_5XX_AFTER,
                               .skip = 2,
                               .count = 1,
                               .delay_ms = 50};
    struct fault_rule half = {
        .operation = STR("sqs:*"), .effect = FAULT_DROP_BEFORE, .percent = 50};
    assert_ok(region_fault_add(w.region, &third, &e), e);
    assert_ok(region_fault_add(w.region, &half, &e), e);
    enum fault_effect expected[] = {FAULT_NONE, FAULT_NONE, FAULT_5XX_AFTER, FAULT_NONE};
    for (size_t i = 0; i < EBB_COUNT(expected); i++) {
        struct fault_verdict verdict = region_fault_take(w.region, STR("ecs:UpdateService"));
        assert_int_equal(verdict.effect, expected[i]);
        assert_int_equal(verdict.delay_ms, expected[i] ? 50 : 0);
    }
    int dropped = 0;
    for (int i = 0; i < 200; i++)
        dropped += region_fault_take(w.region, STR("sqs:ReceiveMessage")).effect != FAULT_NONE;
    assert_true(dropped > 60 && dropped < 140);
    struct log_query query = {.kind = LOG_FAULT, .reason = STR("5xx_after")};
    assert_int_equal(region_log_total(w.region, &query), 1);
    region_fault_clear(w.region);
    assert_int_equal(region_fault_take(w.region, STR("sqs:X")).effect, FAULT_NONE);
    struct fault_rule bad = {.operation = STR("x")};
    assert_int_equal(region_fault_add(w.region, &bad, &e), E_MALFORMED);
    small_world_free(&w);
}

TEST(log_answers_questions)
{
    struct small_world w = small_world_new(NULL);
    small_world_service(&w, "pbx", 1);
    struct log_query calls = {.kind = LOG_CALL, .access_key_id = STR("AKIATEST")};
    assert_int_equal(region_log_total(w.region, &calls), 3);
    struct ecs_update_service_input bad = {.cluster = STR("demo"), .service = STR("nobody")};
    small_world_refused(&w, &ECS_UPDATE_SERVICE, &bad, "ServiceNotFoundException", "");
    struct list found = region_log_find(w.region, &calls, &w.a);
    assert_int_equal(found.n, 4);
    const struct log_entry *last = LIST_AT(found, struct log_entry, 3);
    assert_str(last->code, "ServiceNotFoundException");
    calls.succeeded = true;
    calls.limit = 2;
    assert_int_equal(region_log_find(w.region, &calls, &w.a).n, 2);
    calls = (struct log_query){.after_number = last->number};
    assert_int_equal(region_log_total(w.region, &calls), 0);
    size_t n = region_log_count(w.region);
    assert_int_equal(region_log_at(w.region, n - 1)->number, (int64_t)n);
    assert_null(region_log_at(w.region, n));
    small_world_free(&w);
}

TEST(snapshot_is_json)
{
    struct small_world w = small_world_new(NULL);
    small_world_service(&w, "pbx", 2);
    (void)small_world_queue(&w, "events");
    struct list tasks = small_world_tasks(&w, "pbx", "RUNNING");
    assert_int_equal(region_sessions_add(w.region, *LIST_AT(tasks, struct str, 0), 4, 0), 0);
    struct region_snapshot snapshot;
    region_snapshot(w.region, &w.a, &snapshot);
    assert_int_equal(snapshot.sessions, 4);
    assert_int_equal(snapshot.tasks_running, 2);
    assert_true(LIST_AT(snapshot.services, struct snapshot_service, 0)->load_percent == 20.0);
    struct buf text;
    struct err e;
    buf_init(&text, 1 << 20);
    assert_ok(json_encode(&region_snapshot_record, &snapshot, JSON_PLAIN, &text, &e), e);
    assert_contains(buf_view(&text), "\"lastStatus\":\"RUNNING\"");
    assert_contains(buf_view(&text), "\"loadPercent\":20");
    buf_release(&text);
    small_world_free(&w);
}

TEST(caller_identity_is_the_caller)
{
    struct small_world w = small_world_new(NULL);
    struct sts_get_caller_identity_input in = {0};
    struct sts_get_caller_identity_output out;
    small_world_do(&w, &STS_GET_CALLER_IDENTITY, &in, &out);
    assert_str(out.account, "123456789012");
    assert_str(out.arn, "arn:aws:iam::123456789012:root");
    w.caller.arn = STR("arn:aws:iam::123456789012:user/ebb");
    w.caller.user_id = STR("AIDAEBB");
    small_world_do(&w, &STS_GET_CALLER_IDENTITY, &in, &out);
    assert_str(out.arn, "arn:aws:iam::123456789012:user/ebb");
    assert_str(out.user_id, "AIDAEBB");
    small_world_free(&w);
}

TEST(every_operation_can_be_found)
{
    size_t n;
    const struct region_operation *all = region_operations(&n);
    assert_true(n > 30);
    for (size_t i = 0; i < n; i++) {
        const struct aws_operation *shape = all[i].shape;
        assert_ptr_equal(region_operation_of(shape), &all[i]);
        assert_ptr_equal(
            region_operation_find(str_from(shape->service->host_prefix), str_from(shape->name)),
            &all[i]);
        assert_true(str_ends(str_from(all[i].id), str_from(shape->name)));
    }
    assert_null(region_operation_find(STR("ecs"), STR("Nothing")));
}
