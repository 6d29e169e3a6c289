# SPDX-License-Identifier: Apache-2.0
"""Goal: a role that is told to stop stops, soon, in order and without losing anything, whatever it was waiting for; the
second time at once. Method: every role by its signals, idle and in the middle of work that hangs; then the work is
carried on by others, and its end is looked at."""

import json
import signal
import time

import pytest

from support.fleet import PRODUCERS, QUEUE, ROLES, Fleet
from support.sqs_proxy import SqsProxy
from support.waiting import stays, wait_for

STOP_S = 3


@pytest.fixture
def fleet(ebb, start_world, kafka, redis_server):
    found = Fleet(ebb, start_world, kafka, redis_server, {"calls": 4}, arrivalsPerHour=0)
    # What a poll took that nobody waits for any more comes again within the test's time.
    path = found.ebb.folder / "ebb.yaml"
    path.write_text(path.read_text().replace("receivers: 1\n", "receivers: 1\n  visibility: 5s\n"))
    return found


def ends(process, number=signal.SIGTERM, within_s=STOP_S):
    """The exit code, once it has ended in that time."""
    began = time.monotonic()
    process.signal(number)
    code = process.wait_for_exit(timeout_s=20)
    assert time.monotonic() - began < within_s, process.tail()
    return code


def last_line(process):
    return json.loads(process.lines()[-1])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["TERM", "INT"])
def test_every_role_stops_in_order(fleet, number):
    for roles in [ROLES, ["run"]]:
        for process in fleet.start(*roles):
            assert ends(process, number) == 0, process.tail()
            line = last_line(process)
            assert line["event"] == "stopped" and line["exit"] == 0
            assert '"error"' not in process.output()


def test_an_open_long_poll_is_given_up_and_loses_nothing(fleet):
    proxy = SqsProxy(fleet.world)
    fleet.ebb.env["AWS_ENDPOINT_URL_SQS"] = proxy.endpoint
    _, relay = fleet.start("timers", "relay")
    fleet.wait_for(lambda: proxy.calls == ["GetQueueUrl", "ReceiveMessage"], 10, "a long poll")
    stays(lambda: len(proxy.calls) == 2, 1.5, "the poll open")
    assert ends(relay) == 0
    proxy.close()
    # The proxy still holds the poll, which takes what comes next and hides it: then it comes again.
    del fleet.ebb.env["AWS_ENDPOINT_URL_SQS"]
    fleet.send(fleet.event("calls", "after"))
    fleet.start("relay", "select")
    (verdict,) = fleet.wait_for_history(lambda v: v.get("cause") == "after")
    assert verdict["stage"] == "select"


def test_events_that_come_all_the_time_are_each_relayed(fleet):
    """The relay is stopped and begun again while events come: none is lost."""
    fleet.start("timers", "relay", "select")
    sent = set()
    for _ in range(3):
        for _ in range(30):
            sent.add(json.loads(body := fleet.event("calls"))["id"])
            fleet.send(body)
        relay = fleet.role("relay")
        assert ends(relay) == 0, relay.tail()
        fleet.start_again(relay).wait_for_output('"event":"ready"', 30)
    queue = fleet.wait_for(
        lambda: [q for q in fleet.world.snapshot()["queues"] if q["name"] == QUEUE and q["deleted"] == q["sent"]],
        60, "the queue to be empty",
    )  # fmt: skip
    assert queue[0]["sent"] == len(sent)
    fleet.wait_for(lambda: {v["cause"] for v in fleet.verdicts() if v["stage"] == "select"} == sent, 30, "all verdicts")


@pytest.mark.parametrize(
    "role, operation",
    [
        ("select", "ecs:DescribeServices"),
        ("remove", "lambda:Invoke"),
        ("drain", "task:/drain/start"),
        ("scale", "ecs:DescribeTasks"),
    ],
)
def test_a_stage_in_the_middle_of_a_call_finishes_or_hands_back(fleet, role, operation):
    """Its call takes a while; it is told to stop meanwhile, and another carries the drain on to its end."""
    fleet.start(*(r for r in ROLES if r != role))
    (stage,) = fleet.start(role)
    fleet.fault(operation, "delay", delay="1500ms", count=1)
    fleet.send(fleet.event("calls"))
    fleet.wait_for(lambda: fleet.log(kind="fault"), 30, f"{operation} to hang")
    assert ends(stage) == 0, stage.tail()
    fleet.no_faults()
    fleet.start_again(stage).wait_for_output('"event":"ready"', 30)
    fleet.wait_for_states(["SCALED_OUT"], timeout_s=60)
    assert fleet.lowered("calls") == [(4, 3)] and len(fleet.stopped("calls")) == 1


def test_a_second_signal_ends_it_at_once(fleet):
    """While the first is still seen to: its call hangs for longer than anybody waits."""
    fleet.start(*PRODUCERS)
    (stage,) = fleet.start("select")
    fleet.fault("ecs:DescribeServices", "delay", delay="60s")
    fleet.send(fleet.event("calls"))
    fleet.wait_for(lambda: fleet.log(kind="fault"), 30, "the call to hang")
    stage.signal(signal.SIGTERM)
    wait_for(lambda: '"event":"stopping"' in stage.output(), 5, "the first signal to be seen")
    assert stage.is_running
    assert ends(stage, within_s=1) == 128 + signal.SIGTERM


def test_without_kafka_it_stops_all_the_same(fleet):
    """The relay holds an event that Kafka does not take: SQS still has it, and it is relayed later."""
    processes = fleet.start(*PRODUCERS, "select")
    fleet.kafka.stop()
    fleet.send(fleet.event("calls"))
    fleet.role("relay").wait_for_output('"event":"event"', 10)
    for process in processes:
        assert ends(process) == 0, process.tail()
    fleet.kafka.restart()
    fleet.start()
    fleet.wait_for_states(["SCALED_OUT"], timeout_s=60)
    assert fleet.lowered("calls") == [(4, 3)]
