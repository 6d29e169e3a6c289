/* SPDX-License-Identifier: Apache-2.0
 * Goal: over TLS the store verifies chain and name, and otherwise behaves as without. Method: a
 * redis-server with certificates made by the openssl command in its directory. */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/wait.h>

#include "lib/store/reply.h"
#include "lib/store/store.h"
#include "tests/support/fake_redis.h"
#include "tests/support/redis.h"
#include "tests/support/test.h"

#define PATH_BYTES 64
#define TEXT_BYTES 2048

struct certificates {
    char directory[PATH_BYTES];
};

static void run(const char *command)
{
    int status = system(command);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) fail_msg("%s", command);
}

/* A CA, one other CA, and two certificates by the first: server.pem is for localhost and 127.0.0.1,
 * elsewhere.pem is for neither. */
static struct certificates make_certificates(void)
{
    struct certificates made;
    (void)snprintf(made.directory, sizeof(made.directory), "/tmp/ebb-test-tls-XXXXXX");
    assert_non_null(mkdtemp(made.directory));
    char command[TEXT_BYTES];
    (void)snprintf(
        command, sizeof(command),
        "set -eu; cd %s; exec 2>openssl.log\n"
        "for ca in ca other; do openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256"
        " -nodes -days 2 -subj \"/CN=$ca of a test\" -keyout $ca.key -out $ca.pem; done\n"
        "echo 'subjectAltName=DNS:localhost,IP:127.0.0.1' > server.names\n"
        "echo 'subjectAltName=DNS:elsewhere.example,IP:127.0.0.9' > elsewhere.names\n"
        "for name in server elsewhere; do\n"
        "  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost"
        "    -keyout $name.key -out $name.csr\n"
        "  openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2"
        "    -extfile $name.names -out $name.pem; done",
        made.directory);
    run(command);
    return made;
}

static void remove_certificates(const struct certificates *made)
{
    char command[TEXT_BYTES];
    (void)snprintf(command, sizeof(command), "rm -r -- %s", made->directory);
    run(command);
}

static struct test_redis *start_tls(const struct certificates *made, const char *certificate,
                                    int port, const char *further)
{
    char config[TEXT_BYTES];
    (void)snprintf(config, sizeof(config),
                   "tls-port %d\ntls-cert-file %s/%s.pem\ntls-key-file %s/%s.key\n"
                   "tls-ca-cert-file %s/ca.pem\ntls-auth-clients no\n%s\n",
                   port, made->directory, certificate, made->directory, certificate,
                   made->directory, further);
    return test_redis_start(config);
}

struct target {
    char url[PATH_BYTES * 2], ca_file[PATH_BYTES * 2];
};

static struct store_options options_of(struct target *target, const struct certificates *made,
                                       const char *ca, const char *host, int port)
{
    (void)snprintf(target->url, sizeof(target->url), "rediss://:hunter2@%s:%d", host, port);
    (void)snprintf(target->ca_file, sizeof(target->ca_file), "%s/%s.pem", made->directory, ca);
    struct store_options options = test_redis_options(target->url);
    options.ca_file = target->ca_file;
    return options;
}

static struct store *open_ok(const struct store_options *options)
{
    struct store *store;
    struct err e = {0};
    assert_ok(store_open(options, &store, &e), e);
    return store;
}

TEST(store_over_tls_does_all_it_does_without)
{
    static const char *const PROTOCOLS[] = {"TLSv1.2", "TLSv1.3"};
    struct certificates made = make_certificates();
    for (size_t i = 0; i < EBB_COUNT(PROTOCOLS); i++) {
        int port = test_redis_free_port();
        char further[128];
        (void)snprintf(further, sizeof(further), "tls-protocols %s\nrequirepass hunter2",
                       PROTOCOLS[i]);
        struct test_redis *redis = start_tls(&made, "server", port, further);
        static const char *const HOSTS[] = {"localhost", "127.0.0.1"};
        for (size_t h = 0; h < EBB_COUNT(HOSTS); h++) {
            struct target target;
            struct store_options options = options_of(&target, &made, "ca", HOSTS[h], port);
            struct store *store = open_ok(&options);
            struct arena a;
            arena_init(&a);
            struct str value = {arena_alloc(&a, 5 << 20), 5 << 20};
            struct store_port p = store_port_of(store);
            struct str set[] = {STR("SET"), STR("k"), value};
            struct reply r;
            struct err e = {0};
            assert_ok(store_command(&p, set, 3, &a, &r, &e), e);
            r = test_redis_command(store, &a, "GET k");
            assert_true(str_eq(r.text, value));
            for (int k = 0; k < 20; k++)
                (void)test_redis_command(store, &a, "INCR n");
            r = test_redis_command(store, &a, "INFO stats");
            assert_contains(r.text, h == 0 ? "total_connections_received:2\r" : "received:3\r");
            arena_release(&a);
            store_close(store);
        }
        test_redis_stop(redis);
    }
    remove_certificates(&made);
}

