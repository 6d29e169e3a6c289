# SPDX-License-Identifier: Apache-2.0
"""What must hold, as tests/sim/invariants.h has it for the simulator; one function each. They are shown what others than
Ebb say: the world's log of who called what, the topics read to their ends by another client, Redis as it is.

An invariant looks at things of one kind and yields (what is wrong, drainId or task it is about)."""

import bisect
import collections

import msgpack
from support.fleet import CALLBACK_SECRET, CLUSTER, EBB_KEY_ID, EBB_SECRET, TOPICS

from .watch import FINAL, is_drain, name_of

FLOOR = 1
READ_TIMEOUT_S = 300
# Between the last listing and the lowering, which is not sent later.
WINDOW_MS = 3000
# Ends of a task that nobody's hand is in.
BY_ITSELF = {"exited", "reclaimed"}
SECRETS = (CALLBACK_SECRET.encode(), EBB_SECRET.encode())


class Seen:
    """What the judge is shown."""

    def __init__(self, course):
        place = course.place
        course.watch.read_log()
        self.course, self.log = course, course.watch.log
        self.topics = {topic: place.kafka.consume_all(topic, timeout_s=READ_TIMEOUT_S) for topic in TOPICS}
        self.records = sorted(
            ((m.timestamp_ms, m.offset, msgpack.unpackb(m.value, raw=False)) for m in self.topics["ebb.state"] if is_drain(m.key, m.value)),
            key=lambda r: r[:2],
        )
        self.verdicts = [msgpack.unpackb(m.value, raw=False) for m in self.topics["ebb.history"]]
        self.dead = [msgpack.unpackb(m.value, raw=False) for m in self.topics["ebb.dead"]]
        self.newest = {}
        for _, _, record in self.records:
            if record["version"] >= self.newest.get(record["drainId"], record)["version"]:
                self.newest[record["drainId"]] = record
        # service -> drainId -> when a record first said that nothing was on its task any more, or that it goes back
        self.emptied = collections.defaultdict(dict)
        for at, _, record in self.records:
            if was_empty(record):
                self.emptied[name_of(record["service"])].setdefault(record["drainId"], at)
        self.of_task = collections.defaultdict(list)
        for record in self.newest.values():
            self.of_task[record["taskArn"]].append(record)
        self.snapshot = place.world.snapshot()
        self.redis = place.redis
        self.keys = list(self.redis.scan_iter("{ebb}:*", count=5000))
        self.redis.save()
        self.redis_bytes = (place.folder / "dump.rdb").read_bytes()  # nothing in it is compressed
        self.outputs = [p.log_path for p in place.processes.all if p.name.startswith("ebb-")]

    def entries(self, kind, ours=False):
        return [e for e in self.log if e["kind"] == kind and (not ours or e.get("accessKeyId") == EBB_KEY_ID)]


    def absorbed(self, stop):
        """What no order of calls can prevent (docs/scale.md): it began to run in the moment in which we lowered."""
        began = [e["at"] for e in self.entries("task_started") if e["subject"] == stop["subject"]]
        last = [e["at"] for e in self.entries("desired", ours=True) if e["service"] == stop["service"] and e["at"] <= stop["at"]]
        return stop.get("cause") == "scale-in" and last and (not began or began[0] >= last[-1] - WINDOW_MS)


def was_empty(record):
    return bool(record.get("drainedAt")) or record["state"] == "UNDOING"


# ---------------------------------------------------------------- the invariants


def events(seen):
    """every event that SQS took has a verdict or a dead letter"""
    answered = {v.get("cause") for v in seen.verdicts} | {d.get("messageId") for d in seen.dead}
    for event in seen.course.events:
        yield None if event in answered else (f"event {event} has no verdict", event)


def one_open_drain(seen):
    """a task has at most one open drain"""
    newest, open_of = {}, collections.defaultdict(set)
    for _, _, record in seen.records:
        drain_id, task = record["drainId"], record["taskArn"]
        if record["version"] < newest.get(drain_id, 0):
            continue
        newest[drain_id] = record["version"]
        if record["state"] in FINAL:
            open_of[task].discard(drain_id)
        else:
            open_of[task].add(drain_id)
        yield None if len(open_of[task]) < 2 else (f"task {task} has open drains {sorted(open_of[task])}", task)


def one_record(seen):
    """one version of a drain is one record"""
    found = {}
    for m in seen.topics["ebb.state"]:
        if not is_drain(m.key, m.value):
            continue
        record = msgpack.unpackb(m.value, raw=False)
        which = record["drainId"], record["version"]
        ok = found.setdefault(which, record) == record
        words = f"version {which[1]} of drain {which[0]} is two records: {found[which]['state']} and {record['state']}"
        yield None if ok else (words, which[0])


