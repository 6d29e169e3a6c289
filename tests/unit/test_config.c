/* SPDX-License-Identifier: Apache-2.0
 * Goal: settings are what file and environment say, in that order over the defaults, and a zero
 * stays a zero. Method: files of the test's own and an environment that is a list. */

#include "tests/support/config_fixture.h"

#include <string.h>

TEST(config_defaults_are_the_documents)
{
    struct config_fixture f;
    config_fixture_open(&f, "services:\n  - match: demo/calls\n", NULL);
    assert_ok(config_fixture_load(&f), f.e);
    assert_str(f.config.kafka.client_id, "ebb");
    assert_int_equal(f.config.kafka.partitions, 6);
    assert_str(f.config.callback.listen, "0.0.0.0:8090");
    assert_int_equal(f.config.run.handlers, 4);
    assert_int_equal(f.config.services.n, 1);
    const struct service_settings *s = LIST_AT(f.config.services, struct service_settings, 0);
    assert_int_equal(s->mode, MODE_OBSERVE);
    assert_int_equal(s->cooldown_ms, 900000);
    assert_int_equal(s->drains_per_hour, 2);
    assert_int_equal(s->drains_at_once, 1);
    assert_int_equal(s->drain_timeout_ms, 14400000);
    assert_int_equal(s->min_tasks, -1);
    assert_int_equal(s->attempts, 3);
    assert_int_equal(s->on_deadline, ON_DEADLINE_FINISH);
    assert_int_equal(s->victim, VICTIM_NEWEST);
    assert_int_equal(s->task.port, 8080);
    assert_str(s->task.scheme, "http");
    assert_int_equal(s->task.timeout_ms, 10000);
    assert_int_equal(s->distributor.invocation, INVOCATION_REQUEST_RESPONSE);
    assert_str(s->distributor.remove_action, "comment_out_ip");
    config_fixture_close(&f);
}

TEST(config_nothing_at_all_manages_nothing)
{
    struct config_fixture f;
    config_fixture_open(&f, NULL, NULL);
    assert_ok(config_fixture_load(&f), f.e);
    assert_int_equal(f.config.services.n, 0);
    assert_null(config_service(&f.config, STR("aws:us-east-1:123456789012:demo/calls")));
    config_fixture_close(&f);
    config_fixture_open(&f, "", NULL);
    assert_ok(config_fixture_load(&f), f.e);
    assert_int_equal(f.config.services.n, 0);
    config_fixture_close(&f);
}

TEST(config_environment_of_the_documents_makes_an_entry_for_every_service)
{
    static const char *const ENVIRONMENT[] = {
        "COOLDOWN_SECONDS=60",
        "MAX_DRAINS_PER_HOUR=7",
        "DRAIN_TIMEOUT_SECONDS=600",
        "DRAIN_CONCURRENCY_LIMIT=3",
        "ASTERISK_HTTP_PORT=8088",
        "ASTERISK_HTTP_SCHEME=https",
        "KAMAILIO_LAMBDA_ARN=arn:aws:lambda:us-east-1:123456789012:function:kamailio",
        "SHARED_TOKEN=shared",
        "SCALER_FUNCTION_URL=http://callback.internal:8090/drained",
        NULL,
    };
    struct config_fixture f;
    config_fixture_open(&f, NULL, ENVIRONMENT);
    assert_ok(config_fixture_load(&f), f.e);
    assert_str(f.config.callback.shared_token, "shared");
    assert_false(f.config.callback.accept_shared_token);
    assert_str(f.config.callback.url, "http://callback.internal:8090/drained");
    const struct service_settings *s =
        config_service(&f.config, STR("aws:us-east-1:123456789012:demo/calls"));
    assert_non_null(s);
    assert_str(s->match, "*");
    assert_int_equal(s->mode, MODE_OBSERVE); /* acting is an explicit word */
    assert_int_equal(s->cooldown_ms, 60000);
    assert_int_equal(s->drains_per_hour, 7);
    assert_int_equal(s->drain_timeout_ms, 600000);
    assert_int_equal(s->drains_at_once, 3);
    assert_int_equal(s->task.port, 8088);
    assert_str(s->task.scheme, "https");
    assert_str(s->distributor.function, "arn:aws:lambda:us-east-1:123456789012:function:kamailio");
    assert_int_equal(s->min_tasks, -1); /* what is not set keeps its default */
    config_fixture_close(&f);
}

TEST(config_variables_not_of_services_make_no_entry)
{
    static const char *const ENVIRONMENT[] = {"SHARED_TOKEN=shared", "REDIS_URL=redis://r:6379",
                                              "KAMAILIO_LAMBDA_ARN=", NULL};
    struct config_fixture f;
    config_fixture_open(&f, NULL, ENVIRONMENT);
    assert_ok(config_fixture_load(&f), f.e);
    assert_int_equal(f.config.services.n, 0);
    config_fixture_close(&f);
}

