/* SPDX-License-Identifier: Apache-2.0
 * The format of the files ~/.aws/config and ~/.aws/credentials: sections, keys, and keys nested one
 * level under a key without a value. They hold secrets, so the bytes are kept once and overwritten
 * when they are given up; everything handed out is borrowed from them. */
#ifndef EBB_AWS_INI_H
#define EBB_AWS_INI_H

#include "lib/base/arena.h"
#include "lib/base/err.h"

struct ini_entry {
    struct str section, parent, key, value; /* parent absent for a key of the section itself */
};

struct ini {
    char *bytes;
    size_t bytes_n;
    struct arena arena;
    struct ini_entry *entries; /* one with an absent key says that the section exists */
    size_t entries_n;
};

void ini_init(struct ini *ini);
void ini_release(struct ini *ini);
/* A file that is not there gives an empty ini; one that cannot be read, is too large or malformed
 * is E_CONFIG with path and line, and never with the line's words. */
int ini_read(const char *path, struct ini *out, struct err *e) EBB_MUST_CHECK;
/* The same for text in memory; name is shown in errors. */
int ini_parse(struct str text, const char *name, struct ini *out, struct err *e) EBB_MUST_CHECK;

bool ini_has_section(const struct ini *ini, struct str section);
/* Keys in any case; the last of several counts. parent absent for a plain key. */
struct str ini_value(const struct ini *ini, struct str section, struct str parent, struct str key);

#endif
