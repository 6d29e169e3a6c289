/* SPDX-License-Identifier: Apache-2.0
 * See ports.h. Here: AWS, with the distributor behind its function, and the tasks. */
#include "lib/aws/classify.h"
#include "lib/aws/shapes/lambda.h"
#include "tests/sim/faults.h"
#include "tests/sim/invariants.h"
#include "tests/sim/ports.h"
#include "world/region/operations.h"
#include "world/region/tasks.h"

#include <stdio.h>
#include <string.h>

#define AWS_MS      60
#define AWS_LATE_MS 4000
#define TASK_MS     20
/* A function goes on when its caller has left: as a rule a moment, fifteen minutes at most. */
#define FUNCTION_LATE_MS 5000
#define FUNCTION_MOST_MS (15 * 60 * 1000)

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
    inv_level_asks(p->sim, operation->shape, input);
    int code = region_call(p->sim->region, &caller, operation, input, a, output, &refusal);
    sim_trace(p->sim, "%s aws %s%s%s", p->name, operation->id, code ? " " : "",
              code ? refusal.code : "");
    return code ? aws_fails(failure, code_of_refusal(&refusal), refusal.code) : E_OK;
}

/* One call as it is on its way. */
struct aws_call {
    struct process *process;
    const struct aws_operation *shape;
    const struct region_operation *operation;
    const void *input;
    struct arena *arena;
    void *output;
    struct aws_failure *failure;
};

/* The client repeats what may be repeated until it knows; what it may not stays unknown. */
static int silence(const struct aws_call *c)
{
    bool repeats = c->shape->retry != AWS_RETRY_NEVER && !c->operation->writes;
    return aws_fails(c->failure, repeats ? E_UNAVAILABLE : E_UNKNOWN_OUTCOME, "");
}

static int answered_500(const struct aws_call *c)
{
    bool repeats = c->shape->retry != AWS_RETRY_NEVER && !c->operation->writes;
    return aws_fails(c->failure, repeats ? E_UNAVAILABLE : E_UNKNOWN_OUTCOME, "ServerException");
}

/* What an AWS call ends with when it has no effect; E_OK: it has. */
static int without_effect(const struct aws_call *c, enum call_fault fault)
{
    switch (fault) {
    case FAULT_OF_AWS_THROTTLED: return aws_fails(c->failure, E_THROTTLED, "ThrottlingException");
    case FAULT_OF_AWS_BEFORE: return aws_fails(c->failure, E_UNREACHABLE, "");
    case FAULT_OF_AWS_LOST: return silence(c);
    case FAULT_OF_AWS_ERROR: return answered_500(c);
    case FAULT_OF_AWS_DENIED: return aws_fails(c->failure, E_DENIED, "AccessDeniedException");
    case FAULT_OF_DISTRIBUTOR_HANGS: return silence(c);
    default: return E_OK;
    }
}

/* A function's own word that it failed, in its payload. */
static int says_no(const struct aws_call *c)
{
    struct lambda_invoke_output *output = c->output;
    *output = (struct lambda_invoke_output){
        .status_code = 200,
        .payload = STR("{\"statusCode\":502,\"error\":\"simulated\"}"),
    };
    return E_OK;
}

struct late_call {
    const struct region_operation *operation;
    struct lambda_invoke_input input;
};

static void take_effect_late(struct sim *sim, void *ctx, uint64_t unused)
{
    const struct late_call *late = ctx;
    struct caller caller = {.access_key_id = STR(SIM_EBB_KEY)};
    struct aws_error refusal = {0};
    struct lambda_invoke_output output = {0};
    (void)unused;
    int code = region_call(sim->region, &caller, late->operation, &late->input, &sim->arena,
                           &output, &refusal);
    sim->late_calls--;
    sim_trace(sim, "%s takes effect late: %s", late->operation->id, err_text(code));
}

static int invoke_late(const struct aws_call *c)
{
    struct sim *sim = c->process->sim;
    const struct lambda_invoke_input *in = c->input;
    struct late_call *late = ARENA_NEW(&sim->arena, struct late_call);
    late->operation = c->operation;
    late->input = *in;
    late->input.function_name = arena_copy(&sim->arena, in->function_name);
    late->input.invocation_type = arena_copy(&sim->arena, in->invocation_type);
    late->input.payload = arena_copy(&sim->arena, in->payload);
    uint64_t most_ms = sim_random(sim, 2) ? FUNCTION_LATE_MS : FUNCTION_MOST_MS;
    sim->late_calls++;
    sim_at(sim, sim->now_ms + 1 + (int64_t)sim_random(sim, most_ms), take_effect_late, late, 0);
    return silence(c);
}

