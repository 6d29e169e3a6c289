/* SPDX-License-Identifier: Apache-2.0
 * See error_reply.h. One table; the words are those of Redis 6.2 to 7.x. */
#include "lib/store/error_reply.h"

#include <stdio.h>
#include <string.h>

#define WORDS_MAX ((size_t)200) /* of a server, in one error text */

struct row {
    struct str word;
    int code;
    bool ends_connection;
    const char *meaning;
};

#define ROW(word, code, ends, meaning)                                                             \
    {                                                                                              \
        {word, sizeof(word) - 1}, code, ends, meaning                                              \
    }
#define NO_RIGHT "the user of Ebb lacks a right there (ACL); README.md says what it needs"
#define NO_LOGIN "the user or the password is wrong, or the user is disabled"

/* By the first word of the reply. */
static const struct row TABLE[] = {
    ROW("LOADING", E_UNAVAILABLE, false, "it is still loading its data"),
    ROW("MASTERDOWN", E_UNAVAILABLE, true, "it is a replica that lost its primary"),
    ROW("READONLY", E_UNAVAILABLE, true, "it is a read-only replica (a failover?)"),
    ROW("CLUSTERDOWN", E_UNAVAILABLE, false, "its cluster is down"),
    ROW("TRYAGAIN", E_UNAVAILABLE, false, "its cluster is moving our keys"),
    ROW("ASK", E_UNAVAILABLE, false, "its cluster is moving our keys"),
    ROW("MOVED", E_UNAVAILABLE, true, "its cluster sends us from node to node"),
    ROW("BUSY", E_UNAVAILABLE, false, "it is busy with a long script"),
    ROW("OOM", E_UNAVAILABLE, false, "it is out of memory; raise its maxmemory"),
    ROW("MISCONF", E_UNAVAILABLE, false, "it cannot save to disk and takes no writes"),
    ROW("NOREPLICAS", E_UNAVAILABLE, false, "it has too few replicas and takes no writes"),
    ROW("NOAUTH", E_DENIED, true, "it wants a password; give user and password"),
    ROW("WRONGPASS", E_DENIED, true, NO_LOGIN),
    ROW("NOPERM", E_DENIED, false, NO_RIGHT),
    ROW("DENIED", E_DENIED, true, "it is in protected mode and takes only local connections"),
};

/* Errors without a code word of their own. */
static const struct row PHRASES[] = {
    ROW("ERR max number of clients reached", E_UNAVAILABLE, true, "it has too many clients"),
};

/* What a script meets inside redis.call when the ACL refuses it: 7.x, then 6.2. */
static const struct row IN_SCRIPT[] = {
    ROW("ACL failure in script", E_DENIED, false, NO_RIGHT),
    ROW("The user executing the script can't", E_DENIED, false, NO_RIGHT),
};

/* 6.2 wraps an error met by redis.call: "ERR Error running script ...: -OOM command not ..." */
static bool is_wrapped(struct str words, struct str word)
{
    char part[32];
    int n = snprintf(part, sizeof(part), ": -%.*s ", STR_ARG(word));
    EBB_ASSERT(n > 0 && (size_t)n < sizeof(part));
    return str_contains(words, (struct str){part, (size_t)n});
}

static const struct row *row_of(struct str words, bool in_script)
{
    struct str word = redis_error_word(words);
    for (size_t i = 0; i < EBB_COUNT(TABLE); i++) {
        if (str_eq(word, TABLE[i].word)) return &TABLE[i];
        if (in_script && is_wrapped(words, TABLE[i].word)) return &TABLE[i];
    }
    for (size_t i = 0; i < EBB_COUNT(PHRASES); i++)
        if (str_starts(words, PHRASES[i].word)) return &PHRASES[i];
    for (size_t i = 0; in_script && i < EBB_COUNT(IN_SCRIPT); i++)
        if (str_contains(words, IN_SCRIPT[i].word)) return &IN_SCRIPT[i];
    return NULL;
}

int redis_error_reply_code(struct str words, bool in_script)
{
    const struct row *row = row_of(words, in_script);
    return row ? row->code : 0;
}

int redis_error_reply_set(struct str words, bool in_script, struct err *e)
{
    const struct row *row = row_of(words, in_script);
    if (!row) return 0;
    struct arena a;
    arena_init(&a);
    (void)err_set(e, row->code, "%s (%s)", row->meaning, redis_error_reply_text(&a, words));
    arena_release(&a);
    return row->code;
}

bool redis_error_reply_ends_connection(struct str words, bool in_script)
{
    const struct row *row = row_of(words, in_script);
    return row && row->ends_connection;
}

struct str redis_error_word(struct str words)
{
    size_t n = 0;
    while (n < words.n && ((words.p[n] >= 'A' && words.p[n] <= 'Z') || words.p[n] == '_'))
        n++;
    bool ends = n == words.n || words.p[n] == ' ';
    return n > 0 && n < 20 && ends ? (struct str){words.p, n} : STR("no code");
}

struct str redis_printable_head(struct str s)
{
    size_t n = 0;
    while (n < s.n && n < WORDS_MAX && s.p[n] >= ' ' && s.p[n] <= '~')
        n++;
    return (struct str){s.p, n};
}

const char *redis_error_reply_text(struct arena *a, struct str words)
{
    size_t n = words.n < WORDS_MAX ? words.n : WORDS_MAX;
    char *text = arena_alloc(a, n + 1);
    for (size_t i = 0; i < n; i++)
        text[i] = words.p[i] >= ' ' && words.p[i] <= '~' ? words.p[i] : '?';
    return text;
}
