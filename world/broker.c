/* SPDX-License-Identifier: Apache-2.0
 * See broker.h. librdkafka's mock cluster does the work: it keeps a few megabytes a partition in
 * memory and nothing on disk, which is right for a demo and not for data. Without --topic it begins
 * with those of Ebb, which refuses to start before they exist. Topics that are not asked for are made when a client first names them, with the mock's own 4 partitions: its
 * public interface has no setting for that, and its admin requests do not make topics.
 * rule 10: this program is not `ebb`; the mock is hosted here and nowhere else. */
#include "world/broker.h"

#include <errno.h>
#include <getopt.h>
#include <librdkafka/rdkafka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/* clang-format off: rdkafka.h must have come before */
#include <librdkafka/rdkafka_mock.h>
/* clang-format on */

#include "lib/base/str.h"
#include "schemas/message.h"

#define BROKERS_DEFAULT    1
#define BROKERS_MAX        10
#define PARTITIONS_DEFAULT 6
#define PARTITIONS_MAX     1000
#define TOPICS_MAX         100
#define TOPIC_NAME_MAX     249
#define PARENT_LOOK_S      1
#define PATH_BYTES_MAX     4000
#define REPLICAS_MAX       3
#define EXIT_USAGE         2

struct topic {
    char name[TOPIC_NAME_MAX + 1];
    int64_t partitions; /* 0 = as --partitions says */
};

struct options {
    int64_t brokers, partitions;
    const char *port_file;
    bool with_parent;
    struct topic topics[TOPICS_MAX];
    size_t topics_n;
};

static const char USAGE[] =
    "ebb-world broker [--brokers N] [--partitions N] [--topic NAME[:PARTITIONS]]...\n"
    "                 [--port-file FILE] [--with-parent]\n"
    "\n"
    "An embedded Kafka for trying things out; it keeps nothing on disk.\n"
    "  --brokers N        how many brokers the cluster has (1)\n"
    "  --partitions N     partitions of each --topic that does not say (6)\n"
    "  --topic NAME[:N]   a topic to begin with; without any, those that ebb needs.\n"
    "                     Others are made when first used, and not by `ebb topics create`\n"
    "  --port-file FILE   \"host:port\" is written there once clients can connect\n"
    "  --with-parent      end when the process that started this one ends\n";

static bool number(const char *text, int64_t max, int64_t *out)
{
    return str_to_int(str_from(text), out) && *out >= 1 && *out <= max;
}

static bool add_topic(struct options *o, const char *text)
{
    struct str partitions = str_from(text);
    struct str name = str_cut(&partitions, ':');
    if (o->topics_n == TOPICS_MAX || name.n == 0 || name.n > TOPIC_NAME_MAX) return false;
    struct topic *topic = &o->topics[o->topics_n++];
    memcpy(topic->name, name.p, name.n);
    topic->name[name.n] = '\0';
    topic->partitions = 0;
    return !partitions.p || (str_to_int(partitions, &topic->partitions) && topic->partitions >= 1 &&
                             topic->partitions <= PARTITIONS_MAX);
}

