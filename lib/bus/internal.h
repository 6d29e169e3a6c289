/* SPDX-License-Identifier: Apache-2.0
 * Shared by the files of this folder only, and the one place that includes librdkafka's header: a
 * connection handle with what it last complained of, and the settings it is made with.
 * rule 10: the library is too large for one file of ours; nothing outside lib/bus includes this. */
#ifndef EBB_BUS_INTERNAL_H
#define EBB_BUS_INTERNAL_H

#include <librdkafka/rdkafka.h>
#include <pthread.h>
#include <stdatomic.h>

#include "lib/bus/bus.h"
#include "lib/bus/window.h"

#define BUS_TOPIC_NAME_MAX 249 /* Kafka's own limit */
#define BUS_WORDS_MAX      240

enum bus_role {
    BUS_PRODUCER,
    BUS_CONSUMER, /* of a group */
    BUS_READER,   /* without a group */
};

/* One connection to the brokers. librdkafka's opaque pointer is always one of these. */
struct bus_handle {
    rd_kafka_t *native;
    enum bus_role role;
    void *owner; /* struct bus or struct bus_consumer */
    void (*on_log)(void *ctx, int level, struct str text);
    void *log_ctx;
    atomic_bool connected;
    char brokers[BUS_WORDS_MAX]; /* for messages to people */
    pthread_mutex_t lock;        /* of the two below */
    int trouble; /* code of the last error heard of, 0 = none since things went well */
    char trouble_text[BUS_WORDS_MAX];
};

/* conf.c. The settings of a role; the caller may add callbacks before bus_handle_open takes them.
 */
int bus_conf_new(enum bus_role role, const struct bus_options *options, rd_kafka_conf_t **out,
                 struct err *e) EBB_MUST_CHECK;
void bus_conf_set(rd_kafka_conf_t *conf, const char *name, const char *value);
void bus_conf_set_int(rd_kafka_conf_t *conf, const char *name, int64_t value);
int64_t bus_publish_timeout_ms(const struct bus_options *options);

/* handle.c. Takes conf, also when it fails; then the handle needs no close. */
int bus_handle_open(struct bus_handle *handle, enum bus_role role, rd_kafka_conf_t *take_conf,
                    const struct bus_options *options, void *owner, struct err *e) EBB_MUST_CHECK;
void bus_handle_close(struct bus_handle *handle, int destroy_flags);
/* Things went well: earlier trouble is over. */
void bus_handle_well(struct bus_handle *handle);
/* Copies the trouble of now into *e; 0 when there is none. */
int bus_handle_trouble(struct bus_handle *handle, struct err *e);
/* Forgets the trouble, without knowing that things go well. */
void bus_handle_forget(struct bus_handle *handle);
void bus_handle_log(struct bus_handle *handle, int level, const char *format, ...) EBB_PRINTF(3, 4);
/* Our code for one of librdkafka's; what has no better one is E_UNREACHABLE, which is retried. */
int bus_code_of(rd_kafka_resp_err_t native);
/* Words for E_MISSING, with the remedy. */
int bus_topic_missing(struct bus_handle *handle, struct str topic, int code, struct err *e);
/* topic NULL: of every topic, which makes none; otherwise a broker may make the topic. */
int bus_metadata(struct bus_handle *handle, rd_kafka_topic_t *topic, int64_t timeout_ms,
                 const struct rd_kafka_metadata **out, struct err *e) EBB_MUST_CHECK;
/* s as a C string in out; false when it does not fit or holds a NUL. */
bool bus_topic_name(struct str s, char out[BUS_TOPIC_NAME_MAX + 1]);

/* producer.c */
struct bus_handle *bus_handle_of(struct bus *bus);
const struct bus_options *bus_options_of(const struct bus *bus);
/* The port's publish; ctx is the bus. */
int bus_publish_records(void *ctx, const struct bus_record *records, int *results, size_t n,
                        struct err *e);