def all_final(seen):
    """every drain is final in the end"""
    for drain in seen.newest.values():
        ok = drain["state"] in FINAL
        yield None if ok else (f"drain {drain['drainId']} is still {drain['state']}", drain["drainId"])


def concurrency(seen):
    """no more drains of a service open at once than allowed"""
    changes = collections.defaultdict(list)
    for d in seen.newest.values():
        ends = [d[name] for name in ("stoppedAt", "finishedAt") if d.get(name)]
        changes[d["service"]] += [(d["claimedAt"], 1), (min(ends, default=1 << 62), -1)]
    for service, moves in changes.items():
        open_n = most = 0
        for _, by in sorted(moves):
            open_n += by
            most = max(most, open_n)
        ok = most <= seen.course.place.at_once
        yield None if ok else (f"{service} had {most} drains open at once", name_of(service))


def floor(seen):
    """by our hand desired is never set below the floor"""
    for e in seen.entries("desired", ours=True):
        ok = e.get("after", 0) >= FLOOR
        yield None if ok else (f"we set {e['service']} to {e.get('after', 0)}, below {FLOOR}", e["service"])


def lowered(seen):
    """by our hand desired is lowered by no more than was drained until then"""
    by_service = collections.defaultdict(list)
    for e in seen.entries("desired", ours=True):
        by_service[e["service"]].append(e)
    for service, entries in by_service.items():
        drained, sum_of = sorted(seen.emptied[service.split("/")[1]].values()), 0
        for e in entries:
            sum_of += e.get("before", 0) - e.get("after", 0)
            ready = bisect.bisect_right(drained, e["at"])
            ok = sum_of <= ready
            yield None if ok else (f"we lowered {service} by {sum_of} when {ready} were drained", service)


def desired_in_the_end(seen):
    """in the end desired is lower by exactly the drains that ended as SCALED_OUT"""
    ended = collections.Counter(name_of(d["service"]) for d in seen.newest.values() if d["state"] == "SCALED_OUT")
    # Where tasks end by themselves, or were replaced, one of them may have been what the count was lowered for.
    others = {e["service"] for e in seen.entries("task_stopping") if e.get("cause") in BY_ITSELF | {"StopTask"}}
    for service in seen.snapshot["services"]:
        name = service["key"].split("/")[1]
        by = seen.course.place.tasks - service["desired"]
        most = len(seen.emptied[name]) if service["key"] in others else ended[name]
        ok = ended[name] <= by <= most and service["desired"] == service["running"]
        words = f"{name} wants {service['desired']} and runs {service['running']}; {ended[name]} were scaled out"
        yield None if ok else (words, name)


def stopped(seen):
    """only drained tasks were stopped, by our hand or because we lowered"""
    for e in seen.entries("task_stopping"):
        drains = [d for d in seen.of_task[e["subject"]] if was_empty(d) or d.get("undoingAt")]
        ok = drains or e.get("cause") in BY_ITSELF or seen.absorbed(e)
        yield None if ok else (f"{e['subject']} was stopped ({e.get('cause')}), and was not drained", e["subject"])


def scaled_out(seen):
    """the task of a drain that ended as SCALED_OUT was stopped by a scale-in, one that is RESTORED runs"""
    causes = {e["subject"]: e.get("cause") for e in seen.entries("task_stopping")}
    for d in seen.newest.values():
        cause = causes.get(d["taskArn"])
        later = any(other["claimedAt"] > d["claimedAt"] for other in seen.of_task[d["taskArn"]])
        ok = {
            "SCALED_OUT": cause == "scale-in", "RESTORED": later or cause is None, "REPLACED": cause in ("StopTask", "exited"),
            "GONE": cause == "exited",
        }.get(d["state"], True)  # fmt: skip
        yield None if ok else (f"drain {d['drainId']} is {d['state']}, its task's end was {cause}", d["drainId"])


def removed_first(seen):
    """a task is told to start draining only after the distributor was told to send it nothing"""
    removed = {}
    for e in seen.entries("distributor"):
        if e.get("reason") == "comment_out_ip":
            removed.setdefault(e.get("detail"), e["number"])
    for e in seen.entries("drain"):
        if e.get("reason") in ("start", "start again"):
            ok = removed.get(e.get("detail"), 1 << 62) < e["number"]
            yield None if ok else (f"{e['subject']} was started before it was removed", e["subject"])


def cut(seen):
    """no session is cut, but by a deadline that was set to do so"""
    for e in seen.entries("sessions_cut"):
        if e.get("cause") in BY_ITSELF:
            yield None
            continue
        ok = any(d.get("byDeadline") for d in seen.of_task[e["subject"]])
        yield None if ok else (f"{e.get('count')} sessions were cut on {e['subject']}", e["subject"])


