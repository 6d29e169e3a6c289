/* SPDX-License-Identifier: Apache-2.0
 * See greet.h. No error here quotes what the server said to AUTH: Redis repeats the arguments of
 * commands it does not know, so its words could hold the password. */
#include "lib/store/greet.h"

#include "lib/store/error_reply.h"

#define VERSION_MAJOR_MIN 6
#define VERSION_MINOR_MIN 2

struct greeting {
    struct redis_connection *c;
    const struct redis_connection_options *options;
    int64_t deadline_ms;
    struct arena arena;
    struct reply reply;
};

/* One command of the greeting; its failure is never an unknown outcome of anything that matters. */
static int say(struct greeting *g, const struct str *args, size_t n, bool is_secret, struct err *e)
{
    struct redis_exchange exchange = {
        .args = args, .n = n, .deadline_ms = g->deadline_ms, .is_secret = is_secret};
    int code = redis_connection_exchange(g->c, &exchange, &g->arena, &g->reply, e);
    if (code == E_MALFORMED || code == E_TOO_LARGE) return e->code = E_MISSING;
    if (code == E_TIMEOUT)
        return err_set(e, E_UNREACHABLE, "connected, but no answer within %lld ms",
                       (long long)g->options->connect_timeout_ms);
    if (code)
        (void)err_prefix(e, "connected, but no answer came (does this port want TLS, rediss://?)");
    return code ? (e->code = E_UNREACHABLE) : 0;
}

static int refused_login(const struct reply *reply, struct err *e)
{
    int code = redis_error_reply_code(reply->text, false);
    if (code && code != E_DENIED) return redis_error_reply_set(reply->text, false, e);
    struct str words = reply->text;
    if (str_starts(words, STR("WRONGPASS")))
        return err_set(e, E_DENIED, "the user or the password is wrong, or the user is disabled");
    if (str_contains(words, STR("without any password configured")))
        return err_set(e, E_DENIED,
                       "a password was given, but the server has none for the default user");
    return err_set(e, E_DENIED, "AUTH was refused (%.*s)", STR_ARG(redis_error_word(words)));
}

static int log_in(struct greeting *g, struct err *e)
{
    const struct redis_login *login = g->options->login;
    if (login->password_n == 0) return 0;
    struct str password = {login->password, login->password_n};
    struct str with_user[] = {STR("AUTH"), {login->user, login->user_n}, password};
    struct str without[] = {STR("AUTH"), password};
    int code = login->user_n ? say(g, with_user, EBB_COUNT(with_user), true, e)
                             : say(g, without, EBB_COUNT(without), true, e);
    if (code) return code;
    return g->reply.kind == REPLY_ERROR ? refused_login(&g->reply, e) : 0;
}

static int choose_database(struct greeting *g, struct err *e)
{
    if (g->options->database == 0) return 0;
    struct str number = arena_format(&g->arena, "%lld", (long long)g->options->database);
    struct str args[] = {STR("SELECT"), number};
    int code = say(g, args, EBB_COUNT(args), false, e);
    if (code || g->reply.kind != REPLY_ERROR) return code;
    code = redis_error_reply_set(g->reply.text, false, e);
    if (!code)
        code = err_set(e, E_MISSING, "database %.*s cannot be used: %s", STR_ARG(number),
                       redis_error_reply_text(&g->arena, g->reply.text));
    return code;
}

/* The name is for people who read CLIENT LIST; a user whose ACL does not allow it goes without. */
static int say_our_name(struct greeting *g, struct err *e)
{
    struct str args[] = {STR("CLIENT"), STR("SETNAME"), STR("ebb")};
    return say(g, args, EBB_COUNT(args), false, e);
}

