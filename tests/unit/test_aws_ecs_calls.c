/* SPDX-License-Identifier: Apache-2.0
 * Goal: answers about a service are whole: every page read, every batch split at AWS's limit, every
 * `failures` entry passed on, and nothing built on an answer that is not one. Method: the client on
 * a scripted http port; the requests it made are counted and looked into. */
#include "lib/aws/ecs_calls.h"
#include "tests/unit/test_aws_fake.h"

#define KEY "aws:eu-west-1:123456789012:games/rooms"

struct stage {
    struct fake fake;
    struct arena arena;
    struct aws_client *client;
    struct aws_port port;
    struct service_key key;
    struct aws_failure failure;
};

static void begin(struct stage *s)
{
    *s = (struct stage){0};
    fake_init(&s->fake);
    arena_init(&s->arena);
    s->client = fake_client(&s->fake);
    s->port = aws_client_port(s->client);
    assert_int_equal(service_key_parse(STR(KEY), &s->key), 0);
}

static void end(struct stage *s)
{
    aws_client_free(s->client);
    arena_release(&s->arena);
    fake_release(&s->fake);
}

/* {"list":[item 0, item 1, ...],tail}, each item made of the format and its number. */
static const char *many(struct stage *s, const char *list, size_t from, size_t n,
                        const char *before, const char *after, const char *tail)
{
    struct buf b;
    buf_init(&b, 1024 * 1024);
    buf_add_format(&b, "{\"%s\":[", list);
    for (size_t i = 0; i < n; i++)
        buf_add_format(&b, "%s%st%zu%s", i ? "," : "", before, from + i, after);
    buf_add_format(&b, "]%s}", tail);
    const char *text = arena_copy(&s->fake.arena, buf_view(&b)).p;
    buf_release(&b);
    return text;
}

static size_t count(struct str text, struct str part)
{
    size_t n = 0;
    for (size_t i = 0; i + part.n <= text.n; i++)
        n += str_eq((struct str){text.p + i, part.n}, part);
    return n;
}

#define TASK_BEFORE "{\"desiredStatus\":\"RUNNING\",\"taskArn\":\""

TEST(ecs_calls_read_all_pages_and_describe_in_batches)
{
    struct stage s;
    struct list tasks;
    begin(&s);
    fake_says(&s.fake, 200, many(&s, "taskArns", 0, 100, "\"", "\"", ",\"nextToken\":\"one\""));
    fake_says(&s.fake, 200, many(&s, "taskArns", 100, 0, "\"", "\"", ",\"nextToken\":\"two\""));
    fake_says(&s.fake, 200, many(&s, "taskArns", 100, 37, "\"", "\"", ""));
    fake_says(&s.fake, 200, many(&s, "tasks", 0, 100, TASK_BEFORE, "\"}", ",\"failures\":[]"));
    fake_says(&s.fake, 200,
              many(&s, "tasks", 100, 35, TASK_BEFORE, "\"}",
                   ",\"failures\":[{\"arn\":\"x\",\"reason\":\"MISSING\"},"
                   "{\"arn\":\"y\",\"reason\":\"MISSING\"}]"));
    int code = ecs_read_service_tasks(&s.port, &s.key, &s.arena, &tasks, &s.failure);
    assert_ok(code, s.failure.err);
    assert_int_equal(tasks.n, 135);
    assert_str(LIST_AT(tasks, struct ecs_task, 134)->task_arn, "t134");
    assert_int_equal(s.fake.asked_n, 5);
    assert_contains(s.fake.asked[0].body, "\"cluster\":\"arn:aws:ecs:eu-west-1:123456789012:"
                                          "cluster/games\"");
    assert_false(str_contains(s.fake.asked[0].body, STR("nextToken")));
    assert_contains(s.fake.asked[1].body, "\"nextToken\":\"one\"");
    assert_contains(s.fake.asked[2].body, "\"nextToken\":\"two\"");
    assert_int_equal(count(s.fake.asked[3].body, STR("\"t")), 100 + 1); /* "tasks" is one more */
    assert_int_equal(count(s.fake.asked[4].body, STR("\"t")), 37 + 1);
    end(&s);
}