TEST(store_over_tls_refuses_a_certificate_it_cannot_trust)
{
    static const struct {
        const char *certificate, *ca, *host, *part_of_error;
    } ROWS[] = {
        {"server", "other", "localhost", "certificate is refused"},
        {"server", NULL, "localhost", "certificate is refused"}, /* the system's authorities */
        {"elsewhere", "ca", "localhost", "hostname mismatch"},
        {"elsewhere", "ca", "127.0.0.1", "IP address mismatch"},
    };
    struct certificates made = make_certificates();
    for (size_t i = 0; i < EBB_COUNT(ROWS); i++) {
        int port = test_redis_free_port();
        struct test_redis *redis =
            start_tls(&made, ROWS[i].certificate, port, "requirepass hunter2");
        struct target target;
        struct store_options options =
            options_of(&target, &made, ROWS[i].ca ? ROWS[i].ca : "ca", ROWS[i].host, port);
        if (!ROWS[i].ca) options.ca_file = NULL;
        struct store *store;
        struct err e = {0};
        assert_int_equal(store_open(&options, &store, &e), E_UNREACHABLE);
        assert_contains(str_from(e.text), ROWS[i].part_of_error);
        assert_false(str_contains(str_from(e.text), STR("hunter2")));
        test_redis_stop(redis);
    }
    remove_certificates(&made);
}

TEST(store_over_tls_recovers_and_reports_like_without)
{
    struct certificates made = make_certificates();
    int port = test_redis_free_port();
    struct test_redis *redis = start_tls(&made, "server", port, "requirepass hunter2");
    struct target target;
    struct store_options options = options_of(&target, &made, "ca", "localhost", port);
    struct store *store = open_ok(&options);
    struct store_port p = store_port_of(store);
    struct arena a;
    arena_init(&a);
    struct reply r = test_redis_command(store, &a, "PING");
    struct str incr[] = {STR("INCR"), STR("n")};
    struct err e = {0};
    test_redis_kill(redis);
    assert_int_equal(store_command(&p, incr, 2, &a, &r, &e), E_UNREACHABLE);
    test_redis_restart(redis);
    assert_ok(store_command(&p, incr, 2, &a, &r, &e), e);
    test_redis_kill(redis);
    test_redis_restart(redis);
    assert_ok(store_command(&p, incr, 2, &a, &r, &e), e);
    /* The server ends all connections in good order, close_notify included. */
    (void)test_redis_command(store, &a, "CLIENT KILL TYPE normal SKIPME yes");
    struct str suicide[] = {STR("CLIENT"), STR("KILL"),   STR("TYPE"),
                            STR("normal"), STR("SKIPME"), STR("no")};
    assert_ok(store_command(&p, suicide, 6, &a, &r, &e), e);
    arena_release(&a);
    store_close(store);
    test_redis_stop(redis);
    remove_certificates(&made);
}

/* More than the server's end of the connection holds, so that some of it went and some did not. */
TEST(store_over_tls_writes_no_longer_than_there_is_time)
{
    struct certificates made = make_certificates();
    int port = test_redis_free_port();
    struct test_redis *redis = start_tls(&made, "server", port, "requirepass hunter2");
    struct target target;
    struct store_options options = options_of(&target, &made, "ca", "localhost", port);
    options.command_timeout_ms = 200;
    struct store *store = open_ok(&options);
    struct store_port p = store_port_of(store);
    struct arena a;
    arena_init(&a);
    size_t n = (size_t)32 * 1024 * 1024;
    struct str set[] = {STR("SET"), STR("k"), {arena_alloc(&a, n), n}};
    struct reply r;
    struct err e = {0};
    test_redis_freeze(redis);
    assert_int_equal(store_command(&p, set, EBB_COUNT(set), &a, &r, &e), E_UNKNOWN_OUTCOME);
    assert_contains(str_from(e.text), "no answer within 200 ms");
    arena_release(&a);
    store_close(store);
    test_redis_stop(redis);
    remove_certificates(&made);
}

TEST(store_says_when_only_one_side_speaks_tls)
{
    struct certificates made = make_certificates();
    int tls_port = test_redis_free_port();
    struct test_redis *redis = start_tls(&made, "server", tls_port, "");
    char url[PATH_BYTES];
    (void)snprintf(url, sizeof(url), "redis://localhost:%d", tls_port);
    struct store_options options = test_redis_options(url);
    struct store *store;
    struct err e = {0};
    int code = store_open(&options, &store, &e);
    assert_true(code == E_UNREACHABLE || code == E_MISSING);
    test_redis_stop(redis);

    struct fake_redis_rule rules[] = {{"*", "-ERR unknown\r\n", FAKE_REDIS_CLOSE, 0}, {0}};
    struct fake_redis *fake = fake_redis_start(rules);
    struct target target;
    options = options_of(&target, &made, "ca", "localhost", fake_redis_port(fake));
    options.connect_timeout_ms = 200;
    assert_int_equal(store_open(&options, &store, &e), E_UNREACHABLE);
    assert_contains(str_from(e.text), "handshake");
    fake_redis_stop(fake);
    remove_certificates(&made);
}
