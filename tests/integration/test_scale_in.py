# SPDX-License-Identifier: Apache-2.0
"""The main job: an alarm's event goes into SQS, crosses real Kafka topics through separate processes, and in the end
exactly the drained task is stopped and no session was cut. Then everything that could go wrong on the way."""

import random

import msgpack
import pytest

from support.fleet import Fleet

SESSIONS = {"arrivalsPerHour": 7200, "sessionMean": "2s"}


@pytest.fixture
def make_fleet(ebb, start_world, kafka, redis_server):
    return lambda services, **options: Fleet(ebb, start_world, kafka, redis_server, services, **options)


def assert_only_drained_stopped(fleet, service):
    """By the world's own record: the tasks that stopped are those of the drains that ended as SCALED_OUT."""
    drained = sorted(d["taskArn"] for d in fleet.drains(service) if d["state"] == "SCALED_OUT")
    assert sorted(arn for arn, _ in fleet.stopped(service)) == drained, fleet.describe()
    assert {cause for _, cause in fleet.stopped(service)} <= {"scale-in"}
    assert fleet.service(service).get("cut", 0) == 0


def wait_for_sessions(fleet, service):
    fleet.wait_for(lambda: all(t.get("sessions") for t in fleet.running(service)), 30, "sessions on every task")


def records_until(fleet, state):
    """(version, state) of each record of ebb.state, once the last says that state."""
    found = [msgpack.unpackb(m.value) for m in fleet.kafka.consume_all("ebb.state")]
    told = [(record["version"], record["state"]) for record in found]
    return told if told and told[-1][1] == state else None


def test_one_safe_scale_in(make_fleet):
    fleet = make_fleet({"calls": 3}, **SESSIONS)
    fleet.start()
    wait_for_sessions(fleet, "calls")
    newest = max(t["startedAt"] for t in fleet.running("calls"))
    fleet.idle("calls")
    (drain,) = fleet.wait_for_states(["SCALED_OUT"], timeout_s=60)
    assert_only_drained_stopped(fleet, "calls")
    service = fleet.service("calls")
    assert [t["startedAt"] for t in service["tasks"] if t["arn"] == drain["taskArn"]] == [newest]
    assert service["desired"] == 2
    assert fleet.lowered("calls") == [(3, 2)]
    assert not fleet.world.snapshot().get("excluded"), "the address was given free"
    # What was published decodes with another language's msgpack, and ends in the same state.
    told = fleet.wait_for(lambda: records_until(fleet, "SCALED_OUT"), 20, "the last record")
    assert told == sorted(told, key=lambda t: t[0]), "versions go up"
    assert told[0] == (1, "CLAIMED"), told
    # A stage hands on before it notes what came of its look: the next one may be quicker.
    looks = sorted(fleet.verdicts(), key=lambda v: v["time"] - v["tookMs"])
    assert [v["reason"] for v in looks if v["verdict"] == "done"] == [
        "claimed", "removed", "drained", "scaled_out", "scaled_out",
    ]  # fmt: skip
    assert fleet.dead_letters() == []


def test_every_event_three_times_is_one_drain(make_fleet):
    fleet = make_fleet({"calls": 4}, settings={"drains_at_once": 3})
    fleet.start()
    event = fleet.event("calls")
    for _ in range(3):
        fleet.send(event)
    fleet.wait_for_states(["SCALED_OUT"], timeout_s=60)
    refused = fleet.wait_for(
        lambda: [v for v in fleet.verdicts() if v.get("reason") == "event_seen"], 20, "the doubles' verdicts"
    )
    assert len(fleet.wait_for_history(lambda v: v.get("reason") == "event_seen", 2)) == 2, refused
    assert fleet.states() == ["SCALED_OUT"]
    assert_only_drained_stopped(fleet, "calls")
    assert fleet.lowered("calls") == [(4, 3)]


def test_two_requests_at_limit_one_are_one_drain(make_fleet):
    fleet = make_fleet({"calls": 4}, **SESSIONS)
    fleet.start()
    wait_for_sessions(fleet, "calls")
    fleet.send(fleet.event("calls"))
    fleet.send(fleet.event("calls"))
    fleet.wait_for_history(lambda v: v.get("reason") == "concurrency_limit")
    fleet.wait_for_states(["SCALED_OUT"], timeout_s=60)
    assert_only_drained_stopped(fleet, "calls")


def test_callback_before_the_start_call_returned(make_fleet):
    """Tasks without sessions call back at once, and answer the start two seconds later."""
    fleet = make_fleet({"calls": 3}, startDelay="2s", arrivalsPerHour=0)
    fleet.start()
    fleet.idle("calls")
    (drain,) = fleet.wait_for_states(["SCALED_OUT"], timeout_s=60)
    assert_only_drained_stopped(fleet, "calls")
    accepted = [e for e in fleet.log(kind="callback") if e.get("after") == 200]
    assert accepted and accepted[0]["at"] < drain["drainedAt"] + 2000


