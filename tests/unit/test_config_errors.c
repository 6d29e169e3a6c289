/* SPDX-License-Identifier: Apache-2.0
 * Goal: every mistake in the settings is refused in one line that says where it is: the file with
 * line and column, or the variable. Method: a table of files and environments, with the words. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/config_fixture.h"

#define ACTS                                                                                       \
    "services:\n"                                                                                  \
    "  - match: demo/*\n"                                                                          \
    "    mode: act\n"                                                                              \
    "    distributor: {function: kamailio}\n"
#define SECRET "EBB_CALLBACK_SECRET=0123456789abcdef"
#define URL    "SCALER_FUNCTION_URL=http://callback:8090/"

struct mistake {
    const char *file; /* NULL: none */
    const char *environment[4];
    const char *words; /* what the error begins with; NULL: it is no mistake */
};

static void try_all(const struct mistake *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct config_fixture f;
        config_fixture_open(&f, rows[i].file, rows[i].environment);
        int code = config_fixture_load(&f);
        struct str text = config_fixture_error(&f);
        if (code != (rows[i].words ? E_CONFIG : E_OK))
            fail_msg("row %zu: code %d: %.*s", i + 1, code, STR_ARG(text));
        if (rows[i].words && !str_starts(text, str_from(rows[i].words)))
            fail_msg("row %zu:\n%.*s\ndoes not begin with\n%s", i + 1, STR_ARG(text),
                     rows[i].words);
        config_fixture_close(&f);
    }
}

TEST(config_mistakes_in_the_file_are_told_with_line_and_column)
{
    static const struct mistake ROWS[] = {
        {"regoin: x\n",
         {0},
         "ebb.yaml: line 1, column 1: regoin: unknown key; did you mean region?"},
        {"services:\n  - match: a/b\n    coldown: 3\n",
         {0},
         "ebb.yaml: line 3, column 5: services[0].coldown: unknown key; did you mean cooldown?"},
        {"services:\n  - match: a/b\n    mode: on\n",
         {0},
         "ebb.yaml: line 3, column 11: services[0].mode: must be one of: observe, act"},
        {"services:\n  - match: a/b\n    mode: unset\n",
         {0},
         "ebb.yaml: line 3, column 11: services[0].mode: must be one of: observe, act"},
        {"services:\n  - mode: act\n", {0}, "ebb.yaml: line 2, column 5: services[0].match: "},
        {"services:\n  - match: ''\n", {0}, "ebb.yaml: line 2, column 12: services[0].match: "},
        {"services:\n  - {match: a/b, cooldown: soon}\n",
         {0},
         "ebb.yaml: line 2, column 28: services[0].cooldown: must be a span of time"},
        {"services:\n  - {match: a/b, drainTimeout: 169h}\n",
         {0},
         "ebb.yaml: line 2, column 32: services[0].drainTimeout: "},
        {"services:\n  - {match: a/b, minTasks: -2}\n",
         {0},
         "ebb.yaml: line 2, column 28: services[0].minTasks: "},
        {"services: yes\n", {0}, "ebb.yaml: line 1, column 11: services: "},
        {"services:\n\t- match: a/b\n", {0}, "ebb.yaml: line 2, column 1: "},
        {"- region\n", {0}, "ebb.yaml: line 1, column 1: must be a map"},
        {"region: [\n", {0}, "ebb.yaml: line "},
        {"region: \xff\n", {0}, "ebb.yaml: line 1, column 9: "},
    };
    try_all(ROWS, EBB_COUNT(ROWS));
}

