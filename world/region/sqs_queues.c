/* SPDX-License-Identifier: Apache-2.0
 * Making queues and reading what they are. Only standard queues. */
#include <stdio.h>
#include <stdlib.h>

#include "world/region/sqs.h"

#define QUEUE_NAME_MAX    80
#define RECEIVE_COUNT_MAX 1000
#define DAY_S             ((int64_t)86400)

/* Attributes that are a number with limits, in the unit of AWS. */
struct number_attribute {
    const char *name;
    int64_t min, max, fallback;
};
enum number_name { VISIBILITY, WAIT, DELAY, RETENTION, SIZE, NUMBERS_N };
static const struct number_attribute numbers[NUMBERS_N] = {
    [VISIBILITY] = {"VisibilityTimeout", 0, SQS_VISIBILITY_MAX_S, 30},
    [WAIT] = {"ReceiveMessageWaitTimeSeconds", 0, SQS_WAIT_SECONDS_MAX, 0},
    [DELAY] = {"DelaySeconds", 0, 900, 0},
    [RETENTION] = {"MessageRetentionPeriod", 60, 14 * DAY_S, 4 * DAY_S},
    [SIZE] = {"MaximumMessageSize", 1024, SQS_BODY_MAX, SQS_BODY_MAX},
};

/* Everything CreateQueue was told, before there is a queue. */
struct wish {
    int64_t numbers[NUMBERS_N];
    bool given[NUMBERS_N];
    int64_t redrive_after;
    struct str redrive_to;
    bool redrive_given;
};

static int bad_attribute(struct aws_error *err, struct str name)
{
    return sqs_refuse(err, "InvalidAttributeValue", NULL, "Invalid value for the parameter %.*s.",
                      STR_ARG(name));
}

static int read_redrive(struct str text, struct wish *wish, struct arena *a, struct aws_error *err)
{
    struct json *root;
    struct str name = STR("RedrivePolicy");
    if (json_parse(text, a, &root)) return bad_attribute(err, name);
    const struct json *target = json_member(root, STR("deadLetterTargetArn"));
    const struct json *count = json_member(root, STR("maxReceiveCount"));
    if (!target || target->kind != JSON_STRING || target->text.n >= ARN_BYTES || !count)
        return bad_attribute(err, name);
    /* It is written back as JSON without escapes, which no ARN needs. */
    if (!str_starts(target->text, STR("arn:")) || str_find(target->text, '"') >= 0 ||
        str_find(target->text, '\\') >= 0)
        return bad_attribute(err, name);
    /* Both 3 and "3" are taken. */
    if (!str_to_int(count->text, &wish->redrive_after) || wish->redrive_after < 1 ||
        wish->redrive_after > RECEIVE_COUNT_MAX)
        return bad_attribute(err, name);
    wish->redrive_to = target->text;
    wish->redrive_given = true;
    return 0;
}

static int read_attribute(const struct pair *pair, struct wish *wish, struct arena *a,
                          struct aws_error *err)
{
    /* Who may send and how it is encrypted makes no difference here. */
    static const char *const ignored[] = {"Policy", "SqsManagedSseEnabled", "KmsMasterKeyId",
                                          "KmsDataKeyReusePeriodSeconds", "RedriveAllowPolicy"};
    for (size_t i = 0; i < NUMBERS_N; i++) {
        if (!str_eq(pair->key, str_from(numbers[i].name))) continue;
        int64_t *value = &wish->numbers[i];
        wish->given[i] = true;
        bool good =
            str_to_int(pair->value, value) && *value >= numbers[i].min && *value <= numbers[i].max;
        return good ? 0 : bad_attribute(err, pair->key);
    }
    if (str_eq(pair->key, STR("RedrivePolicy"))) return read_redrive(pair->value, wish, a, err);
    for (size_t i = 0; i < EBB_COUNT(ignored); i++)
        if (str_eq(pair->key, str_from(ignored[i]))) return 0;
    return sqs_refuse(err, "InvalidAttributeName", NULL, "Unknown Attribute %.*s.",
                      STR_ARG(pair->key));
}

static int64_t number_of(const struct queue *queue, enum number_name name)
{
    switch (name) {
    case VISIBILITY: return queue->visibility_ms / 1000;
    case WAIT: return queue->wait_s;
    case DELAY: return queue->delay_ms / 1000;
    case RETENTION: return queue->retention_ms / 1000;
    case SIZE: return queue->message_bytes_max;
    case NUMBERS_N: break;
    }
    return 0;
}

static int check_same(const struct queue *queue, const struct wish *wish, struct aws_error *err)
{
    const char *other = NULL;
    for (size_t i = 0; i < NUMBERS_N; i++)
        if (wish->given[i] && wish->numbers[i] != number_of(queue, (enum number_name)i))
            other = numbers[i].name;
    if (wish->redrive_given && (wish->redrive_after != queue->redrive_after ||
                                !str_eq(wish->redrive_to, str_from(queue->redrive_to))))
        other = "RedrivePolicy";
    if (!other) return 0;
    return sqs_refuse(err, "QueueNameExists", "QueueAlreadyExists",
                      "A queue already exists with the same name and a different value for "
                      "attribute %s",
                      other);
}

