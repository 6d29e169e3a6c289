/* SPDX-License-Identifier: Apache-2.0
 * Goal: every setting is listed with what its table says, and the pages in docs/ say the same as
 * the tables. Method: the table of settings is walked; the pages are compared. */
#include "commands/settings.h"

#include "commands/command.h"
#include "schemas/config.h"
#include "tests/support/test.h"

#define PAGE_MAX ((size_t)1024 * 1024)

static const struct shown_setting *setting(const struct shown_settings *all, const char *path)
{
    for (size_t i = 0; i < all->settings.n; i++)
        if (str_eq(LIST_AT(all->settings, struct shown_setting, i)->path, str_from(path)))
            return LIST_AT(all->settings, struct shown_setting, i);
    fail_msg("no setting %s", path);
    return NULL;
}

static size_t leaves(const struct record *r)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++)
        n += r->fields[i].of ? leaves(r->fields[i].of) : 1;
    return n;
}

TEST(settings_list_every_leaf_of_the_table)
{
    struct arena a;
    arena_init(&a);
    struct shown_settings all = settings_list(&a);
    assert_int_equal(all.settings.n, leaves(&CONFIG_RECORD));
    const struct shown_setting *s = setting(&all, "services[].cooldown");
    assert_str(s->variable, "COOLDOWN_SECONDS");
    assert_str(s->fallback, "15m");
    s = setting(&all, "services[].mode");
    assert_int_equal(s->words.n, 2);
    assert_str(*LIST_AT(s->words, struct str, 0), "observe");
    s = setting(&all, "services[].distributor.function");
    assert_str(s->variable, "KAMAILIO_LAMBDA_ARN");
    assert_true(setting(&all, "redis.password")->is_secret);
    assert_true(setting(&all, "services[].match")->required);
    assert_str(setting(&all, "run.emf")->fallback, "false");
    arena_release(&a);
}

TEST(settings_all_say_what_they_do_and_are_set_once)
{
    struct arena a;
    arena_init(&a);
    struct shown_settings all = settings_list(&a);
    for (size_t i = 0; i < all.settings.n; i++) {
        const struct shown_setting *s = LIST_AT(all.settings, struct shown_setting, i);
        if (!s->help.n) fail_msg("%.*s has no words", STR_ARG(s->path));
        for (size_t k = 0; k < i; k++) {
            const struct shown_setting *other = LIST_AT(all.settings, struct shown_setting, k);
            if (s->variable.n && str_eq(s->variable, other->variable))
                fail_msg("%.*s sets two settings", STR_ARG(s->variable));
        }
    }
    arena_release(&a);
}

TEST(settings_page_is_what_the_table_says)
{
    struct arena a;
    struct buf b;
    arena_init(&a);
    buf_init(&b, PAGE_MAX);
    settings_markdown(&b);
    assert_false(buf_failed(&b));
    if (!str_eq(buf_view(&b), test_read_file(&a, "docs/settings.md")))
        fail_msg(
            "docs/settings.md is old: build/release/ebb settings --markdown >docs/settings.md");
    buf_release(&b);
    arena_release(&a);
}

TEST(exit_codes_page_is_what_the_table_says)
{
    static const struct {
        const char *name, *text;
        int value;
    } rows[] = {
#define X(name, value, text) {#name, text, value},
        EBB_EXITS(X)
#undef X
    };
    struct arena a;
    size_t listed = 0;
    arena_init(&a);
    struct str page = test_read_file(&a, "docs/exit-codes.md"), rest = page;
    for (size_t i = 0; i < EBB_COUNT(rows); i++)
        assert_contains(
            page,
            arena_format(&a, "\n| %d | %s | %s |\n", rows[i].value, rows[i].name, rows[i].text).p);
    while (rest.p) {
        struct str line = str_cut(&rest, '\n');
        listed += str_starts(line, STR("| ")) && line.n > 2 && line.p[2] >= '0' && line.p[2] <= '9';
    }
    assert_int_equal(listed, EBB_COUNT(rows));
    arena_release(&a);
}
