# SPDX-License-Identifier: Apache-2.0
"""One run: as many drains as are wanted are begun and held in flight, the plan is carried out while they are let go one
after another, and once nothing goes wrong any more all must become final within a bounded time."""

import collections
import random
import time

from support.fleet import QUEUE
from support.waiting import TimedOut, wait_for

from .faults import Faults
from .place import KINDS, Place
from .plan import choose
from .watch import Watch, key_of

TASKS, AT_ONCE = 12, 10
SESSION_S = 20
ASK_AGAIN_S = 20
ASK_AT_ONCE = 40  # services whose events are sent in one look
SENT_TWICE = 0.03
# Some of the plan happens while drains are begun; the most of it once so many have begun.
RAMP_SHARE, BEGUN_ENOUGH = 0.15, 0.97
RAMP_STILL_S = 45
LET_GO_AT_ONCE = 40
FINAL_LOOK_S = 2.0
QUIET_S = 600
MEND_S = 120
TELL_EVERY_S = 10


class Course:
    def __init__(self, folder, seed, kills, wipes, services, minutes, tell=print):
        self.seed, self.minutes, self.tell = seed, minutes, tell
        self._chance = random.Random(f"course {seed}")
        shares = [kind for kind, how in KINDS.items() for _ in range(how["of20"])]
        # Each kind is there also when there are few.
        kinds = list(KINDS) + [self._chance.choice(shares) for _ in range(services)]
        self.services = {f"{kind}{n}": kind for n, kind in enumerate(kinds[:services])}
        self.plan = choose(seed, kills, wipes)
        self._folder = folder
        self.began = time.monotonic()
        self.phase, self.at = "begin", {}
        self.place = self.watch = self.faults = None
        self.events = set()  # ids that SQS took
        self.repeated = 0
        self._asked_at = collections.defaultdict(lambda: -1e9)
        self._held = {}  # task ARN -> it has the session that is never over by itself
        self._let_go_n = 0
        self._ready_to_go = collections.deque()  # tasks that drain and are held
        self._told_at = self._moved_at = self._looked_at = 0.0

    @property
    def wanted(self):
        return AT_ONCE * len(self.services)

    def run(self):
        """To the end, or TimedOut with what was not done."""
        self._become("start")
        self.place = Place(self._folder, self.services, TASKS, AT_ONCE, SESSION_S)
        self.place.begin()
        self.watch = Watch(self.place)
        self.faults = Faults(self.place, self.plan)
        self._hold_all()
        self.place.start()
        self._become("ramp")
        limit_s = self.minutes * 60
        wait_for(self._step, limit_s, f"the course to end within {self.minutes} minutes", self.describe)

    def mend(self):
        """Nothing goes wrong any more, whatever became of the course: what there is can be judged."""
        self.faults.end(time.monotonic())
        wait_for(self._is_mended, MEND_S, "the servers to answer")

    def _is_mended(self):
        self.faults.step(time.monotonic(), go_on=False)
        return self.faults.is_quiet()

    def end(self):
        if self.watch:
            self.watch.close()
        if self.place:
            self.place.end()

    def describe(self):
        drains = collections.Counter(d["state"] for d in self.watch.drains.values())
        return f"in phase {self.phase}, {self.faults.done} of {len(self.plan)} events done, drains {dict(drains)}"

    def _become(self, phase):
        self.phase = phase
        self.at[phase] = time.monotonic()
        self.tell(f"{self.at[phase] - self.began:6.0f} s  {phase}")

    # ---------------------------------------------------------------- one look

    def _step(self):
        now = time.monotonic()
        for drain in self.watch.look(now):
            self._moved_at = now
            if drain["state"] == "DRAINING" and drain["taskArn"] in self._held:
                self._ready_to_go.append(drain["taskArn"])
        self.faults.look_after(now)
        if now - self._told_at > TELL_EVERY_S:
            self._told_at = now
            self.tell(f"{now - self.began:6.0f} s  {self.describe()}")
        return getattr(self, f"_{self.phase}")(now)

    def _ramp(self, now):
        self._ask(now)
        self.faults.step(now, self.faults.done < RAMP_SHARE * len(self.plan))
        is_still = now - max(self._moved_at, self.at["ramp"]) > RAMP_STILL_S
        begun = sum(min(n, AT_ONCE) for n in self.watch.claimed.values())
        if begun >= BEGUN_ENOUGH * self.wanted or is_still:
            self._become("storm")

    def _storm(self, now):
        self._ask(now)
        self.faults.step(now)
        share = self.faults.done / len(self.plan)
        self._let_go(share)
        if self.faults.is_over:
            self.faults.end(now)
            self._become("quiet")

    def _quiet(self, now):
        self.faults.step(now)
        self._let_go(1)
        if now - self.at["quiet"] > QUIET_S:
            raise TimedOut(f"not all was final {QUIET_S} s after the last fault; {self.describe()}")
        if now - self._looked_at < FINAL_LOOK_S:
            return False
        self._looked_at = now
        if not self._is_final():
            return False
        self._become("final")
        return True

    # ---------------------------------------------------------------- what asks for drains

    def _ask(self, now):
        """Services that did not yet begin as many drains as are wanted are asked again, by new events."""
        due = [s for s in self.services if now - self._asked_at[s] > ASK_AGAIN_S and self.watch.claimed[s] < AT_ONCE]
        sqs = self.place.world.client("sqs") if due else None
        for service in due[:ASK_AT_ONCE]:
            self._asked_at[service] = now
            bodies = [self._event(service) for _ in range(AT_ONCE - self.watch.claimed[service])]
            if self._chance.random() < SENT_TWICE:
                bodies = [*bodies[:9], bodies[0]]
                self.repeated += 1
            self._send(sqs, bodies)

    def _event(self, service):
        event_id = f"event-{self._chance.getrandbits(64):016x}"
        return event_id, self.place.fleet.event(service, event_id)

    def _send(self, sqs, bodies):
        if not hasattr(self, "_url"):
            self._url = sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
        entries = [{"Id": str(n), "MessageBody": body} for n, (_, body) in enumerate(bodies)]
        answer = sqs.send_message_batch(QueueUrl=self._url, Entries=entries)
        self.events.update(bodies[int(taken["Id"])][0] for taken in answer.get("Successful", []))

    # ---------------------------------------------------------------- sessions that hold tasks

    def _hold_all(self):
        for service in self.place.world.snapshot()["services"]:
            for task in service.get("tasks", []):
                self.place.world.control("POST", f"/world/task/{task['id']}/sessions", {"add": 1})
                self._held[task["arn"]] = True

    def _let_go(self, share):
        """As many of the tasks that drain may become empty as the share says, and in the end all."""
        most = LET_GO_AT_ONCE
        while most and self._held and (share >= 1 or self._let_go_n < share * self.wanted):
            most -= 1
            if self._ready_to_go:
                arn = self._ready_to_go.popleft()
            elif share >= 1:
                arn = next(iter(self._held))
            else:
                return
            if self._held.pop(arn, False):
                self._let_go_n += 1
                self.place.world.try_control("POST", f"/world/task/{arn.rsplit('/', 1)[1]}/sessions", {"end": 0})

    # ---------------------------------------------------------------- the end

    def _is_final(self):
        if self._held or self.watch.open_n or not self.faults.is_quiet():
            return False
        queues = {q["name"]: q for q in self.place.world.snapshot().get("queues", [])}
        queue = queues[QUEUE]
        if queue.get("visible", 0) or queue.get("inFlight", 0) or queue.get("delayed", 0):
            return False
        stages = ("ebb.select", "ebb.remove", "ebb.drain", "ebb.scale")
        if any(self.place.kafka.lag(stage, stage) for stage in stages):
            return False
        self.watch.look(time.monotonic())
        # A final drain whose record some writer may still get in front of is written once more, and has a timer until then.
        left = ["{ebb}:timers", *[f"{{ebb}}:intent:{key_of(s)}" for s in self.services]]
        return not self.watch.open_n and not self.place.redis.exists(*left)
