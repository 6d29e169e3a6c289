/* SPDX-License-Identifier: Apache-2.0
 * Birth, end and time of a region. */
#include "world/region/region.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "world/region/ecs_model.h"
#include "world/region/event_model.h"

#define START_MS_DEFAULT      INT64_C(1767225600000) /* 2026-01-01T00:00:00Z */
#define ADDRESSES_DEFAULT     4096
#define SCHEDULER_MS_DEFAULT  1000
#define TASK_START_MS_DEFAULT 30000
#define TASK_STOP_MS_DEFAULT  20000
#define INSTANCES_DEFAULT     2
#define DELAY_MS_MAX          ((int64_t)24 * 3600 * 1000)

static const struct field region_options_fields[] = {
    F_INT(struct region_options, seed, "seed", .min = INT64_MIN, .max = INT64_MAX),
    F_STR(struct region_options, account, "account", .max = 12),
    F_STR(struct region_options, region, "region", .max = 64),
    F_STR(struct region_options, partition, "partition", .max = 32),
    F_STR(struct region_options, endpoint, "endpoint", .max = 256),
    F_TIME(struct region_options, start_ms, "start"),
    F_SPAN(struct region_options, consistency_delay_ms, "consistencyDelay", .max = DELAY_MS_MAX),
    F_BOOL(struct region_options, throttling_off, "throttlingOff"),
    F_SPAN(struct region_options, scheduler_delay_ms, "schedulerDelay", .max = DELAY_MS_MAX),
    F_SPAN(struct region_options, task_start_ms, "taskStart", .max = DELAY_MS_MAX),
    F_SPAN(struct region_options, task_stop_ms, "taskStop", .max = DELAY_MS_MAX),
    F_STR(struct region_options, address_first, "addressFirst", .max = 15),
    F_INT(struct region_options, address_count, "addressCount", .max = 65536),
    F_INT(struct region_options, container_instances, "containerInstances", .max = 1000),
    F_INT(struct region_options, event_duplicate_percent, "eventDuplicatePercent", .max = 100),
    F_SPAN(struct region_options, event_delay_max_ms, "eventDelayMax", .max = DELAY_MS_MAX),
    F_INT(struct region_options, event_lost_percent, "eventLostPercent", .max = 100),
};
const struct record region_options_record = RECORD_OF(struct region_options, region_options_fields);

static struct str text_or(struct arena *a, struct str given, const char *fallback)
{
    return arena_copy(a, str_is_empty(given) ? str_from(fallback) : given);
}

static int64_t number_or(int64_t given, int64_t fallback)
{
    return given ? given : fallback;
}

static int address_parse(struct str text, uint32_t *out)
{
    uint32_t address = 0;
    for (int part = 0; part < 4; part++) {
        int64_t byte;
        if (!str_to_int(str_cut(&text, '.'), &byte) || byte < 0 || byte > 255) return E_MALFORMED;
        address = address << 8 | (uint32_t)byte;
    }
    *out = address;
    return text.p ? E_MALFORMED : 0;
}

static void set_options(struct region *region, const struct region_options *given)
{
    struct region_options *options = &region->options;
    struct arena *a = &region->text;
    *options = *given;
    options->account = text_or(a, given->account, "123456789012");
    options->region = text_or(a, given->region, "us-east-1");
    options->partition = text_or(a, given->partition, "aws");
    options->address_first = text_or(a, given->address_first, "10.0.0.10");
    options->endpoint = arena_copy(a, given->endpoint);
    if (str_is_empty(options->endpoint))
        options->endpoint =
            arena_format(a, "https://sqs.%.*s.amazonaws.com", STR_ARG(options->region));
    options->start_ms = number_or(given->start_ms, START_MS_DEFAULT);
    options->scheduler_delay_ms = number_or(given->scheduler_delay_ms, SCHEDULER_MS_DEFAULT);
    options->task_start_ms = number_or(given->task_start_ms, TASK_START_MS_DEFAULT);
    options->task_stop_ms = number_or(given->task_stop_ms, TASK_STOP_MS_DEFAULT);
    options->address_count = number_or(given->address_count, ADDRESSES_DEFAULT);
    options->container_instances = number_or(given->container_instances, INSTANCES_DEFAULT);
}

