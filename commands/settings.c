/* SPDX-License-Identifier: Apache-2.0
 * ebb settings: every setting with its path in ebb.yaml, its variable, its default and its meaning,
 * all from the table in schemas/config.c. docs/settings.md is what --markdown prints. */
#include "commands/settings.h"

#include "commands/show.h"
#include "schemas/config.h"

#define SETTINGS_MAX ((size_t)500)
#define DOCUMENT_MAX ((size_t)1024 * 1024)

struct settings_options {
    bool json, markdown;
};
static const struct field FIELDS[] = {
    F_JSON(struct settings_options),
    F_BOOL(struct settings_options, markdown, "markdown",
           .help = "the page docs/settings.md, for documents"),
};
const struct record SETTINGS_OPTIONS = RECORD_OF(struct settings_options, FIELDS);

static struct str kind_of(const struct field *f)
{
    switch (f->kind) {
    case FIELD_STR: return STR("text");
    case FIELD_SECRET: return STR("secret");
    case FIELD_INT: return STR("number");
    case FIELD_BOOL: return STR("true or false");
    case FIELD_DOUBLE: return STR("number with a fraction");
    case FIELD_ENUM: return STR("one of its words");
    case FIELD_TIME: return STR("time");
    case FIELD_SPAN: return STR("span (250ms, 30s, 15m, 4h, 1d, or seconds)");
    case FIELD_LIST: return STR("list of texts");
    case FIELD_MAP: return STR("texts by name");
    case FIELD_RECORD: return STR("settings");
    }
    return STR("");
}

static struct list words_of(const struct field *f, struct arena *a)
{
    if (f->kind != FIELD_ENUM) return LIST_OF(NULL, 0);
    /* Row 0 is what is not set. */
    struct str *words = ARENA_ARRAY(a, f->names->n, struct str);
    for (size_t i = 1; i < f->names->n; i++)
        words[i - 1] = f->names->words[i];
    return LIST_OF(words, f->names->n - 1);
}

static struct shown_setting setting_of(const struct field *f, struct str path, struct arena *a)
{
    bool is_number = f->kind == FIELD_INT || f->kind == FIELD_SPAN;
    return (struct shown_setting){
        .path = path,
        .kind = kind_of(f),
        .variable = str_from(f->env),
        .fallback = f->kind == FIELD_BOOL && !f->fallback ? STR("false") : str_from(f->fallback),
        .unit = str_from(f->unit),
        .help = str_from(f->help),
        .words = words_of(f, a),
        .required = f->flags & FIELD_REQUIRED,
        .is_secret = f->kind == FIELD_SECRET,
        .min = is_number ? f->min : 0,
        .max = is_number ? f->max : 0,
    };
}

static void add_all(const struct record *r, const char *before, struct arena *a,
                    struct shown_setting *out, size_t *n)
{
    for (size_t i = 0; i < r->n; i++) {
        const struct field *f = &r->fields[i];
        bool is_list = f->kind == FIELD_LIST && f->of;
        struct str path = arena_format(a, "%s%s%s", before, f->name, is_list ? "[]" : "");
        if (f->kind == FIELD_RECORD || is_list) {
            add_all(f->of, arena_format(a, "%.*s.", STR_ARG(path)).p, a, out, n);
            continue;
        }
        EBB_ASSERT(*n < SETTINGS_MAX);
        out[(*n)++] = setting_of(f, path, a);
    }
}

struct shown_settings settings_list(struct arena *a)
{
    struct shown_setting *settings = ARENA_ARRAY(a, SETTINGS_MAX, struct shown_setting);
    size_t n = 0;
    add_all(&CONFIG_RECORD, "", a, settings, &n);
    return (struct shown_settings){.format = SHOW_FORMAT, .settings = LIST_OF(settings, n)};
}

/* As it would be written in ebb.yaml. */
static struct str amount(struct arena *a, const struct shown_setting *s, int64_t value)
{
    static const struct {
        int64_t ms;
        const char *suffix;
    } UNITS[] = {{3600000, "h"}, {60000, "m"}, {1000, "s"}, {1, "ms"}};
    if (!value || !str_eq(s->unit, STR("ms"))) return arena_format(a, "%lld", (long long)value);
    size_t i = 0;
    while (value % UNITS[i].ms)
        i++;
    return arena_format(a, "%lld%s", (long long)(value / UNITS[i].ms), UNITS[i].suffix);
}