TEST(ecs_calls_leave_out_tasks_that_stop_meanwhile)
{
    struct stage s;
    struct list tasks;
    begin(&s);
    fake_says(&s.fake, 200, "{\"taskArns\":[\"a\",\"b\"]}");
    fake_says(&s.fake, 200,
              "{\"tasks\":[{\"taskArn\":\"a\",\"desiredStatus\":\"STOPPED\"},"
              "{\"taskArn\":\"b\",\"desiredStatus\":\"RUNNING\"}]}");
    assert_int_equal(ecs_read_service_tasks(&s.port, &s.key, &s.arena, &tasks, &s.failure), 0);
    assert_int_equal(tasks.n, 1);
    end(&s);
}

TEST(ecs_calls_build_on_no_answer_that_is_not_whole)
{
    static const struct {
        const char *list, *describe, *words;
    } ROWS[] = {
        {"{\"taskArns\":[\"a\",\"b\"]}", "{\"tasks\":[{\"taskArn\":\"a\"}]}", "fewer tasks"},
        {"{\"taskArns\":[\"a\"]}", "{\"tasks\":[{\"taskArn\":\"a\"},{\"taskArn\":\"b\"}]}",
         "more tasks"},
        {"{\"taskArns\":[\"a\"]}", "{\"failures\":[{\"arn\":\"a\",\"reason\":\"ODD\"}]}", "ODD"},
    };
    for (size_t i = 0; i < EBB_COUNT(ROWS); i++) {
        struct stage s;
        struct list tasks;
        begin(&s);
        fake_says(&s.fake, 200, ROWS[i].list);
        fake_says(&s.fake, 200, ROWS[i].describe);
        assert_int_equal(ecs_read_service_tasks(&s.port, &s.key, &s.arena, &tasks, &s.failure),
                         E_UNAVAILABLE);
        assert_contains(str_from(s.failure.err.text), ROWS[i].words);
        end(&s);
    }
}

/* A port that answers every ListTasks with one more page. */
static int endless(void *ctx, const struct aws_operation *operation, struct str region,
                   const void *input, struct arena *a, void *output, int64_t not_after_ms,
                   struct aws_failure *failure)
{
    int *calls = ctx;
    (void)region, (void)input, (void)a, (void)not_after_ms, (void)failure;
    assert_ptr_equal(operation, &ECS_LIST_TASKS);
    ++*calls;
    ((struct ecs_list_tasks_output *)output)->next_token = STR("again");
    return 0;
}

TEST(ecs_calls_do_not_page_for_ever)
{
    struct stage s;
    struct list tasks;
    int calls = 0;
    begin(&s);
    struct aws_port port = {.ctx = &calls, .call = endless};
    assert_int_equal(ecs_read_service_tasks(&port, &s.key, &s.arena, &tasks, &s.failure),
                     E_UNAVAILABLE);
    assert_contains(str_from(s.failure.err.text), "more pages");
    assert_int_equal(calls, 200);
    end(&s);
}

TEST(ecs_calls_tell_a_service_that_is_not_there_from_one_that_cannot_be_read)
{
    static const struct {
        int status;
        const char *body;
        int code;
        bool exists;
    } ROWS[] = {
        {200, "{\"services\":[{\"serviceName\":\"rooms\",\"desiredCount\":3}]}", E_OK, true},
        {200, "{\"failures\":[{\"arn\":\"x\",\"reason\":\"MISSING\"}]}", E_OK, false},
        {400, "{\"__type\":\"ClusterNotFoundException\"}", E_OK, false},
        {200, "{}", E_UNAVAILABLE, false},
        {200, "{\"failures\":[{\"arn\":\"x\",\"reason\":\"OTHER\"}]}", E_UNAVAILABLE, false},
        {400, "{\"__type\":\"AccessDeniedException\"}", E_DENIED, false},
    };
    for (size_t i = 0; i < EBB_COUNT(ROWS); i++) {
        struct stage s;
        struct ecs_service service = {0};
        bool exists = !ROWS[i].exists;
        begin(&s);
        fake_says(&s.fake, ROWS[i].status, ROWS[i].body);
        assert_int_equal(ecs_read_service(&s.port, &s.key, &s.arena, &exists, &service, &s.failure),
                         ROWS[i].code);
        assert_int_equal(exists, ROWS[i].exists);
        if (exists) assert_int_equal(service.desired_count, 3);
        end(&s);
    }
}

