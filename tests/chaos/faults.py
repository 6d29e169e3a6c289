# SPDX-License-Identifier: Apache-2.0
"""Does what the plan says, one event after another, and undoes it when its time is over."""

import collections
import contextlib
import heapq
import itertools
import signal
import socket

from .plan import REBUILT

BEGIN_AGAIN_S = 2.0  # what restarts services waits so long before it does
REBUILT_MAX_S = 90  # what is to come once state is rebuilt comes in any case by then
BUSY_MAX_S = 40  # what is to be killed and is not there is waited for so long
READY_MAX_S = 90


class Faults:
    def __init__(self, place, plan):
        self.place, self.plan = place, plan
        self.done = 0  # of the plan
        self.counts = collections.Counter()
        self._members = {m.name: m for m in place.members}
        self._due, self._numbers = [], itertools.count()  # what is undone when
        self._next_at = 0.0
        self._waits_since = None
        self._put_off = collections.deque()  # (since when, event): they wait until state is rebuilt
        self._held = collections.Counter()  # way -> events that act on it
        self._starting = {}  # "kafka", "redis": since when they are being started
        self._down = set()
        self._troubles = 0

    @property
    def is_over(self):
        return self.done == len(self.plan) and not self._put_off

    @property
    def kills(self):
        return sum(n for (kind, _), n in self.counts.items() if kind == "kill")

    def step(self, now, go_on=True):
        """One look: what is over is undone, what has been started is asked whether it answers, the next is done."""
        while self._due and self._due[0][0] <= now:
            heapq.heappop(self._due)[2](now)
        self._ask_started(now)
        if not go_on or now < self._next_at:
            return
        if self._put_off and self._is_time(now) and self._do(self._put_off[0][1], now):
            self._next_at = now + self._put_off.popleft()[1].gap_s
        elif self.done < len(self.plan):
            self._go_on(self.plan[self.done], now)

    def _go_on(self, event, now):
        """The next of the plan; one that waits for something else than the others do is put off."""
        if event.how == REBUILT:
            self._put_off.append((now, event))
        elif not self._do(event, now):
            self._waits_since = self._waits_since or now
            assert now - self._waits_since < BUSY_MAX_S, f"{event} could not be done in {BUSY_MAX_S} s: {self._down}"
            return
        else:
            self._next_at = now + event.gap_s
        self.done += 1
        self._waits_since = None

    def _is_time(self, now):
        """For the first that was put off."""
        return "redis" not in self._down and (now - self._put_off[0][0] > REBUILT_MAX_S or self.place.state_is_whole())

    def is_quiet(self):
        return not self._due and not self._down and not self._starting

    def _later(self, when, undo):
        heapq.heappush(self._due, (when, next(self._numbers), undo))

    def _do(self, event, now):
        """False when it cannot be done now."""
        if not getattr(self, f"_{event.kind}")(event, now):
            return False
        if event.kind != "calm":
            self.counts[event.kind, self._row(event)] += 1
        return True

    def _row(self, event):
        """Under what it is counted."""
        if event.kind == "cut":
            return f"{event.what.split('.')[1]}: {event.how}"
        return event.how if event.kind == "aws" else event.what

    # ---------------------------------------------------------------- kill -9

    def _kill(self, event, now):
        if event.what in self._down:
            return False
        if event.what in self._members:
            member = self._members[event.what]
            if not member.is_up:
                return False
            member.process.kill9()
            self._down.add(event.what)
            self._later(now + event.seconds, lambda at: self._begin_member(member))
            return True
        server = self.place.kafka if event.what == "kafka" else self.place.redis_server
        server.kill9()
        self._down.add(event.what)
        self._later(now + event.seconds, lambda at: self._begin_server(event.what, at))
        return True

    def _begin_member(self, member):
        member.begin()
        self._down.discard(member.name)

    def _must_run(self, member):
        raise AssertionError(f"{member.name} ended by itself\n{member.process.tail()}")

    def look_after(self, now):
        """Nobody but us ends a process: one that gave up is a finding, unless what it said is that it could not begin."""
        for member in self.place.members:
            if member.name not in self._down and not member.is_up:
                # What does not answer at the start ends a process with a line that says so: it is started again.
                if '"event":"ready"' in member.process.output():
                    self._must_run(member)
                self.counts["began again", member.name] += 1
                self._down.add(member.name)
                self._later(now + BEGIN_AGAIN_S, lambda at, member=member: self._begin_member(member))

    def _begin_server(self, name, now, **redis):
        if name == "kafka":
            self.place.kafka.begin()
        else:
            self.place.begin_redis(**redis)
        self._starting[name] = now

    def _ask_started(self, now):
        for name, since in list(self._starting.items()):
            answers = self._kafka_answers if name == "kafka" else self.place.redis_runs
            if answers():
                del self._starting[name]
                self._down.discard(name)
            else:
                assert now - since < READY_MAX_S, f"{name} does not answer {READY_MAX_S} s after its start"

    def _kafka_answers(self):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.place.kafka.port), 1):
            return self.place.kafka.answers()
        return False

    # ---------------------------------------------------------------- Redis loses what it had

    def _copy(self, event, now):
        if "redis" in self._down:
            return False
        self.place.copy_redis(now)
        return True

    def _wipe(self, event, now):
        if "redis" in self._down:
            return False
        if event.what == "flush":
            self.place.redis.flushall()
            return True
        copy = self.place.copies[-1][1] if event.what == "older" else None
        self.place.redis_server.kill9()
        self._down.add("redis")
        self._later(now + event.seconds, lambda at: self._begin_server("redis", at, copy=copy, empty=copy is None))
        return True

    # ---------------------------------------------------------------- ways

    def _cut(self, event, now):
        way = event.what
        self.place.ways.say(*event.how.split()[:1], way, *event.how.split()[1:])
        self._held[way] += 1
        self._later(now + event.seconds, lambda at: self._open(way))
        return True

    def _open(self, way):
        self._held[way] -= 1
        if not self._held[way]:
            self.place.ways.say("open", way)

    # ---------------------------------------------------------------- processes that stand still, an AWS in trouble

    def _freeze(self, event, now):
        member = self._members[event.what]
        if event.what in self._down or not member.is_up:
            return False
        process = member.process
        process.signal(signal.SIGSTOP)
        self._later(now + event.seconds, lambda at: process.signal(signal.SIGCONT))
        return True

    def _aws(self, event, now):
        options = {"percent": 30}
        if event.how == "delay":
            options["delay"] = "1500ms"
        self.place.fleet.fault(event.what, event.how, **options)
        self._troubles += 1
        self._later(now + event.seconds, self._aws_again)
        return True

    def _aws_again(self, _):
        self._troubles -= 1
        if not self._troubles:
            self.place.fleet.no_faults()

    def _calm(self, event, now):
        return True

    def end(self, now):
        """Whatever still acts ends; what was killed is begun again."""
        while self._due:
            heapq.heappop(self._due)[2](now)
        for way in self.place.ways.names:
            self.place.ways.say("open", way)
        self.place.fleet.no_faults()
