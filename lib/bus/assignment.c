/* SPDX-License-Identifier: Apache-2.0
 * The partitions a consumer has, each with its window. What is stored for a partition is stored
 * under the lock and only while its slot is here with the message's generation; a revoke takes the
 * slot away first. So nothing is stored for a partition that is lost, however late a message of it
 * is finished.
 *
 * A partition whose window is full waits: its own queue is not read, so librdkafka stops fetching
 * for it once a little is there, and goes on the moment it is read again. librdkafka's pause would
 * throw away what was fetched and fetch it again each time. */
#include <stdlib.h>
#include <string.h>

#include "lib/bus/internal.h"

#define ASSIGNED_MAX   4096 /* partitions of one consumer */
#define SLOTS_AT_FIRST 8
/* Behind what was in work when the owner before us went lies what was finished and not committed
 * yet: no more than is finished between two commits. */
#define UNCOMMITTED_MAX ((size_t)500)

void bus_assignment_init(struct bus_assignment *a, size_t window_max)
{
    *a = (struct bus_assignment){.window_max = window_max};
    pthread_mutex_init(&a->lock, NULL);
    bus_wake_init(&a->wake);
}

static void slot_release(struct bus_slot *slot)
{
    bus_wake_stop_listening(slot->queue);
    rd_kafka_queue_destroy(slot->queue);
    window_release(&slot->window);
}

void bus_assignment_release(struct bus_assignment *a)
{
    for (size_t i = 0; i < a->n; i++)
        slot_release(&a->slots[i]);
    free(a->slots);
    a->slots = NULL;
    bus_wake_release(&a->wake);
    pthread_mutex_destroy(&a->lock);
}

static struct bus_slot *find(struct bus_assignment *a, const char *topic, int32_t partition)
{
    for (size_t i = 0; i < a->n; i++)
        if (a->slots[i].partition == partition && strcmp(a->slots[i].topic, topic) == 0)
            return &a->slots[i];
    return NULL;
}

/* The slot a message was handed out from, or NULL when the partition has gone since. */
static struct bus_slot *find_for(struct bus_assignment *a, const struct bus_message *message)
{
    for (size_t i = 0; i < a->n; i++) {
        struct bus_slot *slot = &a->slots[i];
        if (slot->partition != message->partition) continue;
        if (slot->generation != message->generation) continue;
        if (str_eq(message->topic, str_from(slot->topic))) return slot;
    }
    return NULL;
}

static void slot_init(struct bus_assignment *a, struct bus_slot *slot, rd_kafka_t *native,
                      const rd_kafka_topic_partition_t *from)
{
    *slot = (struct bus_slot){.partition = from->partition, .generation = a->generation, .end = -1};
    EBB_ASSERT(bus_topic_name(str_from(from->topic), slot->topic));
    window_init(&slot->window, a->window_max);
    slot->queue = rd_kafka_queue_get_partition(native, from->topic, from->partition);
    EBB_ASSERT(slot->queue);
    rd_kafka_queue_forward(slot->queue, NULL); /* not into the consumer's one queue */
    bus_wake_listen(&a->wake, slot->queue);
}

bool bus_assignment_add(struct bus_assignment *a, rd_kafka_t *native,
                        const rd_kafka_topic_partition_list_t *list)
{
    pthread_mutex_lock(&a->lock);
    bool fits = a->n + (size_t)list->cnt <= ASSIGNED_MAX;
    a->generation++;
    for (int i = 0; fits && i < list->cnt; i++) {
        if (a->n == a->size) {
            a->size = a->size ? a->size * 2 : SLOTS_AT_FIRST;
            a->slots = realloc(a->slots, a->size * sizeof(*a->slots));
            if (!a->slots) abort();
        }
        slot_init(a, &a->slots[a->n++], native, &list->elems[i]);
    }
    pthread_mutex_unlock(&a->lock);
    return fits;
}

static void add_offset(rd_kafka_topic_partition_list_t *list, const struct bus_slot *slot,
                       int64_t offset)
{
    rd_kafka_topic_partition_list_add(list, slot->topic, slot->partition)->offset = offset;
}

void bus_assignment_remove(struct bus_assignment *a, const rd_kafka_topic_partition_list_t *list,
                           rd_kafka_topic_partition_list_t *storable)
{
    pthread_mutex_lock(&a->lock);
    for (int i = 0; i < list->cnt; i++) {
        struct bus_slot *slot = find(a, list->elems[i].topic, list->elems[i].partition);
        if (!slot) continue;
        int64_t offset = window_storable(&slot->window);
        if (offset >= 0) add_offset(storable, slot, offset);
        slot_release(slot);
        *slot = a->slots[--a->n];
    }
    pthread_mutex_unlock(&a->lock);
}