def test_k_drained_lower_by_exactly_k_in_few_calls(make_fleet):
    """Four drained tasks wait while no scale worker runs; then they go together."""
    fleet = make_fleet({"calls": 8}, settings={"drains_at_once": 4}, arrivalsPerHour=0)
    fleet.start("timers", "callback", "relay", "select", "remove", "drain")
    for _ in range(4):
        fleet.send(fleet.event("calls"))
    fleet.wait_for_states(["DRAINED"] * 4, timeout_s=60)
    fleet.start("scale")
    fleet.wait_for_states(["SCALED_OUT"] * 4, timeout_s=60)
    assert fleet.lowered("calls") == [(8, 4)]
    assert fleet.service("calls")["desired"] == 4
    assert_only_drained_stopped(fleet, "calls")


def test_at_the_floor_the_task_returns_to_service(make_fleet):
    """The floor rises while the task drains: the drain is undone, the task accepts work, the address is given back."""
    fleet = make_fleet({"calls": 3}, arrivalsPerHour=10800, sessionMean="3s", sessionFixed=True)
    fleet.start("timers", "callback", "relay", "select", "remove", "drain")
    wait_for_sessions(fleet, "calls")
    fleet.idle("calls")
    fleet.wait_for_states(["DRAINED"], timeout_s=60)
    fleet.set_minimum("calls", 3)
    fleet.start("scale")
    (drain,) = fleet.wait_for_states(["RESTORED"], timeout_s=60)
    assert drain["reason"] == "at_min_capacity"
    assert fleet.lowered("calls") == [] and fleet.stopped("calls") == []
    assert not fleet.world.snapshot().get("excluded")
    before = {t["arn"]: t.get("completed", 0) for t in fleet.running("calls")}[drain["taskArn"]]
    fleet.wait_for(
        lambda: {t["arn"]: t.get("completed", 0) for t in fleet.running("calls")}[drain["taskArn"]] > before,
        30, "the task to serve again",
    )  # fmt: skip
    assert fleet.service("calls").get("cut", 0) == 0


def test_start_refused_is_undone_and_costs_no_budget(make_fleet):
    fleet = make_fleet({"calls": 3}, settings={"cooldown": "1h", "drains_per_hour": 1}, startStatus=500, arrivalsPerHour=0)
    fleet.start()
    fleet.idle("calls")
    (drain,) = fleet.wait_for_states(["RESTORED"], timeout_s=60)
    assert drain["reason"] == "asterisk_failed"
    assert not fleet.world.snapshot().get("excluded"), "the address was given back"
    assert fleet.redis.zcard("{ebb}:begun:" + fleet.key("calls")) == 0, "neither cooldown nor hour were spent"
    assert fleet.stopped("calls") == [] and fleet.lowered("calls") == []


def test_a_late_duplicate_callback_changes_nothing(make_fleet):
    fleet = make_fleet({"calls": 3}, callbackCopies=3, arrivalsPerHour=0)
    fleet.start()
    fleet.idle("calls")
    (drain,) = fleet.wait_for_states(["SCALED_OUT"], timeout_s=60)
    assert_only_drained_stopped(fleet, "calls")
    assert fleet.lowered("calls") == [(3, 2)]
    status, body = fleet.call_back(drain["drainId"], drain["taskArn"])
    assert (status, body["status"]) == (200, "already")
    assert fleet.states() == ["SCALED_OUT"] and fleet.service("calls")["desired"] == 2


def test_twenty_services_at_once(make_fleet):
    """Eight worker processes, two of each stage; every service is drained as decided."""
    names = [f"s{i:02}" for i in range(20)]
    fleet = make_fleet({n: 3 for n in names}, arrivalsPerHour=1800, sessionMean="2s")
    fleet.start()
    fleet.start("select", "remove", "drain", "scale")
    for name in names:
        fleet.idle(name)
    fleet.wait_for(lambda: fleet.states() == ["SCALED_OUT"] * 20, 90, "all twenty drains to end")
    for name in names:
        assert fleet.states(name) == ["SCALED_OUT"] and fleet.lowered(name) == [(3, 2)]
        assert_only_drained_stopped(fleet, name)


@pytest.mark.timeout(240)
def test_twenty_services_with_every_process_killed_once(make_fleet):
    """The same, with kill -9 of each process at a random moment, and another in its place."""
    seed = random.randrange(1 << 32)
    chance = random.Random(seed)
    print(f"seed {seed}")
    names = [f"s{i:02}" for i in range(20)]
    fleet = make_fleet({n: 3 for n in names}, arrivalsPerHour=1800, sessionMean="2s")
    fleet.start()
    fleet.start("select", "remove", "drain", "scale")
    for name in names:
        fleet.idle(name)
    victims = list(fleet.roles)
    chance.shuffle(victims)
    for victim in victims:
        fleet.pause_randomly(chance, 1.5)
        victim.kill9()
        fleet.start_again(victim)
    fleet.wait_for(lambda: fleet.states() == ["SCALED_OUT"] * 20, 150, "all twenty drains to end")
    for name in names:
        assert fleet.lowered(name) == [(3, 2)], name
        assert_only_drained_stopped(fleet, name)
    assert fleet.dead_letters() == []
