# SPDX-License-Identifier: Apache-2.0
"""Goal: on a real broker nothing that was published is lost, whoever is killed and whenever, and a group
shares its partitions. Method: tests/tools/bus_tool, which is lib/bus on the command line, is started
several times and killed; what it said it finished is compared with what was published."""

import random
import time

import pytest

from support import paths
from support.processes import run
from support.waiting import wait_for

TOPIC = "ebb.select"
GROUP = "ebb.select"
WINDOW = 20
PARTITIONS = 6
CLIENT_TIMEOUT_S = 60
DRAIN_TIMEOUT_S = 60  # for a group to take over from killed members and to finish everything


@pytest.fixture
def tool(processes):
    """tool("read-all", ...) runs it to its end; .start(...) leaves it running."""

    def call(*arguments, timeout_s=CLIENT_TIMEOUT_S):
        return run([paths.program("tools/bus_tool"), *arguments], processes.folder, timeout_s=timeout_s)

    call.processes = processes
    call.start = lambda *arguments: processes.start(arguments[0], [paths.program("tools/bus_tool"), *arguments])
    return call


def produce(tool, kafka, first, count):
    done = tool("produce", kafka.brokers, TOPIC, first, count)
    assert done.returncode == 0, done.stderr


def start_consumer(tool, kafka, window=WINDOW):
    return tool.start("consume", kafka.brokers, GROUP, TOPIC, window)


def finished(*consumers):
    """(number, partition, offset) of each message that was said to be finished, in order."""
    found = []
    for consumer in consumers:
        lines = consumer.lines()
        found += [tuple(int(word) for word in line.split()[1:4]) for line in lines if line.startswith("done ")]
    return found


def numbers(*consumers):
    return {number for number, _, _ in finished(*consumers)}


def assigned(consumer):
    """How many partitions it said it had, last."""
    said = [line for line in consumer.lines() if line.startswith("assigned ")]
    return int(said[-1].split()[1]) if said else 0


def wait_for_all(consumers, count):
    wait_for(
        lambda: numbers(*consumers) >= set(range(count)),
        DRAIN_TIMEOUT_S,
        f"{count} messages to be finished",
        lambda: f"missing: {sorted(set(range(count)) - numbers(*consumers))[:20]}",
    )


def test_what_is_published_is_read_once_and_whole(kafka, tool):
    kafka.create_topic(TOPIC, partitions=3)
    produce(tool, kafka, 0, 1000)
    read = tool("read-all", kafka.brokers, TOPIC)
    assert read.returncode == 0, read.stderr
    lines = [line.split() for line in read.stdout.splitlines()]
    assert sorted(int(value) for _, _, _, value in lines) == list(range(1000))
    partitions = {}
    for partition, offset, key, value in lines:
        assert key == f"key-{int(value) % 37}"
        assert partitions.setdefault(key, partition) == partition, "a key changed its partition"
        assert int(offset) >= 0
    there = kafka.consume_all(TOPIC)
    assert {(m.partition, m.offset, m.value) for m in there} == {
        (int(p), int(o), v.encode()) for p, o, _, v in lines
    }


def test_an_empty_topic_is_read_at_once(kafka, tool):
    kafka.create_topic(TOPIC, partitions=3)
    read = tool("read-all", kafka.brokers, TOPIC)
    assert (read.returncode, read.stdout) == (0, ""), read.stderr


def test_a_long_topic_in_large_batches_is_read_fast(kafka, tool):
    """Batches larger than what is fetched of a partition at once would starve the partitions behind them."""
    count = 40000
    kafka.create_topic(TOPIC, partitions=PARTITIONS)
    kafka.produce_all(TOPIC, [(b"key-%d" % (n % 37), b"%0300d" % n, None) for n in range(count)])
    began = time.monotonic()
    read = tool("read-all", kafka.brokers, TOPIC)
    assert read.returncode == 0, read.stderr
    assert {int(line.split()[3]) for line in read.stdout.splitlines()} == set(range(count))
    assert time.monotonic() - began < 10