/* The partition went back to before what it had handed out. librdkafka may read messages again, and
 * a topic made anew begins at 0; both are taken as new, since twice is allowed and never is not. */
static void begin_again(struct bus_assignment *a, struct bus_slot *slot)
{
    window_release(&slot->window);
    window_init(&slot->window, a->window_max);
    slot->generation = ++a->generation;
    slot->taken_n = 0;
}

rd_kafka_message_t *bus_assignment_next(struct bus_assignment *a)
{
    for (size_t asked = 0; asked < a->n; asked++) {
        struct bus_slot *slot = &a->slots[a->turn++ % a->n];
        pthread_mutex_lock(&a->lock);
        bool full = window_is_full(&slot->window);
        pthread_mutex_unlock(&a->lock);
        rd_kafka_message_t *native = full ? NULL : rd_kafka_consume_queue(slot->queue, 0);
        if (native) return native;
    }
    return NULL;
}

enum bus_taken bus_assignment_take(struct bus_assignment *a, struct bus_message *message)
{
    char topic[BUS_TOPIC_NAME_MAX + 1];
    enum bus_taken result = BUS_TAKEN;
    EBB_ASSERT(bus_topic_name(message->topic, topic));
    pthread_mutex_lock(&a->lock);
    struct bus_slot *slot = find(a, topic, message->partition);
    if (!slot) {
        result = BUS_NOT_OURS;
        goto out;
    }
    if (message->offset < window_low(&slot->window)) begin_again(a, slot);
    if (message->offset < window_next(&slot->window)) {
        result = BUS_IN_WORK;
        goto out;
    }
    EBB_ASSERT(window_take(&slot->window, message->offset));
    message->generation = slot->generation;
    message->may_be_again = slot->taken_n++ < a->window_max + UNCOMMITTED_MAX;
    a->handed_out++;
out:
    pthread_mutex_unlock(&a->lock);
    return result;
}

void bus_assignment_end_seen(struct bus_assignment *a, const char *topic, int32_t partition,
                             int64_t offset)
{
    pthread_mutex_lock(&a->lock);
    struct bus_slot *slot = find(a, topic, partition);
    if (slot) slot->end = offset;
    pthread_mutex_unlock(&a->lock);
}

void bus_assignment_finish(struct bus_assignment *a, rd_kafka_t *native,
                           const struct bus_message *message)
{
    pthread_mutex_lock(&a->lock);
    struct bus_slot *slot = find_for(a, message);
    if (slot) {
        int64_t before = window_storable(&slot->window);
        bool was_full = window_is_full(&slot->window);
        (void)window_finish(&slot->window, message->offset); /* false: begun again since */
        int64_t after = window_storable(&slot->window);
        if (after != before) {
            rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
            add_offset(list, slot, after);
            /* Refused while librdkafka takes the partition away: then it is delivered again. */
            (void)rd_kafka_offsets_store(native, list);
            rd_kafka_topic_partition_list_destroy(list);
        }
        if (was_full && !window_is_full(&slot->window)) bus_wake_ring(&a->wake);
    }
    a->handed_out--;
    pthread_mutex_unlock(&a->lock);
}

void bus_assignment_give_back(struct bus_assignment *a)
{
    pthread_mutex_lock(&a->lock);
    a->handed_out--;
    pthread_mutex_unlock(&a->lock);
}

struct bus_consumer_stats bus_assignment_stats(struct bus_assignment *a, rd_kafka_t *native)
{
    struct bus_consumer_stats stats = {0};
    bool known = true;
    pthread_mutex_lock(&a->lock);
    stats.assigned = (int64_t)a->n;
    for (size_t i = 0; i < a->n; i++) {
        struct bus_slot *slot = &a->slots[i];
        int64_t first, end, low = window_low(&slot->window);
        stats.unfinished += (int64_t)window_unfinished(&slot->window);
        stats.paused += window_is_full(&slot->window);
        /* Behind the last message there may be offsets without one. */
        if (window_unfinished(&slot->window) == 0 && low < slot->end) low = slot->end;
        /* Only what librdkafka has heard of already; nothing is asked. */
        if (rd_kafka_get_watermark_offsets(native, slot->topic, slot->partition, &first, &end))
            end = -1;
        if (low < 0 || end < 0)
            known = false;
        else if (end > low)
            stats.lag += end - low;
    }
    pthread_mutex_unlock(&a->lock);
    if (!known) stats.lag = -1;
    return stats;
}
