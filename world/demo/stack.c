/* SPDX-License-Identifier: Apache-2.0
 * See stack.h. */
#include "world/demo/stack.h"

#include "lib/record/walkers.h"
#include "world/demo/folder.h"
#include "world/demo/scene.h"
#include "world/demo/start.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#define ROLES_STOP_MS     ((int64_t)3000)
#define REST_STOP_MS      ((int64_t)1000)
#define REDIS_CONNECT_MS  ((int64_t)1000)
#define REDIS_COMMAND_MS  ((int64_t)2000)
#define REDIS_CONNECTIONS ((size_t)2)
#define HTTP_POOL         ((size_t)2)
#define HTTP_TIMEOUT_MS   ((int64_t)2000)
#define ARGUMENTS_MAX     ((size_t)24)
_Static_assert(ROLES_STOP_MS + REST_STOP_MS <= DEMO_STOP_MS_MAX, "it ends when it says");

#define X(topic) topic,
static const char *const TOPICS[] = {EBB_TOPICS(X)};
#undef X

/* The callback listener first: it takes the port that was found free for it. */
static const struct {
    const char *name, *words[2];
} ROLES[] = {{"callback", {"callback"}},
             {"timers", {"timers"}},
             {"relay", {"relay"}},
#define X(topic) {TOPIC_STAGE(topic), {"work", TOPIC_STAGE(topic)}},
             EBB_STAGE_TOPICS(X)
#undef X
};

static bool redis_is_ready(struct demo *d)
{
    struct err ignored = {0}; /* it is tried again, and the last failure is a timeout */
    struct store_options options = {.url = d->places.redis_url,
                                    .connect_timeout_ms = REDIS_CONNECT_MS,
                                    .command_timeout_ms = REDIS_COMMAND_MS,
                                    .connections_max = REDIS_CONNECTIONS,
                                    .clock = d->clock};
    return !store_open(&options, &d->store, &ignored);
}

/* On a socket in the demo's folder: there is no port that another program could take meanwhile. */
static int start_redis(struct demo *d, struct err *e)
{
    struct str path = arena_format(&d->arena, "%s/redis.sock", d->folder);
    const char *const arguments[] = {d->programs.redis,
                                     "--port",
                                     "0",
                                     "--unixsocket",
                                     path.p,
                                     "--save",
                                     "",
                                     "--daemonize",
                                     "no",
                                     "--dir",
                                     d->folder,
                                     "--appendonly",
                                     "no",
                                     "--maxmemory-policy",
                                     "noeviction",
                                     NULL};
    const struct start start = {"redis", arguments, scene_world_environment(d, &d->arena)};
    const struct start_group group = {"Redis", &start, 1, redis_is_ready};
    d->places.redis_url = arena_format(&d->arena, "unix://%.*s", STR_ARG(path));
    return start_group(d, &group, e);
}

static bool kafka_is_ready(struct demo *d)
{
    d->places.brokers = str_trim(folder_read(d->folder, "kafka.port", &d->arena));
    return d->places.brokers.n > 0;
}

static int start_kafka(struct demo *d, struct err *e)
{
    struct str port_file = arena_format(&d->arena, "%s/kafka.port", d->folder);
    const char *arguments[ARGUMENTS_MAX] = {d->programs.world, "broker", "--port-file",
                                            port_file.p};
    size_t n = 4;
    for (size_t i = 0; i < EBB_COUNT(TOPICS); i++) {
        EBB_ASSERT(n + 2 < ARGUMENTS_MAX);
        arguments[n++] = "--topic";
        arguments[n++] = TOPICS[i];
    }
    const struct start start = {"kafka", arguments, scene_world_environment(d, &d->arena)};
    const struct start_group group = {"Kafka (embedded)", &start, 1, kafka_is_ready};
    return start_group(d, &group, e);
}

struct port_file {
    struct str endpoint;
    int64_t task_port;
};
static const struct field PORT_FIELDS[] = {
    F_STR(struct port_file, endpoint, "endpoint", .flags = FIELD_REQUIRED),
    F_INT(struct port_file, task_port, "taskPort", .flags = FIELD_REQUIRED),
};
static const struct record PORT_RECORD = RECORD_OF(struct port_file, PORT_FIELDS);

static bool world_is_ready(struct demo *d)
{
    struct port_file ports = {0};
    struct err ignored = {0}; /* the file is written whole or not at all */
    struct str text = folder_read(d->folder, "world.port", &d->arena);
    if (!text.n || json_decode(&PORT_RECORD, text, &d->arena, &ports, &ignored)) return false;
    d->places.endpoint = ports.endpoint;
    d->places.task_port = (int)ports.task_port;
    return true;
}