TEST(config_mistakes_in_the_environment_are_told_with_the_variable)
{
    static const struct mistake ROWS[] = {
        {NULL, {"COOLDOWN_SECONDS=soon"}, "environment variable COOLDOWN_SECONDS: cooldown: must"},
        {NULL, {"MAX_DRAINS_PER_HOUR=-1"}, "environment variable MAX_DRAINS_PER_HOUR: "},
        {NULL, {"DRAIN_CONCURRENCY_LIMIT=0"}, "environment variable DRAIN_CONCURRENCY_LIMIT: "},
        {NULL, {"DRAIN_TIMEOUT_SECONDS=0"}, "environment variable DRAIN_TIMEOUT_SECONDS: "},
        {NULL, {"ASTERISK_HTTP_PORT=99999"}, "environment variable ASTERISK_HTTP_PORT: "},
        {NULL, {"EBB_MODE=on"}, "environment variable EBB_MODE: mode: must be one of"},
        {"region: x\n", {"EBB_HANDLERS=many"}, "environment variable EBB_HANDLERS: "},
        {NULL, {"EBB_ACCEPT_SHARED_TOKEN=yes"}, "environment variable EBB_ACCEPT_SHARED_TOKEN: "},
        {NULL,
         {"ASTERISK_HTTP_SCHEME=ftp"},
         "environment variable ASTERISK_HTTP_SCHEME: must be http or https"},
        {NULL,
         {"EBB_MODE=act", SECRET, URL},
         "environment variable KAMAILIO_LAMBDA_ARN: missing; mode act"},
        {NULL,
         {"EBB_MODE=act", "KAMAILIO_LAMBDA_ARN=f", URL},
         "environment variable EBB_CALLBACK_SECRET: missing; "},
        {NULL,
         {"EBB_MODE=act", "KAMAILIO_LAMBDA_ARN=f", SECRET},
         "environment variable SCALER_FUNCTION_URL: missing; "},
        {NULL,
         {"EBB_CALLBACK_SECRET=0123456789abcde"},
         "environment variable EBB_CALLBACK_SECRET: shorter than 16 characters"},
        {NULL,
         {"EBB_CALLBACK_PREVIOUS_SECRET=x"},
         "environment variable EBB_CALLBACK_PREVIOUS_SECRET: shorter than 16 characters"},
        {NULL,
         {"EBB_ACCEPT_SHARED_TOKEN=true"},
         "environment variable EBB_ACCEPT_SHARED_TOKEN: true, but no shared token"},
        {NULL, {"EBB_ACCEPT_SHARED_TOKEN=true", "SHARED_TOKEN=t"}, NULL},
        {NULL,
         {"SCALER_FUNCTION_URL=callback:8090"},
         "environment variable SCALER_FUNCTION_URL: must begin with http:// or https://"},
        {NULL,
         {"EBB_LOG_LEVEL=loud"},
         "environment variable EBB_LOG_LEVEL: logLevel: must be one of: debug, info, warn, error"},
    };
    try_all(ROWS, EBB_COUNT(ROWS));
}

TEST(config_variables_of_ours_that_set_nothing_are_told_with_the_nearest)
{
    static const struct mistake ROWS[] = {
        {NULL,
         {"EBB_HANDELRS=3"},
         "environment variable EBB_HANDELRS: Ebb has none of that name; did you mean "
         "EBB_HANDLERS?"},
        {NULL,
         {"EBB_REDIS_ULR=redis://r:6379"},
         "environment variable EBB_REDIS_ULR: Ebb has none of that name; did you mean REDIS_URL?"},
        {"region: x\n",
         {"EBB_KAFKA_BROKERS=k:9092"},
         "environment variable EBB_KAFKA_BROKERS: Ebb has none of that name; did you mean "
         "KAFKA_BROKERS?"},
        {NULL,
         {"EBB_COOLDOWN_SECOND=3"},
         "environment variable EBB_COOLDOWN_SECOND: Ebb has none of that name; did you mean "
         "COOLDOWN_SECONDS?"},
        {NULL,
         {"EBB_COLOUR=red"},
         "environment variable EBB_COLOUR: Ebb has none of that name; `ebb settings` lists those "
         "it has"},
        /* Set to nothing is not set; others' variables, and those platforms make, are not ours. */
        {NULL, {"EBB_HANDELRS=", "REDIS_ULR=x", "EBB_CONFIG=/etc/ebb.yaml"}, NULL},
        {NULL, {"EBB_SERVICE_HOST=10.0.0.1", "EBB_PORT=tcp://10.0.0.1:8090"}, NULL},
        {NULL, {"EBB_PORT_8090_TCP_ADDR=10.0.0.1", "EBB_CALLBACK_SERVICE_PORT_HTTP=1"}, NULL},
        {NULL, {"EBB_WORLD_ACCESS_KEY_ID=x"}, NULL},
    };
    try_all(ROWS, EBB_COUNT(ROWS));
}

