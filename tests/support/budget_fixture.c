/* SPDX-License-Identifier: Apache-2.0
 * See budget_fixture.h. */
#include "tests/support/budget_fixture.h"

#include "tests/support/test.h"

static int64_t now(void *ctx)
{
    return ((const struct budget_fixture *)ctx)->now_ms;
}

static int aws(void *ctx, const struct aws_operation *operation, struct str region,
               const void *input, struct arena *a, void *output, int64_t not_after_ms,
               struct aws_failure *failure)
{
    struct budget_fixture *f = ctx;
    (void)operation, (void)region, (void)input, (void)a, (void)output, (void)not_after_ms;
    f->called++;
    failure->repeats = f->repeats;
    failure->was_throttled = f->throttles;
    return f->answer;
}

static int64_t redis_now_us(void *ctx)
{
    return ((const struct budget_fixture *)ctx)->now_ms * 1000;
}

static int run_script(void *ctx, const struct script *script, const struct str *keys,
                      const struct str *args, size_t n, struct arena *a, struct reply *out,
                      struct err *e)
{
    struct budget_fixture *f = ctx;
    struct store_port port = redis_port_of(f->redis);
    if (f->is_away) return err_set(e, E_UNREACHABLE, "Redis is away");
    return port.script(port.ctx, script, keys, args, n, a, out, e);
}

void budget_fixture_pass(struct budget_fixture *f, int64_t ms)
{
    f->now_ms += ms;
}

void budget_fixture_begins(struct budget_fixture *f, enum priority priority)
{
    f->use = (struct budget_use){.budget = f->budget,
                                 .aws = {f, aws},
                                 .account = BUDGET_FIXTURE_ACCOUNT,
                                 .priority = priority};
}

struct budget *budget_fixture_process(struct budget_fixture *f, int64_t share)
{
    struct budget_options options = {.store = f->store, .clock = {f, now, now}, .share = share};
    return budget_new(&options);
}

void budget_fixture_open(struct budget_fixture *f, int64_t share)
{
    *f = (struct budget_fixture){.now_ms = 1700000000000};
    arena_init(&f->arena);
    f->redis = redis_model_new(redis_now_us, f, STR("0000000000000000000000000000000000000001"));
    f->store = (struct store_port){.ctx = f, .script = run_script};
    f->budget = budget_fixture_process(f, share);
    budget_fixture_begins(f, PRIORITY_RENEW);
}

void budget_fixture_close(struct budget_fixture *f)
{
    budget_free(f->budget);
    redis_model_free(f->redis);
    arena_release(&f->arena);
}

int budget_fixture_call(struct budget_fixture *f, const struct aws_operation *operation)
{
    struct aws_port port = budget_port(&f->use);
    return aws_call(&port, operation, BUDGET_FIXTURE_REGION, NULL, &f->arena, NULL, 0, &f->failure);
}

int64_t budget_fixture_take_ahead(struct budget_fixture *f, const int64_t calls[BUCKETS])
{
    int64_t wait_ms;
    budget_take_ahead(&f->use, BUDGET_FIXTURE_REGION, calls, &f->arena, &wait_ms);
    return wait_ms;
}

int budget_fixture_calls(struct budget_fixture *f, enum priority priority,
                         const struct aws_operation *operation)
{
    int n = 0;
    for (budget_fixture_begins(f, priority); !budget_fixture_call(f, operation);
         budget_fixture_begins(f, priority))
        n++;
    assert_int_equal(f->failure.err.code, E_THROTTLED);
    assert_string_equal(f->failure.code, BUDGET_CODE);
    assert_true(f->use.wait_ms > 0);
    return n;
}
