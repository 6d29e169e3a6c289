/* SPDX-License-Identifier: Apache-2.0
 * The simulated side of every port of a process. Each call lets time pass before it takes effect
 * and before its answer is there; the faults decide whether either happens, and the process may die
 * at each of these points. AWS and the tasks are in ports_outside.c. */
#include "tests/sim/ports.h"
#include "tests/sim/bus_model.h"
#include "tests/sim/faults.h"
#include "tests/sim/invariants.h"
#include "tests/sim/poison.h"
#include "tests/sim/redis_port.h"

#include <string.h>

#define REDIS_MS      2
#define KAFKA_MS      8
#define KAFKA_LATE_MS 3000

static int64_t wall_ms(void *ctx)
{
    return process_wall_ms(ctx);
}

static int64_t mono_ms(void *ctx)
{
    const struct process *p = ctx;
    return p->sim->now_ms;
}

int port_stopped(struct err *e)
{
    return err_set(e, E_STOPPED, "the process is dead");
}

bool port_pass(struct process *p, uint64_t most_ms)
{
    struct sim *sim = p->sim;
    return sim_wait(sim->running, (int64_t)sim_random(sim, most_ms) + 1);
}

bool port_leave(struct process *p, enum call_port port, struct str name, uint64_t most_ms,
                enum call_fault *fault)
{
    struct sim *sim = p->sim;
    struct call call = {.port = port, .name = name, .role = sim->running->role};
    sim->effects++;
    if (!port_pass(p, most_ms)) return false;
    if (poison_strikes(sim->running, name)) {
        process_dies_here(p);
        return false;
    }
    *fault = fault_of_call(sim, &call);
    if (*fault != FAULT_OF_ANY_DIES_BEFORE) return true;
    process_dies_here(p);
    return false;
}

bool port_return(struct process *p, enum call_fault fault, uint64_t most_ms)
{
    if (fault != FAULT_OF_ANY_DIES_AFTER) return port_pass(p, most_ms);
    process_dies_here(p);
    return false;
}

/* ---------------------------------------------------------------- Redis */

static int redis_call(struct process *p, const struct script *script, const struct str *keys,
                      const struct str *args, size_t n, struct arena *a, struct reply *out,
                      struct err *e)
{
    struct sim *sim = p->sim;
    struct str name = script ? str_from(script->name) : args[0];
    enum call_fault fault;
    if (!port_leave(p, CALL_REDIS, name, REDIS_MS, &fault)) return port_stopped(e);
    if (fault == FAULT_OF_REDIS_BEFORE) return err_set(e, E_UNREACHABLE, "redis: simulated");
    if (fault == FAULT_OF_REDIS_LOST)
        return err_set(e, E_UNKNOWN_OUTCOME, "redis: simulated silence");
    if (fault == FAULT_OF_REDIS_NOSCRIPT) redis_model_forget_scripts(sim->redis);
    struct store_port port = redis_port_of(sim->redis);
    int code = script ? port.script(port.ctx, script, keys, args, n, a, out, e)
                      : port.command(port.ctx, args, n, a, out, e);
    sim_trace(sim, "%s redis %.*s%s%s", p->name, STR_ARG(name), code ? " " : "",
              code ? e->text : "");
    if (script && !code) invariants_script(p, script->name, args, n, out);
    if (fault == FAULT_OF_REDIS_AFTER)
        return err_set(e, E_UNKNOWN_OUTCOME, "redis: simulated silence");
    return port_return(p, fault, REDIS_MS) ? code : port_stopped(e);
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
    struct process *p = ctx;
    int code = redis_call(p, script, keys, args, n, a, out, e);
    if (code && code != E_STOPPED && poison_is_given_back(script, args))
        inv_poison_not_given_back(p->sim, keys[0]);
    return code;
}

/* ---------------------------------------------------------------- Kafka */

/* False when the process died of it. */
static bool publish_one(struct process *p, const struct bus_record *record, int *code,
                        struct err *e)
{
    struct sim *sim = p->sim;
    struct call call = {CALL_KAFKA, record->topic, sim->running->role};
    if (poison_strikes(sim->running, record->topic)) {
        process_dies_here(p);
        return false;
    }
    enum call_fault fault = fault_of_call(sim, &call);
    bool dies = fault == FAULT_OF_ANY_DIES_BEFORE || fault == FAULT_OF_ANY_DIES_AFTER;
    if (fault == FAULT_OF_KAFKA_LATE && !port_pass(p, KAFKA_LATE_MS)) return false;
    bool stored = fault != FAULT_OF_KAFKA_BEFORE && fault != FAULT_OF_KAFKA_LOST &&
                  fault != FAULT_OF_ANY_DIES_BEFORE;
    sim_trace(sim, "%s kafka %.*s%s", p->name, STR_ARG(record->topic), stored ? "" : " lost");
    if (stored) bus_model_append(sim->bus, record);
    if (dies) process_dies_here(p);
    if (dies) return false;
    *code = E_OK;
    if (fault == FAULT_OF_KAFKA_BEFORE) *code = err_set(e, E_UNREACHABLE, "kafka: simulated");
    if (fault == FAULT_OF_KAFKA_LOST || fault == FAULT_OF_KAFKA_AFTER)
        *code = err_set(e, E_UNKNOWN_OUTCOME, "kafka: simulated silence");
    return true;
}

static int publish(void *ctx, const struct bus_record *records, int *results, size_t n,
                   struct err *e)
{
    struct process *p = ctx;
    int first = E_OK;
    p->sim->effects++;
    bool lives = port_pass(p, KAFKA_MS);
    for (size_t i = 0; i < n; i++) {
        int code = E_STOPPED;
        if (lives) lives = publish_one(p, &records[i], &code, first ? NULL : e);
        if (!lives) code = port_stopped(first ? NULL : e);
        if (results) results[i] = code;
        if (!first) first = code;
    }
    if (lives && !port_pass(p, KAFKA_MS)) return port_stopped(e);
    return first;
}

static int read_all(void *ctx, struct str topic, int64_t timeout_ms, bus_read_callback *callback,
                    void *callback_ctx, struct err *e)
{
    struct process *p = ctx;
    enum call_fault fault;
    (void)timeout_ms;
    if (!port_leave(p, CALL_KAFKA, STR("read_all"), KAFKA_MS, &fault)) return port_stopped(e);
    if (fault == FAULT_OF_KAFKA_BEFORE || fault == FAULT_OF_KAFKA_LOST)
        return err_set(e, E_UNREACHABLE, "kafka: simulated");
    p->state_read_ms = p->sim->now_ms;
    int code = bus_model_read(p->sim->bus, topic, callback, callback_ctx, e);
    if (code) return code;
    if (fault == FAULT_OF_KAFKA_AFTER) return err_set(e, E_TIMEOUT, "kafka: simulated silence");
    return port_return(p, fault, KAFKA_MS) ? E_OK : port_stopped(e);
}

void process_make_ports(struct process *p)
{
    p->ports = (struct ports){
        .store = {.ctx = p, .command = store_run, .script = store_run_script},
        .aws = {.ctx = p, .call = port_call_aws},
        .http = {.ctx = p, .send = port_send_to_task},
        .bus = {.ctx = p, .publish = publish, .read_all = read_all},
        .clock = {.ctx = p, .wall_ms = wall_ms, .mono_ms = mono_ms},
        .config = p->sim->config,
        .holder = str_from(p->name),
    };
    struct budget_options budget = {
        .store = p->ports.store, .clock = p->ports.clock, .share = p->sim->config->budget.share};
    p->budget = p->ports.budget = budget_new(&budget);
}
