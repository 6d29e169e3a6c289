/* SPDX-License-Identifier: Apache-2.0
 * The simulated side of every port of a process. Each call lets time pass before it takes effect
 * and before its answer is there, and the faults decide whether either happens. */
#include "lib/aws/classify.h"
#include "tests/sim/bus_model.h"
#include "tests/sim/faults.h"
#include "tests/sim/process.h"
#include "tests/sim/redis_port.h"
#include "world/region/operations.h"
#include "world/region/tasks.h"

#include <stdio.h>
#include <string.h>

#define REDIS_MS       2
#define KAFKA_MS       8
#define AWS_MS         60
#define AWS_LATE_MS    4000
#define TASK_MS        20
#define READ_RECORD_MS 1

static int64_t wall_ms(void *ctx)
{
    const struct process *p = ctx;
    return p->sim->now_ms + p->drift_ms;
}

static int64_t mono_ms(void *ctx)
{
    const struct process *p = ctx;
    return p->sim->now_ms;
}

/* Lets at most so many milliseconds pass; false when the process died. */
static bool pass(struct process *p, uint64_t most_ms)
{
    struct sim *sim = p->sim;
    sim->effects++;
    return sim_wait(sim->running, (int64_t)sim_random(sim, most_ms) + 1);
}

static int stopped(struct err *e)
{
    return err_set(e, E_STOPPED, "the process is dead");
}

/* ---------------------------------------------------------------- Redis */

static int redis_call(struct process *p, const struct script *script, const struct str *keys,
                      const struct str *args, size_t n, struct arena *a, struct reply *out,
                      struct err *e)
{
    static const enum call_fault FAULTS[] = {FAULT_OF_REDIS_BEFORE, FAULT_OF_REDIS_AFTER,
                                             FAULT_OF_REDIS_NOSCRIPT};
    struct sim *sim = p->sim;
    if (!pass(p, REDIS_MS)) return stopped(e);
    enum call_fault fault = fault_of_call(sim, FAULTS, EBB_COUNT(FAULTS));
    if (fault == FAULT_OF_REDIS_BEFORE) return err_set(e, E_UNREACHABLE, "redis: simulated");
    if (fault == FAULT_OF_REDIS_NOSCRIPT) redis_model_forget_scripts(sim->redis);
    struct store_port port = redis_port_of(sim->redis);
    int code = script ? port.script(port.ctx, script, keys, args, n, a, out, e)
                      : port.command(port.ctx, args, n, a, out, e);
    sim_trace(sim, "%s redis %.*s%s%s", p->name,
              script ? (int)strlen(script->name) : (int)args[0].n,
              script ? script->name : args[0].p, code ? " " : "", code ? e->text : "");
    if (fault == FAULT_OF_REDIS_AFTER)
        return err_set(e, E_UNKNOWN_OUTCOME, "redis: simulated silence");
    return pass(p, REDIS_MS) ? code : stopped(e);
}

static int store_run(void *ctx, const struct str *args, size_t n, struct arena *a,
                     struct reply *out, struct err *e)
{
    return redis_call(ctx, NULL, NULL, args, n, a, out, e);
}

static int store_run_script(void *ctx, const struct script *script, const struct str *keys,
                            const struct str *args, size_t n, struct arena *a, struct reply *out,
                            struct err *e)
{
    return redis_call(ctx, script, keys, args, n, a, out, e);
}

/* ---------------------------------------------------------------- Kafka */

static int publish_one(struct process *p, const struct bus_record *record, struct err *e)
{
    static const enum call_fault FAULTS[] = {FAULT_OF_KAFKA_BEFORE, FAULT_OF_KAFKA_LOST,
                                             FAULT_OF_KAFKA_AFTER};
    enum call_fault fault = fault_of_call(p->sim, FAULTS, EBB_COUNT(FAULTS));
    bool stored = fault == FAULT_IS_NONE || fault == FAULT_OF_KAFKA_AFTER;
    sim_trace(p->sim, "%s kafka %.*s%s", p->name, STR_ARG(record->topic), stored ? "" : " lost");
    if (stored) bus_model_append(p->sim->bus, record);
    if (fault == FAULT_IS_NONE) return E_OK;
    int code = fault == FAULT_OF_KAFKA_BEFORE ? E_UNREACHABLE : E_UNKNOWN_OUTCOME;
    return err_set(e, code, "kafka: simulated");
}

