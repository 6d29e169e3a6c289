/* SPDX-License-Identifier: Apache-2.0
 * Goal: the shared files, the profile and the endpoints mean what they mean to AWS's own tools.
 * Method: files written into a folder of the test's own, an environment that is a list, and tables
 * of what is found. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/aws/endpoint.h"
#include "lib/aws/shapes/autoscaling.h"
#include "lib/aws/shapes/ecs.h"
#include "lib/aws/shapes/sqs.h"
#include "tests/unit/test_aws_fake.h"

TEST(ini_reads_sections_keys_and_nested_keys)
{
    struct ini ini;
    struct err e = {0};
    assert_ok(ini_parse(STR("\xEF\xBB\xBF# a comment\r\n"
                            "[default]\r\n"
                            "region = eu-west-1\r\n"
                            "  ; another\r\n"
                            "Output=json\n"
                            "\n"
                            "[profile  \"game  servers\" ]\n"
                            "key = a = b # not a comment\n"
                            "s3 =\n"
                            "  max = 10\n"
                            "  min=1\n"
                            "after = 2\n"
                            "[ indented ]\n"
                            "  one = 1\n"
                            "  two = 2\n"
                            "[empty]\n"
                            "[default]\n"
                            "region = eu-west-2"),
                        "text", &ini, &e),
              e);
    assert_str(ini_value(&ini, STR("default"), STR_NONE, STR("region")), "eu-west-2");
    assert_str(ini_value(&ini, STR("default"), STR_NONE, STR("output")), "json");
    struct str section = STR("profile game  servers");
    assert_str(ini_value(&ini, section, STR_NONE, STR("key")), "a = b # not a comment");
    assert_str(ini_value(&ini, section, STR("s3"), STR("max")), "10");
    assert_str(ini_value(&ini, section, STR("S3"), STR("MIN")), "1");
    assert_null(ini_value(&ini, section, STR_NONE, STR("max")).p);
    assert_str(ini_value(&ini, section, STR_NONE, STR("after")), "2");
    assert_str(ini_value(&ini, STR("indented"), STR_NONE, STR("two")), "2");
    assert_true(ini_has_section(&ini, STR("empty")));
    assert_false(ini_has_section(&ini, STR("none")));
    ini_release(&ini);
}

TEST(ini_refuses_what_is_malformed_with_its_line_and_without_its_words)
{
    static const struct {
        const char *text;
        int line;
    } BAD[] = {
        {"aws_secret_access_key = hidden", 1},
        {"[a]\nhidden", 2},
        {"[a]\n= hidden", 2},
        {"[a\nx = 1", 1},
        {"[]\n", 1},
        {"[a \"hidden]\n", 1},
        {"[a]\nx = 1\n  hidden = 2\n", 3},
    };
    for (size_t i = 0; i < EBB_COUNT(BAD); i++) {
        struct ini ini;
        struct err e = {0};
        char line[40];
        (void)snprintf(line, sizeof(line), "some file, line %d:", BAD[i].line);
        assert_int_equal(ini_parse(str_from(BAD[i].text), "some file", &ini, &e), E_CONFIG);
        assert_contains(str_from(e.text), line);
        assert_false(str_contains(str_from(e.text), STR("hidden")));
        ini_release(&ini);
    }
    struct ini ini;
    struct err e = {0};
    assert_int_equal(ini_parse(((struct str){"[a]\nb\0c = 1", 11}), "some file", &ini, &e),
                     E_CONFIG);
    char *large = calloc(1, 20001);
    assert_non_null(large);
    memset(large, 'x', 20000);
    assert_int_equal(ini_parse(str_from(large), "some file", &ini, &e), E_CONFIG);
    free(large);
}

TEST(ini_reads_a_file_that_is_not_there_as_empty)
{
    struct ini ini;
    struct err e = {0};
    assert_ok(ini_read("/nonexistent/config", &ini, &e), e);
    assert_int_equal(ini.entries_n, 0);
    ini_release(&ini);
    assert_int_equal(ini_read("/", &ini, &e), E_CONFIG);
}

/* The two files, in a folder of their own. */
struct files {
    struct fake fake;
    char folder[40], config[60], credentials[60];
};

static void write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
    assert_int_equal(fclose(f), 0);
}

static void files_init(struct files *f, const char *config, const char *credentials)
{
    *f = (struct files){.folder = "/tmp/ebb-test-aws-XXXXXX"};
    fake_init(&f->fake);
    assert_non_null(mkdtemp(f->folder));
    (void)snprintf(f->config, sizeof(f->config), "%s/config", f->folder);
    (void)snprintf(f->credentials, sizeof(f->credentials), "%s/credentials", f->folder);
    write_file(f->config, config);
    write_file(f->credentials, credentials);
    fake_set(&f->fake, "AWS_CONFIG_FILE", f->config);
    fake_set(&f->fake, "AWS_SHARED_CREDENTIALS_FILE", f->credentials);
    fake_set(&f->fake, "AWS_REGION", NULL);
}

static void files_release(struct files *f)
{
    assert_int_equal(unlink(f->config), 0);
    assert_int_equal(unlink(f->credentials), 0);
    assert_int_equal(rmdir(f->folder), 0);
    fake_release(&f->fake);
}

