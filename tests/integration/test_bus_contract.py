# SPDX-License-Identifier: Apache-2.0
"""Goal: the model of Kafka in the simulator promises nothing that Kafka does not, and the other way round as
far as Ebb relies on it. Method: random sequences of publishing, joining, leaving, dying and standing still,
with handlers that finish in any order, in the model (build/VARIANT/bus-model, in virtual time), on a real
broker and on librdkafka's mock cluster; what was seen is judged by one list of promises."""

import itertools
import os
import random
import signal
import time

import pytest

from support import paths
from support.bus_promises import Event, Seen, check
from support.processes import run
from support.waiting import wait_for

TOPIC = "ebb.select"
STATE = "ebb.state"
# Not the name of a topic of Ebb: a broker that has deleted a topic may treat the next one of the name as that one was.
COMPACTED = "compacted-at-once"
PARTITIONS = 6
WINDOW = 20
SESSION_S = 3  # of bus_tool
OPERATIONS = 7
BATCHES = 4
BATCH = 400
MODEL_SEQUENCES = 40
# More of them on demand, some 20 s each: EBB_BUS_SEEDS="3 4 5".
BROKER_SEEDS = [int(seed) for seed in os.environ.get("EBB_BUS_SEEDS", "1 2").split()]
PATIENCE_S = 60


# ---------------------------------------------------------------- the model


def parse_model(text):
    published, events, read, committed, last = [], [], [], [], {}
    for line in text.splitlines():
        time_ms, what, *words = line.split()
        at = int(time_ms) / 1000
        if what == "published":
            published.append((int(words[0]), words[1]))
        elif what == "read":
            read.append((int(words[0]), words[1], int(words[2]), int(words[3])))
        elif what == "committed":
            committed.append((at, int(words[0]), int(words[1])))
        elif what == "last":
            last[int(words[0])] = int(words[1])
        else:
            assert what != "violation", line
            events.append(Event(at, what, words[0], *(int(word) for word in words[1:])))
    return Seen(published, events, read, committed, last)


@pytest.mark.parametrize("first", range(0, MODEL_SEQUENCES, 10))
def test_the_model_keeps_the_promises(processes, first):
    kinds = set()
    for seed in range(first, first + 10):
        done = run([paths.program("bus-model"), seed, 1 + seed % 4, 1500, seed % 13], processes.folder)
        assert done.returncode == 0, done.stderr
        seen = parse_model(done.stdout)
        try:
            check(seen)
        except AssertionError as error:
            raise AssertionError(f"bus-model {seed} {1 + seed % 4} 1500 {seed % 13}: {error}") from None
        kinds |= {event.what for event in seen.events}
    assert kinds == {"join", "leave", "kill", "freeze", "got", "done", "revoked"}, "some operation never came"


@pytest.mark.parametrize("seed", range(5))
def test_the_model_compacts_as_a_broker_does(processes, seed):
    done = run([paths.program("bus-model"), seed, "compaction"], processes.folder)
    assert done.returncode == 0, done.stderr
    seen = parse_model(done.stdout)
    check_compacted([(p, offset, key, number) for number, key, p, offset in seen.read],
                    {key: str(number) for number, key in seen.published})  # fmt: skip
    assert len(seen.read) < len(seen.published)


# ---------------------------------------------------------------- brokers


class Group:
    """Members of one group as processes, and what befell them."""

    def __init__(self, processes, brokers, seed):
        self.processes, self.brokers = processes, brokers
        self.chance = random.Random(seed)
        self.members, self.alive, self.events, self.published = {}, [], [], []

    def note(self, what, member):
        self.events.append(Event(time.monotonic(), what, member.name))

    def join(self):
        member = self.processes.start(
            "consume", [paths.program("tools/bus_tool"), "consume", self.brokers, TOPIC, TOPIC, WINDOW]
        )
        self.note("join", member)
        member.wait_for_output("^assigned")  # it listens to signals
        self.members[member.name] = member
        self.alive.append(member)

    def publish(self, count):
        first = len(self.published)
        done = run([paths.program("tools/bus_tool"), "produce", self.brokers, TOPIC, first, count], self.processes.folder)
        assert done.returncode == 0, done.stderr
        self.published += [(number, f"key-{number % 37}") for number in range(first, first + count)]

    def operate(self):
        member = self.chance.choice(self.alive)
        what = self.chance.choice(["join", "leave", "kill", "freeze"])
        if what == "join" or len(self.alive) == 1:
            self.join()
        elif what == "leave":
            self.note("leave", member)
            self.alive.remove(member)
            assert member.stop() == 0, member.tail()
        elif what == "kill":
            self.note("kill", member)
            self.alive.remove(member)
            member.kill9()
        else:
            self.note("freeze", member)
            member.signal(signal.SIGSTOP)
            wait_past = time.monotonic() + SESSION_S + 1
            before = len(self.seen_events())
            wait_for(lambda: time.monotonic() > wait_past, SESSION_S + 5, f"{member.name}'s session to end")
            member.signal(signal.SIGCONT)
            assert len(self.seen_events()) >= before

    def seen_events(self):
        """What befell the members, and what each said, in the order of time."""
        found = list(self.events)
        for member in self.members.values():
            for line in member.lines():
                words = line.split()
                if words and words[0] in ("got", "done") and len(words) == 5:
                    number, partition, offset, at_us = (int(word) for word in words[1:])
                    found.append(Event(at_us / 1e6, words[0], member.name, number, partition, offset))
                elif words and words[0] == "revoked":
                    what = "lost" if words[1] == "lost" else "revoked"
                    found.append(Event(int(words[2]) / 1e6, what, member.name))
                elif "COMMITFAIL" in line:
                    found.append(Event(0.0, "lost", member.name))
        return sorted(found, key=lambda event: event.time_s)

    def finished(self):
        return {event.number for event in self.seen_events() if event.what == "done"}

    def read_all(self):
        done = run([paths.program("tools/bus_tool"), "read-all", self.brokers, TOPIC], self.processes.folder)
        assert done.returncode == 0, done.stderr
        rows = [line.split() for line in done.stdout.splitlines()]
        return [(int(value), key, int(partition), int(offset)) for partition, offset, key, value in rows]


