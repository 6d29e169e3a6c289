/* SPDX-License-Identifier: Apache-2.0
 * Goal: the shared files and the profile in them mean what they mean to AWS's own tools. Method:
 * texts and files of the test's own, and what is found in them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/test_aws_files.h"

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
    files_write(f.config, "[default]\nregion = ap-south-1\n");
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
