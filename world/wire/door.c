/* SPDX-License-Identifier: Apache-2.0
 * The simulated tasks' door: one server for all of them, each at an address of its own inside
 * 127.0.0.0/8, the one ECS shows. It listens on every address of the loopback interface and on no
 * other interface; which task is meant is the address the client connected to. */
#include "world/wire/wire.h"

#include "world/region/fault.h"
#include "world/region/tasks.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG         256
#define BODY_MAX        ((size_t)64 * 1024)
#define CONNECTIONS_MAX 2000
#define TIMEOUT_S       30
#define THREADS         64 /* a task that hangs holds one */
/* A task that never answers is left hanging that long: any client's own limit is shorter. */
#define HANG_MS ((int64_t)120 * 1000)

/* The name of the fault rules' operation: "task:/drain/start". */
static struct fault_verdict take_fault(struct wire *wire, struct str path, struct arena *a)
{
    struct str operation = arena_format(a, "task:%.*s", STR_ARG(path));
    struct fault_verdict fault = region_fault_take(wire_enter(wire), operation);
    wire_leave(wire);
    return fault;
}

static void answer(struct http_reply *reply, int status, struct str body)
{
    *reply = (struct http_reply){
        .status = status, .content_type = STR("application/json"), .body = body};
}

static bool fails_before(enum fault_effect effect, struct http_reply *reply)
{
    switch (effect) {
    case FAULT_THROTTLE: answer(reply, 429, STR("{\"error\":\"too many requests\"}")); return true;
    case FAULT_5XX_BEFORE: answer(reply, 500, STR("{\"error\":\"internal\"}")); return true;
    case FAULT_DENY: answer(reply, 403, STR("{\"error\":\"forbidden\"}")); return true;
    case FAULT_DROP_BEFORE: reply->drop = true; return true;
    case FAULT_NONE:
    case FAULT_5XX_AFTER:
    case FAULT_DROP_AFTER:
    case FAULT_DELAY:
    case FAULT_DELAY_AFTER: return false;
    }
    return false;
}

static void at_the_door(void *ctx, const struct http_incoming *request, struct arena *a,
                        struct http_reply *reply)
{
    struct wire *wire = ctx;
    struct fault_verdict fault = take_fault(wire, request->path, a);
    if (fault.effect != FAULT_DELAY_AFTER) (void)wire_wait_virtual(wire, fault.delay_ms);
    if (fails_before(fault.effect, reply)) return;
    struct task_request task_request = {.address = request->local,
                                        .method = request->method,
                                        .path = request->path,
                                        .body = request->body};
    struct task_reply task_reply = {0};
    region_task_request(wire_enter(wire), &task_request, a, &task_reply);
    wire_leave(wire);
    if (task_reply.hangs) (void)wire_wait_real(wire, HANG_MS);
    reply->drop = task_reply.hangs || task_reply.unreachable;
    if (reply->drop) return;
    (void)wire_wait_virtual(wire, task_reply.delay_ms);
    if (fault.effect == FAULT_DELAY_AFTER) (void)wire_wait_virtual(wire, fault.delay_ms);
    answer(reply, task_reply.status, task_reply.body);
    if (fault.effect == FAULT_5XX_AFTER) answer(reply, 500, STR("{\"error\":\"internal\"}"));
    if (fault.effect == FAULT_DROP_AFTER) reply->drop = true;
}

/* A socket that listens on all of 127.0.0.0/8 and nowhere else: bound to every address, but to the
 * loopback interface only, which any user may do on a fresh socket (Linux 5.7 and later). */
static int listen_on_loopback(int port, struct err *e)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_ANY)};
    int yes = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        (void)err_set(e, E_MISSING, "the tasks' socket: %s", strerror(errno));
        return -1;
    }
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)); /* a convenience only */
    if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", sizeof("lo"))) {
        (void)err_set(e, E_MISSING,
                      "the tasks' socket cannot be kept to the loopback interface: %s (Linux 5.7 "
                      "or later lets any user do it)",
                      strerror(errno));
    } else if (bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, BACKLOG)) {
        (void)err_set(e, E_MISSING, "the tasks' port %d: %s", port, strerror(errno));
    } else {
        return fd;
    }
    (void)close(fd);
    return -1;
}

int wire_door_open(struct wire *wire, int port, struct err *e)
{
    int fd = listen_on_loopback(port, e);
    if (fd < 0) return E_MISSING;
    struct http_server_options options = {
        .listen_fd = fd,
        .body_max = BODY_MAX,
        .connections_max = CONNECTIONS_MAX,
        .connections_per_address_max = CONNECTIONS_MAX,
        .timeout_s = TIMEOUT_S,
        .threads = THREADS,
        .handler = at_the_door,
        .ctx = wire,
    };
    int rc = http_server_start(&options, &wire->door, e);
    if (rc) {
        (void)close(fd);
        return rc;
    }
    wire->task_port = http_server_port(wire->door);
    return E_OK;
}