TEST(config_zero_is_kept_as_zero)
{
    static const char *const ENVIRONMENT[] = {"COOLDOWN_SECONDS=0", "MAX_DRAINS_PER_HOUR=0", NULL};
    struct config_fixture f;
    config_fixture_open(&f,
                        "services:\n"
                        "  - match: a/b\n"
                        "    cooldown: 0\n"
                        "    minTasks: 0\n"
                        "    drainsPerHour: 0\n",
                        NULL);
    assert_ok(config_fixture_load(&f), f.e);
    const struct service_settings *s = LIST_AT(f.config.services, struct service_settings, 0);
    assert_int_equal(s->cooldown_ms, 0);
    assert_int_equal(s->min_tasks, 0);
    assert_int_equal(s->drains_per_hour, 0);
    assert_int_equal(s->drains_at_once, 1);
    config_fixture_close(&f);
    config_fixture_open(&f, NULL, ENVIRONMENT);
    assert_ok(config_fixture_load(&f), f.e);
    s = LIST_AT(f.config.services, struct service_settings, 0);
    assert_int_equal(s->cooldown_ms, 0);
    assert_int_equal(s->drains_per_hour, 0);
    config_fixture_close(&f);
}

TEST(config_environment_wins_over_the_file)
{
    static const char *const ENVIRONMENT[] = {"EBB_REGION=eu-west-1", "EBB_HANDLERS=9",
                                              "SQS_QUEUES=one, two",  "EBB_EMF=true",
                                              "REDIS_PASSWORD=",      NULL};
    struct config_fixture f;
    config_fixture_open(&f,
                        "region: us-east-1\n"
                        "run:\n  handlers: 2\n  logLevel: warn\n"
                        "redis:\n  password: of-the-file\n"
                        "sqs:\n  queues: [of-the-file]\n",
                        ENVIRONMENT);
    assert_ok(config_fixture_load(&f), f.e);
    assert_str(f.config.region, "eu-west-1");
    assert_int_equal(f.config.run.handlers, 9);
    assert_str(enum_word(&LOG_LEVELS, f.config.run.log_level), "warn");
    assert_true(f.config.run.emf);
    assert_str(f.config.redis.password, "of-the-file"); /* set to nothing is not set */
    assert_int_equal(f.config.sqs.queues.n, 2);
    assert_str(*LIST_AT(f.config.sqs.queues, struct str, 1), "two");
    config_fixture_close(&f);
}

TEST(config_first_match_counts)
{
    static const struct {
        const char *key;
        int64_t cooldown_ms; /* -1: no entry */
    } ROWS[] = {
        {"aws:us-east-1:123456789012:demo/calls", 1000},
        {"aws:us-east-1:123456789012:demo/chat", 3000},
        {"aws:eu-west-1:123456789012:prod/calls-a", 2000},
        {"aws:eu-west-1:123456789012:prod/calls-ab", -1},
        {"aws:us-west-2:210987654321:other/web", 4000},
        {"aws:us-west-2:123456789012:other/web", -1},
        {"aws-cn:us-west-2:210987654321:other/web", -1},
        {"demo/calls", -1},
        {"", -1},
    };
    struct config_fixture f;
    config_fixture_open(&f,
                        "services:\n"
                        "  - {match: demo/calls, cooldown: 1s}\n"
                        "  - {match: prod/calls-?, cooldown: 2s}\n"
                        "  - {match: demo/*, cooldown: 3s}\n"
                        "  - {match: 'aws:*:210987654321:*', cooldown: 4s}\n",
                        NULL);
    assert_ok(config_fixture_load(&f), f.e);
    for (size_t i = 0; i < EBB_COUNT(ROWS); i++) {
        const struct service_settings *s = config_service(&f.config, str_from(ROWS[i].key));
        int64_t cooldown_ms = s ? s->cooldown_ms : -1;
        if (cooldown_ms != ROWS[i].cooldown_ms)
            fail_msg("%s: %lld", ROWS[i].key, (long long)cooldown_ms);
    }
    config_fixture_close(&f);
}

/* Observe mode needs no secret, so it can be tried as it is; act mode is what it is for. */
TEST(config_example_of_the_documents_is_valid)
{
    static const char *const SECRET[] = {"EBB_CALLBACK_SECRET=of sixteen characters", NULL};
    static const char OBSERVES[] = "mode: observe";
    struct config_fixture f;
    struct arena a;
    arena_init(&a);
    struct str text = test_read_file(&a, "docs/ebb.yaml");
    config_fixture_open(&f, arena_cstr(&a, text), NULL);
    assert_ok(config_fixture_load(&f), f.e);
    assert_int_equal(f.config.services.n, 2);
    const struct service_settings *s = LIST_AT(f.config.services, struct service_settings, 0);
    assert_int_equal(s->mode, MODE_OBSERVE);
    assert_int_equal(s->min_tasks, 2);
    s = LIST_AT(f.config.services, struct service_settings, 1);
    assert_true(str_is_empty(s->distributor.remove_action));
    assert_true(str_is_empty(s->distributor.restore_action));
    assert_true(str_is_empty(s->distributor.release_action));
    config_fixture_close(&f);

    char *acts = arena_alloc(&a, text.n + 1);
    memcpy(acts, text.p, text.n);
    acts[text.n] = '\0';
    for (char *at = strstr(acts, OBSERVES); at; at = strstr(at, OBSERVES))
        memcpy(at, "mode: act    ", strlen(OBSERVES));
    config_fixture_open(&f, acts, SECRET);
    assert_ok(config_fixture_load(&f), f.e);
    s = LIST_AT(f.config.services, struct service_settings, 1);
    assert_int_equal(s->mode, MODE_ACT);
    config_fixture_close(&f);
    arena_release(&a);
}
