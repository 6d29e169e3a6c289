/* SPDX-License-Identifier: Apache-2.0
 * Goal: an offset is stored only when everything below it is finished, and a full partition waits
 * without holding up the others. Method: consumers of a mock cluster in this process. */
#include <pthread.h>
#include <stdlib.h>

#include "tests/support/bus_groups.h"
#include "tests/support/test.h"

#define MESSAGES    40
#define MANY        300
#define THREADS     4
#define OFFSETS_MAX 100

TEST(bus_unfinished_messages_come_again_after_a_restart)
{
    struct bus_groups *f = bus_groups_get();
    struct bus_message *messages[10];
    static const bool FINISHED[10] = {true, true, true, false, true, true, false, true};
    bus_groups_publish(f, PLACE_RESTART, 10);
    for (int i = 0; i < 10; i++) {
        messages[i] = bus_groups_one(f, f->consumers[PLACE_RESTART]);
        assert_int_equal(messages[i]->offset, i);
    }
    struct bus_consumer_stats stats = bus_consumer_stats(f->consumers[PLACE_RESTART]);
    assert_int_equal(stats.assigned, 1);
    assert_int_equal(stats.unfinished, 10);
    assert_int_equal(stats.lag, 10);
    assert_true(stats.connected);
    for (int i = 9; i >= 0; i--) { /* backwards: never in order */
        if (FINISHED[i])
            bus_message_done(f->consumers[PLACE_RESTART], messages[i]);
        else
            bus_message_drop(f->consumers[PLACE_RESTART], messages[i]);
    }
    assert_int_equal(bus_consumer_stats(f->consumers[PLACE_RESTART]).unfinished, 4);
    bus_consumer_close(f->consumers[PLACE_RESTART]);
    f->consumers[PLACE_RESTART] = bus_groups_open(f, PLACE_RESTART, &f->revokes[PLACE_RESTART]);
    for (int i = 3; i < 10; i++) { /* 3 is the lowest unfinished one */
        struct bus_message *message = bus_groups_one(f, f->consumers[PLACE_RESTART]);
        assert_int_equal(message->offset, i);
        bus_message_done(f->consumers[PLACE_RESTART], message);
    }
    assert_null(bus_groups_poll(f, f->consumers[PLACE_RESTART], BUS_GROUPS_QUIET_MS));
    assert_int_equal(bus_consumer_stats(f->consumers[PLACE_RESTART]).lag, 0);
}

TEST(bus_a_full_partition_waits_and_others_flow)
{
    struct bus_groups *f = bus_groups_get();
    struct bus_consumer *consumer = f->consumers[PLACE_PAUSE];
    struct bus_message *held[BUS_GROUPS_WINDOW];
    bool seen[2][OFFSETS_MAX] = {{false}};
    int32_t slow = -1;
    size_t held_n = 0, others = 0, rest = 0;
    bus_groups_publish(f, PLACE_PAUSE, MESSAGES);
    /* The first partition heard of is never finished; the other one is at once. */
    for (;;) {
        struct bus_message *m =
            bus_groups_poll(f, consumer, held_n ? BUS_GROUPS_QUIET_MS : BUS_GROUPS_TIMEOUT_MS);
        if (!m) break;
        assert_false(seen[m->partition][m->offset]);
        seen[m->partition][m->offset] = true;
        if (slow < 0) slow = m->partition;
        if (m->partition == slow) {
            assert_true(held_n < BUS_GROUPS_WINDOW);
            held[held_n++] = m;
        } else {
            others++;
            bus_message_done(consumer, m);
        }
    }
    assert_int_equal(held_n, BUS_GROUPS_WINDOW);
    assert_true(others > BUS_GROUPS_WINDOW);
    assert_int_equal(bus_consumer_stats(consumer).paused, 1);
    /* All but the lowest: nothing may be stored, so nothing new may come either. */
    for (size_t i = 1; i < BUS_GROUPS_WINDOW; i++)
        bus_message_done(consumer, held[i]);
    assert_null(bus_groups_poll(f, consumer, BUS_GROUPS_QUIET_MS));
    bus_message_done(consumer, held[0]);
    while (held_n + others + rest < MESSAGES) {
        struct bus_message *m = bus_groups_one(f, consumer);
        assert_int_equal(m->partition, slow);
        assert_false(seen[m->partition][m->offset]);
        seen[m->partition][m->offset] = true;
        rest++;
        bus_message_done(consumer, m);
    }
    assert_null(bus_groups_poll(f, consumer, BUS_GROUPS_QUIET_MS));
    assert_int_equal(bus_consumer_stats(consumer).paused, 0);
    assert_int_equal(bus_consumer_stats(consumer).lag, 0);
}

/* Messages on their way from the polling thread to handlers, which finish them in any order. */
struct handlers {
    struct bus_consumer *consumer;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct bus_message *waiting[2 * BUS_GROUPS_WINDOW];
    size_t n;
    bool ending;
};

static void *handle(void *argument)
{
    struct handlers *h = argument;
    pthread_mutex_lock(&h->lock);
    while (!h->ending || h->n > 0) {
        if (h->n == 0) {
            pthread_cond_wait(&h->changed, &h->lock);
            continue;
        }
        size_t any = (size_t)rand() % h->n;
        struct bus_message *message = h->waiting[any];
        h->waiting[any] = h->waiting[--h->n];
        pthread_mutex_unlock(&h->lock);
        bus_message_done(h->consumer, message);
        pthread_mutex_lock(&h->lock);
    }
    pthread_mutex_unlock(&h->lock);
    return NULL;
}

TEST(bus_handlers_on_threads_finish_while_it_polls)
{
    struct bus_groups *f = bus_groups_get();
    struct handlers h = {.consumer = f->consumers[PLACE_HANDLERS],
                         .lock = PTHREAD_MUTEX_INITIALIZER,
                         .changed = PTHREAD_COND_INITIALIZER};
    bool seen[2][MANY] = {{false}};
    pthread_t threads[THREADS];
    bus_groups_publish(f, PLACE_HANDLERS, MANY);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, handle, &h), 0);
    for (int i = 0; i < MANY; i++) {
        struct bus_message *m = bus_groups_one(f, h.consumer);
        assert_false(seen[m->partition][m->offset]);
        seen[m->partition][m->offset] = true;
        pthread_mutex_lock(&h.lock);
        assert_true(h.n < 2 * BUS_GROUPS_WINDOW); /* two partitions with a window each */
        h.waiting[h.n++] = m;
        pthread_cond_signal(&h.changed);
        pthread_mutex_unlock(&h.lock);
    }
    pthread_mutex_lock(&h.lock);
    h.ending = true;
    pthread_cond_broadcast(&h.changed);
    pthread_mutex_unlock(&h.lock);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_null(bus_groups_poll(f, h.consumer, BUS_GROUPS_QUIET_MS));
    struct bus_consumer_stats stats = bus_consumer_stats(h.consumer);
    assert_int_equal(stats.unfinished, 0);
    assert_int_equal(stats.paused, 0);
    assert_int_equal(stats.lag, 0);
}