static int publish(void *ctx, const struct bus_record *records, int *results, size_t n,
                   struct err *e)
{
    struct process *p = ctx;
    int first = E_OK;
    bool is_dead = !pass(p, KAFKA_MS);
    for (size_t i = 0; i < n; i++) {
        int code =
            is_dead ? stopped(first ? NULL : e) : publish_one(p, &records[i], first ? NULL : e);
        if (results) results[i] = code;
        if (!first) first = code;
    }
    if (!is_dead && !pass(p, KAFKA_MS)) return stopped(e);
    return first;
}

static int read_all(void *ctx, struct str topic, int64_t timeout_ms, bus_read_callback *callback,
                    void *callback_ctx, struct err *e)
{
    struct process *p = ctx;
    (void)timeout_ms;
    if (!pass(p, KAFKA_MS)) return stopped(e);
    return bus_model_read(p->sim->bus, topic, callback, callback_ctx, e);
}

/* ---------------------------------------------------------------- AWS */

/* What lib/aws/call.c makes of such an answer once it has given up. */
static int code_of_refusal(const struct aws_error *refusal)
{
    switch (aws_classify(str_from(refusal->code), refusal->http_status)) {
    case AWS_MEANS_THROTTLED: return E_THROTTLED;
    case AWS_MEANS_NOT_DONE:
    case AWS_MEANS_CONFLICT:
    case AWS_MEANS_TRANSIENT: return E_UNAVAILABLE;
    case AWS_MEANS_EXPIRED: return E_EXPIRED;
    case AWS_MEANS_SIGNATURE:
    case AWS_MEANS_DENIED: return E_DENIED;
    case AWS_MEANS_NOT_FOUND: return E_NOT_FOUND;
    case AWS_MEANS_REFUSED: return E_REFUSED;
    }
    return E_BUG;
}

static int aws_fails(struct aws_failure *failure, int code, const char *aws_code)
{
    (void)snprintf(failure->code, sizeof(failure->code), "%s", aws_code);
    return err_set(&failure->err, code, "AWS: simulated %s", aws_code);
}

static int aws_answer(struct process *p, const struct region_operation *operation,
                      const void *input, struct arena *a, void *output, struct aws_failure *failure)
{
    struct caller caller = {.access_key_id = STR(SIM_EBB_KEY)};
    struct aws_error refusal = {0};
    int code = region_call(p->sim->region, &caller, operation, input, a, output, &refusal);
    sim_trace(p->sim, "%s aws %s%s%s", p->name, operation->id, code ? " " : "",
              code ? refusal.code : "");
    return code ? aws_fails(failure, code_of_refusal(&refusal), refusal.code) : E_OK;
}

