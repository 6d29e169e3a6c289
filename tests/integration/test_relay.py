# SPDX-License-Identifier: Apache-2.0
"""Goal: an event that is in SQS ends in Kafka whatever happens between the two, and leaves SQS only then. Method: the
real relay between the world's SQS and a real broker; the broker is taken away, deletions fail as a whole and in part,
the relay is killed between publishing and deleting. What events mean is test_events.py's."""

import datetime
import json

import msgpack
import pytest

from support import paths
from support.fleet import QUEUE, Fleet
from support.pages import get
from support.sqs_proxy import SqsProxy
from support.waiting import stays

VISIBILITY_S = 5  # the least there may be, so that what is not extended comes again within the test


@pytest.fixture
def fleet(ebb, start_world, kafka, redis_server):
    found = Fleet(ebb, start_world, kafka, redis_server, {"calls": 3}, arrivalsPerHour=0)
    path = found.ebb.folder / "ebb.yaml"
    path.write_text(path.read_text().replace("receivers: 1\n", f"receivers: 1\n  visibility: {VISIBILITY_S}s\n"))
    return found


@pytest.fixture
def proxy(fleet):
    found = SqsProxy(fleet.world)
    fleet.ebb.env["AWS_ENDPOINT_URL_SQS"] = found.endpoint
    yield found
    found.close()


def queue_of(fleet):
    return {q["name"]: q for q in fleet.world.snapshot()["queues"]}[QUEUE]


def asked(fleet):
    return [msgpack.unpackb(m.value) for m in fleet.kafka.consume_all("ebb.select")]


def said(fleet, event):
    return [line for line in fleet.role("relay").lines() if f'"event":"{event}"' in line]


def test_an_idle_queue_costs_one_long_poll_a_receiver(fleet, proxy):
    fleet.ebb.env["EBB_SQS_RECEIVERS"] = "3"
    fleet.start("timers", "relay")
    fleet.wait_for(lambda: proxy.calls.count("ReceiveMessage") == 3, 10, "three long polls")
    stays(lambda: proxy.calls == ["GetQueueUrl"] + ["ReceiveMessage"] * 3, 3, "one call a receiver")
    # And what comes is there at once, not at the end of the poll.
    fleet.send(fleet.event("calls", "now"))
    fleet.wait_for(lambda: queue_of(fleet)["deleted"] == 1, 5, "the event to be taken")
    assert [m["cause"] for m in asked(fleet)] == ["now"]


def test_nothing_is_deleted_before_kafka_has_it(fleet, proxy):
    """One receiver: what it holds stays hidden for longer than it was to be; the others are not touched."""
    fleet.start("timers")
    listen = fleet.ebb.env["EBB_METRICS_LISTEN"] = f"127.0.0.1:{paths.free_port()}"
    fleet.start("relay")
    fleet.wait_for(lambda: get(listen, "/ready").status == 200, 10, "the relay to be ready")
    fleet.kafka.stop()
    for i in range(12):
        fleet.send(fleet.event("calls", f"event-{i}"))
    fleet.wait_for(lambda: proxy.calls.count("ChangeMessageVisibilityBatch") >= 3, 40, "three extensions")
    queue = queue_of(fleet)
    assert queue["deleted"] == 0 and 1 <= queue["received"] <= 10
    assert (queue["inFlight"], queue["visible"]) == (queue["received"], 12 - queue["received"])
    answer = get(listen, "/ready")
    assert answer.status == 503 and "Kafka" in answer.body
    assert get(listen, "/live").status == 200
    assert fleet.role("relay").is_running and said(fleet, "kafka_slow")
    fleet.kafka.restart()
    fleet.wait_for(lambda: queue_of(fleet)["deleted"] == 12, 30, "all to be deleted")
    fleet.wait_for(lambda: get(listen, "/ready").status == 200, 10, "the relay to be ready again")
    assert queue_of(fleet)["received"] == 12, "none was given out twice"
    # At least once: what was given up on just as Kafka came back may be there twice.
    assert {m["cause"] for m in asked(fleet)} == {f"event-{i}" for i in range(12)}


def test_killed_between_publishing_and_deleting_it_is_still_one_drain(fleet):
    fleet.start("timers", "relay", "select", "remove", "drain", "scale", "callback")
    fleet.fault("sqs:DeleteMessageBatch", "5xx_before", delay="60s")
    fleet.send(fleet.event("calls", "only-once"))
    fleet.wait_for(lambda: asked(fleet), 10, "the message to select")
    relay = fleet.role("relay")
    relay.kill9()
    assert queue_of(fleet)["deleted"] == 0
    fleet.no_faults()
    fleet.start_again(relay).wait_for_output('"event":"ready"', 30)
    fleet.wait_for(lambda: queue_of(fleet)["deleted"] == 1, 20, "the message to come again and be deleted")
    (verdict,) = fleet.wait_for_history(lambda v: v.get("reason") == "event_seen")
    assert verdict["cause"] == "only-once" and verdict["why"]
    fleet.wait_for_states(["SCALED_OUT"])
    assert fleet.lowered("calls") == [(3, 2)] and len(fleet.stopped("calls")) == 1
    assert [m["cause"] for m in asked(fleet)] == ["only-once"] * 2


def test_what_sqs_does_not_delete_comes_again(fleet, proxy):
    """Of a batch SQS deletes some; the others come again, and are deleted then."""
    proxy.refuse_deletions = 3
    body = json.loads(fleet.event("calls"))
    for i in range(10):
        fleet.send(json.dumps({**body, "id": f"no-{i}", "source": "tests"}))
    fleet.start("timers", "relay")
    fleet.wait_for(lambda: queue_of(fleet)["deleted"] == 7, 10, "seven to be deleted")
    lines = fleet.wait_for(lambda: said(fleet, "not_deleted"), 10, "the relay to say so")
    assert {json.loads(line)["why"] for line in lines} == {"not now"}
    fleet.wait_for(lambda: queue_of(fleet)["deleted"] == 10, 20, "all to be deleted")
    causes = [v["cause"] for v in fleet.verdicts()]
    assert len(causes) == 13 and set(causes) == {f"no-{i}" for i in range(10)}


def test_sqs_that_fails_is_asked_again_and_a_queue_that_is_not_there_is_named(fleet):
    fleet.start("timers", "relay")
    fleet.fault("sqs:ReceiveMessage", "5xx_before")
    fleet.send(fleet.event("calls", "before"))  # ends the poll that is open
    fleet.wait_for(lambda: said(fleet, "receive_failed"), 20, "the relay to say so")
    fleet.send(fleet.event("calls", "meanwhile"))
    fleet.no_faults()
    fleet.wait_for(lambda: queue_of(fleet)["deleted"] == 2, 30, "both to be deleted")
    assert {m["cause"] for m in asked(fleet)} == {"before", "meanwhile"}
    path = fleet.ebb.folder / "ebb.yaml"
    path.write_text(path.read_text().replace(QUEUE, "no-such-queue"))
    ended = fleet.ebb.run("relay")
    assert ended.returncode == 4 and "no-such-queue" in ended.stderr


def test_an_event_from_the_future_is_one_of_now(fleet):
    fleet.start("timers", "relay")
    fleet.send(json.dumps({**json.loads(fleet.event("calls")), "time": "9999-12-31T23:59:59Z"}))
    (message,) = fleet.wait_for(lambda: asked(fleet), 10, "the message to select")
    now = datetime.datetime.now(datetime.timezone.utc).timestamp() * 1000
    assert now - 60_000 < message["time"] <= now
