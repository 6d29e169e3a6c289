/* SPDX-License-Identifier: Apache-2.0
 * A fuzz target is a function written with FUZZ(name) in any file of tests/fuzz: it is given bytes
 * and must hold its properties whatever they are. It is found by the linker section it puts itself
 * in, never registered. The seeds it begins with are in corpus/name/, what once broke something in
 * regressions/name/. A property that does not hold is an EBB_ASSERT.
 *
 * Where a target needs to be told what the bytes are (a record, an operation), the first line says
 * it in words; a word it does not know chooses some one, so that no input is wasted. */
#ifndef EBB_TESTS_FUZZ_FUZZ_H
#define EBB_TESTS_FUZZ_FUZZ_H

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/http/http.h"

/* A finding larger than this would not be read by anybody, and takes longer than it teaches. */
#define FUZZ_INPUT_MAX ((size_t)64 * 1024)

struct fuzz_target {
    const char *name;
    void (*run)(struct str input); /* the bytes end where their memory ends */
};

#define FUZZ(name)                                                                                 \
    static void fuzz_##name(struct str input);                                                     \
    __attribute__((used, section("ebb_fuzz"),                                                      \
                   aligned(sizeof(void *)))) static const struct fuzz_target fuzz_row_##name = {   \
        #name, fuzz_##name};                                                                       \
    static void fuzz_##name(struct str input)

/* The target of that number, or NULL when there are not so many. */
const struct fuzz_target *fuzz_at(size_t number);
/* NULL when there is none of that name. */
const struct fuzz_target *fuzz_find(const char *name);

/* The first line of *rest, without its end; *rest becomes what follows, which may be absent. */
struct str fuzz_line(struct str *rest);
/* The same up to a line "--". */
struct str fuzz_part(struct str *rest);
/* What a word chooses of n things when it is the name of none. */
size_t fuzz_choose(struct str word, size_t n);
/* A call that failed said so: a code of the table, the same in *e, and words. */
void fuzz_check_failure(int code, const struct err *e);
/* Text as a person or another program would get it: UTF-8 without control characters. */
bool fuzz_is_plain(struct str text);

/* An HTTP message as it is on the wire, but for its line ends: a first line, headers, a blank line,
 * a body. Header names in lower case. Nothing is checked. */
#define FUZZ_HEADERS_MAX 120
struct fuzz_http {
    struct str first, body;
    struct http_header headers[FUZZ_HEADERS_MAX];
    size_t headers_n;
};
void fuzz_read_http(struct str input, struct arena *a, struct fuzz_http *out);

/* A clock that stands still at 2023-11-14T22:13:20Z. */
#define FUZZ_NOW_MS ((int64_t)1700000000000)
struct clock fuzz_clock(void);

#endif