def back_in_service(seen):
    """in the end no running task drains or is shut out"""
    for service in seen.snapshot["services"]:
        for t in service.get("tasks", []):
            if t["lastStatus"] == "RUNNING":
                wrong = t.get("draining") or t.get("excluded")
                yield (f"{t['arn']} runs, drains or is shut out, in no drain", t["arn"]) if wrong else None


def distributor(seen):
    """in the end the distributor shuts nobody out"""
    lines = seen.snapshot.get("excluded", [])
    yield from ((f"the distributor still shuts out {line}", line.split()[-1]) for line in lines)
    yield from [None] * len({e.get("subject") for e in seen.entries("distributor")} - {line.split()[1] for line in lines})


def nothing_left(seen):
    """in the end Redis holds no intent, lock, address, open drain or timer"""
    kept = (b"{ebb}:intent:", b"{ebb}:open:", b"{ebb}:task:", b"{ebb}:address:", b"{ebb}:timers")
    for key in seen.keys:
        yield (f"Redis still has {key.decode()}", key.decode().rsplit(":", 1)[1]) if key.startswith(kept) else None


def redis_is_state(seen):
    """in the end Redis and ebb.state say the same of every drain"""
    for drain_id, record in seen.newest.items():
        there = seen.redis.hget(f"{{ebb}}:drain:{drain_id}", "record")
        is_state = msgpack.unpackb(there, raw=False)["state"] if there else None
        ok = is_state == record["state"]
        yield None if ok else (f"drain {drain_id} is {record['state']} in ebb.state, {is_state} in Redis", drain_id)


def no_dead_letters(seen):
    """no dead letter: nothing that was ours could not be understood"""
    yield from ((f"a dead letter: {d.get('error')}", d.get("origin")) for d in seen.dead)
    yield from [None] * sum(len(m) for topic, m in seen.topics.items() if topic in STAGES)


def secrets(seen):
    """no secret is in any byte of a topic, of Redis, or of a log"""
    for topic, messages in seen.topics.items():
        for m in messages:
            text = b"".join([m.key or b"", m.value or b"", *[v or b"" for v in m.headers.values()]])
            yield (f"a secret is on {topic} at {m.partition}/{m.offset}", topic) if holds_secret(text) else None
    yield ("a secret is in Redis", "redis") if holds_secret(seen.redis_bytes) else None
    for path in seen.outputs:
        yield (f"a secret is in {path.name}", path.name) if holds_secret(path.read_bytes()) else None


def holds_secret(text):
    return any(secret in text for secret in SECRETS)


STAGES = ("ebb.select", "ebb.remove", "ebb.drain", "ebb.scale")
INVARIANTS = (
    events, one_open_drain, one_record, all_final, concurrency, floor, lowered, desired_in_the_end, stopped, scaled_out, removed_first,
    cut, back_in_service, distributor, nothing_left, redis_is_state, no_dead_letters, secrets,
)  # fmt: skip


def judge(seen):
    """(invariant, number of things it looked at, [violations]) of each."""
    for invariant in INVARIANTS:
        found = list(invariant(seen))
        yield invariant, len(found), [violation for violation in found if violation]


def tell_of(seen, subject):
    """All that is known of a drain, a task or a service: what a person looks at first."""
    drains = [d for d in seen.newest.values() if subject in (d["drainId"], d["taskArn"], name_of(d["service"]))]
    names = {subject, f"{CLUSTER}/{subject}"} | {d["drainId"] for d in drains} | {d["taskArn"] for d in drains}
    services = {f"{CLUSTER}/{name_of(d['service'])}" for d in drains} | {f"{CLUSTER}/{subject}"}
    lines = [
        (at, f"record {r['drainId']} v{r['version']} {r['state']} {r.get('reason') or ''}")
        for at, _, r in seen.records if r["drainId"] in names
    ] + [
        (v["time"], f"verdict {v['stage']} {v['verdict']} {v['reason']} {v.get('drainId') or ''}: {v.get('why')}")
        for v in seen.verdicts if v.get("drainId") in names or v.get("cause") == subject
    ] + [
        (e["at"], f"world {e['kind']} {e.get('operation') or ''} {e.get('reason') or ''} {e.get('cause') or ''} "
                  f"{e.get('subject') or ''} {e.get('detail') or ''} {e.get('before', '')} {e.get('after', '')}")
        for e in seen.log
        if e.get("subject") in names or e.get("detail") in names or (e["kind"] == "desired" and e["service"] in services)
    ]  # fmt: skip
    return [f"{at} {text}" for at, text in sorted(lines)]
