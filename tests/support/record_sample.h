/* SPDX-License-Identifier: Apache-2.0
 * One record with every kind of field, for the tests of the walkers; tests/vectors/record has the
 * same data as other people's libraries write it. */
#ifndef EBB_TESTS_SUPPORT_RECORD_SAMPLE_H
#define EBB_TESTS_SUPPORT_RECORD_SAMPLE_H

#include "lib/record/walkers.h"

enum tint { TINT_OTHER, TINT_RED, TINT_GREEN };

struct leaf {
    struct str status;
    int64_t weight;
    int tint;
};

struct branch {
    struct str id;
    struct list leaves; /* of struct leaf */
    double share;
    bool busy;
};

struct sample {
    struct str name;
    struct str password;
    int64_t count;
    int64_t big;
    bool enabled;
    double ratio;
    int tint;
    int64_t created_at_ms;
    int64_t timeout_ms;
    struct branch trunk;
    struct list branches; /* of struct branch */
    struct list tags;     /* of struct str */
    struct list labels;   /* of struct pair */
    struct str detail;    /* JSON text */
    int64_t always;
};

/* A record that contains itself, for depth. */
struct nest {
    struct str name;
    struct list children; /* of struct nest */
};

extern const struct record SAMPLE, BRANCH, LEAF, NEST;
extern const struct enum_names TINTS;

/* What the golden files hold, but for the password. */
void sample_fill(struct sample *s, struct arena *a);
/* Fails the test at the first field that differs. */
void sample_assert_equal(const struct sample *actual, const struct sample *expected);
/* `depth` records, each inside the one before. */
struct nest *sample_nest(struct arena *a, int depth);

/* One walker behind one pair of functions, so that a test runs over all of them. */
struct walker {
    const char *name;
    int (*encode)(const struct record *r, const void *in, struct buf *out, struct err *e);
    int (*decode)(const struct record *r, struct str bytes, struct arena *a, void *out,
                  struct err *e);
};

/* Decodes a copy of the bytes that ends where its memory ends, into a zeroed struct. */
int sample_decode_exact(const struct walker *w, struct str bytes, struct arena *a,
                        struct sample *out, struct err *e);

enum { SAMPLE_WALKERS = 5 };
extern const struct walker WALKERS[SAMPLE_WALKERS];

#endif