TEST(profile_is_found_in_both_files)
{
    struct files f;
    struct aws_profile p;
    struct err e = {0};
    files_init(&f,
               "[default]\nregion = eu-west-1\n[profile games]\nregion = eu-central-1\n"
               "max_attempts = 5\n",
               "[default]\naws_access_key_id = A\n[games]\nregion = eu-north-1\n[only]\nx = 1\n");
    struct aws_environment env = fake_environment(&f.fake);
    assert_ok(aws_profile_load(&env, &p, &e), e);
    assert_str(aws_profile_value(&p, STR("region")), "eu-west-1");
    assert_str(aws_profile_credentials_value(&p, STR("aws_access_key_id")), "A");
    aws_profile_release(&p);

    fake_set(&f.fake, "AWS_PROFILE", "games");
    assert_ok(aws_profile_load(&env, &p, &e), e);
    assert_str(aws_profile_value(&p, STR("region")), "eu-north-1");
    assert_str(aws_profile_config_value(&p, STR("region")), "eu-central-1");
    assert_str(aws_profile_value(&p, STR("max_attempts")), "5");
    aws_profile_release(&p);

    fake_set(&f.fake, "AWS_PROFILE", "only");
    assert_ok(aws_profile_load(&env, &p, &e), e);
    aws_profile_release(&p);

    fake_set(&f.fake, "AWS_PROFILE", "missing");
    assert_int_equal(aws_profile_load(&env, &p, &e), E_CONFIG);
    assert_contains(str_from(e.text), "AWS_PROFILE is missing");
    assert_contains(str_from(e.text), f.config);
    files_release(&f);
}

TEST(profile_files_are_looked_for_at_home)
{
    struct files f;
    struct aws_profile p;
    struct err e = {0};
    char path[100];
    files_init(&f, "", "");
    struct aws_environment env = fake_environment(&f.fake);
    fake_set(&f.fake, "AWS_CONFIG_FILE", "~/config");
    fake_set(&f.fake, "HOME", f.folder);
    write_file(f.config, "[default]\nregion = ap-south-1\n");
    assert_ok(aws_profile_load(&env, &p, &e), e);
    assert_str(aws_profile_value(&p, STR("region")), "ap-south-1");
    aws_profile_release(&p);
    (void)snprintf(path, sizeof(path), "%s/config", f.folder);
    fake_set(&f.fake, "HOME", NULL);
    assert_ok(aws_profile_load(&env, &p, &e), e);
    assert_null(aws_profile_value(&p, STR("region")).p);
    aws_profile_release(&p);
    files_release(&f);
}

/* Loads the settings as a client does and finds one endpoint. */
static int find(struct fake *fake, const struct aws_service *service, const char *region,
                struct endpoint *out, struct err *e)
{
    struct aws_environment env = fake_environment(fake);
    struct aws_profile p;
    struct endpoint_settings settings;
    int rc = aws_profile_load(&env, &p, e);
    if (rc) return rc;
    rc = endpoint_settings_load(&env, &p, str_from(region), &fake->arena, &settings, e);
    aws_profile_release(&p);
    if (rc) return rc;
    return endpoint_find(&settings, service, settings.region, &fake->arena, out, e);
}

TEST(endpoint_follows_the_partition_of_the_region)
{
    static const struct {
        const char *region, *host, *partition;
    } ROWS[] = {
        {"us-east-1", "ecs.us-east-1.amazonaws.com", "aws"},
        {"mx-central-1", "ecs.mx-central-1.amazonaws.com", "aws"},
        {"cn-northwest-1", "ecs.cn-northwest-1.amazonaws.com.cn", "aws-cn"},
        {"us-gov-west-1", "ecs.us-gov-west-1.amazonaws.com", "aws-us-gov"},
        {"eusc-de-east-1", "ecs.eusc-de-east-1.amazonaws.eu", "aws-eusc"},
        {"us-iso-east-1", "ecs.us-iso-east-1.c2s.ic.gov", "aws-iso"},
        {"us-isob-east-1", "ecs.us-isob-east-1.sc2s.sgov.gov", "aws-iso-b"},
        {"eu-isoe-west-1", "ecs.eu-isoe-west-1.cloud.adc-e.uk", "aws-iso-e"},
        {"us-isof-south-1", "ecs.us-isof-south-1.csp.hci.ic.gov", "aws-iso-f"},
    };
    struct fake fake;
    fake_init(&fake);
    for (size_t i = 0; i < EBB_COUNT(ROWS); i++) {
        struct endpoint found;
        struct err e = {0};
        assert_ok(find(&fake, &AWS_ECS, ROWS[i].region, &found, &e), e);
        assert_str(found.host, ROWS[i].host);
        assert_str(endpoint_partition(str_from(ROWS[i].region)), ROWS[i].partition);
    }
    fake_release(&fake);
}

