/* SPDX-License-Identifier: Apache-2.0
 * Our readers on the command line, for the test that compares them with other people's:
 *
 *   record_tool json FILE      FILE holds documents, each a decimal length, a line end and so many
 *   record_tool msgpack FILE   bytes; for each one line says "refused WORDS", or what was read:
 *                              of JSON the value, written by us; of msgpack the message, as JSON */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/record/walk.h"
#include "schemas/message.h"

#define FILE_BYTES_MAX ((size_t)64 * 1024 * 1024)
#define VALUE_MAX      ((size_t)1024 * 1024)

struct any {
    struct str value;
};

static const struct field FIELDS[] = {
    F_STR(struct any, value, "value", .flags = FIELD_JSON_TEXT, .max = VALUE_MAX),
};
static const struct record ANY = RECORD_OF(struct any, FIELDS);

static int read_json(struct str document, struct arena *a, struct str *out, struct err *e)
{
    struct any any = {0};
    struct str whole = {arena_alloc(a, document.n + sizeof("{\"value\":}")), 0};
    char *p = (char *)(uintptr_t)whole.p;
    memcpy(p, "{\"value\":", 9);
    if (document.n) memcpy(p + 9, document.p, document.n);
    p[9 + document.n] = '}';
    whole.n = document.n + 10;
    int code = json_check(document, e); /* else it could end ours */
    if (!code) code = json_decode(&ANY, whole, a, &any, e);
    *out = any.value.p ? any.value : STR("null");
    return code;
}

static int read_msgpack(struct str document, struct arena *a, struct str *out, struct err *e)
{
    struct message m = {0};
    struct buf b;
    buf_init(&b, VALUE_MAX);
    int code = msgpack_decode(&MESSAGE_RECORD, document, a, &m, e);
    if (!code) code = json_encode(&MESSAGE_RECORD, &m, JSON_PLAIN, &b, e);
    *out = arena_copy(a, buf_view(&b));
    buf_release(&b);
    return code;
}

static void answer(bool is_json, struct str document)
{
    struct arena a;
    struct err e = {0};
    struct str out;
    arena_init(&a);
    if (is_json ? read_json(document, &a, &out, &e) : read_msgpack(document, &a, &out, &e))
        printf("refused %s\n", e.text);
    else
        printf("%.*s\n", STR_ARG(out));
    arena_release(&a);
}

int main(int argc, char **argv)
{
    bool is_json = argc == 3 && !strcmp(argv[1], "json");
    FILE *file = argc == 3 ? fopen(argv[2], "rbe") : NULL;
    char *bytes = malloc(FILE_BYTES_MAX);
    if (!file || !bytes) return 2;
    struct str rest = {bytes, fread(bytes, 1, FILE_BYTES_MAX, file)};
    (void)fclose(file); /* only read */
    while (rest.n) {
        int64_t n;
        if (!str_to_int(str_cut(&rest, '\n'), &n) || n < 0 || (size_t)n > rest.n) return 2;
        answer(is_json, (struct str){rest.p, (size_t)n});
        rest = (struct str){rest.p + n, rest.n - (size_t)n};
    }
    free(bytes);
    return 0;
}