TEST(config_blames_the_place_a_setting_came_from)
{
    static const struct {
        const char *file, *environment, *path, *words;
    } ROWS[] = {
        {"redis:\n  url: x\n", NULL, "redis.url", "ebb.yaml: line 2, column 8: redis.url: bad"},
        {"redis:\n  url: x\n", "REDIS_URL=y", "redis.url", "environment variable REDIS_URL: bad"},
        {NULL, "REDIS_URL=y", "redis.url", "environment variable REDIS_URL: bad"},
        {"callback: {secret: 0123456789abcdef}\n", NULL, "callback.listen",
         "callback.listen (EBB_CALLBACK_LISTEN): bad"},
        {NULL, NULL, "callback.listen", "callback.listen (EBB_CALLBACK_LISTEN): bad"},
        {"kafka:\n  properties:\n    a.b: c\n", NULL, "kafka.properties",
         "ebb.yaml: line 3, column 5: kafka.properties: bad"},
        {NULL, NULL, "kafka.properties", "kafka.properties: bad"},
    };
    for (size_t i = 0; i < EBB_COUNT(ROWS); i++) {
        const char *environment[] = {ROWS[i].environment, NULL};
        struct config_fixture f;
        config_fixture_open(&f, ROWS[i].file, environment);
        assert_ok(config_fixture_load(&f), f.e);
        (void)err_set(&f.e, E_CONFIG, "bad");
        assert_int_equal(config_blame(&f.config, str_from(ROWS[i].path), &f.e), E_CONFIG);
        if (!str_eq(config_fixture_error(&f), str_from(ROWS[i].words)))
            fail_msg("row %zu: %s", i + 1, f.e.text);
        config_fixture_close(&f);
    }
}

