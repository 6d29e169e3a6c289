# SPDX-License-Identifier: Apache-2.0
"""Goal: whatever is in the queue, each message becomes exactly one thing: a message to select, a verdict, or a dead
letter with its reason; none is lost, none holds up the others, nothing crashes. Method: AWS's own examples of events,
sent with boto3 as a user would, plain and in SNS's envelope; then ten thousand seeded mutations of them into programs
that are built with sanitizers. What arrived on the topics is counted against what was sent."""

import base64
import collections
import concurrent.futures
import json
import random
import uuid

import msgpack
import pytest

from support import mutations, paths
from support.fleet import QUEUE, Fleet
from support.processes import SANITIZERS

EVENTS = {path.stem: path.read_text() for path in sorted((paths.PROJECT / "tests/vectors/events").glob("*.json"))}
# An entry that says by an alarm's name which service is meant, for the composite alarm has no metric.
ENTRY = """\
services:
  - match: "demo/calls"
    mode: act
    eventAgeMax: 25s
    alarms: [ServiceAggregatedAlarm]
    distributor:
      function: kamailio
    task:
      port: {task_port}
"""
# The events that ask for something: the service they name, by that entry or by their metric's dimensions, and the alarm.
ASKING = {
    "alarm-state-change-composite": ("aws:us-east-1:123456789012:demo/calls", "ServiceAggregatedAlarm"),
    "alarm-ecs-service": ("aws:eu-central-1:123456789012:demo/calls", "calls-idle"),
}
MUTATIONS = 10_000
SENDERS = 4
BATCH_BYTES_MAX = 1024 * 1024


@pytest.fixture
def fleet(ebb, start_world, kafka, redis_server):
    found = Fleet(ebb, start_world, kafka, redis_server, {"calls": 3}, arrivalsPerHour=0)
    path = found.ebb.folder / "ebb.yaml"
    text = path.read_text().replace("services:\n", ENTRY.format(task_port=found.world.task_port))
    # So that what had to be received again is here within the test's time.
    path.write_text(text.replace("receivers: 1\n", "receivers: 3\n  visibility: 5s\n"))
    return found


def id_of(body):
    return json.loads(body)["id"]


def queue_of(fleet):
    return {q["name"]: q for q in fleet.world.snapshot()["queues"]}[QUEUE]


def is_empty(fleet):
    queue = queue_of(fleet)
    return queue["deleted"] == queue["sent"]


def decoded(fleet, topic):
    return [msgpack.unpackb(m.value) for m in fleet.kafka.consume_all(topic)]


def test_every_event_of_aws_ends_in_its_verdict(fleet):
    fleet.start("timers", "relay", "select")
    for body in EVENTS.values():
        fleet.send(body)
        fleet.send(mutations.sns(body))
        fleet.send(mutations.sns(mutations.sns(body)))
    expected = collections.Counter()
    for name, body in EVENTS.items():
        ended = ("relay", "refused", "not_used")
        if name == "alarm-state-change":  # its metric is an EC2 instance's
            ended = ("relay", "refused", "no_service")
        if name in ASKING:  # but in 2022 and in 2024
            ended = ("select", "refused", "event_too_old")
        expected[(id_of(body), *ended)] += 3
    fleet.wait_for(lambda: is_empty(fleet) and len(fleet.verdicts()) >= 3 * len(EVENTS), 30, "all verdicts")
    verdicts = fleet.verdicts()
    assert collections.Counter((v["cause"], v["stage"], v["verdict"], v["reason"]) for v in verdicts) == expected
    assert all(v["why"] for v in verdicts) and fleet.dead_letters() == []
    asked = collections.Counter((m["cause"], m["service"], m["alarm"]) for m in decoded(fleet, "ebb.select"))
    assert asked == {(id_of(EVENTS[name]), *means): 3 for name, means in ASKING.items()}
    assert fleet.states() == []


@pytest.mark.parametrize("wrapped", [False, True], ids=["plain", "sns"])
def test_what_cannot_be_read_is_a_dead_letter_with_its_reason(fleet, wrapped):
    """And what comes with it in one batch is not held up."""
    fleet.start("timers", "relay", "select")
    good = EVENTS["scheduled-event"]
    whole = json.loads(good)
    bad = {
        "not JSON": "Hello",
        "it ends too early": good[:100],
        "something follows the document": good + "{}",
        "must be an object": "[]",
        "version: required, and missing": "{}",
        "more than 64 levels deep": '{"a":' * 100 + "1" + "}" * 100,
        "id: shorter than 1 byte": json.dumps({**whole, "id": ""}),
        "id: longer than 128 bytes": json.dumps({**whole, "id": "x" * 129}),
        "time: must be a time": json.dumps({**whole, "time": "yesterday"}),
        "region: must be text": json.dumps({**whole, "region": 7}),
        "resources: more than 1000 items": json.dumps({**whole, "resources": ["x"] * 1001}),
        "detail: required, and missing": json.dumps({k: v for k, v in whole.items() if k != "detail"}),
        "source: required, and missing": json.dumps({k: v for k, v in whole.items() if k != "source"}),
    }
    sent = {}
    for words, body in bad.items():
        body = mutations.sns(body) if wrapped else body
        sent[fleet.send(body)["MessageId"]] = (words, body)
        fleet.send(json.dumps({**whole, "id": str(uuid.uuid4())}))
    fleet.wait_for(lambda: is_empty(fleet), 30, "the queue to be empty")
    dead = fleet.dead_letters()
    assert sorted(d["messageId"] for d in dead) == sorted(sent)
    for letter in dead:
        words, body = sent[letter["messageId"]]
        assert words in letter["error"]
        assert base64.b64decode(letter["body"]).decode() == body and letter["bodyBytes"] == len(body.encode())
        assert letter["origin"].startswith("sqs:") and letter["origin"].endswith(QUEUE)
    assert len(fleet.verdicts()) == len(bad)


