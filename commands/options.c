/* SPDX-License-Identifier: Apache-2.0
 * Command lines: --name VALUE, --name=VALUE, --name alone for a switch, and -h for --help. Help is
 * printed from the same table. */
#include "commands/command.h"

#include "lib/record/walkers.h"

#include <stdarg.h>
#include <stdio.h>

static void print_help(const struct command *c)
{
    printf("usage: ebb %s%s\n\n%s\n", c->usage, c->options ? " [OPTION...]" : "", c->help);
    if (c->more) printf("\n%s\n", c->more);
    if (c->options) printf("\noptions:\n");
    for (size_t i = 0; c->options && i < c->options->n; i++) {
        const struct field *f = &c->options->fields[i];
        char name[64];
        (void)snprintf(name, sizeof(name), "--%s%s", f->name,
                       f->kind == FIELD_BOOL ? "" : " VALUE"); /* names are short */
        printf("  %-24s %s", name, f->help);
        if (f->fallback && *f->fallback) printf(" (default %s)", f->fallback);
        printf("\n");
    }
    printf("  %-24s %s\n", "-h, --help", "print this");
}

int command_fail(const struct command *c, const struct err *e)
{
    fprintf(stderr, "ebb %s: %s\n", c->name, e->text);
    if (e->code == E_CONFIG) return EXIT_CODE_CONFIG;
    if (e->code == E_BUG) return EXIT_CODE_BUG;
    if (e->code == E_NOT_FOUND) return EXIT_CODE_NOTHING;
    bool missing =
        err_class_of(e->code) == ERR_CLASS_FATAL || err_class_of(e->code) == ERR_CLASS_RETRY;
    return missing || e->code == E_DENIED ? EXIT_CODE_MISSING : EXIT_CODE_FAILED;
}

int command_fail_with(const struct command *c, enum exit_code code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fprintf(stderr, "ebb %s: ", c->name);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    return (int)code;
}

static int fail_usage(const struct command *c, int *exit_code, struct str words)
{
    *exit_code = command_fail_with(c, EXIT_CODE_USAGE, "%.*s; `ebb %s --help` lists the options",
                                   STR_ARG(words), c->name);
    return -1;
}

static int fail_unknown(const struct command *c, int *exit_code, struct str word, struct str name,
                        struct arena *a)
{
    const struct field *near = c->options ? record_nearest(c->options, name) : NULL;
    struct str words = arena_format(a, "unknown option '%.*s'", STR_ARG(word));
    if (near) words = arena_format(a, "%.*s, did you mean --%s?", STR_ARG(words), near->name);
    return fail_usage(c, exit_code, words);
}

int command_parse(const struct command *c, int argc, char **argv, struct arena *a, void *options,
                  struct arguments *out, int *exit_code)
{
    struct err e = {0};
    *out = (struct arguments){.words = ARENA_ARRAY(a, (size_t)argc, struct str)};
    if (c->options && record_defaults(c->options, options, a, &e)) {
        *exit_code = command_fail(c, &e);
        return -1;
    }
    for (int i = 1; i < argc; i++) {
        struct str word = str_from(argv[i]);
        if (!str_starts(word, STR("-"))) {
            out->words[out->n++] = word;
            continue;
        }
        size_t dashes = str_starts(word, STR("--")) ? 2 : 1;
        struct str value = {word.p + dashes, word.n - dashes}, name = str_cut(&value, '=');
        if (str_eq(word, STR("-h")) || str_eq(word, STR("--help"))) {
            print_help(c);
            *exit_code = EXIT_CODE_OK;
            return -1;
        }
        const struct field *f = c->options && dashes == 2 ? record_field(c->options, name) : NULL;
        if (!f) return fail_unknown(c, exit_code, word, name, a);
        if (!value.p && f->kind == FIELD_BOOL) value = STR("true");
        if (!value.p && i + 1 < argc) value = str_from(argv[++i]);
        if (!value.p)
            return fail_usage(c, exit_code,
                              arena_format(a, "a value is missing after '%.*s'", STR_ARG(word)));
        /* The words begin with the option's name. */
        if (field_from_text(f, value, a, options, &e))
            return fail_usage(c, exit_code, arena_format(a, "--%s", e.text));
    }
    return 0;
}