int port_call_aws(void *ctx, const struct aws_operation *shape, struct str region,
                  const void *input, struct arena *a, void *output, int64_t not_after_ms,
                  struct aws_failure *failure)
{
    struct process *p = ctx;
    struct aws_call c = {p, shape, region_operation_of(shape), input, a, output, failure};
    enum call_port port = shape == &LAMBDA_INVOKE ? CALL_DISTRIBUTOR : CALL_AWS;
    enum call_fault fault;
    (void)region;
    *failure = (struct aws_failure){0};
    if (output && shape->output) memset(output, 0, shape->output->size);
    if (!port_leave(p, port, str_from(c.operation->id), AWS_MS, &fault))
        return port_stopped(&failure->err);
    if (not_after_ms && process_wall_ms(p) > not_after_ms)
        return err_set(&failure->err, E_LATE, "not sent: simulated delay");
    inv_budget_call(p->sim, shape);
    inv_outside_call(p->sim, shape, not_after_ms);
    if (fault == FAULT_OF_AWS_LATE && !port_pass(p, AWS_LATE_MS))
        return port_stopped(&failure->err);
    /* Waiting ends there too, and with it the connection. */
    if (not_after_ms && process_wall_ms(p) > not_after_ms) return silence(&c);
    if (fault == FAULT_OF_DISTRIBUTOR_LATE) return invoke_late(&c);
    int code = without_effect(&c, fault);
    if (code) return code;
    if (fault == FAULT_OF_DISTRIBUTOR_REFUSES) return says_no(&c);
    code = aws_answer(p, c.operation, input, a, output, failure);
    if (fault == FAULT_OF_AWS_AFTER) return silence(&c);
    if (fault == FAULT_OF_AWS_ERROR_AFTER) return answered_500(&c);
    if (fault == FAULT_OF_DISTRIBUTOR_REFUSES_AFTER) code = says_no(&c);
    if (!port_return(p, fault, AWS_MS)) return port_stopped(&failure->err);
    if (!code) inv_level_knows(p->sim, shape, output);
    if (!code) inv_protection_knows(p->sim, shape, output);
    return code;
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

static int answers(struct http_response *out, int status)
{
    out->status = status;
    out->body = STR("{}");
    return E_OK;
}

int port_send_to_task(void *ctx, const struct http_request *request, struct arena *a,
                      struct http_response *out, struct err *e)
{
    struct process *p = ctx;
    struct task_request asked = task_request_of(request);
    struct task_reply reply = {0};
    enum call_fault fault;
    *out = (struct http_response){0};
    if (!port_leave(p, CALL_TASK, asked.path, TASK_MS, &fault)) return port_stopped(e);
    if (request->not_after_ms && process_wall_ms(p) > request->not_after_ms)
        return err_set(e, E_LATE, "not sent: simulated delay");
    inv_outside_request(p->sim, asked.method, asked.path, request->not_after_ms);
    if (fault == FAULT_OF_TASK_BEFORE) return err_set(e, E_UNREACHABLE, "task: simulated");
    if (fault == FAULT_OF_TASK_LOST)
        return err_set(e, E_UNKNOWN_OUTCOME, "task: simulated silence");
    if (fault == FAULT_OF_TASK_ERROR) return answers(out, 500);
    if (fault == FAULT_OF_TASK_BUSY) return answers(out, 503);
    if (fault == FAULT_OF_TASK_REFUSES) return answers(out, 409);
    inv_level_start(p->sim, asked.path, asked.body);
    region_task_request(p->sim->region, &asked, a, &reply);
    sim_trace(p->sim, "%s task %.*s%.*s %d", p->name, STR_ARG(asked.address), STR_ARG(asked.path),
              reply.unreachable ? -1 : reply.status);
    if (reply.unreachable) return err_set(e, E_UNREACHABLE, "task: nobody has the address");
    int64_t wait_ms =
        reply.hangs || reply.delay_ms > request->timeout_ms ? request->timeout_ms : reply.delay_ms;
    if (!sim_wait(p->sim->running, wait_ms + 1)) return port_stopped(e);
    if (reply.hangs || wait_ms < reply.delay_ms || fault == FAULT_OF_TASK_AFTER)
        return err_set(e, E_UNKNOWN_OUTCOME, "task: simulated silence");
    out->status = reply.status;
    out->body = reply.body;
    return port_return(p, fault, TASK_MS) ? E_OK : port_stopped(e);
}
