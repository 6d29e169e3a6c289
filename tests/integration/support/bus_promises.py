# SPDX-License-Identifier: Apache-2.0
"""What Ebb relies on Kafka for, judged from what publishers and members of one group saw. The model in
tests/sim is held to the same list, so that what the simulator shows is true of the real thing.

 B1  What was acknowledged is read by read_all: once, whole, with its key, and nothing else is.
 B2  All records of a key are in one partition, whoever published them and whenever.
 B3  A partition's offsets rise by one, and records of one key lie in the order in which they were published.
 B4  A member is handed a partition's messages in order of offset, none left out, as long as it has it.
 B5  Whoever gets a partition begins at or below its lowest unfinished message, and never below an offset
     that was committed before.
 B6  An offset is committed only when everything below it is finished.
 B7  A partition that passes from a member which is alive goes on where that one had ended: what it had
     finished in a row is not handed out again, unless the broker says that it refused the last commit.
 B8  At one time one member has a partition. Only one that stood still past its session, or lost it otherwise,
     may still be handed what it had fetched before.
 B9  Every message is finished by somebody, whoever leaves, dies or stands still.
 B10 In the end the committed offsets are the partitions' ends.

Compaction, and acknowledgements that never came, have tests of their own (test_bus_contract.py)."""

from typing import NamedTuple

# A message is said to be finished a moment before the client library is told.
GRACE_S = 0.3


class Event(NamedTuple):
    time_s: float
    what: str  # join, leave, kill, freeze; got, done, revoked, lost
    member: str
    number: int = -1
    partition: int = -1
    offset: int = -1


class Seen(NamedTuple):
    published: list  # (number, key), in the order of publishing; all of it acknowledged
    events: list  # of Event, in the order of time
    read: list  # (number, key, partition, offset) as read_all gave it in the end
    committed: list  # (time_s, partition, offset): looked at on the way
    last: dict  # partition -> committed offset in the end


def check(seen):
    places = check_topic(seen)
    check_members(seen, places)
    finished = {e.number for e in seen.events if e.what == "done"}
    missing = {number for number, _ in seen.published} - finished
    assert not missing, f"B9: {len(missing)} messages were never finished: {sorted(missing)[:10]}"
    check_commits(seen)


def check_topic(seen):
    read = sorted((number, key) for number, key, _, _ in seen.read)
    assert read == sorted(seen.published), "B1: what is read is not what was acknowledged"
    homes, order, ends = {}, {}, {}
    for number, key, partition, offset in seen.read:
        assert homes.setdefault(key, partition) == partition, f"B2: {key} is in two partitions"
        assert offset == ends.get(partition, -1) + 1, f"B3: {partition}/{offset} comes after {ends.get(partition)}"
        ends[partition] = offset
        order.setdefault(key, []).append(number)
    published = {}
    for number, key in seen.published:
        published.setdefault(key, []).append(number)
    assert order == published, "B3: records of a key are not in the order of their publishing"
    return {number: (partition, offset) for number, _, partition, offset in seen.read}


class Partition:
    """What is known of one partition at a time of the history."""

    def __init__(self):
        self.finished = {}  # offset -> time it was finished first
        self.committed = 0
        self.owner = None
        self.begin = 0  # of the owner
        self.run = 0  # counts the owners
        self.own = {}  # what the owner finished of what it was handed since: offset -> time
        self.ended_s = None  # it may have been taken from the owner then


def prefix(finished, begin, until_s):
    """The end of what was finished in a row from there on, by that time."""
    while finished.get(begin, until_s + 1) <= until_s:
        begin += 1
    return begin


class History:
    """Goes through what happened in the order of time."""

    def __init__(self, places):
        self.places = places
        self.partitions = {}
        self.lasts = {}  # (member, partition) -> the last offset it was handed
        self.hands = {}  # (member, number) -> the runs of the partition in which it was handed that message
        self.revoked = set()  # (member, partition), where it may have lost the partition since
        self.weak = set()  # members that were killed, stood still, or were told that the group had gone on

    def partition(self, number):
        return self.partitions.setdefault(number, Partition())

    def take(self, event):
        if event.what in ("kill", "freeze", "lost"):
            self.weak.add(event.member)
        elif event.what in ("revoked", "leave"):
            self.revoked |= {key for key in self.lasts if key[0] == event.member}
            for partition in self.partitions.values():
                if partition.owner == event.member and partition.ended_s is None:
                    partition.ended_s = event.time_s
        elif event.what in ("got", "done"):
            where = f"{event.partition}/{event.offset}, {event.member} at {event.time_s}"
            assert self.places[event.number] == (event.partition, event.offset), f"B1: {where} is another message"
            (self.got if event.what == "got" else self.done)(event, self.partition(event.partition), where)

    def done(self, event, partition, _):
        partition.finished.setdefault(event.offset, event.time_s)
        # It works them off in the order in which it was handed them.
        run = self.hands[event.member, event.number].pop(0)
        if event.member == partition.owner and run == partition.run:
            partition.own.setdefault(event.offset, event.time_s)

    def got(self, event, partition, where):
        key = (event.member, event.partition)
        goes_on = self.lasts.get(key) == event.offset - 1
        self.hands.setdefault((event.member, event.number), []).append(-1)
        self.lasts[key] = event.offset
        if goes_on and partition.owner == event.member:
            partition.ended_s = None
        elif goes_on and event.member in self.weak:
            return  # what it had fetched before it stood still
        else:
            assert not goes_on or key in self.revoked, f"B8: {where}: it is {partition.owner}'s"
            self.begin(event, partition, where)
        self.revoked.discard(key)
        self.hands[event.member, event.number][-1] = partition.run

    def begin(self, event, partition, where):
        lowest = prefix(partition.finished, 0, event.time_s)
        assert event.offset <= lowest, f"B4, B5: {where}: {lowest} is not finished and was left out"
        assert event.offset >= partition.committed, f"B5: {where}: {partition.committed} had been committed"
        if partition.owner not in (None, event.member) and partition.owner not in self.weak:
            until_s = event.time_s if partition.ended_s is None else partition.ended_s
            ended = prefix(partition.own, partition.begin, until_s - GRACE_S)
            assert event.offset >= ended, f"B7: {where}: {partition.owner} had finished everything below {ended}"
        partition.owner, partition.begin, partition.own, partition.ended_s = event.member, event.offset, {}, None
        partition.run += 1


def check_members(seen, places):
    history = History(places)
    looks = sorted(seen.committed)
    for event in seen.events:
        while looks and looks[0][0] < event.time_s:
            _, number, offset = looks.pop(0)
            history.partition(number).committed = offset
        history.take(event)


def check_commits(seen):
    finished = {}
    for event in seen.events:
        if event.what == "done":
            finished.setdefault((event.partition, event.offset), event.time_s)
    for time_s, partition, committed in seen.committed:
        for offset in range(committed):
            at = finished.get((partition, offset))
            assert at is not None and at <= time_s, f"B6: {partition}: {committed} is committed, {offset} unfinished"
    ends = {}
    for _, _, partition, offset in seen.read:
        ends[partition] = offset + 1
    last = {partition: offset for partition, offset in seen.last.items() if offset}
    assert last == ends, f"B10: committed {last}, the ends are {ends}"