int region_new(const struct region_options *options, struct region **out, struct err *e)
{
    for (size_t i = 0; i < region_options_record.n; i++) {
        int code = field_check(&region_options_record.fields[i], options, e);
        if (code) return code;
    }
    struct region *region = calloc(1, sizeof(*region));
    if (!region) abort();
    arena_init(&region->text);
    set_options(region, options);
    if (address_parse(region->options.address_first, &region->address_first)) {
        region_free(region);
        return err_set(e, E_MALFORMED, "addressFirst is not an IPv4 address");
    }
    region->now_ms = region->options.start_ms;
    region->calls = calloc(operations_count(), sizeof(*region->calls));
    if (!region->calls) abort();
    random_init(region, options->seed);
    throttle_init(&region->throttle, region->now_ms);
    address_pool_init(region);
    *out = region;
    return 0;
}

void region_free(struct region *region)
{
    if (!region) return;
    for (size_t i = 0; i < region->tasks.n; i++)
        task_free(region->tasks.items[i]);
    ecs_release(region);
    events_release(region);
    for (size_t i = 0; i < region->faults.n; i++)
        free(region->faults.items[i]);
    struct vector *vectors[] = {&region->clusters,  &region->definitions, &region->services,
                                &region->apps,      &region->tasks,       &region->targets,
                                &region->alarms,    &region->rules,       &region->queues,
                                &region->functions, &region->faults,      &region->outgoing};
    for (size_t i = 0; i < EBB_COUNT(vectors); i++)
        vector_release(vectors[i]);
    heap_release(&region->heap);
    log_release(&region->log);
    free(region->address_holders);
    free(region->task_ids.slots);
    free(region->calls);
    arena_release(&region->text);
    free(region);
}

int64_t region_now_ms(const struct region *region)
{
    return region->now_ms;
}

void region_advance(struct region *region, int64_t now_ms)
{
    for (const struct due *next = heap_peek(&region->heap); next && next->at_ms <= now_ms;
         next = heap_peek(&region->heap)) {
        struct due due = heap_pop(&region->heap);
        if (due.at_ms > region->now_ms) region->now_ms = due.at_ms;
        due.run(region, due.subject, due.detail);
    }
    if (now_ms > region->now_ms) region->now_ms = now_ms;
}

int64_t region_next_due_ms(const struct region *region)
{
    const struct due *next = heap_peek(&region->heap);
    return next ? next->at_ms : INT64_MAX;
}

void region_at(struct region *region, int64_t at_ms,
               void (*run)(struct region *, uint64_t subject, uint64_t detail), uint64_t subject,
               uint64_t detail)
{
    EBB_ASSERT(at_ms >= region->now_ms);
    heap_push(&region->heap,
              (struct due){.at_ms = at_ms, .run = run, .subject = subject, .detail = detail});
}

uint64_t region_number(struct region *region)
{
    return ++region->numbers;
}

struct str region_arn(const struct region *region, struct arena *a, const char *service,
                      const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct str resource = arena_format_list(a, format, args);
    va_end(args);
    return arena_format(a, "arn:%.*s:%s:%.*s:%.*s:%.*s", STR_ARG(region->options.partition),
                        service, STR_ARG(region->options.region), STR_ARG(region->options.account),
                        STR_ARG(resource));
}

void region_set_endpoint(struct region *region, struct str endpoint)
{
    region->options.endpoint = arena_copy(&region->text, endpoint);
}

void region_set_consistency_delay_ms(struct region *region, int64_t delay_ms)
{
    region->options.consistency_delay_ms = delay_ms;
}

void region_set_throttling(struct region *region, bool on)
{
    region->options.throttling_off = !on;
}

void region_set_event_faults(struct region *region, int64_t duplicate_percent, int64_t delay_max_ms,
                             int64_t lost_percent)
{
    region->options.event_duplicate_percent = duplicate_percent;
    region->options.event_delay_max_ms = delay_max_ms;
    region->options.event_lost_percent = lost_percent;
}

struct str region_account(const struct region *region)
{
    return region->options.account;
}

struct str region_name(const struct region *region)
{
    return region->options.region;
}

struct str region_partition(const struct region *region)
{
    return region->options.partition;
}