static struct queue *queue_new(struct region *region, struct str name, const struct wish *wish,
                               struct arena *a)
{
    struct queue *queue = calloc(1, sizeof(*queue));
    if (!queue) abort();
    queue->number = region_number(region);
    queue->created_ms = region->now_ms;
    queue->visibility_ms = wish->numbers[VISIBILITY] * 1000;
    queue->wait_s = wish->numbers[WAIT];
    queue->delay_ms = wish->numbers[DELAY] * 1000;
    queue->retention_ms = wish->numbers[RETENTION] * 1000;
    queue->message_bytes_max = wish->numbers[SIZE];
    queue->redrive_after = wish->redrive_after;
    struct str arn = region_arn(region, a, "sqs", "%.*s", STR_ARG(name));
    /* All lengths were checked. */
    (void)snprintf(queue->name, sizeof(queue->name), "%.*s", STR_ARG(name));
    (void)snprintf(queue->arn, sizeof(queue->arn), "%.*s", STR_ARG(arn));
    (void)snprintf(queue->redrive_to, sizeof(queue->redrive_to), "%.*s", STR_ARG(wish->redrive_to));
    vector_push(&region->queues, queue);
    return queue;
}

static int check_name(struct str name, struct aws_error *err)
{
    bool good = name.n >= 1 && name.n <= QUEUE_NAME_MAX;
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        good = good && (plain || c == '-' || c == '_');
    }
    return good ? 0
                : sqs_refuse(err, "InvalidParameterValueException", "InvalidParameterValue",
                             "Can only include alphanumeric characters, hyphens, or underscores. "
                             "1 to 80 in length");
}

struct str queue_url(const struct region *region, const struct queue *queue, struct arena *a)
{
    return arena_format(a, "%.*s/%.*s/%s", STR_ARG(region->options.endpoint),
                        STR_ARG(region->options.account), queue->name);
}

int region_sqs_create_queue(struct region *region, const struct caller *caller,
                            const struct sqs_create_queue_input *in, struct arena *a,
                            struct sqs_queue_url_output *out, struct aws_error *err)
{
    (void)caller; /* is in the log */
    struct wish wish = {0};
    int code = check_name(in->queue_name, err);
    for (size_t i = 0; i < NUMBERS_N; i++)
        wish.numbers[i] = numbers[i].fallback;
    for (size_t i = 0; i < in->attributes.n && !code; i++)
        code = read_attribute(LIST_AT(in->attributes, struct pair, i), &wish, a, err);
    struct queue *queue = queue_find(region, in->queue_name);
    if (!code && queue) code = check_same(queue, &wish, err);
    if (code) return code;
    if (!queue) queue = queue_new(region, in->queue_name, &wish, a);
    out->queue_url = queue_url(region, queue, a);
    return 0;
}

int region_sqs_get_queue_url(struct region *region, const struct caller *caller,
                             const struct sqs_get_queue_url_input *in, struct arena *a,
                             struct sqs_queue_url_output *out, struct aws_error *err)
{
    (void)caller; /* a read */
    struct queue *queue;
    int code = sqs_queue_need(region, in->queue_name, &queue, err);
    if (code) return code;
    out->queue_url = queue_url(region, queue, a);
    return 0;
}

struct queue_counts queue_count(const struct region *region, const struct queue *queue)
{
    struct queue_counts counts = {0};
    for (size_t i = 0; i < queue->messages.n; i++) {
        const struct message *message = queue->messages.items[i];
        if (message_visible(region, message))
            counts.visible++;
        else if (message->received > 0)
            counts.in_flight++;
        else
            counts.delayed++;
    }
    return counts;
}

int region_sqs_get_queue_attributes(struct region *region, const struct caller *caller,
                                    const struct sqs_get_queue_attributes_input *in,
                                    struct arena *a, struct sqs_get_queue_attributes_output *out,
                                    struct aws_error *err)
{
    (void)caller; /* a read */
    struct queue *queue;
    int code = sqs_queue_need(region, in->queue_url, &queue, err);
    if (code) return code;
    struct queue_counts counts = queue_count(region, queue);
    struct pair all[NUMBERS_N + 7];
    size_t n = 0;
    long long created_s = (long long)(queue->created_ms / 1000);
    for (size_t i = 0; i < NUMBERS_N; i++)
        all[n++] = (struct pair){
            str_from(numbers[i].name),
            arena_format(a, "%lld", (long long)number_of(queue, (enum number_name)i))};
    all[n++] = (struct pair){STR("QueueArn"), arena_copy(a, str_from(queue->arn))};
    all[n++] = (struct pair){STR("ApproximateNumberOfMessages"),
                             arena_format(a, "%lld", (long long)counts.visible)};
    all[n++] = (struct pair){STR("ApproximateNumberOfMessagesNotVisible"),
                             arena_format(a, "%lld", (long long)counts.in_flight)};
    all[n++] = (struct pair){STR("ApproximateNumberOfMessagesDelayed"),
                             arena_format(a, "%lld", (long long)counts.delayed)};
    all[n++] = (struct pair){STR("CreatedTimestamp"), arena_format(a, "%lld", created_s)};
    all[n++] = (struct pair){STR("LastModifiedTimestamp"), arena_format(a, "%lld", created_s)};
    if (queue->redrive_after)
        all[n++] = (struct pair){
            STR("RedrivePolicy"),
            arena_format(a, "{\"deadLetterTargetArn\":\"%s\",\"maxReceiveCount\":%lld}",
                         queue->redrive_to, (long long)queue->redrive_after)};
    struct pair *asked = ARENA_ARRAY(a, n, struct pair);
    size_t asked_n = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < in->attribute_names.n; k++) {
            struct str name = *LIST_AT(in->attribute_names, struct str, k);
            if (!str_eq(name, all[i].key) && !str_eq(name, STR("All"))) continue;
            asked[asked_n++] = all[i];
            break;
        }
    out->attributes = LIST_OF(asked, asked_n);
    return 0;
}