def test_a_compacted_topic_is_read_to_its_end(kafka, tool):
    """Compaction leaves holes, also where the topic ends."""
    made = tool("create-topics", kafka.brokers, "ebb.state:1:compact")
    assert made.returncode == 0, made.stderr
    kafka.produce_all("ebb.state", [(b"drain-%d" % (n % 3), b"%d" % n, None) for n in range(100)])
    kafka.produce_all("ebb.state", [(b"drain-0", None, None)])
    read = tool("read-all", kafka.brokers, "ebb.state")
    assert read.returncode == 0, read.stderr
    last = {line.split()[2]: line.split()[3:] for line in read.stdout.splitlines()}
    assert last == {"drain-0": [], "drain-1": ["97"], "drain-2": ["98"]}


def test_topics_are_made_with_their_settings_and_left_alone_when_there(kafka, tool):
    kafka.create_topic("ebb.drain", partitions=2)
    made = tool("create-topics", kafka.brokers, "ebb.drain:9", "ebb.select", "ebb.state:3:compact")
    assert made.returncode == 0, made.stderr
    assert kafka.topics() == {"ebb.drain": 2, "ebb.select": PARTITIONS, "ebb.state": 3}
    assert cleanup_policy(kafka, "ebb.state") == "compact"
    assert cleanup_policy(kafka, "ebb.select") == "delete"
    again = tool("create-topics", kafka.brokers, "ebb.drain:9", "ebb.select", "ebb.state:3:compact")
    assert again.returncode == 0, again.stderr
    assert tool("check-topics", kafka.brokers, "ebb.drain", "ebb.select", "ebb.state").returncode == 0


def cleanup_policy(kafka, topic):
    from confluent_kafka.admin import ConfigResource

    resource = ConfigResource(ConfigResource.Type.TOPIC, topic)
    return kafka.admin.describe_configs([resource])[resource].result(20)["cleanup.policy"].value


def test_a_topic_that_cannot_be_made_says_why(kafka, tool):
    made = tool("create-topics", kafka.brokers, "not a name")
    assert made.returncode == 1
    assert "not a name" in made.stderr


def test_a_missing_topic_is_named_by_everything(kafka, tool):
    kafka.create_topic("ebb.drain")
    checked = tool("check-topics", kafka.brokers, "ebb.drain", TOPIC)
    assert checked.returncode == 1
    consumer = start_consumer(tool, kafka)
    assert consumer.wait_for_exit(CLIENT_TIMEOUT_S) == 1
    read = tool("read-all", kafka.brokers, TOPIC)
    published = tool("produce", kafka.brokers, TOPIC, 0, 1)
    for said in (checked.stderr, consumer.output(), read.stderr, published.stderr):
        assert f"topic {TOPIC} does not exist" in said
        assert "ebb topics create" in said
    assert "missing:" in checked.stderr and "not_found:" in published.stderr
    assert kafka.topics() == {"ebb.drain": PARTITIONS}, "asking for a topic made it"


def test_a_clean_stop_hands_over_exactly_what_is_unfinished(kafka, tool):
    kafka.create_topic(TOPIC, partitions=2)
    produce(tool, kafka, 0, 3000)
    first = start_consumer(tool, kafka)
    first.wait_for(lambda: len(finished(first)) > 500, 30, "500 messages")
    assert first.stop() == 0
    assert "closed" in first.output()
    second = start_consumer(tool, kafka)
    wait_for_all([first, second], 3000)
    # Out of order within a window: only what was above the lowest unfinished one comes twice.
    twice = len(finished(first, second)) - 3000
    assert 0 <= twice <= 2 * WINDOW
    assert second.stop() == 0
    assert kafka.lag(GROUP, TOPIC) == 0


