/* SPDX-License-Identifier: Apache-2.0
 * Goal: https works with the right CA bundle; any other certificate means that nothing was sent, in
 * words that say why; the bundle is not read before it is needed. Method: `openssl s_server` with
 * a certificate made for the test; skipped where the openssl command is missing. */
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/test.h"
#include "tests/unit/test_http_raw.h"

struct tls_server {
    struct arena a;
    char folder[64];
    struct str certificate;
    pid_t pid;
    int port;
};

static pid_t run(char *const argv[])
{
    pid_t pid = -1;
    posix_spawn_file_actions_t quiet;
    assert_int_equal(posix_spawn_file_actions_init(&quiet), 0);
    for (int fd = 0; fd < 3; fd++)
        assert_int_equal(posix_spawn_file_actions_addopen(&quiet, fd, "/dev/null", O_RDWR, 0), 0);
    int failed = posix_spawnp(&pid, argv[0], &quiet, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&quiet);
    return failed ? -1 : pid;
}

static int run_to_end(char *const argv[])
{
    int status = -1;
    pid_t pid = run(argv);
    if (pid < 0) return -1;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static bool accepts(int port)
{
    struct arena a;
    struct err e;
    struct http_response response;
    arena_init(&a);
    struct http_client *client = raw_client(clock_system());
    int code = raw_send(client, "GET", raw_url(&a, port, ""), &a, &response, &e);
    http_client_free(client);
    arena_release(&a);
    return code != E_UNREACHABLE;
}

static void tls_server_start(struct tls_server *s)
{
    *s = (struct tls_server){0};
    if (run_to_end((char *[]){"openssl", "version", NULL}) != 0) skip();
    arena_init(&s->a);
    memcpy(s->folder, "/tmp/ebb-test-tls-XXXXXX", sizeof("/tmp/ebb-test-tls-XXXXXX"));
    assert_non_null(mkdtemp(s->folder));
    s->certificate = arena_format(&s->a, "%s/cert.pem", s->folder);
    struct str key = arena_format(&s->a, "%s/key.pem", s->folder);
    char *cert_path = (char *)s->certificate.p, *key_path = (char *)key.p;
    assert_int_equal(
        run_to_end((char *[]){"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                              "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                              "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout",
                              key_path, "-out", cert_path, NULL}),
        0);
    struct raw_server *probe = raw_server_start(NULL); /* finds a free port */
    s->port = probe->port;
    raw_server_stop(probe);
    char *port = (char *)arena_format(&s->a, "%d", s->port).p;
    s->pid = run((char *[]){"openssl", "s_server", "-accept", port, "-www", "-quiet", "-key",
                            key_path, "-cert", cert_path, NULL});
    assert_true(s->pid > 0);
    raw_wait_for(accepts(s->port));
}

static void tls_server_stop(struct tls_server *s)
{
    kill(s->pid, SIGKILL);
    assert_int_equal(waitpid(s->pid, NULL, 0), s->pid);
    unlink(s->certificate.p);
    unlink(arena_format(&s->a, "%s/key.pem", s->folder).p);
    rmdir(s->folder);
    arena_release(&s->a);
}

static int get(struct tls_server *s, const char *ca_bundle, const char *host,
               struct http_response *response, struct err *e)
{
    struct http_client_options options = {
        .pool_max = 2, .timeout_ms = 5000, .ca_bundle = ca_bundle, .clock = clock_system()};
    struct http_client *client = NULL;
    assert_ok(http_client_new(&options, &client, e), *e);
    struct http_port port = http_client_port(client);
    struct http_request request = {.method = STR("GET"),
                                   .url = arena_format(&s->a, "https://%s:%d/", host, s->port)};
    int code = http_send(&port, &request, &s->a, response, e);
    if (!code) code = http_send(&port, &request, &s->a, response, e); /* shares the bundle */
    http_client_free(client);
    return code;
}

TEST(http_tls_trust)
{
    struct tls_server s;
    struct err e = {0};
    struct http_response response;
    tls_server_start(&s);
    assert_ok(get(&s, s.certificate.p, "localhost", &response, &e), e);
    assert_int_equal(response.status, 200);
    assert_contains(response.body, "TLS");

    assert_int_equal(get(&s, NULL, "localhost", &response, &e), E_UNREACHABLE);
    assert_contains(str_from(e.text), "SSL certificate problem: self-signed certificate");

    assert_int_equal(get(&s, s.certificate.p, "127.0.0.1", &response, &e), E_UNREACHABLE);
    assert_contains(str_from(e.text), "127.0.0.1");

    struct str empty = arena_format(&s.a, "%s/key.pem", s.folder); /* no certificate in there */
    assert_int_equal(get(&s, empty.p, "localhost", &response, &e), E_UNREACHABLE);
    assert_contains(str_from(e.text), "no CA certificates can be read from");
    tls_server_stop(&s);
}

static void plain(struct raw_server *server, int fd, int nth)
{
    (void)nth;
    if (raw_read_request(server, fd)) raw_write(fd, "HTTP/1.1 204 x\r\n\r\n");
}

/* A bundle that could not be used does not matter as long as only http is spoken. */
TEST(http_tls_bundle_is_loaded_lazily)
{
    struct arena a;
    struct err e = {0};
    struct http_response response;
    struct http_client_options options = {.ca_bundle = "Makefile", .clock = clock_system()};
    struct http_client *client = NULL;
    arena_init(&a);
    struct raw_server *server = raw_server_start(plain);
    assert_ok(http_client_new(&options, &client, &e), e);
    assert_ok(raw_send(client, "GET", raw_url(&a, server->port, ""), &a, &response, &e), e);
    http_client_free(client);
    raw_server_stop(server);
    arena_release(&a);
}