def play(group, committed):
    looks = []
    group.join()
    group.join()
    batches = set(group.chance.sample(range(OPERATIONS), BATCHES))
    for step in range(OPERATIONS):
        if step in batches:
            group.publish(BATCH)
        group.operate()
        now, offsets = time.monotonic(), committed()
        looks += [(now, partition, offset) for partition, offset in offsets.items()]
    wait_for(
        lambda: len(group.finished()) == len(group.published), PATIENCE_S, "every message to be finished",
        lambda: f"{len(group.finished())} of {len(group.published)}",
    )  # fmt: skip
    for member in group.alive:
        group.note("leave", member)
        assert member.stop() == 0, member.tail()
    read = group.read_all()
    ends = {partition: offset + 1 for _, _, partition, offset in read}
    wait_for(lambda: committed() == ends, 20, "the last offsets to be committed", lambda: f"{committed()}, not {ends}")
    # A look at what is committed is true of some moment before its answer.
    late = [(now + 1, partition, offset) for now, partition, offset in looks]
    check(Seen(group.published, group.seen_events(), read, late, committed()))


@pytest.mark.parametrize("seed", BROKER_SEEDS)
def test_a_real_broker_keeps_the_promises(kafka, processes, seed):
    kafka.create_topic(TOPIC, partitions=PARTITIONS)
    play(Group(processes, kafka.brokers, seed), lambda: kafka.committed(TOPIC, TOPIC))


# ---------------------------------------------------------------- what has no group


def test_compaction_keeps_the_newest_of_each_key_and_the_order(kafka, processes):
    """The broker may forget what a newer record of the same key has overtaken, at any time; the model does so
    too, whenever it is read."""
    kafka.create_topic(
        COMPACTED, partitions=2,
        config={"cleanup.policy": "compact", "min.cleanable.dirty.ratio": "0.01", "segment.ms": "100",
                "max.compaction.lag.ms": "200"},
    )  # fmt: skip
    records = [(f"drain-{number % 20}", str(number)) for number in range(3000)]
    kafka.produce_all(COMPACTED, [(key, value, None) for key, value in records])
    newest = dict(records)
    rounds = itertools.count(len(records))

    def compacted():
        # Only closed segments are compacted, so something must go on being written.
        key, value = "more", str(next(rounds))
        kafka.produce(COMPACTED, value, key)
        newest[key] = value
        done = run([paths.program("tools/bus_tool"), "read-all", kafka.brokers, COMPACTED], processes.folder)
        assert done.returncode == 0, done.stderr
        rows = [line.split() for line in done.stdout.splitlines()]
        check_compacted(rows, newest)
        return len(rows) < len(records)

    wait_for(compacted, PATIENCE_S, "the broker to compact the topic")


def test_what_was_not_acknowledged_may_arrive_after_what_came_later(kafka, processes):
    """B1 says nothing of E_UNKNOWN_OUTCOME: the record may be there or not, and it may come when its sender is gone."""
    kafka.create_topic(STATE, partitions=1)
    tool = paths.program("tools/bus_tool")
    with kafka.proxy() as proxy:
        brokers = f"127.0.0.1:{proxy.port}"
        publisher = processes.start("publisher", [tool, "publish-again", brokers, STATE, "key", "1", "2"])
        publisher.wait_for_output("^outcome ok")
        proxy.hold()
        assert publisher.stop() == 0
        assert publisher.lines()[-1] == "outcome unknown_outcome", publisher.tail()
        kafka.produce(STATE, "3", "key")
        proxy.release()
        # Not promised, but what this broker does: the bytes were on their way when their sender gave up.
        found = kafka.wait_for_messages(STATE, 3)
    assert [message.value for message in found] == [b"1", b"3", b"2"]


def test_its_own_later_records_fence_what_was_not_acknowledged(kafka, processes):
    """As long as the publisher goes on, nothing of it arrives after what it published later."""
    kafka.create_topic(STATE, partitions=1)
    tool = paths.program("tools/bus_tool")
    with kafka.proxy() as proxy:
        brokers = f"127.0.0.1:{proxy.port}"
        publisher = processes.start("publisher", [tool, "publish-again", brokers, STATE, "key", *"1234"])
        publisher.wait_for_output("^outcome ok")
        proxy.hold()
        assert publisher.stop(timeout_s=40) == 0
        proxy.release()
        outcomes = [line for line in publisher.lines() if line.startswith("outcome")]
        assert outcomes == ["outcome ok", "outcome unknown_outcome", "outcome ok", "outcome ok"]
        # Published by turns with the looks, so that what was held has had its time to come.
        for number in range(20):
            kafka.produce(STATE, f"end {number}", "key")
            values = [message.value for message in kafka.consume_all(STATE)]
            assert [value for value in values if b"end" not in value] == [b"1", b"3", b"4"]


def check_compacted(rows, newest):
    last, offsets = {}, {}
    for partition, offset, key, value in rows:
        assert int(offset) > offsets.get(partition, -1), "offsets rise"
        offsets[partition] = int(offset)
        assert int(value) > int(last.get(key, -1)), f"{key}: an older record comes after a newer one"
        last[key] = str(value)
    assert last == newest