/* 0, or the exit code when the program is not to run. */
static int parse(struct options *o, int argc, char **argv, bool *run)
{
    static const struct option LONG[] = {
        {"brokers", required_argument, NULL, 'b'},
        {"partitions", required_argument, NULL, 'p'},
        {"topic", required_argument, NULL, 't'},
        {"port-file", required_argument, NULL, 'f'},
        {"with-parent", no_argument, NULL, 'w'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    bool good = true;
    int option;
    *run = false;
    optind = 1;
    while (good && (option = getopt_long(argc, argv, "", LONG, NULL)) != -1) {
        switch (option) {
        case 'b': good = number(optarg, BROKERS_MAX, &o->brokers); break;
        case 'p': good = number(optarg, PARTITIONS_MAX, &o->partitions); break;
        case 't': good = add_topic(o, optarg); break;
        case 'f': o->port_file = optarg; break;
        case 'w': o->with_parent = true; break;
        case 'h': (void)fputs(USAGE, stdout); return 0;
        default: good = false;
        }
    }
    if (good && optind == argc) {
        *run = true;
        return 0;
    }
    (void)fprintf(stderr, "ebb-world broker: the arguments are not understood\n\n%s", USAGE);
    return EXIT_USAGE;
}

static void add_topics_of_ebb(struct options *o)
{
    static const char *const TOPICS[] = {
#define X(topic) topic,
        EBB_TOPICS(X)
#undef X
    };
    for (size_t i = 0; i < EBB_COUNT(TOPICS); i++)
        if (!add_topic(o, TOPICS[i])) abort(); /* they are few, and named as topics may be */
}

/* Whoever waits for the file finds it whole or not at all. */
static bool write_port_file(const char *path, const char *text)
{
    char temporary[PATH_BYTES_MAX + 8];
    if (strlen(path) > PATH_BYTES_MAX) return false;
    (void)snprintf(temporary, sizeof(temporary), "%s.tmp", path); /* fits */
    FILE *file = fopen(temporary, "w");
    if (!file) return false;
    bool written = fprintf(file, "%s\n", text) > 0;
    written = fclose(file) == 0 && written;
    return written && rename(temporary, path) == 0;
}

/* Until a signal, or until the parent is another one than it was. */
static void wait_for_end(const sigset_t *signals, pid_t parent, bool with_parent)
{
    const struct timespec look = {.tv_sec = PARENT_LOOK_S};
    for (;;) { /* this is what the program is for */
        int signal = with_parent ? sigtimedwait(signals, NULL, &look) : sigwaitinfo(signals, NULL);
        if (signal > 0) return;
        if (with_parent && getppid() != parent) return;
    }
}

static rd_kafka_mock_cluster_t *begin(rd_kafka_t *host, const struct options *o)
{
    rd_kafka_mock_cluster_t *cluster = rd_kafka_mock_cluster_new(host, (int)o->brokers);
    if (!cluster) return NULL;
    int replicas = (int)(o->brokers < REPLICAS_MAX ? o->brokers : REPLICAS_MAX);
    for (size_t i = 0; i < o->topics_n; i++) {
        const struct topic *topic = &o->topics[i];
        int partitions = (int)(topic->partitions ? topic->partitions : o->partitions);
        rd_kafka_resp_err_t error =
            rd_kafka_mock_topic_create(cluster, topic->name, partitions, replicas);
        if (!error) continue;
        (void)fprintf(stderr, "ebb-world broker: topic %s: %s\n", topic->name,
                      rd_kafka_err2str(error));
        rd_kafka_mock_cluster_destroy(cluster);
        return NULL;
    }
    return cluster;
}

static int serve(const struct options *o, const sigset_t *signals, pid_t parent)
{
    char words[200];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    /* The host is never used as a client; its warning that it has no brokers would only puzzle. */
    (void)rd_kafka_conf_set(conf, "log_level", "3", words, sizeof(words)); /* a constant */
    rd_kafka_t *host = rd_kafka_new(RD_KAFKA_PRODUCER, conf, words, sizeof(words));
    if (!host) {
        (void)fprintf(stderr, "ebb-world broker: %s\n", words);
        rd_kafka_conf_destroy(conf);
        return 1;
    }
    int code = 1;
    rd_kafka_mock_cluster_t *cluster = begin(host, o);
    if (!cluster) goto out;
    const char *where = rd_kafka_mock_cluster_bootstraps(cluster);
    if (o->port_file && !write_port_file(o->port_file, where)) {
        (void)fprintf(stderr, "ebb-world broker: %s: %s\n", o->port_file, strerror(errno));
        goto out;
    }
    (void)printf("%s\n", where);
    (void)fflush(stdout); /* who reads this may have gone; the port file is the contract */
    wait_for_end(signals, parent, o->with_parent);
    code = 0;
out:
    if (cluster) rd_kafka_mock_cluster_destroy(cluster);
    rd_kafka_destroy(host);
    return code;
}

int broker_main(int argc, char **argv)
{
    struct options o = {.brokers = BROKERS_DEFAULT, .partitions = PARTITIONS_DEFAULT};
    pid_t parent = getppid();
    bool run;
    int code = parse(&o, argc, argv, &run);
    if (!run) return code;
    if (!o.topics_n) add_topics_of_ebb(&o);
    /* Blocked before any thread is made, so that only wait_for_end gets them. */
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    (void)signal(SIGPIPE, SIG_IGN);                            /* cannot fail for this signal */
    if (o.with_parent) (void)prctl(PR_SET_PDEATHSIG, SIGTERM); /* wait_for_end looks too */
    return serve(&o, &signals, parent);
}
