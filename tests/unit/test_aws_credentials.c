/* SPDX-License-Identifier: Apache-2.0
 * Goal: keys come from the place AWS's own tools would take them from, and a place that fails is
 * named in one line without a secret. Method: an environment that is a list, the container endpoint
 * played by the scripted http port, shell programs as credential_process. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/test_aws_keys.h"

TEST(credentials_come_from_the_environment)
{
    struct fake f;
    fake_init(&f);
    fake_set(&f, "AWS_SESSION_TOKEN", "token");
    struct aws_credentials *c = keys_chain(&f);
    struct aws_keys *keys;
    struct err e = {0};
    assert_ok(aws_credentials_take(c, &keys, &e), e);
    assert_str(aws_keys_view(keys).secret_access_key, "secret-for-tests");
    assert_str(aws_keys_view(keys).session_token, "token");
    assert_string_equal(aws_keys_source(keys), "the environment");
    aws_keys_release(keys);
    aws_credentials_free(c);
    fake_set(&f, "AWS_SECRET_ACCESS_KEY", NULL);
    assert_contains(keys_taken_anew(&f), "AWS_SECRET_ACCESS_KEY is not");
    fake_release(&f);
}

/* Found by fuzzing: signing with it ended the process. */
TEST(credentials_whose_secret_cannot_sign_are_refused)
{
    struct fake f;
    char secret[SIGV4_SECRET_MAX + 2] = {0};
    keys_container(&f);
    memset(secret, 'x', SIGV4_SECRET_MAX + 1);
    fake_set(&f, "AWS_ACCESS_KEY_ID", "AKID");
    fake_set(&f, "AWS_SECRET_ACCESS_KEY", secret);
    assert_contains(keys_taken_anew(&f), "the environment is longer than 1024 bytes");
    fake_release(&f);
}

