# SPDX-License-Identifier: Apache-2.0
"""Very many requests to select, of all the kinds that end there: refused by nothing but the message, refused by a
limit, decided by full looks with AWS read, and bytes that are no message at all."""

import collections
import random
import re
import signal
import time
import urllib.request
import uuid

import confluent_kafka
import msgpack

from . import memory, paths
from .fleet import ACCOUNT, REGION
from .waiting import wait_for

TOPIC = "ebb.select"
COOLED = [f"cooled{i}" for i in range(4)]
SERVICES = {
    # One drain begins, and its cooldown outlasts everything.
    **{name: {"tasks": 2, "minimum": 0, "settings": {"cooldown": "24h"}} for name in COOLED},
    # Read in full, and then nothing may be done.
    "watched": {"tasks": 3, "settings": {"mode": "observe"}},
    "floored": {"tasks": 3, "minimum": 3},
}
# Of 20 messages.
MIX = {"not_managed": 4, "not_in_alarm": 4, "event_too_old": 3, "cooldown": 4, "event_seen": 3, "full": 2}
UNREADABLE_EVERY = 500
IN_FLIGHT_MAX = 2000
WARM_UP = 4000
# Memory is looked at so often, evenly.
SAMPLES = 50
TENTHS = 10
DONE_TIMEOUT_S = 60
REST_TIMEOUT_S = 20
DAY_MS = 24 * 3600 * 1000


class Flood:
    """A select worker of a fleet with SERVICES, and what is sent to it."""

    def __init__(self, fleet, brokers, seed=1):
        self.fleet = fleet
        self.chance = random.Random(seed)
        self.producer = confluent_kafka.Producer({"bootstrap.servers": brokers, "linger.ms": 5, "log_level": 0})
        self.sent = self.unreadable = 0
        self._kinds = [kind for kind, n in MIX.items() for _ in range(n)]
        self.page = f"127.0.0.1:{paths.free_port()}"

    def start(self, log_level="warn"):
        """Begins the worker, and the drains whose cooldowns refuse the others. The simulated AWS has no limits here, so
        the API budget is as good as none."""
        self.fleet.ebb.env["EBB_BUDGET_SHARE"] = "10000"
        self.fleet.start("timers")
        worker = self.fleet.ebb.start("work", "select", env={"EBB_METRICS_LISTEN": self.page, "EBB_LOG_LEVEL": log_level})
        worker.wait_for(self.looks, 30, "the worker's page", (OSError,))
        for name in COOLED:
            self.put(self._message(self.fleet.key(name), cause=f"first-{name}"))
        wait_for(lambda: len(self.fleet.drains()) == len(COOLED), 30, "the first drains", self.fleet.describe)
        self.wait_until_done()
        return worker

    def warm_up(self):
        """As much at once as will ever be, so that queues and heaps have been as large as they get."""
        self.send(WARM_UP, WARM_UP)

    def send(self, count, at_once=IN_FLIGHT_MAX):
        """So many messages, and their end: nothing is in work any more when this returns."""
        while count > 0:
            some = min(count, at_once)
            for _ in range(some):
                self.put(self._any())
            count -= some
            self.wait_until_done()

    def backlog(self, worker, count):
        """So many messages before the worker may take the first; the most it holds until all are done, in bytes."""
        most = 0

        def done():
            nonlocal most
            most = max(most, memory.of(worker.pid).anonymous)
            return self.is_done()

        worker.signal(signal.SIGSTOP)
        for _ in range(count):
            self.put(self._any())
        assert self.producer.flush(DONE_TIMEOUT_S) == 0, "the broker did not take everything"
        worker.signal(signal.SIGCONT)
        wait_for(done, DONE_TIMEOUT_S, f"a backlog of {count} to be done", self.fleet.ebb.processes.tails)
        return most

    def wait_until_rested(self, worker):
        """What it holds once it has given back what work left behind, in bytes."""
        rested = memory.IDLE_MAX_BYTES
        wait_for(
            lambda: memory.of(worker.pid).anonymous < rested, REST_TIMEOUT_S, f"less than {rested} bytes at rest",
            lambda: f"it holds {memory.of(worker.pid)}",
        )  # fmt: skip
        return memory.of(worker.pid).anonymous

    def looks(self):
        """verdict and reason -> how many looks ended so, as the worker itself counts; never empty."""
        with urllib.request.urlopen(f"http://{self.page}/metrics", timeout=10) as answer:
            text = answer.read().decode()
        found = collections.Counter(all=0)
        for verdict, reason, n in re.findall(
            r'^ebb_looks_total\{stage="select",verdict="(\w+)",reason="(\w*)"\} (\d+)', text, re.MULTILINE
        ):
            found[f"{verdict} {reason}"] += int(n)
            found["all"] += int(n)
        return found

    def wait_until_done(self):
        assert self.producer.flush(DONE_TIMEOUT_S) == 0, "the broker did not take everything"
        wait_for(
            self.is_done, DONE_TIMEOUT_S,
            f"{self.sent} messages to be done", lambda: f"{self.looks()}\n{self.fleet.ebb.processes.tails()}",
        )  # fmt: skip

    def is_done(self):
        return self.looks()["all"] >= self.sent - self.unreadable

    def put(self, message):
        key, value = message
        self.producer.produce(TOPIC, value=value, key=key)
        self.producer.poll(0)
        self.sent += 1

    def _any(self):
        if self.sent % UNREADABLE_EVERY == UNREADABLE_EVERY - 1:
            self.unreadable += 1
            return b"nobody", self.chance.randbytes(self.chance.randint(0, 300))
        return self.one(self.chance.choice(self._kinds))

    def one(self, kind):
        """Key and value of a message of that kind."""
        cooled = self.chance.choice(COOLED)
        if kind == "not_managed":
            return self._message(f"aws:{REGION}:{ACCOUNT}:elsewhere/s{self.chance.randint(0, 9)}")
        if kind == "not_in_alarm":
            return self._message(self.fleet.key(cooled), alarm="idle", alarmState="OK")
        if kind == "event_too_old":
            return self._message(self.fleet.key(cooled), age_ms=DAY_MS)
        if kind == "cooldown":
            return self._message(self.fleet.key(cooled))
        if kind == "event_seen":
            return self._message(self.fleet.key(cooled), cause=f"first-{cooled}")
        return self._message(self.fleet.key(self.chance.choice(["watched", "floored"])))

    def _message(self, service, cause=None, age_ms=0, **more):
        value = {"v": 1, "id": str(uuid.uuid4()), "service": service, "cause": cause or str(uuid.uuid4())}
        value.update({"time": int(time.time() * 1000) - age_ms, **more})
        return service.encode(), msgpack.packb(value)


def course(flood, worker, total, tell=lambda done, now: None):
    """After warming up, sends so many messages and looks at the worker's memory whenever nothing is in work: (done, anonymous bytes) at
    even distances, for memory.judge. tell(done, memory) is called at the beginning and at every tenth."""
    step = max(total // SAMPLES, 1)
    flood.warm_up()
    now = memory.of(worker.pid)
    samples = []
    tell(0, now)
    for number in range(1, SAMPLES + 1):
        flood.send(step)
        now = memory.of(worker.pid)
        samples.append((number * step, now.anonymous))
        if number % (SAMPLES // TENTHS) == 0:
            tell(number * step, now)
    return samples