TEST(ecs_calls_read_one_task)
{
    struct stage s;
    struct ecs_task task = {0};
    bool exists = false;
    begin(&s);
    fake_says(&s.fake, 200, "{\"tasks\":[{\"taskArn\":\"a\",\"lastStatus\":\"RUNNING\"}]}");
    fake_says(&s.fake, 200, "{\"failures\":[{\"arn\":\"a\",\"reason\":\"MISSING\"}]}");
    fake_says(&s.fake, 200, "{}");
    assert_int_equal(ecs_read_task(&s.port, &s.key, STR("a"), &s.arena, &exists, &task, &s.failure),
                     0);
    assert_true(exists);
    assert_int_equal(ecs_read_task(&s.port, &s.key, STR("a"), &s.arena, &exists, &task, &s.failure),
                     0);
    assert_false(exists);
    assert_int_equal(ecs_read_task(&s.port, &s.key, STR("a"), &s.arena, &exists, &task, &s.failure),
                     E_UNAVAILABLE);
    end(&s);
}

TEST(ecs_calls_split_protection_and_pass_on_each_failure)
{
    struct stage s;
    struct str tasks[23];
    struct ecs_task_protection_output out;
    begin(&s);
    for (size_t i = 0; i < EBB_COUNT(tasks); i++)
        tasks[i] = arena_format(&s.arena, "t%zu", i);
    for (size_t at = 0; at < 20; at += 10)
        fake_says(&s.fake, 200,
                  many(&s, "protectedTasks", at, 9, "{\"protectionEnabled\":true,\"taskArn\":\"",
                       "\"}", ",\"failures\":[{\"arn\":\"f\",\"reason\":\"DEPLOYMENT_BLOCKED\"}]"));
    fake_says(&s.fake, 200, many(&s, "protectedTasks", 20, 3, "{\"taskArn\":\"", "\"}", ""));
    assert_int_equal(ecs_update_protection(&s.port, &s.key, tasks, EBB_COUNT(tasks), true, 60, 0,
                                           &s.arena, &out, &s.failure),
                     0);
    assert_int_equal(s.fake.asked_n, 3);
    assert_int_equal(out.protected_tasks.n, 21);
    assert_int_equal(out.failures.n, 2);
    assert_str(LIST_AT(out.failures, struct ecs_failure, 1)->reason, "DEPLOYMENT_BLOCKED");
    assert_contains(s.fake.asked[0].body, "\"expiresInMinutes\":60");
    assert_contains(s.fake.asked[0].body, "\"protectionEnabled\":true");
    assert_int_equal(count(s.fake.asked[2].body, STR("\"t2")), 3);

    /* Off is written too, and without minutes. */
    fake_says(&s.fake, 200, "{}");
    assert_int_equal(
        ecs_update_protection(&s.port, &s.key, tasks, 1, false, 60, 0, &s.arena, &out, &s.failure),
        0);
    assert_contains(s.fake.asked[3].body, "\"protectionEnabled\":false");
    assert_false(str_contains(s.fake.asked[3].body, STR("expiresInMinutes")));
    end(&s);
}

TEST(ecs_calls_protection_keeps_what_was_done_before_a_failure)
{
    struct stage s;
    struct str tasks[30];
    struct ecs_task_protection_output out;
    begin(&s);
    for (size_t i = 0; i < EBB_COUNT(tasks); i++)
        tasks[i] = STR("t");
    fake_says(&s.fake, 200, "{\"protectedTasks\":[{\"taskArn\":\"a\"}]}");
    fake_says(&s.fake, 400, "{\"__type\":\"AccessDeniedException\"}");
    assert_int_equal(ecs_update_protection(&s.port, &s.key, tasks, EBB_COUNT(tasks), true, 60, 0,
                                           &s.arena, &out, &s.failure),
                     E_DENIED);
    assert_int_equal(s.fake.asked_n, 2);
    assert_int_equal(out.protected_tasks.n, 1);
    end(&s);
}

TEST(ecs_calls_read_protection_by_hundreds)
{
    struct stage s;
    struct str tasks[101];
    struct ecs_task_protection_output out;
    begin(&s);
    for (size_t i = 0; i < EBB_COUNT(tasks); i++)
        tasks[i] = STR("t");
    fake_says(&s.fake, 200,
              "{\"protectedTasks\":[{\"taskArn\":\"a\",\"protectionEnabled\":true,"
              "\"expirationDate\":1790000000.25}]}");
    assert_int_equal(
        ecs_read_protection(&s.port, &s.key, tasks, EBB_COUNT(tasks), &s.arena, &out, &s.failure),
        0);
    assert_int_equal(s.fake.asked_n, 2);
    assert_int_equal(out.protected_tasks.n, 2);
    assert_int_equal(LIST_AT(out.protected_tasks, struct ecs_protected_task, 0)->expiration_date,
                     1790000000250);
    end(&s);
}