static int call_aws(void *ctx, const struct aws_operation *shape, struct str region,
                    const void *input, struct arena *a, void *output, int64_t not_after_ms,
                    struct aws_failure *failure)
{
    static const enum call_fault FAULTS[] = {FAULT_OF_AWS_THROTTLED, FAULT_OF_AWS_BEFORE,
                                             FAULT_OF_AWS_LOST, FAULT_OF_AWS_AFTER,
                                             FAULT_OF_AWS_LATE};
    struct process *p = ctx;
    const struct region_operation *operation = region_operation_of(shape);
    bool repeats = shape->retry != AWS_RETRY_NEVER && !operation->writes;
    (void)region;
    *failure = (struct aws_failure){0};
    if (output && shape->output) memset(output, 0, shape->output->size);
    if (!pass(p, AWS_MS)) return stopped(&failure->err);
    if (not_after_ms && wall_ms(p) > not_after_ms)
        return err_set(&failure->err, E_LATE, "not sent: simulated delay");
    enum call_fault fault = fault_of_call(p->sim, FAULTS, EBB_COUNT(FAULTS));
    if (fault == FAULT_OF_AWS_THROTTLED)
        return aws_fails(failure, E_THROTTLED, "ThrottlingException");
    if (fault == FAULT_OF_AWS_BEFORE) return aws_fails(failure, E_UNREACHABLE, "");
    if (fault == FAULT_OF_AWS_LOST)
        return aws_fails(failure, repeats ? E_UNAVAILABLE : E_UNKNOWN_OUTCOME, "");
    if (fault == FAULT_OF_AWS_LATE && !pass(p, AWS_LATE_MS)) return stopped(&failure->err);
    int code = aws_answer(p, operation, input, a, output, failure);
    if (fault == FAULT_OF_AWS_AFTER)
        return aws_fails(failure, repeats ? E_UNAVAILABLE : E_UNKNOWN_OUTCOME, "");
    return pass(p, AWS_MS) ? code : stopped(&failure->err);
}

/* ---------------------------------------------------------------- tasks */

/* "http://10.0.0.10:8080/drain/start" */
static struct task_request task_request_of(const struct http_request *request)
{
    struct str rest = request->url;
    str_cut(&rest, '/');
    str_cut(&rest, '/');
    struct str authority = str_cut(&rest, '/');
    struct str path = {rest.p - 1, rest.n + 1};
    return (struct task_request){
        .address = str_cut(&authority, ':'),
        .method = request->method,
        .path = path,
        .body = request->body,
    };
}

static int send_to_task(void *ctx, const struct http_request *request, struct arena *a,
                        struct http_response *out, struct err *e)
{
    static const enum call_fault FAULTS[] = {FAULT_OF_TASK_BEFORE, FAULT_OF_TASK_AFTER};
    struct process *p = ctx;
    struct task_request asked = task_request_of(request);
    struct task_reply reply = {0};
    *out = (struct http_response){0};
    if (!pass(p, TASK_MS)) return stopped(e);
    enum call_fault fault = fault_of_call(p->sim, FAULTS, EBB_COUNT(FAULTS));
    if (fault == FAULT_OF_TASK_BEFORE) return err_set(e, E_UNREACHABLE, "task: simulated");
    region_task_request(p->sim->region, &asked, a, &reply);
    sim_trace(p->sim, "%s task %.*s%.*s %d", p->name, STR_ARG(asked.address), STR_ARG(asked.path),
              reply.unreachable ? -1 : reply.status);
    if (reply.unreachable) return err_set(e, E_UNREACHABLE, "task: nobody has the address");
    int64_t wait_ms =
        reply.hangs || reply.delay_ms > request->timeout_ms ? request->timeout_ms : reply.delay_ms;
    if (!sim_wait(p->sim->running, wait_ms + 1)) return stopped(e);
    if (reply.hangs || wait_ms < reply.delay_ms || fault == FAULT_OF_TASK_AFTER)
        return err_set(e, E_UNKNOWN_OUTCOME, "task: simulated silence");
    out->status = reply.status;
    out->body = reply.body;
    return pass(p, TASK_MS) ? E_OK : stopped(e);
}

void process_make_ports(struct process *p)
{
    p->ports = (struct ports){
        .store = {.ctx = p, .command = store_run, .script = store_run_script},
        .aws = {.ctx = p, .call = call_aws},
        .http = {.ctx = p, .send = send_to_task},
        .bus = {.ctx = p, .publish = publish, .read_all = read_all},
        .clock = {.ctx = p, .wall_ms = wall_ms, .mono_ms = mono_ms},
        .config = p->sim->config,
        .holder = str_from(p->name),
    };
}
