/* SPDX-License-Identifier: Apache-2.0
 * Reads the format of AWS's shared files as botocore does: comments are whole lines, a deeper line
 * under a key without a value is nested in it. */
#include "lib/aws/ini.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/crypto.h"

#define FILE_MAX    ((size_t)1024 * 1024)
#define LINE_MAX_N  ((size_t)16 * 1024)
#define ENTRIES_MAX ((size_t)20000)

void ini_init(struct ini *ini)
{
    *ini = (struct ini){0};
    arena_init(&ini->arena);
}

void ini_release(struct ini *ini)
{
    if (ini->bytes) crypto_cleanse(ini->bytes, ini->bytes_n);
    free(ini->bytes);
    arena_release(&ini->arena);
    ini_init(ini);
}

/* Where the reading of one text is. */
struct reading {
    struct ini *ini;
    const char *name;
    struct err *err;
    struct str section, parent;
    size_t line, indent; /* indent of the last key that was not nested */
    bool open;           /* that key has no value: deeper lines belong to it */
};

static int fail(const struct reading *r, const char *words)
{
    return err_set(r->err, E_CONFIG, "%s, line %zu: %s", r->name, r->line, words);
}

static int add(struct reading *r, struct ini_entry entry)
{
    if (r->ini->entries_n == ENTRIES_MAX) return fail(r, "too many keys");
    r->ini->entries[r->ini->entries_n++] = entry;
    return E_OK;
}

/* "[profile  "a b"]" becomes "profile a b": outer blanks, doubled ones and quotes go. */
static int read_section(struct reading *r, struct str line)
{
    if (!str_ends(line, STR("]"))) return fail(r, "a section's name must end with ]");
    struct str inside = str_trim((struct str){line.p + 1, line.n - 2});
    if (!inside.n) return fail(r, "a section has no name");
    char *name = arena_alloc(&r->ini->arena, inside.n + 1);
    size_t n = 0;
    bool quoted = false;
    for (size_t i = 0; i < inside.n; i++) {
        char c = inside.p[i] == '\t' && !quoted ? ' ' : inside.p[i];
        if (c == '"')
            quoted = !quoted;
        else if (c != ' ' || quoted || (n > 0 && name[n - 1] != ' '))
            name[n++] = c;
    }
    if (quoted) return fail(r, "a section's name has an open quote");
    r->section = (struct str){name, n};
    r->parent = STR_NONE;
    r->open = false;
    return add(r, (struct ini_entry){.section = r->section});
}

static int read_key(struct reading *r, struct str line, size_t indent)
{
    struct str value = line, key = str_trim(str_cut(&value, '='));
    bool nested = r->parent.p && indent > r->indent;
    if (!r->section.p) return fail(r, "a key before any section");
    if (!value.p) return fail(r, "neither a section, a comment nor key = value");
    if (!key.n) return fail(r, "a value without a key");
    if (nested && !r->open) return fail(r, "deeper than its key, which has a value of its own");
    value = str_trim(value);
    struct ini_entry entry = {r->section, nested ? r->parent : STR_NONE, key, value};
    if (!nested) {
        r->parent = key;
        r->indent = indent;
        r->open = value.n == 0;
    }
    return add(r, entry);
}

static int read_line(struct reading *r, struct str line)
{
    size_t indent = 0;
    if (line.n > LINE_MAX_N) return fail(r, "longer than 16 KiB");
    while (indent < line.n && (line.p[indent] == ' ' || line.p[indent] == '\t'))
        indent++;
    line = str_trim(line);
    if (!line.n || line.p[0] == '#' || line.p[0] == ';') return E_OK;
    if (memchr(line.p, 0, line.n)) return fail(r, "a NUL byte");
    return line.p[0] == '[' ? read_section(r, line) : read_key(r, line, indent);
}

/* Reads what ini->bytes holds. */
static int read_all(struct ini *ini, const char *name, struct err *e)
{
    struct reading r = {.ini = ini, .name = name, .err = e};
    struct str rest = {ini->bytes, ini->bytes_n};
    size_t lines = 1;
    int rc = E_OK;
    for (size_t i = 0; i < rest.n; i++)
        lines += rest.p[i] == '\n';
    ini->entries =
        ARENA_ARRAY(&ini->arena, lines < ENTRIES_MAX ? lines : ENTRIES_MAX, struct ini_entry);
    if (str_starts(rest, STR("\xEF\xBB\xBF"))) rest = (struct str){rest.p + 3, rest.n - 3};
    while (!rc && rest.p) {
        r.line++;
        rc = read_line(&r, str_cut(&rest, '\n'));
    }
    if (rc) ini_release(ini);
    return rc;
}

int ini_parse(struct str text, const char *name, struct ini *out, struct err *e)
{
    ini_init(out);
    if (text.n > FILE_MAX) return err_set(e, E_CONFIG, "%s is larger than 1 MiB", name);
    out->bytes = malloc(text.n + 1);
    if (!out->bytes) abort();
    if (text.n) memcpy(out->bytes, text.p, text.n);
    out->bytes_n = text.n;
    return read_all(out, name, e);
}

int ini_read(const char *path, struct ini *out, struct err *e)
{
    ini_init(out);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) return E_OK;
    if (fd < 0) return err_set(e, E_CONFIG, "%s cannot be read: %s", path, strerror(errno));
    out->bytes = malloc(FILE_MAX + 1);
    if (!out->bytes) abort();
    ssize_t got;
    do {
        got = read(fd, out->bytes + out->bytes_n, FILE_MAX + 1 - out->bytes_n);
        if (got > 0) out->bytes_n += (size_t)got;
    } while (got > 0 || (got < 0 && errno == EINTR));
    int why = errno;
    (void)close(fd); /* it was only read */
    if (got == 0 && out->bytes_n <= FILE_MAX) return read_all(out, path, e);
    ini_release(out);
    if (got == 0) return err_set(e, E_CONFIG, "%s is larger than 1 MiB", path);
    return err_set(e, E_CONFIG, "%s cannot be read: %s", path, strerror(why));
}

bool ini_has_section(const struct ini *ini, struct str section)
{
    for (size_t i = 0; i < ini->entries_n; i++)
        if (str_eq(ini->entries[i].section, section)) return true;
    return false;
}

struct str ini_value(const struct ini *ini, struct str section, struct str parent, struct str key)
{
    for (size_t i = ini->entries_n; i-- > 0;) {
        const struct ini_entry *entry = &ini->entries[i];
        if (!entry->key.p || !str_eq(entry->section, section) || !entry->parent.p != !parent.p)
            continue;
        if (str_eq_nocase(entry->parent, parent) && str_eq_nocase(entry->key, key))
            return entry->value;
    }
    return STR_NONE;
}
