# SPDX-License-Identifier: Apache-2.0
"""A real Kafka broker, one node, on loopback, and what tests do with it: topics, writing, reading all
there is, committed offsets. It keeps its data over kill9() and restart()."""

import base64
import functools
import subprocess
import time
import uuid
from typing import NamedTuple

import confluent_kafka
from confluent_kafka.admin import AdminClient, NewTopic

from . import paths
from .proxy import Proxy
from .waiting import wait_for

READY_TIMEOUT_S = 40
CALL_TIMEOUT_S = 20
FORMAT_TIMEOUT_S = 60
# What a broker says of a partition until it leads it.
NOT_YET = (confluent_kafka.KafkaError.NOT_LEADER_FOR_PARTITION, confluent_kafka.KafkaError.LEADER_NOT_AVAILABLE)

CONFIGURATION = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
listeners=PLAINTEXT://127.0.0.1:{port},BEHIND://127.0.0.1:{behind_port},CONTROLLER://127.0.0.1:{controller_port}{listeners}
# A client that comes through a proxy is told to go on doing so.
advertised.listeners=PLAINTEXT://127.0.0.1:{port},BEHIND://127.0.0.1:{proxy_port}{advertised}
inter.broker.listener.name=PLAINTEXT
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,BEHIND:PLAINTEXT,CONTROLLER:PLAINTEXT{protocols}
log.dirs={folder}/data
# A topic that is missing is a mistake that Ebb must name, so none is made by being asked for.
auto.create.topics.enable=false
num.partitions=6
# One node has nobody to copy to.
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
# Tests wait for groups, deletions and restarts; the defaults are for larger clusters.
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
log.cleaner.dedupe.buffer.size=8388608
log.cleaner.backoff.ms=500
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=200
log.segment.delete.delay.ms=1000
"""

LOGGING = """\
status=error
appender.console.type=Console
appender.console.name=out
appender.console.layout.type=PatternLayout
appender.console.layout.pattern=%d{ISO8601} %p %c{1}: %m%n
rootLogger.level=warn
rootLogger.appenderRef.out.ref=out
"""


class Message(NamedTuple):
    key: bytes | None
    value: bytes | None
    headers: dict  # name -> bytes
    partition: int
    offset: int
    timestamp_ms: int


class Kafka:
    """ways: (port, port of a proxy before it) of further listeners. Who comes by a proxy is sent back to that proxy."""

    def __init__(self, processes, folder, ways=()):
        self._processes = processes
        self._folder = folder
        self.port, controller_port, self._behind_port, self._proxy_port = paths.free_ports(4)
        self.brokers = f"127.0.0.1:{self.port}"
        self._properties = folder / "server.properties"
        self._properties.write_text(
            CONFIGURATION.format(
                folder=folder, port=self.port, controller_port=controller_port,
                behind_port=self._behind_port, proxy_port=self._proxy_port,
                listeners="".join(f",WAY{i}://127.0.0.1:{port}" for i, (port, _) in enumerate(ways)),
                advertised="".join(f",WAY{i}://127.0.0.1:{shown}" for i, (_, shown) in enumerate(ways)),
                protocols="".join(f",WAY{i}:PLAINTEXT" for i in range(len(ways))),
            )
        )  # fmt: skip
        self._logging = folder / "log4j2.properties"
        self._logging.write_text(LOGGING)
        self._format()
        self.process = None
        self.start()

    def proxy(self):
        """A way to the broker that can be shut; its clients stay on it."""
        return Proxy(self._behind_port, self._proxy_port)

    def _java(self, *options):
        jars = paths.DEPENDENCIES / "kafka" / "lib"
        assert jars.is_dir(), "the Kafka broker is not fetched: deploy/dependencies/install.sh test"
        return [
            "java", *options, "-XX:TieredStopAtLevel=1", "-Djava.awt.headless=true",
            f"-Dlog4j2.configurationFile={self._logging}", "-cp", f"{jars}/*",
        ]  # fmt: skip

    def _format(self):
        command = self._java("-Xmx256m") + [
            "kafka.tools.StorageTool", "format", "--ignore-formatted", f"--cluster-id={_cluster_id()}",
            "-c", str(self._properties),
        ]  # fmt: skip
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=FORMAT_TIMEOUT_S, stdin=subprocess.DEVNULL, check=False
        )
        assert done.returncode == 0, f"formatting the broker's storage failed:\n{done.stdout}{done.stderr}"

    # ---------------------------------------------------------------- life

    def start(self):
        self.begin()
        self.process.wait_for(self.answers, READY_TIMEOUT_S, "the broker to answer kcat -L")

    def begin(self):
        """Starts it, and does not wait until it answers."""
        command = self._java("-Xms256m", "-Xmx512m", "-XX:+UseSerialGC") + ["kafka.Kafka", str(self._properties)]
        # An admin client that lives on keeps asking for the coordinator of before.
        vars(self).pop("admin", None)
        self.process = self._processes.start("kafka", command)

    def answers(self):
        asked = subprocess.run(
            ["kcat", "-b", self.brokers, "-L", "-m", "2", "-X", "log_level=0"],
            capture_output=True, timeout=10, stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip
        return asked.returncode == 0

    @property
    def is_running(self):
        return self.process is not None and self.process.is_running

    def stop(self):
        """SIGTERM; one that does not listen is killed, so that no test hangs on it."""
        try:
            self.process.stop(timeout_s=10)
        except AssertionError:
            self.process.kill9()

    def kill9(self):
        self.process.kill9()

    def restart(self):
        """The same broker again, with what it had."""
        if self.is_running:
            self.stop()
        self.start()

    # ---------------------------------------------------------------- topics

    @functools.cached_property
    def admin(self):
        """One for all calls: a client that is let go takes its unfinished answers with it."""
        return AdminClient(
            {
                "bootstrap.servers": self.brokers,
                "log_level": 0,
                "reconnect.backoff.ms": 50,
                "reconnect.backoff.max.ms": 200,
            }
        )

    def topics(self):
        """name -> number of partitions, without Kafka's own."""
        listed = self.admin.list_topics(timeout=CALL_TIMEOUT_S).topics
        return {name: len(topic.partitions) for name, topic in listed.items() if not name.startswith("__")}

    def create_topic(self, *names, partitions=6, config=None):
        made = self.admin.create_topics(
            [NewTopic(name, partitions, 1, config=config or {}) for name in names], operation_timeout=CALL_TIMEOUT_S
        )
        for future in made.values():
            future.result(CALL_TIMEOUT_S)
        wait_for(lambda: set(names) <= set(self.topics()), CALL_TIMEOUT_S, f"topics {names} to be there")

    def delete_topic(self, *names):
        for future in self.admin.delete_topics(list(names), operation_timeout=CALL_TIMEOUT_S).values():
            future.result(CALL_TIMEOUT_S)
        wait_for(lambda: not set(names) & set(self.topics()), CALL_TIMEOUT_S, f"topics {names} to be gone")

    def clear(self):
        """No topics and no groups: what every test begins with."""
        if not self.is_running:
            self.start()
        topics = list(self.topics())
        if topics:
            self.delete_topic(*topics)
        wait_for(self._delete_groups, CALL_TIMEOUT_S, "the consumer groups of earlier tests to be gone")

    def groups(self):
        listed = self.admin.list_consumer_groups(request_timeout=CALL_TIMEOUT_S).result(CALL_TIMEOUT_S)
        return [group.group_id for group in listed.valid]

    def _delete_groups(self):
        groups = self.groups()
        if not groups:
            return True
        for future in self.admin.delete_consumer_groups(groups).values():
            try:
                future.result(CALL_TIMEOUT_S)
            except confluent_kafka.KafkaException:
                # A killed member holds its group until its session ends.
                return False
        return True

    # ---------------------------------------------------------------- messages

    def produce(self, topic, value, key=None, headers=None, partition=None):
        """Writes one message, and returns when the broker has it."""
        self.produce_all(topic, [(key, value, headers)], partition)

    def produce_all(self, topic, messages, partition=None):
        """Writes (key, value, headers) in order, each once: a broker that does not lead yet would else take the first
        batches after the later ones."""
        producer = confluent_kafka.Producer(
            {"bootstrap.servers": self.brokers, "linger.ms": 0, "enable.idempotence": True, "message.timeout.ms": 15000}
        )
        failed = []
        where = {} if partition is None else {"partition": partition}
        for key, value, headers in messages:
            producer.produce(
                topic, value=value, key=key, headers=list((headers or {}).items()), **where,
                on_delivery=lambda error, _: failed.append(error) if error else None,
            )  # fmt: skip
            producer.poll(0)
        left = producer.flush(CALL_TIMEOUT_S)
        assert not left and not failed, f"{topic}: {left} not delivered, errors: {failed[:3]}"

    def consume_all(self, topic, partitions=None, timeout_s=CALL_TIMEOUT_S):
        """Every message the topic has now, by partition and offset. Compaction and transactions leave holes; what one reader
        did not get for another cause, the next one gets."""
        messages, ends = self._read_all(topic, partitions, timeout_s)
        if len(messages) < sum(high - low for low, high in ends.values()):
            again, _ = self._read_all(topic, partitions, timeout_s)
            messages = max(messages, again, key=len)
        return messages

    def _read_all(self, topic, partitions, timeout_s):
        """Every message, and partition -> (first, end) of those that have any."""
        consumer = confluent_kafka.Consumer(
            {
                "bootstrap.servers": self.brokers,
                "group.id": f"reader-{uuid.uuid4()}",
                "enable.auto.commit": False,
                "enable.partition.eof": False,
                "log_level": 0,
            }
        )
        try:
            known = consumer.list_topics(topic, timeout=CALL_TIMEOUT_S).topics[topic]
            assert known.error is None, f"{topic}: {known.error}"
            ends = {}
            for number in known.partitions if partitions is None else partitions:
                partition = confluent_kafka.TopicPartition(topic, number)
                low, high = _watermarks(consumer, partition)
                if high > low:
                    ends[number] = (low, high)
            consumer.assign([confluent_kafka.TopicPartition(topic, n, low) for n, (low, _) in ends.items()])
            return self._read_until(consumer, topic, {n: high for n, (_, high) in ends.items()}, timeout_s), ends
        finally:
            consumer.close()

    def _read_until(self, consumer, topic, highs, timeout_s):
        messages = []
        end = time.monotonic() + timeout_s
        # Positions, not counts: compaction and transaction markers leave holes.
        while highs:
            assert time.monotonic() < end, f"{topic}: partitions {highs} not read to their ends in {timeout_s} s"
            for message in consumer.consume(1000, timeout=0.1):
                assert message.error() is None, f"{topic}: {message.error()}"
                if message.offset() < highs.get(message.partition(), 1 << 62):
                    messages.append(
                        Message(
                            message.key(), message.value(), dict(message.headers() or []), message.partition(),
                            message.offset(), message.timestamp()[1],
                        )
                    )  # fmt: skip
            for place in consumer.position([confluent_kafka.TopicPartition(topic, n) for n in highs]):
                if place.offset >= highs[place.partition]:
                    del highs[place.partition]
        return sorted(messages, key=lambda m: (m.partition, m.offset))

    def wait_for_messages(self, topic, count=1, timeout_s=15, where=lambda message: True):
        """The topic's messages for which where() holds, once there are at least so many."""
        found = []

        def look():
            found[:] = [m for m in self.consume_all(topic) if where(m)]
            return len(found) >= count

        wait_for(look, timeout_s, f"{count} messages on {topic}", lambda: f"there are {len(found)}: {found[-5:]}")
        return found

    def committed(self, group, topic):
        """partition -> the next offset the group would read, where it stored one."""
        asked = confluent_kafka.ConsumerGroupTopicPartitions(group)
        answer = self.admin.list_consumer_group_offsets([asked])[group].result(CALL_TIMEOUT_S)
        return {p.partition: p.offset for p in answer.topic_partitions if p.topic == topic and p.offset >= 0}

    def lag(self, group, topic):
        """How many messages of the topic the group has not finished."""
        committed = self.committed(group, topic)
        consumer = confluent_kafka.Consumer({"bootstrap.servers": self.brokers, "group.id": group, "log_level": 0})
        try:
            behind = 0
            for number in range(self.topics()[topic]):
                low, high = _watermarks(consumer, confluent_kafka.TopicPartition(topic, number))
                behind += high - max(low, committed.get(number, low))
            return behind
        finally:
            consumer.close()


def _watermarks(consumer, partition):
    """Its first offset and its end. The broker may not lead a partition yet that it has just said it made."""
    found = []

    def look():
        try:
            found[:] = consumer.get_watermark_offsets(partition, timeout=CALL_TIMEOUT_S)
        except confluent_kafka.KafkaException as exception:
            if exception.args[0].code() not in NOT_YET:
                raise
        return found

    wait_for(look, CALL_TIMEOUT_S, f"the offsets of {partition}")
    return found


def _cluster_id():
    """Kafka's own form of a random id: 16 bytes in base64 for URLs, without padding."""
    import base64

    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
