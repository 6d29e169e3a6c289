/* SPDX-License-Identifier: Apache-2.0
 * Goal: people's commands find the last looks of services and drains, newest first and not without
 * end, and every service once. Method: a real Redis with more of each than is kept or asked for. */
#include "tests/support/state_fixture.h"

static void note(struct state_fixture *f, const char *service, const char *drain_id, int n)
{
    struct str json = arena_format(&f->arena, "{\"n\":%d}", n);
    assert_ok(
        state_note_verdict(&f->port, str_from(service), str_from(drain_id), json, &f->arena, &f->e),
        f->e);
}

static struct str_list looks(struct state_fixture *f, const char *about, bool is_drain)
{
    struct str_list list;
    assert_ok(state_read_looks(&f->port, str_from(about), is_drain, &f->arena, &list, &f->e), f->e);
    return list;
}

TEST(state_looks_are_kept_newest_first_for_service_and_drain)
{
    struct state_fixture f;
    state_fixture_open(&f);
    assert_int_equal(looks(&f, STATE_SERVICE, false).n, 0);
    note(&f, STATE_SERVICE, NULL, 1);
    note(&f, STATE_SERVICE, "drain-1", 2);
    note(&f, STATE_SERVICE, "drain-2", 3);
    struct str_list list = looks(&f, STATE_SERVICE, false);
    assert_int_equal(list.n, 3);
    assert_str(list.items[0], "{\"n\":3}");
    assert_str(list.items[2], "{\"n\":1}");
    list = looks(&f, "drain-1", true);
    assert_int_equal(list.n, 1);
    assert_str(list.items[0], "{\"n\":2}");
    int64_t life = state_fixture_redis(&f, "PTTL {ebb}:timeline:drain-1").integer;
    assert_true(life > STATE_FINAL_LIFE_MS - 60000 && life <= STATE_FINAL_LIFE_MS);
    /* A look about no drain makes no timeline. */
    assert_int_equal(state_fixture_redis(&f, "EXISTS {ebb}:timeline:").integer, 0);
    state_fixture_close(&f);
}

TEST(state_looks_are_trimmed_to_what_is_kept)
{
    struct state_fixture f;
    state_fixture_open(&f);
    for (int i = 1; i <= STATE_LOOKS_KEPT + 5; i++)
        note(&f, STATE_SERVICE, "drain-1", i);
    struct str_list list = looks(&f, STATE_SERVICE, false);
    assert_int_equal(list.n, STATE_LOOKS_KEPT);
    assert_str(list.items[0], "{\"n\":205}");
    assert_str(list.items[STATE_LOOKS_KEPT - 1], "{\"n\":6}");
    assert_int_equal(looks(&f, "drain-1", true).n, STATE_LOOKS_KEPT);
    state_fixture_close(&f);
}

TEST(state_services_are_listed_once_and_no_more_than_asked_for)
{
    enum { SERVICES = 1200 };
    struct state_fixture f;
    struct str_list list;
    bool seen[SERVICES] = {false};
    state_fixture_open(&f);
    assert_ok(state_services(&f.port, 10, &f.arena, &list, &f.e), f.e);
    assert_int_equal(list.n, 0);
    for (int i = 0; i < SERVICES; i++)
        note(&f, arena_format(&f.arena, "aws:us-east-1:123456789012:demo/s-%04d", i).p, "drain-1",
             i);
    assert_ok(state_services(&f.port, SERVICES + 10, &f.arena, &list, &f.e), f.e);
    assert_int_equal(list.n, SERVICES);
    for (size_t i = 0; i < list.n; i++) {
        int64_t n;
        assert_true(str_starts(list.items[i], STR("aws:us-east-1:123456789012:demo/s-")));
        struct str number = {list.items[i].p + list.items[i].n - 4, 4};
        assert_true(str_to_int(number, &n) && n >= 0 && n < SERVICES);
        assert_false(seen[n]);
        seen[n] = true;
    }
    assert_ok(state_services(&f.port, 7, &f.arena, &list, &f.e), f.e);
    assert_int_equal(list.n, 7);
    state_fixture_close(&f);
}