def batches(bodies):
    """As a user would send them: up to ten, and up to SQS's bytes, at once."""
    batch, size = [], 0
    for body in bodies:
        n = len(body.encode())
        if batch and (len(batch) == 10 or size + n > BATCH_BYTES_MAX):
            yield batch
            batch, size = [], 0
        batch.append(body)
        size += n
    if batch:
        yield batch


def send_all(fleet, bodies):
    """By several threads; returns message id -> body."""
    sqs = fleet.world.client("sqs", max_pool_connections=SENDERS)
    url = sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]

    def send(batch):
        entries = [{"Id": str(i), "MessageBody": body} for i, body in enumerate(batch)]
        answer = sqs.send_message_batch(QueueUrl=url, Entries=entries)
        assert not answer.get("Failed"), answer["Failed"][:1]
        return {one["MessageId"]: batch[int(one["Id"])] for one in answer["Successful"]}

    sent = {}
    with concurrent.futures.ThreadPoolExecutor(SENDERS) as pool:
        for part in pool.map(send, batches(bodies)):
            sent.update(part)
    return sent


def large(fleet, chance):
    """Near SQS's limit: good events, long in what we skip and in what we read, and what is no event."""
    whole = json.loads(fleet.event("calls"))
    for field in ("padding", "detail", "id"):
        for size in (mutations.SQS_BYTES_MAX - 1, mutations.SQS_BYTES_MAX, 300_000):
            filler = {"detail": {"x": ""}, "padding": "", "id": ""}[field]
            event = {**whole, "id": str(uuid.uuid4()), field: filler}
            room = size - len(json.dumps(event))
            event[field] = {"x": "y" * room} if field == "detail" else "y" * room
            yield json.dumps(event)
    yield chance.choice("x{[") * mutations.SQS_BYTES_MAX
    yield '"' * mutations.SQS_BYTES_MAX
    yield "\t" * mutations.SQS_BYTES_MAX
    yield "[" + "0," * 500_000 + "0]"


@pytest.mark.timeout(180)
def test_ten_thousand_mutations_none_is_lost_and_nothing_crashes(fleet):
    seed = random.randrange(1 << 32)
    chance = random.Random(seed)
    print(f"seed {seed}")
    fleet.ebb.env.update(SANITIZERS["asan"])
    roles = ["timers", "callback", "relay", "work select", "work remove", "work drain", "work scale"]
    program = paths.program("ebb", variant="asan")
    processes = [fleet.ebb.processes.start("ebb-" + r, [program, *r.split()], fleet.ebb.env) for r in roles]
    for process in processes:
        process.wait_for_output(r'"event":"ready"', timeout_s=30)
    # Some are good and new, so that mutations of them reach every clause behind the first.
    bases = [*EVENTS.values(), *(fleet.event("calls") for _ in range(5))]
    mutator = mutations.Mutator(chance, bases)
    bodies = [mutator.next() for _ in range(MUTATIONS)] + list(large(fleet, chance))
    sent = send_all(fleet, bodies)
    assert len(sent) == len(bodies)
    fleet.wait_for(lambda: is_empty(fleet), 60, "the queue to be empty")

    dead = [d for d in fleet.dead_letters() if d["origin"].startswith("sqs:")]
    noted = [v for v in fleet.verdicts() if v["stage"] == "relay"]
    asked = decoded(fleet, "ebb.select")
    print(f"{len(sent)} sent: {len(dead)} dead letters, {len(noted)} verdicts, {len(asked)} asked select")
    letters = collections.Counter(d["messageId"] for d in dead)
    assert set(letters) <= set(sent)
    for letter in dead:
        body = base64.b64decode(letter["body"])
        assert letter["error"] and sent[letter["messageId"]].encode().startswith(body)
    # By the relay's own log every message was read, and each became one record.
    lines = [json.loads(line) for line in processes[2].lines() if line.startswith('{"time"')]
    kind_of = {line["messageId"]: line["kind"] for line in lines if line["event"] == "event"}
    assert set(kind_of) == set(sent)
    kinds = collections.Counter(kind_of.values())
    found = {"dead": len(dead), "nothing": len(noted), "asks": len(asked)}
    # At least once: what Kafka or SQS acknowledged too late is there twice, and the relay has said so.
    late = [line for line in lines if line["event"] in ("kafka_slow", "not_deleted", "visibility_not_extended")]
    assert kinds == found or (late and all(found[kind] >= n for kind, n in kinds.items())), (kinds, found, late)

    # Each message to select has one verdict or dead letter more.
    def select_has_answered():
        return len({v["id"] for v in fleet.verdicts() if v["stage"] == "select"} & {m["id"] for m in asked})

    fleet.wait_for(lambda: select_has_answered() == len({m["id"] for m in asked}), 60, "select's verdicts")
    for process in processes:
        assert process.is_running, process.tail()
    for process in processes:
        assert process.stop() == 0, process.tail()
        assert "Sanitizer" not in process.output() and "runtime error" not in process.output(), process.tail()
