/* SPDX-License-Identifier: Apache-2.0
 * Goal: a call goes to the region and the address that AWS's own tools would choose. Method: an
 * environment that is a list, shared files of the test's own, and tables of what is found. */
#include "lib/aws/endpoint.h"
#include "lib/aws/shapes/autoscaling.h"
#include "lib/aws/shapes/ecs.h"
#include "lib/aws/shapes/sqs.h"
#include "tests/unit/test_aws_files.h"

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
    files_write(f.config, "");
    assert_int_equal(find(&f.fake, &AWS_ECS, NULL, &found, &e), E_CONFIG);
    assert_contains(str_from(e.text), "set AWS_REGION");
    files_release(&f);
}
