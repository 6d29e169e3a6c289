/* SPDX-License-Identifier: Apache-2.0
 * Tokens: in no log and no body that is written anywhere, worth one drain, compared in constant time; 400 for malformed
 * input. */
#include "lib/base/crypto.h"
#include "lib/distributor/token.h"
#include "tests/sim/bus_internal.h"
#include "tests/sim/redis_model.h"
#include "tests/sim/statements/written.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOG_BYTES_MAX ((size_t)4 * 1024 * 1024)
#define HALF          32 /* of a token */

static void begin_to_drain(struct written *w)
{
    written_begin(w, &(struct written_options){.tasks = 5, .at_once = 2});
    written_sessions(w, 1);
    written_alarm(w, "event-1");
    written_wait(w, a_drain_drains, MINUTE_MS, "the drain");
}

static struct str body_of(struct written *w, const struct drain *d)
{
    return arena_format(&w->arena, "{\"taskArn\":\"%.*s\",\"drainId\":\"%.*s\"}",
                        STR_ARG(d->task_arn), STR_ARG(d->drain_id));
}

static struct str token_of(struct written *w, struct str drain_id, struct str task_arn)
{
    return token_for(&w->sim.config->callback, drain_id, task_arn, &w->arena);
}

TEST(statement_11_a_callbacks_are_taken_with_the_drains_own_token_only)
{
    struct written w;
    begin_to_drain(&w);
    const struct drain *d = &w.drains[0];
    struct str body = body_of(&w, d), right = token_of(&w, d->drain_id, d->task_arn);
    struct str others = written_task(&w, 0).arn;
    const struct str wrong[] = {
        STR(""),
        STR(WRITTEN_SECRET),
        {right.p, right.n - 1},
        token_of(&w, STR("0123456789abcdef"), d->task_arn),
        token_of(&w, d->drain_id, others),
        token_proof(&w.sim.config->callback, d->drain_id, d->task_arn, &w.arena),
    };
    assert_int_equal(written_callback(&w, STR("GET"), right, body), 405);
    assert_int_equal(written_callback(&w, STR("POST"), right, STR("")), 400);
    assert_int_equal(written_callback(&w, STR("POST"), right, STR("[]")), 400);
    assert_int_equal(written_callback(&w, STR("POST"), right, STR("{\"taskArn\":1}")), 400);
    for (size_t i = 0; i < EBB_COUNT(wrong); i++)
        assert_int_equal(written_callback(&w, STR("POST"), wrong[i], body), 401);
    written_pass(&w, 10 * SECOND_MS);
    written_is(&w, 0, DRAIN_DRAINING);
    assert_int_equal(written_callback(&w, STR("POST"), right, body), 200);
    written_wait(&w, all_drains_are_final, 3 * MINUTE_MS, "the drain's end");
    /* Who goes on guessing is not listened to for a while. */
    for (int i = 0; i < 20; i++)
        (void)written_callback(&w, STR("POST"), STR("guess"), body); /* 401, then 429 */
    assert_int_equal(written_callback(&w, STR("POST"), right, body), 429);
    written_end(&w);
}

/* Everything that Ebb writes on standard error from here on. */
static FILE *catch_log(struct written *w, int *standard_error)
{
    FILE *file = tmpfile();
    assert_non_null(file);
    for (size_t i = 0; i < w->sim.processes_n; i++) {
        struct process *p = &w->sim.processes[i];
        p->log.least = LOG_DEBUG;
        for (int k = 0; k < SIM_STAGES; k++)
            p->consumers[k]->options.log.least = LOG_DEBUG;
    }
    *standard_error = dup(STDERR_FILENO);
    assert_true(*standard_error >= 0 && dup2(fileno(file), STDERR_FILENO) >= 0);
    return file;
}

static struct str read_log(struct written *w, FILE *file, int standard_error)
{
    assert_true(dup2(standard_error, STDERR_FILENO) >= 0);
    (void)close(standard_error); /* a copy */
    rewind(file);
    char *bytes = arena_alloc(&w->arena, LOG_BYTES_MAX);
    struct str text = {bytes, fread(bytes, 1, LOG_BYTES_MAX, file)};
    (void)fclose(file); /* only read */
    return text;
}

struct words {
    struct str secret, token;
    bool found;
};

static int look_for(void *ctx, const struct bus_message *m, struct err *e)
{
    struct words *words = ctx;
    (void)e;
    if (m->value.p)
        words->found |=
            str_contains(m->value, words->secret) || str_contains(m->value, words->token);
    return E_OK;
}

TEST(statement_11_b_no_token_is_written_anywhere)
{
    struct written w;
    int standard_error;
    begin_to_drain(&w);
    FILE *file = catch_log(&w, &standard_error);
    const struct drain *d = &w.drains[0];
    struct words words = {STR(WRITTEN_SECRET), token_of(&w, d->drain_id, d->task_arn), false};
    int status = written_callback(&w, STR("POST"), words.token, body_of(&w, d));
    int malformed = written_callback(&w, STR("POST"), words.token, words.token);
    written_pass(&w, MINUTE_MS);
    struct str log = read_log(&w, file, standard_error), dump;
    struct err e = {0};
    assert_int_equal(status, 200);
    assert_int_equal(malformed, 400);
    assert_true(str_contains(log, STR("\"event\":\"callback\"")));
    assert_false(str_contains(log, words.token) || str_contains(log, words.secret));
    assert_false(str_contains(words.token, words.secret));
    dump = redis_model_dump(w.sim.redis, &w.arena);
    assert_false(str_contains(dump, words.token) || str_contains(dump, words.secret));
    for (size_t i = 0; i < w.sim.bus->topics_n; i++)
        assert_ok(bus_model_read(w.sim.bus, w.sim.bus->topics[i].name, look_for, &words, &e), e);
    assert_false(words.found);
    written_end(&w);
}

/* A comparison that ends at the first difference never reads what lies behind it. Here reading that ends the process:
 * one in constant time must. */
TEST(statement_11_c_comparison_takes_constant_time)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *there = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(there != MAP_FAILED);
    memset(there, 'a', 2 * page);
    assert_int_equal(mprotect(there + page, page, PROT_NONE), 0);
    struct str given = {there + page - HALF, 2 * HALF};
    struct str right = STR("bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb");
    assert_int_equal(right.n, given.n);
    pid_t child = fork();
    assert_true(child >= 0);
    if (!child) {
        (void)signal(SIGSEGV, SIG_DFL);
        (void)signal(SIGBUS, SIG_DFL);
        _exit(crypto_equal(given, right) ? 1 : 0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(munmap(there, 2 * page), 0);
    assert_true(WIFSIGNALED(status));
}