/* What may be given: "1 to 256", "observe or act". */
static struct str allowed(struct arena *a, const struct shown_setting *s)
{
    struct str text = str_eq(s->kind, STR("true or false")) ? s->kind : STR_NONE;
    for (size_t i = 0; i < s->words.n; i++)
        text = arena_format(a, "%.*s%s%.*s", STR_ARG(text), i ? " or " : "",
                            STR_ARG(*LIST_AT(s->words, struct str, i)));
    if (text.n || !s->max) return text;
    return arena_format(a, "%.*s to %.*s", STR_ARG(amount(a, s, s->min)),
                        STR_ARG(amount(a, s, s->max)));
}

/* The record a setting stands in, as a heading: "kafka", "services[].task"; absent at the top. */
static struct str group_of(const struct shown_setting *s)
{
    struct str group = s->path;
    while (group.n && group.p[group.n - 1] != '.')
        group.n--;
    return group.n ? (struct str){group.p, group.n - 1} : STR_NONE;
}

static void add_cell(struct buf *out, struct str text, const char *quote)
{
    buf_add_char(out, ' ');
    if (text.n) buf_add_text(out, quote);
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '|') buf_add_char(out, '\\');
        buf_add_char(out, text.p[i]);
    }
    if (text.n) buf_add_text(out, quote);
    buf_add_text(out, " |");
}

void settings_markdown(struct buf *out)
{
    struct arena a;
    struct str group = STR("none yet");
    arena_init(&a);
    struct shown_settings all = settings_list(&a);
    buf_add_text(
        out,
        "# Settings\n\n"
        "Made from the table in schemas/config.c by `ebb settings --markdown`; a test holds the "
        "two "
        "together.\nA setting stands in ebb.yaml (`--config`, or the variable `EBB_CONFIG`) under "
        "its path, or in the\nenvironment, which wins. Variables of `services[]` make one entry "
        "that "
        "matches every service, for where\nthere is no file. Spans of time are `250ms`, `30s`, "
        "`15m`, `4h`, `1d`, or a number of seconds.\nA key of the file that is not here is "
        "refused, "
        "and so is a variable that begins with `EBB_`.\n");
    for (size_t i = 0; i < all.settings.n; i++) {
        const struct shown_setting *s = LIST_AT(all.settings, struct shown_setting, i);
        if (!str_eq(group, group_of(s))) {
            group = group_of(s);
            buf_add_format(out, "\n## %.*s\n\n", STR_ARG(group.n ? group : STR("at the top")));
            buf_add_text(out, "| setting | variable | default | allowed | meaning |\n"
                              "|---|---|---|---|---|\n");
        }
        buf_add_char(out, '|');
        add_cell(out, s->path, "`");
        add_cell(out, s->variable, "`");
        add_cell(out, s->required ? STR("must be given") : s->fallback, s->required ? "" : "`");
        add_cell(out, allowed(&a, s), "");
        add_cell(out, s->is_secret ? arena_format(&a, "%.*s (secret)", STR_ARG(s->help)) : s->help,
                 "");
        buf_add_char(out, '\n');
    }
    arena_release(&a);
}

static void print_table(struct arena *a, const struct shown_settings *all)
{
    static const struct str HEADING[] = {
        {"SETTING", 7}, {"VARIABLE", 8}, {"DEFAULT", 7}, {"ALLOWED", 7}, {"MEANING", 7}};
    struct table t;
    table_init(&t, a, EBB_COUNT(HEADING), HEADING);
    for (size_t i = 0; i < all->settings.n; i++) {
        const struct shown_setting *s = LIST_AT(all->settings, struct shown_setting, i);
        struct str cells[] = {s->path, s->variable, s->required ? STR("(required)") : s->fallback,
                              allowed(a, s), s->help};
        table_add(&t, cells);
    }
    table_print(&t, "", stdout);
}

static int print(const struct command *self, const struct settings_options *options,
                 struct arena *a)
{
    struct shown_settings all = settings_list(a);
    struct buf b;
    if (options->json) return show_json(self, &SHOWN_SETTINGS_RECORD, &all);
    if (!options->markdown) {
        print_table(a, &all);
        return show_flushed(self);
    }
    buf_init(&b, DOCUMENT_MAX);
    settings_markdown(&b);
    (void)fwrite(b.p, 1, b.n, stdout); /* show_flushed asks whether it arrived */
    buf_release(&b);
    return show_flushed(self);
}

int settings_command(const struct command *self, int argc, char **argv)
{
    struct arena a;
    struct settings_options options = {0};
    struct arguments given;
    int exit_code;
    arena_init(&a);
    if (!command_parse(self, argc, argv, &a, &options, &given, &exit_code))
        exit_code = given.n ? command_fail_with(self, EXIT_CODE_USAGE,
                                                "usage: ebb %s [--json | --markdown]", self->usage)
                            : print(self, &options, &a);
    arena_release(&a);
    return exit_code;
}
