/* SPDX-License-Identifier: Apache-2.0
 * Goal: clusters and task definitions are made, found by their tags, and removed as ECS does it;
 * a region departs from AWS only where it was asked to. Method: the region called directly. */
#include "tests/unit/region_fixture.h"
#include "world/region/departures.h"

static struct ecs_cluster describe(struct small_world *w, const char *name)
{
    struct str names[] = {str_from(name)}, tags[] = {STR("TAGS")};
    struct ecs_describe_clusters_input in = {.clusters = LIST_OF(names, 1),
                                             .include = LIST_OF(tags, 1)};
    struct ecs_describe_clusters_output out;
    small_world_do(w, &ECS_DESCRIBE_CLUSTERS, &in, &out);
    assert_int_equal(out.clusters.n, 1);
    return *LIST_AT(out.clusters, struct ecs_cluster, 0);
}

TEST(region_clusters_are_deleted_once_they_are_empty)
{
    struct small_world w = small_world_new(NULL);
    struct ecs_delete_cluster_input in = {.cluster = STR("demo")};
    struct ecs_delete_service_input service = {
        .cluster = STR("demo"), .service = STR("sip"), .force = true};
    struct ecs_service_output deleted;
    struct ecs_cluster_output out;
    small_world_service(&w, "sip", 2);
    small_world_refused(&w, &ECS_DELETE_CLUSTER, &in, "ClusterContainsServicesException", "active");
    small_world_do(&w, &ECS_DELETE_SERVICE, &service, &deleted);
    small_world_pass(&w, 10 * 1000);
    small_world_pass(&w, 5 * MINUTE_MS);
    small_world_do(&w, &ECS_DELETE_CLUSTER, &in, &out);
    assert_str(out.cluster.status, "INACTIVE");
    assert_str(describe(&w, "demo").status, "INACTIVE");
    small_world_refused(&w, &ECS_DELETE_CLUSTER, &in, "ClusterNotFoundException", "not found");
    /* Its name is free again. */
    struct ecs_create_cluster_input again = {.cluster_name = STR("demo")};
    small_world_do(&w, &ECS_CREATE_CLUSTER, &again, &out);
    assert_str(describe(&w, "demo").status, "ACTIVE");
    small_world_free(&w);
}

TEST(region_tags_are_kept_and_shown_when_asked_for)
{
    struct small_world w = small_world_new(NULL);
    struct ecs_tag tag = {STR("who"), STR("me")};
    struct ecs_create_cluster_input in = {.cluster_name = STR("tagged"), .tags = LIST_OF(&tag, 1)};
    struct ecs_cluster_output out;
    small_world_do(&w, &ECS_CREATE_CLUSTER, &in, &out);
    struct ecs_cluster cluster = describe(&w, "tagged");
    assert_int_equal(cluster.tags.n, 1);
    assert_str(LIST_AT(cluster.tags, struct ecs_tag, 0)->value, "me");
    struct ecs_create_service_input service = {.cluster = STR("demo"),
                                               .service_name = STR("sip"),
                                               .task_definition = STR("pbx"),
                                               .tags = LIST_OF(&tag, 1)};
    struct ecs_service_output made;
    small_world_do(&w, &ECS_CREATE_SERVICE, &service, &made);
    assert_int_equal(small_world_describe(&w, "sip").tags.n, 0); /* not asked for */
    struct str names[] = {STR("sip")}, tags[] = {STR("TAGS")};
    struct ecs_describe_services_input asked = {
        .cluster = STR("demo"), .services = LIST_OF(names, 1), .include = LIST_OF(tags, 1)};
    struct ecs_describe_services_output told;
    small_world_do(&w, &ECS_DESCRIBE_SERVICES, &asked, &told);
    assert_int_equal(LIST_AT(told.services, struct ecs_service, 0)->tags.n, 1);
    small_world_free(&w);
}

static size_t listed(struct small_world *w, const char *status)
{
    struct ecs_list_task_definitions_input in = {.family_prefix = STR("pbx"),
                                                 .status = str_from(status)};
    struct ecs_list_task_definitions_output out;
    small_world_do(w, &ECS_LIST_TASK_DEFINITIONS, &in, &out);
    return out.task_definition_arns.n;
}

TEST(region_definitions_are_listed_and_deregistered)
{
    struct small_world w = small_world_new(NULL);
    struct ecs_deregister_task_definition_input in = {STR("pbx")};
    struct ecs_task_definition_output out;
    assert_int_equal(listed(&w, NULL), 1);
    small_world_refused(&w, &ECS_DEREGISTER_TASK_DEFINITION, &in, "ClientException", "not found");
    in.task_definition = STR("pbx:1");
    small_world_do(&w, &ECS_DEREGISTER_TASK_DEFINITION, &in, &out);
    assert_str(out.task_definition.status, "INACTIVE");
    assert_int_equal(listed(&w, "ACTIVE"), 0);
    assert_int_equal(listed(&w, "INACTIVE"), 1);
    /* Nothing is made of it any more, and its revision is not given again. */
    struct ecs_container_definition container = {.name = STR("x"), .image = STR("x:1")};
    struct ecs_register_task_definition_input again = {
        .family = STR("pbx"), .container_definitions = LIST_OF(&container, 1)};
    small_world_do(&w, &ECS_REGISTER_TASK_DEFINITION, &again, &out);
    assert_int_equal(out.task_definition.revision, 2);
    small_world_free(&w);
}

TEST(region_departs_only_where_it_is_asked_to)
{
    struct small_world w = small_world_new(NULL);
    struct err e = {0};
    struct str words[] = {STR("stop_codes_are_missing"), STR("tasks_fly")};
    assert_int_equal(region_depart(w.region, LIST_OF(words, 2), &e), E_MALFORMED);
    assert_contains(str_from(e.text), "tasks_fly");
    for (int d = 0; d < DEPARTURES_N; d++)
        assert_false(region_departs(w.region, (enum departure)d));
    assert_int_equal(region_depart(w.region, LIST_OF(words, 1), &e), 0);
    assert_true(region_departs(w.region, DEPART_NO_STOP_CODE));
    assert_false(region_departs(w.region, DEPART_NO_START));
    assert_int_equal(region_depart(w.region, LIST_OF(NULL, 0), &e), 0);
    assert_false(region_departs(w.region, DEPART_NO_STOP_CODE));
    small_world_free(&w);
}