TEST(endpoint_may_be_fips_and_dual_stack)
{
    struct fake fake;
    struct endpoint found;
    struct err e = {0};
    fake_init(&fake);
    fake_set(&fake, "AWS_USE_FIPS_ENDPOINT", "true");
    assert_ok(find(&fake, &AWS_SQS, "us-east-1", &found, &e), e);
    assert_str(found.url, "https://sqs-fips.us-east-1.amazonaws.com");
    fake_set(&fake, "AWS_USE_DUALSTACK_ENDPOINT", "True");
    assert_ok(find(&fake, &AWS_SQS, "us-east-1", &found, &e), e);
    assert_str(found.url, "https://sqs-fips.us-east-1.api.aws");
    fake_set(&fake, "AWS_USE_FIPS_ENDPOINT", "false");
    assert_ok(find(&fake, &AWS_SQS, "cn-north-1", &found, &e), e);
    assert_str(found.url, "https://sqs.cn-north-1.api.amazonwebservices.com.cn");
    fake_release(&fake);
}

TEST(endpoint_overrides_count_in_their_order)
{
    struct files f;
    struct endpoint found;
    struct err e = {0};
    files_init(&f,
               "[default]\nregion = eu-west-1\nendpoint_url = http://profile:1/\n"
               "services = mine\n[services mine]\necs =\n  endpoint_url = http://section:2\n"
               "application_auto_scaling = \n  endpoint_url = https://scaling\n",
               "");
    assert_ok(find(&f.fake, &AWS_SQS, NULL, &found, &e), e);
    assert_str(found.url, "http://profile:1");
    assert_ok(find(&f.fake, &AWS_AUTOSCALING, NULL, &found, &e), e);
    assert_str(found.url, "https://scaling");
    assert_ok(find(&f.fake, &AWS_ECS, NULL, &found, &e), e);
    assert_str(found.url, "http://section:2");
    assert_str(found.host, "section:2");
    fake_set(&f.fake, "AWS_ENDPOINT_URL", "http://127.0.0.1:4566");
    assert_ok(find(&f.fake, &AWS_ECS, NULL, &found, &e), e);
    assert_str(found.url, "http://127.0.0.1:4566");
    fake_set(&f.fake, "AWS_ENDPOINT_URL_ECS", "http://[::1]:4567/a/b/");
    assert_ok(find(&f.fake, &AWS_ECS, NULL, &found, &e), e);
    assert_str(found.url, "http://[::1]:4567/a/b");
    assert_str(found.host, "[::1]:4567");
    assert_str(found.path, "/a/b");
    fake_set(&f.fake, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true");
    assert_ok(find(&f.fake, &AWS_ECS, NULL, &found, &e), e);
    assert_str(found.url, "https://ecs.eu-west-1.amazonaws.com");
    files_release(&f);
}

TEST(endpoint_refuses_an_address_that_is_none_and_says_where_it_is)
{
    static const char *const BAD[] = {"localhost:4566", "ftp://x",    "http://",
                                      "http:///x",      "http://a b", "http://user@host",
                                      "http://h/?x=1",  "http://h/#x"};
    struct fake fake;
    struct endpoint found;
    fake_init(&fake);
    for (size_t i = 0; i < EBB_COUNT(BAD); i++) {
        struct err e = {0};
        fake_set(&fake, "AWS_ENDPOINT_URL_SQS", BAD[i]);
        /* Found when the client is made, not at the first call to SQS. */
        if (find(&fake, &AWS_ECS, NULL, &found, &e) != E_CONFIG) fail_msg("%s", BAD[i]);
        assert_contains(str_from(e.text), "AWS_ENDPOINT_URL_SQS");
    }
    fake_release(&fake);
}

TEST(region_is_found_in_its_order_and_checked)
{
    static const char *const BAD[] = {"us east 1", "us-east-1.evil.com", "US-EAST-1", "-a",
                                      "a/b",       "us-east-1 # mine"};
    struct files f;
    struct endpoint found;
    struct err e = {0};
    files_init(&f, "[default]\nregion = eu-west-3\n", "");
    assert_ok(find(&f.fake, &AWS_ECS, NULL, &found, &e), e);
    assert_str(found.host, "ecs.eu-west-3.amazonaws.com");
    fake_set(&f.fake, "AWS_DEFAULT_REGION", "eu-west-2");
    assert_ok(find(&f.fake, &AWS_ECS, NULL, &found, &e), e);
    assert_str(found.host, "ecs.eu-west-2.amazonaws.com");
    fake_set(&f.fake, "AWS_REGION", "eu-west-1");
    assert_ok(find(&f.fake, &AWS_ECS, NULL, &found, &e), e);
    assert_str(found.host, "ecs.eu-west-1.amazonaws.com");
    for (size_t i = 0; i < EBB_COUNT(BAD); i++)
        assert_int_equal(find(&f.fake, &AWS_ECS, BAD[i], &found, &e), E_CONFIG);
    fake_set(&f.fake, "AWS_REGION", NULL);
    fake_set(&f.fake, "AWS_DEFAULT_REGION", NULL);
    write_file(f.config, "");
    assert_int_equal(find(&f.fake, &AWS_ECS, NULL, &found, &e), E_CONFIG);
    assert_contains(str_from(e.text), "set AWS_REGION");
    files_release(&f);
}
