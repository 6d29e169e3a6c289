/* SPDX-License-Identifier: Apache-2.0
 * What the polling thread sleeps on. It is rung by librdkafka's threads when a queue gets
 * something, and by handlers when a full partition gets room. librdkafka rings with a lock of its
 * own held, so nothing of librdkafka may be called with this lock held. */
#include "lib/bus/internal.h"

void bus_wake_init(struct bus_wake *wake)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&wake->lock, NULL);
    pthread_cond_init(&wake->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    wake->rung = false;
}

void bus_wake_release(struct bus_wake *wake)
{
    pthread_cond_destroy(&wake->changed);
    pthread_mutex_destroy(&wake->lock);
}

void bus_wake_ring(struct bus_wake *wake)
{
    pthread_mutex_lock(&wake->lock);
    wake->rung = true;
    pthread_cond_signal(&wake->changed);
    pthread_mutex_unlock(&wake->lock);
}

void bus_wake_clear(struct bus_wake *wake)
{
    pthread_mutex_lock(&wake->lock);
    wake->rung = false;
    pthread_mutex_unlock(&wake->lock);
}

void bus_wake_wait(struct bus_wake *wake, int64_t until_ms)
{
    struct timespec until = {.tv_sec = until_ms / 1000, .tv_nsec = (until_ms % 1000) * 1000000};
    pthread_mutex_lock(&wake->lock);
    while (!wake->rung)
        if (pthread_cond_timedwait(&wake->changed, &wake->lock, &until) != 0) break;
    pthread_mutex_unlock(&wake->lock);
}

static void on_event(rd_kafka_t *native, void *opaque)
{
    (void)native;
    bus_wake_ring(opaque);
}

void bus_wake_listen(struct bus_wake *wake, rd_kafka_queue_t *queue)
{
    rd_kafka_queue_cb_event_enable(queue, on_event, wake);
}

void bus_wake_stop_listening(rd_kafka_queue_t *queue)
{
    rd_kafka_queue_cb_event_enable(queue, NULL, NULL);
}