TEST(credentials_that_are_nowhere_are_one_clear_line)
{
    struct fake f;
    keys_container(&f);
    fake_set(&f, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", NULL);
    assert_contains(keys_taken_anew(&f), "no AWS credentials");
    fake_set(&f, "AWS_WEB_IDENTITY_TOKEN_FILE", "/x");
    assert_contains(keys_taken_anew(&f), "not supported");
    fake_release(&f);
}

TEST(credentials_container_is_asked_as_aws_says)
{
    struct fake f;
    keys_container(&f);
    keys_give(&f, "CONTAINER", 60);
    fake_set(&f, "AWS_CONTAINER_AUTHORIZATION_TOKEN", "Basic abc");
    assert_str(keys_taken_anew(&f), "CONTAINER");
    assert_str(f.asked[0].url, "http://169.254.170.2/v2/credentials/abc?x=1");
    assert_str(f.asked[0].method, "GET");
    assert_int_equal(f.asked[0].timeout_ms, 2000);
    assert_str(fake_header(&f, 0, "authorization"), "Basic abc");
    fake_release(&f);
}

TEST(credentials_container_token_may_be_in_a_file)
{
    struct fake f;
    char path[] = "/tmp/ebb-test-token-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "from-a-file\n", 12), 12);
    keys_container(&f);
    keys_give(&f, "CONTAINER", 60);
    fake_set(&f, "AWS_CONTAINER_AUTHORIZATION_TOKEN", "unused");
    fake_set(&f, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", path);
    assert_str(keys_taken_anew(&f), "CONTAINER");
    assert_str(fake_header(&f, 0, "authorization"), "from-a-file");
    assert_int_equal(ftruncate(fd, 0), 0);
    assert_int_equal(pwrite(fd, "a\r\nx: y", 7, 0), 7);
    assert_contains(keys_taken_anew(&f), "line break");
    assert_int_equal(ftruncate(fd, 16 * 1024 + 1), 0);
    assert_contains(keys_taken_anew(&f), "larger than a token may be");
    assert_int_equal(close(fd), 0);
    assert_int_equal(unlink(path), 0);
    assert_contains(keys_taken_anew(&f), "cannot be read");
    fake_release(&f);
}

TEST(credentials_container_may_only_be_where_a_token_is_safe)
{
    static const char *const GOOD[] = {
        "https://example.com/creds", "http://localhost:51679/x", "http://127.0.0.1/x",
        "http://127.8.9.10:1/x",     "http://[::1]:80/x",        "http://[fd00:ec2::23]/v1",
        "http://169.254.170.23/v1",  "http://169.254.170.2/v1",
    };
    static const char *const BAD[] = {
        "http://example.com/x",       "http://127.0.0.1.evil.com/",
        "http://127.0.0.1@evil.com/", "http://localhost.evil.com",
        "http://169.254.169.254/x",   "ftp://localhost/",
        "http://[fd00:ec2::24]/",     "https://",
        "http://127.0.0/x",
    };
    struct fake f;
    keys_container(&f);
    fake_set(&f, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", NULL);
    keys_give(&f, "CONTAINER", 60);
    for (size_t i = 0; i < EBB_COUNT(GOOD); i++) {
        f.asked_n = 0;
        fake_set(&f, "AWS_CONTAINER_CREDENTIALS_FULL_URI", GOOD[i]);
        assert_str(keys_taken_anew(&f), "CONTAINER");
        assert_str(f.asked[0].url, GOOD[i]);
    }
    f.asked_n = 0;
    for (size_t i = 0; i < EBB_COUNT(BAD); i++) {
        fake_set(&f, "AWS_CONTAINER_CREDENTIALS_FULL_URI", BAD[i]);
        assert_contains(keys_taken_anew(&f), "must be https");
    }
    /* A relative address that begins with no / could make another host of the endpoint's. */
    fake_set(&f, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "@evil.com/x");
    assert_contains(keys_taken_anew(&f), "must begin with /");
    assert_int_equal(f.asked_n, 0);
    fake_release(&f);
}

TEST(credentials_container_is_tried_three_times)
{
    struct fake f;
    keys_container(&f);
    fake_says(&f, 500, "{\"code\":\"InternalError\",\"message\":\"x\"}");
    fake_answer(&f, (struct fake_reply){.code = E_UNREACHABLE});
    keys_give(&f, "CONTAINER", 60);
    assert_str(keys_taken_anew(&f), "CONTAINER");
    assert_int_equal(f.asked_n, 3);
    assert_int_equal(f.slept_ms[0], 1000);
    assert_int_equal(f.slept_ms[1], 1000);
    fake_release(&f);
}

TEST(credentials_container_that_fails_is_named)
{
    static const struct {
        int status;
        const char *body, *words;
        size_t asked;
    } ROWS[] = {
        {500, "", "answered 500", 3},
        {403, "{\"code\":\"AccessDenied\",\"message\":\"x\"}", "answered 403 AccessDenied", 1},
        {200, "{}", "no AccessKeyId", 1},
        {200, "{\"AccessKeyId\":\"A\"}", "no SecretAccessKey", 1},
        {200, "{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"hidden\",\"Expiration\":\"soon\"}",
         "no time", 1},
        {200, "<html>hidden</html>", "answered badly", 1},
        {200,
         "{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"hidden\","
         "\"Expiration\":\"2026-09-21T14:13:20Z\"}",
         "have expired", 1},
    };
    for (size_t i = 0; i < EBB_COUNT(ROWS); i++) {
        struct fake f;
        keys_container(&f);
        fake_says(&f, ROWS[i].status, ROWS[i].body);
        struct str words = keys_taken_anew(&f);
        assert_contains(words, ROWS[i].words);
        assert_false(str_contains(words, STR("hidden")));
        assert_int_equal(f.asked_n, ROWS[i].asked);
        fake_release(&f);
    }
}

/* What one provider of the file kind gives for this text of the config file. */
static struct str from_config(struct fake *f, const char *text)
{
    char path[] = "/tmp/ebb-test-config-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_int_equal(close(fd), 0);
    fake_set(f, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", NULL);
    fake_set(f, "AWS_CONFIG_FILE", path);
    struct str result = keys_taken_anew(f);
    assert_int_equal(unlink(path), 0);
    return result;
}

#define KEYS "\\\"AccessKeyId\\\":\\\"PROCESS\\\",\\\"SecretAccessKey\\\":\\\"hidden\\\""

TEST(credentials_come_from_files_and_programs)
{
    static const char *const ROWS[][2] = {
        {"[default]\naws_access_key_id = FILE\naws_secret_access_key = s/+=\n", "FILE"},
        {"[default]\naws_access_key_id = FILE\n", "no aws_secret_access_key"},
        {"[default]\nrole_arn = arn:aws:iam::1:role/x\naws_access_key_id = FILE\n"
         "aws_secret_access_key = s\n",
         "assuming a role is not supported"},
        {"[default]\nsso_session = x\n", "single sign-on is not supported"},
        {"[default]\ncredential_process = /bin/echo \"{\\\"Version\\\":1," KEYS "}\"\n", "PROCESS"},
        {"[default]\ncredential_process = /bin/echo \"{\\\"Version\\\":2," KEYS "}\"\n",
         "not of Version 1"},
        {"[default]\ncredential_process = /bin/sh -c 'echo hidden; echo why >&2; exit 3'\n",
         "ended with 3: why"},
        {"[default]\ncredential_process = /nonexistent/program\n", "cannot be started"},
        {"[default]\ncredential_process = /bin/echo 'open\n", "a quote is not closed"},
        {"[default]\ncredential_process = /bin/echo hidden\n", "its output"},
    };
    for (size_t i = 0; i < EBB_COUNT(ROWS); i++) {
        struct fake f;
        keys_container(&f);
        struct str result = from_config(&f, ROWS[i][0]);
        assert_contains(result, ROWS[i][1]);
        assert_false(str_contains(result, STR("hidden")));
        fake_release(&f);
    }
}