TEST(config_contradictions_in_the_file_are_told_with_line_and_column)
{
    static const struct mistake ROWS[] = {
        {ACTS, {SECRET, URL}, NULL},
        {"region: x\n" ACTS,
         {URL},
         "ebb.yaml: line 1, column 1: callback.secret: missing; a service in mode act needs it for "
         "the tokens of its drains (EBB_CALLBACK_SECRET)"},
        {"callback:\n  listen: a:1\n" ACTS,
         {SECRET},
         "ebb.yaml: line 2, column 3: callback.url: missing; "},
        {"services:\n  - match: a/b\n  - match: demo/*\n    mode: act\n",
         {SECRET, URL},
         "ebb.yaml: line 3, column 5: services[1].distributor.function: missing; mode act needs to "
         "know what sends work to the tasks"},
        {"services:\n  - {match: a/b, task: {scheme: gopher}}\n",
         {0},
         "ebb.yaml: line 2, column 33: services[0].task.scheme: must be http or https"},
        {"services:\n  - match: a/*\n    alarms: [idle]\n",
         {0},
         "ebb.yaml: line 3, column 13: services[0].alarms: an alarm means one service"},
        {"services:\n  - match: a/b\n    alarms: [idle]\n", {0}, NULL},
        {"services:\n  - match: calls\n",
         {0},
         "ebb.yaml: line 2, column 12: services[0].match: matches no service: it must be "
         "cluster/name"},
        {"services:\n  - match: demo/*\n  - match: demo/calls\n",
         {0},
         "ebb.yaml: line 3, column 12: services[1].match: can never count: services[0] matches the "
         "same before it; put the narrower one first"},
        {"services:\n  - match: demo/?\n  - match: demo/?\n",
         {0},
         "ebb.yaml: line 3, column 12: services[1].match: can never count: services[0]"},
        {"services:\n  - match: demo/?\n  - match: demo/*\n  - match: '*'\n", {0}, NULL},
        {"callback:\n  url: callback:8090\n",
         {0},
         "ebb.yaml: line 2, column 8: callback.url: must begin with http:// or https://"},
        {"callback:\n  secret: short\n",
         {0},
         "ebb.yaml: line 2, column 11: callback.secret: shorter than 16 characters"},
        /* The variable wins over the file, so it is the one that is wrong. */
        {"callback:\n  secret: 0123456789abcdef\n",
         {"EBB_CALLBACK_SECRET=short"},
         "environment variable EBB_CALLBACK_SECRET: shorter"},
        {"callback: {acceptSharedToken: true}\n",
         {0},
         "ebb.yaml: line 1, column 31: callback.acceptSharedToken: true, but no shared token"},
        {"callback: {acceptSharedToken: true}\n", {"SHARED_TOKEN=t"}, NULL},
        {"callback: {sharedToken: t}\n", {0}, NULL},
        {"alarms:\n  poll: 999ms\n",
         {0},
         "ebb.yaml: line 2, column 9: alarms.poll: shorter than 1 s"},
        {"alarms:\n  poll: 1s\n", {0}, NULL},
        {"alarms:\n  poll: 0\n", {0}, NULL},
        {"region: x\nservices:\n  - match: a/b\n",
         {"COOLDOWN_SECONDS=3"},
         "ebb.yaml: line 3, column 3: services: the environment has settings of services as well "
         "(COOLDOWN_SECONDS): keep them in one of the two"},
        /* A file without services goes well with an entry of the environment. */
        {"region: x\n", {"EBB_MODE=act", "KAMAILIO_LAMBDA_ARN=f", SECRET, URL}, NULL},
        {"region: x\n",
         {"EBB_MODE=act", SECRET, URL},
         "environment variable KAMAILIO_LAMBDA_ARN: missing"},
    };
    try_all(ROWS, EBB_COUNT(ROWS));
}

TEST(config_errors_never_show_a_secret)
{
    static const char *const FILES[] = {
        "callback:\n  secret: geheim\n",
        "callback:\n  secret: [geheim]\n",
        "callback:\n  secret: {a: geheim}\n",
        "redis:\n  password: \"geheim\n",
    };
    static const char *const ENVIRONMENT[] = {"EBB_CALLBACK_SECRET=geheim", NULL};
    for (size_t i = 0; i <= EBB_COUNT(FILES); i++) {
        struct config_fixture f;
        bool is_file = i < EBB_COUNT(FILES);
        config_fixture_open(&f, is_file ? FILES[i] : NULL, is_file ? NULL : ENVIRONMENT);
        assert_int_equal(config_fixture_load(&f), E_CONFIG);
        assert_false(str_contains(str_from(f.e.text), STR("geheim")));
        config_fixture_close(&f);
    }
}

TEST(config_file_that_cannot_be_read_is_told)
{
    struct config_fixture f;
    config_fixture_open(&f, "region: x\n", NULL);
    assert_int_equal(unlink(f.path), 0);
    assert_int_equal(config_fixture_load(&f), E_CONFIG);
    assert_str(config_fixture_error(&f), "ebb.yaml: No such file or directory; give the path with "
                                         "--config, or set EBB_CONFIG");
    assert_int_equal(mkdir(f.path, 0700), 0);
    assert_int_equal(config_fixture_load(&f), E_CONFIG);
    assert_str(config_fixture_error(&f), "ebb.yaml: cannot be read: Is a directory");
    assert_int_equal(rmdir(f.path), 0);
    int fd = open(f.path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, 1024 * 1024 + 1), 0);
    assert_int_equal(close(fd), 0);
    assert_int_equal(config_fixture_load(&f), E_CONFIG);
    assert_str(config_fixture_error(&f), "ebb.yaml: larger than any configuration (1048576 bytes)");
    config_fixture_close(&f);
}
