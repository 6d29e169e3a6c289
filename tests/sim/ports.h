/* SPDX-License-Identifier: Apache-2.0
 * What the simulated sides of the ports share. */
#ifndef EBB_TESTS_SIM_PORTS_H
#define EBB_TESTS_SIM_PORTS_H

#include "tests/sim/faults.h"
#include "tests/sim/process.h"

/* Lets at most so many milliseconds pass; false when the process died. */
bool port_pass(struct process *p, uint64_t most_ms);
/* The call is on its way, and *fault what becomes of it; false when the process died before. */
bool port_leave(struct process *p, enum call_port port, struct str name, uint64_t most_ms,
                enum call_fault *fault);
/* Its answer is on its way back; false when the process died meanwhile. */
bool port_return(struct process *p, enum call_fault fault, uint64_t most_ms);
int port_stopped(struct err *e);

int port_call_aws(void *ctx, const struct aws_operation *shape, struct str region,
                  const void *input, struct arena *a, void *output, int64_t not_after_ms,
                  struct aws_failure *failure);
int port_send_to_task(void *ctx, const struct http_request *request, struct arena *a,
                      struct http_response *out, struct err *e);

#endif