/* PING tells of loading and of replicas without their primary, where INFO still answers. */
static int ping(struct greeting *g, struct err *e)
{
    struct str args[] = {STR("PING")};
    int code = say(g, args, EBB_COUNT(args), false, e);
    if (code) return code;
    if (g->reply.kind == REPLY_STR && str_eq(g->reply.text, STR("PONG"))) return 0;
    if (g->reply.kind != REPLY_ERROR)
        return err_set(e, E_MISSING, "it is not a Redis: its answer to PING is not PONG");
    code = redis_error_reply_set(g->reply.text, false, e);
    return code ? code
                : err_set(e, E_MISSING, "it refuses PING: %s",
                          redis_error_reply_text(&g->arena, g->reply.text));
}

static int ask_info(struct greeting *g, struct err *e)
{
    struct str args[] = {STR("INFO")};
    int code = say(g, args, EBB_COUNT(args), false, e);
    if (code) return code;
    if (g->reply.kind == REPLY_STR)
        return redis_check_info(g->reply.text, g->options->allow_eviction, e);
    if (g->reply.kind != REPLY_ERROR)
        return err_set(e, E_MISSING, "it is not a Redis: its answer to INFO is not text");
    code = redis_error_reply_set(g->reply.text, false, e);
    return code ? code
                : err_set(e, E_MISSING, "it refuses INFO, which Ebb needs: %s",
                          redis_error_reply_text(&g->arena, g->reply.text));
}

int redis_greet(struct redis_connection *c, const struct redis_connection_options *options,
                int64_t deadline_ms, struct err *e)
{
    struct greeting g = {.c = c, .options = options, .deadline_ms = deadline_ms};
    arena_init(&g.arena);
    int code = log_in(&g, e);
    if (!code) code = choose_database(&g, e);
    if (!code) code = say_our_name(&g, e);
    if (!code) code = ping(&g, e);
    if (!code) code = ask_info(&g, e);
    arena_release(&g.arena);
    return code;
}

/* The value of one line "name:value" of INFO; absent when there is none. */
static struct str info_value(struct str info, struct str name)
{
    while (info.p) {
        struct str value = str_cut(&info, '\n');
        struct str key = str_cut(&value, ':');
        if (str_eq(key, name) && value.p) return str_trim(value);
    }
    return STR_NONE;
}

static bool is_new_enough(struct str version)
{
    struct str minor = version;
    struct str major = str_cut(&minor, '.');
    struct str patch = minor;
    minor = str_cut(&patch, '.');
    int64_t a, b;
    if (!str_to_int(major, &a) || !str_to_int(minor, &b)) return false;
    return a > VERSION_MAJOR_MIN || (a == VERSION_MAJOR_MIN && b >= VERSION_MINOR_MIN);
}

int redis_check_info(struct str info, bool allow_eviction, struct err *e)
{
    struct str version = info_value(info, STR("redis_version"));
    struct str mode = info_value(info, STR("redis_mode"));
    struct str role = info_value(info, STR("role"));
    struct str policy = info_value(info, STR("maxmemory_policy"));
    if (str_eq(mode, STR("sentinel")))
        return err_set(e, E_MISSING, "it is a Sentinel; give the address of the primary");
    if (str_is_empty(version))
        return err_set(e, E_MISSING, "it is not a Redis: INFO does not tell redis_version");
    if (!is_new_enough(version))
        return err_set(e, E_MISSING, "it is version %.*s; Ebb needs %d.%d or later",
                       STR_ARG(redis_printable_head(version)), VERSION_MAJOR_MIN,
                       VERSION_MINOR_MIN);
    if (str_eq(role, STR("slave")) && !str_eq(mode, STR("cluster")))
        return err_set(e, E_UNAVAILABLE,
                       "it is a read-only replica; give the address of the primary");
    if (allow_eviction || str_eq(policy, STR("noeviction"))) return 0;
    if (str_is_empty(policy))
        return err_set(e, E_MISSING,
                       "it does not tell its maxmemory_policy (INFO memory), so keys that hold "
                       "drains might be evicted; let the user of Ebb run INFO");
    return err_set(e, E_MISSING,
                   "it has maxmemory_policy %.*s: keys that hold drains could be evicted; set it "
                   "to noeviction",
                   STR_ARG(redis_printable_head(policy)));
}