def test_killed_consumers_lose_nothing(kafka, tool):
    """Three at a time, one killed at a random moment and replaced, again and again."""
    count = 8000
    chance = random.Random(7)
    kafka.create_topic(TOPIC, partitions=PARTITIONS)
    everybody = [start_consumer(tool, kafka) for _ in range(3)]
    alive = list(everybody)
    produce(tool, kafka, 0, count // 2)
    for round_number in range(5):
        victim = alive.pop(chance.randrange(len(alive)))
        before, wanted = len(finished(*everybody)), chance.randrange(1, 600)
        wait_for(lambda b=before, w=wanted: len(finished(*everybody)) >= b + w or len(numbers(*everybody)) == count // 2,
                 DRAIN_TIMEOUT_S, f"{wanted} more messages")  # fmt: skip
        victim.kill9()
        fresh = start_consumer(tool, kafka)
        alive.append(fresh)
        everybody.append(fresh)
        if round_number == 2:
            produce(tool, kafka, count // 2, count - count // 2)
    wait_for_all(everybody, count)
    for consumer in alive:
        assert consumer.stop() == 0
    # What is stored never ran ahead of what was finished: the group's end is the topic's end, now.
    wait_for(lambda: kafka.lag(GROUP, TOPIC) == 0, 20, "the lag to be 0")


def test_offsets_never_run_ahead_of_what_is_finished(kafka, tool):
    """Killed in the middle: every offset below the stored one was finished by somebody."""
    kafka.create_topic(TOPIC, partitions=3)
    produce(tool, kafka, 0, 4000)
    for _ in range(3):
        consumer = start_consumer(tool, kafka)
        consumer.wait_for(lambda c=consumer: len(finished(c)) > 400, 30, "400 messages")
        consumer.kill9()
    said = finished(*_consumers(tool))
    for partition, stored in kafka.committed(GROUP, TOPIC).items():
        offsets = {offset for _, where, offset in said if where == partition}
        assert set(range(stored)) <= offsets


def _consumers(tool):
    """Every consumer of the test so far."""
    return [p for p in tool.processes.all if p.name.startswith("consume")]


def test_three_consumers_share_and_the_others_go_on_meanwhile(kafka, tool):
    count = 6000
    kafka.create_topic(TOPIC, partitions=PARTITIONS)
    consumers = [start_consumer(tool, kafka)]
    consumers[0].wait_for(lambda: assigned(consumers[0]) == PARTITIONS, 20, "all partitions")
    produce(tool, kafka, 0, count)
    for share in (3, 2):
        consumers.append(start_consumer(tool, kafka))
        wait_for(lambda s=share: [assigned(c) for c in consumers] == [s] * len(consumers), 20,
                 f"{share} partitions each", lambda: str([assigned(c) for c in consumers]))  # fmt: skip
    # Cooperative: a member keeps what it is left with, so the first never had none in between.
    assert all(line != "assigned 0" for line in consumers[0].lines()[1:])
    assert "revoked asked" in consumers[0].output()
    wait_for_all(consumers, count)
    assert consumers[0].stop() == 0
    wait_for(lambda: [assigned(c) for c in consumers[1:]] == [3, 3], 20, "the two others to share")
    produce(tool, kafka, count, 500)
    wait_for_all(consumers, count + 500)
    assert {number for number, _, _ in finished(*consumers[1:])} >= set(range(count, count + 500))


def test_a_broker_that_is_killed_and_comes_back_loses_nothing(kafka, tool):
    count = 6000
    kafka.create_topic(TOPIC, partitions=PARTITIONS)
    consumer = start_consumer(tool, kafka)
    producer = tool.start("produce", kafka.brokers, TOPIC, 0, count)
    consumer.wait_for(lambda: len(finished(consumer)) > 300, 30, "300 messages")
    kafka.kill9()
    time_of_kill = time.monotonic()
    kafka.restart()
    assert producer.wait_for_exit(CLIENT_TIMEOUT_S) == 0, producer.output()
    wait_for_all([consumer], count)
    assert time.monotonic() - time_of_kill < DRAIN_TIMEOUT_S
    assert consumer.stop() == 0
    assert kafka.lag(GROUP, TOPIC) == 0


def test_a_stop_without_a_broker_is_bounded(kafka, tool):
    kafka.create_topic(TOPIC, partitions=2)
    produce(tool, kafka, 0, 200)
    consumer = start_consumer(tool, kafka, window=5)
    consumer.wait_for(lambda: len(finished(consumer)) > 20, 30, "20 messages")
    kafka.kill9()
    try:
        assert consumer.stop(timeout_s=20) == 0
        assert "closed" in consumer.output()
    finally:
        kafka.restart()


def test_a_paused_group_of_one_loses_no_message_and_doubles_none(kafka, tool):
    """A window of 3 is full all the time, so every partition is paused and resumed hundreds of times."""
    count = 3000
    kafka.create_topic(TOPIC, partitions=2)
    produce(tool, kafka, 0, count)
    consumer = start_consumer(tool, kafka, window=3)
    wait_for_all([consumer], count)
    assert consumer.stop() == 0
    assert len(finished(consumer)) == count
    assert kafka.lag(GROUP, TOPIC) == 0