/* message.c. The view borrows from native; the copy is one block of its own. */
void bus_message_view(const rd_kafka_message_t *native, struct bus_message *out);
struct bus_message *bus_message_copy(const rd_kafka_message_t *native);
void bus_message_free(struct bus_message *take_message);

/* wake.c */
struct bus_wake {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool rung;
};

void bus_wake_init(struct bus_wake *wake);
void bus_wake_release(struct bus_wake *wake);
void bus_wake_ring(struct bus_wake *wake);
/* Before looking whether there is something: what comes after is rung again. */
void bus_wake_clear(struct bus_wake *wake);
void bus_wake_wait(struct bus_wake *wake, int64_t until_ms);
/* Rings when the queue is no longer empty. */
void bus_wake_listen(struct bus_wake *wake, rd_kafka_queue_t *queue);
void bus_wake_stop_listening(rd_kafka_queue_t *queue);

/* assignment.c. The partitions of a consumer, each with its own queue of fetched messages and its
 * window. Slots are added and removed by the polling thread alone; `lock` covers everything against
 * bus_message_done on other threads. */
struct bus_slot {
    char topic[BUS_TOPIC_NAME_MAX + 1];
    int32_t partition;
    uint64_t generation;
    int64_t end;    /* offset at which the partition was seen to end, -1 = not seen */
    size_t taken_n; /* since it was assigned */
    rd_kafka_queue_t *queue;
    struct window window;
};

struct bus_assignment {
    pthread_mutex_t lock;
    struct bus_wake wake;
    struct bus_slot *slots;
    size_t n, size, window_max;
    size_t turn;         /* polling thread only: which slot is asked next */
    uint64_t generation; /* counts assignments */
    int64_t handed_out;  /* messages polled and not given back, of any generation */
};

void bus_assignment_init(struct bus_assignment *a, size_t window_max);
void bus_assignment_release(struct bus_assignment *a);
/* False when there would be too many. */
bool bus_assignment_add(struct bus_assignment *a, rd_kafka_t *native,
                        const rd_kafka_topic_partition_list_t *list);
/* Takes the slots out; from here on nothing of theirs is stored. What was storable is added to
 * `storable`. */
void bus_assignment_remove(struct bus_assignment *a, const rd_kafka_topic_partition_list_t *list,
                           rd_kafka_topic_partition_list_t *storable);
/* The next thing in the queue of a partition whose window has room, in turns; NULL when there is
 * none. Destroyed by the caller. */
rd_kafka_message_t *bus_assignment_next(struct bus_assignment *a);

enum bus_taken { BUS_TAKEN, BUS_NOT_OURS, BUS_IN_WORK };
/* Enters a message into its window, which has room, and sets its generation. */
enum bus_taken bus_assignment_take(struct bus_assignment *a, struct bus_message *message);
void bus_assignment_end_seen(struct bus_assignment *a, const char *topic, int32_t partition,
                             int64_t offset);
/* Finishes, and calls rd_kafka_offsets_store under the lock, so a revoke cannot come between. */
void bus_assignment_finish(struct bus_assignment *a, rd_kafka_t *native,
                           const struct bus_message *message);
void bus_assignment_give_back(struct bus_assignment *a);
struct bus_consumer_stats bus_assignment_stats(struct bus_assignment *a, rd_kafka_t *native);

/* consumer.c */
struct bus_consumer {
    struct bus_handle handle;
    struct bus_assignment assignment;
    rd_kafka_queue_t *events; /* rebalances and errors; messages have their partition's queue */
    void (*on_revoked)(void *ctx, bool lost);
    void *ctx;
    bool closing;      /* polling thread only, like the next two */
    bool joined;       /* the group has said at least once what is ours */
    struct err broken; /* set where no error can be returned; code 0 = none */
};

/* rebalance.c */
void bus_on_rebalance(rd_kafka_t *native, rd_kafka_resp_err_t kind,
                      rd_kafka_topic_partition_list_t *list, void *opaque);

#endif
