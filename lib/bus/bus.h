/* SPDX-License-Identifier: Apache-2.0
 * Kafka. Publishing waits for the broker's acknowledgement. Consuming hands messages out in order
 * per partition and stores an offset only when everything below it is finished (window.h). */
#ifndef EBB_BUS_BUS_H
#define EBB_BUS_BUS_H

#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"

#define BUS_PARTITIONS_DEFAULT 6
#define BUS_HEADERS_MAX        8

struct bus_header {
    struct str name, value;
};

struct bus_record {
    struct str topic, key, value; /* value.p == NULL is a tombstone */
    const struct bus_header *headers;
    size_t headers_n;
};

/* The callback borrows the message; a code it returns ends the reading. */
struct bus_message;
typedef int bus_read_callback(void *ctx, const struct bus_message *message, struct err *e);

struct bus_port {
    void *ctx;
    /* Hands over all n records at once and waits until each was acknowledged or failed; results[i]
     * is 0 or a code, results may be NULL. 0 once every in-sync replica has all of them, else the
     * code of the first that failed, of which *e tells. E_UNKNOWN_OUTCOME: it may arrive still;
     * publish it again. E_UNREACHABLE, E_NOT_FOUND (no such topic), E_DENIED, E_TOO_LARGE. */
    int (*publish)(void *ctx, const struct bus_record *records, int *results, size_t n,
                   struct err *e);
    /* Reads the whole of a topic once, from its beginning to its present end, without a group: to
     * rebuild state. */
    int (*read_all)(void *ctx, struct str topic, int64_t timeout_ms, bus_read_callback *callback,
                    void *callback_ctx, struct err *e);
};

int bus_publish(const struct bus_port *port, const struct bus_record *record,
                struct err *e) EBB_MUST_CHECK;
int bus_publish_many(const struct bus_port *port, const struct bus_record *records, int *results,
                     size_t n, struct err *e) EBB_MUST_CHECK;
int bus_read(const struct bus_port *port, struct str topic, int64_t timeout_ms,
             bus_read_callback *callback, void *callback_ctx, struct err *e) EBB_MUST_CHECK;

struct bus_options {
    struct str brokers; /* "host:port,host:port" */
    struct str client_id;
    const struct bus_header
        *properties; /* further librdkafka settings ("security.protocol" ...), checked by it */
    size_t properties_n;
    int64_t publish_timeout_ms; /* 0 = 10 s */
    /* The client library's own warnings, for the log; any thread, may be NULL. level is syslog's
     * (3 error, 4 warning). Never a secret. */
    void (*on_log)(void *ctx, int level, struct str text);
    void *log_ctx;
};

/* The producer of a process. Thread-safe. The options' strings outlive it: reading opens
 * connections of its own. */
struct bus;
int bus_open(const struct bus_options *options, struct bus **out, struct err *e) EBB_MUST_CHECK;
/* Waits up to that long for what is in flight, then gives up on the rest. Nobody may be publishing
 * any more, or begin to. */
void bus_close(struct bus *bus, int64_t flush_ms);
/* From now on whoever publishes, or does already, waits for half a second at most: the process is
 * to end, and what may not have arrived is handed back (E_UNKNOWN_OUTCOME). Any thread. */
void bus_stop_waiting(struct bus *bus);
struct bus_port bus_port_of(struct bus *bus);

struct bus_topic {
    struct str name;
    int partitions;  /* 0 = BUS_PARTITIONS_DEFAULT */
    int replication; /* 0 = the broker's default */
    bool compacted;
};
/* The first topic that does not exist is named in *e (E_MISSING); E_UNREACHABLE when no broker
 * answers in time. */
int bus_check_topics(struct bus *bus, const struct bus_topic *topics, size_t n, int64_t timeout_ms,
                     struct err *e) EBB_MUST_CHECK;
/* Makes those that are missing; one that exists is left as it is. */
int bus_create_topics(struct bus *bus, const struct bus_topic *topics, size_t n, int64_t timeout_ms,
                      struct err *e) EBB_MUST_CHECK;

/* One message as consumed. It belongs to whoever polled it, who gives it back with bus_message_done
 * or bus_message_drop; its bytes are its own and outlive a revoke. */
struct bus_message {
    struct str topic, key, value;
    struct bus_header headers[BUS_HEADERS_MAX];
    size_t headers_n;
    int32_t partition;
    int64_t offset;
    int64_t time_ms;     /* the producer's or broker's timestamp; 0 when there is none */
    uint64_t generation; /* of the assignment it came with */
    bool may_be_again;   /* among the first since the partition was assigned: it may have been in
                            somebody's hands before */
    void *native;        /* of the side that made it */
};

struct bus_consumer;

struct bus_consumer_options {
    struct bus_options bus;
    struct str group;
    const struct str *topics;
    size_t topics_n;
    size_t window_max;          /* messages in work per partition before it waits; 0 = 100 */
    int64_t session_timeout_ms; /* 0 = 10 s */
    /* Called on the polling thread when partitions were revoked or lost: messages of older
     * generations are not ours. */
    void (*on_revoked)(void *ctx, bool lost);
    void *ctx;
};

int bus_consumer_open(const struct bus_consumer_options *options, struct bus_consumer **out,
                      struct err *e) EBB_MUST_CHECK;
/* Leaves the group: stores the offsets of what is finished, and hands the rest to others. Every
 * message must have been given back before. Takes a second or so; without a broker, ten more when
 * offsets are left to store, because librdkafka does not give that up. */
void bus_consumer_close(struct bus_consumer *consumer);
/* One thread only. *out is NULL when nothing came within timeout_ms. Errors that librdkafka
 * recovers from by itself are not errors here; E_FATAL, E_DENIED and E_MISSING (no such topic) are.
 */
int bus_consumer_poll(struct bus_consumer *consumer, int64_t timeout_ms, struct bus_message **out,
                      struct err *e) EBB_MUST_CHECK;
/* Any thread. Finished: its offset may be passed. Frees the message. */
void bus_message_done(struct bus_consumer *consumer, struct bus_message *take_message);
/* Any thread. Given back unfinished (shutdown): its offset is not passed, and whoever has the
 * partition after this consumer gets it again; this consumer does not. Frees the message. */
void bus_message_drop(struct bus_consumer *consumer, struct bus_message *take_message);
/* For health and metrics; any thread. When all brokers had been lost it asks them anew, which takes
 * up to a quarter of a second. */
struct bus_consumer_stats {
    int64_t assigned, unfinished;
    int64_t paused; /* partitions that wait because their window is full */
    int64_t lag;    /* messages behind the end of the assigned partitions; -1 = not known */
    bool connected; /* a broker answers */
};
struct bus_consumer_stats bus_consumer_stats(struct bus_consumer *consumer);

/* What read_all of the real side is. E_TIMEOUT when it does not begin, or nothing more comes, for
 * timeout_ms: however long all of it takes, it has an end. */
int bus_read_all(const struct bus_options *options, struct str topic, int64_t timeout_ms,
                 bus_read_callback *callback, void *ctx, struct err *e) EBB_MUST_CHECK;

#endif