static int start_world(struct demo *d, struct err *e)
{
    struct str scenario = arena_format(&d->arena, "%s/" SCENE_SCENARIO, d->folder);
    struct str port_file = arena_format(&d->arena, "%s/world.port", d->folder);
    const char *const arguments[] = {d->programs.world, "serve",     "--scenario", scenario.p,
                                     "--port-file",     port_file.p, NULL};
    const struct start start = {"world", arguments, scene_world_environment(d, &d->arena)};
    const struct start_group group = {"a simulated AWS region", &start, 1, world_is_ready};
    int rc = folder_write(d->folder, SCENE_SCENARIO, scene_scenario(&d->arena, &d->secrets), e);
    return rc ? rc : start_group(d, &group, e);
}

/* Free a moment ago; the role that listens there is started at once. */
static int find_port(int *out, struct err *e)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    void *where = &address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool found = fd >= 0 && !bind(fd, where, size) && !getsockname(fd, where, &size);
    if (!found) (void)err_set(e, E_MISSING, "no port is free: %s", strerror(errno));
    if (fd >= 0) (void)close(fd);
    *out = ntohs(address.sin_port);
    return found ? E_OK : E_MISSING;
}

static bool roles_are_ready(struct demo *d)
{
    struct arena a;
    bool all = true;
    arena_init(&a);
    for (size_t i = d->roles_first; i < d->children.n && all; i++) {
        struct str log = arena_format(&a, "%s.log", d->children.all[i].name);
        all = str_contains(folder_read(d->folder, log.p, &a), STR("\"event\":\"ready\""));
    }
    arena_release(&a);
    return all;
}

static int start_ebb(struct demo *d, struct err *e)
{
    const char *arguments[EBB_COUNT(ROLES)][4] = {0};
    struct start all[EBB_COUNT(ROLES)];
    int rc = find_port(&d->places.callback_port, e);
    if (!rc) rc = folder_write(d->folder, SCENE_CONFIG, scene_config(&d->arena, &d->places), e);
    if (rc) return rc;
    for (size_t i = 0; i < EBB_COUNT(ROLES); i++) {
        arguments[i][0] = d->programs.ebb;
        memcpy(&arguments[i][1], ROLES[i].words, sizeof(ROLES[i].words));
        all[i] = (struct start){ROLES[i].name, arguments[i], scene_ebb_environment(d, &d->arena)};
    }
    const struct start_group group = {"Ebb, each role a process", all, EBB_COUNT(ROLES),
                                      roles_are_ready};
    d->roles_first = d->children.n;
    return start_group(d, &group, e);
}

static const char *variable(void *demo, const char *name)
{
    const struct demo *d = demo;
    if (!strcmp(name, "AWS_ENDPOINT_URL")) return d->places.endpoint.p;
    if (!strcmp(name, "AWS_ACCESS_KEY_ID")) return DEMO_PERSON_KEY_ID;
    if (!strcmp(name, "AWS_SECRET_ACCESS_KEY")) return d->secrets.person.p;
    return NULL;
}

static int open_clients(struct demo *d, struct err *e)
{
    struct http_client_options http = {.connect_timeout_ms = HTTP_TIMEOUT_MS,
                                       .timeout_ms = HTTP_TIMEOUT_MS,
                                       .pool_max = HTTP_POOL,
                                       .user_agent = "ebb-demo",
                                       .clock = d->clock};
    int rc = http_client_new(&http, &d->http, e);
    if (rc) return rc;
    struct aws_client_options aws = {.http = http_client_port(d->http),
                                     .clock = d->clock,
                                     .region = STR(DEMO_REGION),
                                     .timeout_ms = HTTP_TIMEOUT_MS,
                                     .getenv = variable,
                                     .getenv_ctx = d};
    return aws_client_new(&aws, &d->aws, e);
}

int stack_start(struct demo *d, struct err *e)
{
    d->secrets = scene_secrets(&d->arena);
    d->children.folder = d->folder;
    int rc = start_redis(d, e);
    if (!rc) rc = start_kafka(d, e);
    if (!rc) rc = start_world(d, e);
    if (!rc) rc = start_ebb(d, e);
    return rc ? rc : open_clients(d, e);
}

void stack_stop(struct demo *d)
{
    bool hurry = false;
    if (d->aws) aws_client_free(d->aws);
    if (d->http) http_client_free(d->http);
    if (d->store) store_close(d->store);
    d->aws = NULL;
    d->http = NULL;
    d->store = NULL;
    if (d->roles_first)
        hurry = children_stop(&d->children, d->roles_first, &d->signals, ROLES_STOP_MS, &d->clock);
    (void)children_stop(&d->children, 0, &d->signals, hurry ? 0 : REST_STOP_MS, &d->clock);
}
