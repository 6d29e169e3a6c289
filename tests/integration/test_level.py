# SPDX-License-Identifier: Apache-2.0
"""Goal: an alarm is a level. One that stays in ALARM takes its service to the floor at the cooldown's pace though nobody
heard of it, and stops when it is OK; with cancelWhenOk a drain is undone once its alarm is over. Method: real Kafka and
Redis, the world on the wire, and EventBridge's target taken away, so that no event comes."""

import json
import signal

import pytest

from support.fleet import Fleet

COOLDOWN_MS = 4000
POLL_MS = 1000


@pytest.fixture
def make_fleet(ebb, start_world, kafka, redis_server):
    def make(services, **options):
        options["settings"] = {"alarm_poll": f"{POLL_MS}ms", **options.get("settings", {})}
        fleet = Fleet(ebb, start_world, kafka, redis_server, services, **options)
        fleet.world.client("events").remove_targets(Rule="alarms", Ids=["1"])
        return fleet

    return make


def listed(tasks, *alarms, **settings):
    return {"tasks": tasks, "settings": {"alarms": json.dumps(alarms), **settings}}


def decisions(fleet):
    """What select decided for the level, oldest first."""
    found = [v for v in fleet.verdicts() if v["stage"] == "select"]
    assert all(v["cause"].startswith("level-") for v in found), "no event came"
    return sorted(found, key=lambda v: v["time"])


def polls(fleet):
    return {c["operation"]: c["calls"] for c in fleet.world.snapshot()["calls"]}.get("cloudwatch:DescribeAlarms", 0)


def wait_for_polls(fleet, count):
    before = polls(fleet)
    fleet.wait_for(lambda: polls(fleet) >= before + count, 20 + 2 * count, f"{count} polls")


@pytest.mark.timeout(180)
def test_an_alarm_nobody_heard_of_takes_the_service_to_the_floor_and_stops_at_ok(make_fleet):
    fleet = make_fleet({"calls": listed(5, "calls-idle", cooldown=f"{COOLDOWN_MS}ms", min_tasks=3)}, arrivalsPerHour=0)
    fleet.start()
    wait_for_polls(fleet, 2)
    assert decisions(fleet) == [], "an alarm that is not in ALARM asks nothing"
    fleet.idle("calls")
    drains = fleet.wait_for_states(["SCALED_OUT"] * 2, timeout_s=60)
    assert [d["trigger"] for d in drains] == ["calls-idle"] * 2 and all(d["byAlarm"] for d in drains)
    assert drains[1]["claimedAt"] - drains[0]["claimedAt"] >= COOLDOWN_MS
    assert fleet.lowered("calls") == [(5, 4), (4, 3)]

    # At the floor it goes on asking, at the cooldown's pace and not at each poll, and is refused.
    fleet.wait_for(lambda: len([v for v in decisions(fleet) if v["reason"] == "at_min_capacity"]) >= 3, 60, "refusals")
    made = decisions(fleet)
    assert {v["reason"] for v in made} == {"claimed", "at_min_capacity"}, "no asking met its own cooldown"
    gaps = [b["time"] - a["time"] for a, b in zip(made, made[1:], strict=False)]
    assert min(gaps) >= COOLDOWN_MS - POLL_MS, gaps
    assert len({v["cause"] for v in made}) == len(made), "each asking has a cause of its own"
    assert fleet.states() == ["SCALED_OUT"] * 2 and fleet.service("calls")["desired"] == 3

    fleet.idle("calls", "OK")
    wait_for_polls(fleet, 2)
    asked = len(decisions(fleet))
    wait_for_polls(fleet, 2 * COOLDOWN_MS // POLL_MS)
    assert len(decisions(fleet)) == asked, "an alarm that is OK asks nothing"

    shown = json.loads(fleet.ebb.run("status", "--json", "calls").stdout)["services"][0]["alarms"]
    assert [(a["name"], a["state"]) for a in shown] == [("calls-idle", "OK")]
    assert "alarm calls-idle: OK, changed" in fleet.ebb.run("status").stdout
    assert "alarm calls-idle: OK, changed" in fleet.ebb.run("why", "calls").stdout


def test_an_alarm_that_was_heard_of_is_watched_from_then_on(make_fleet):
    """No entry lists it: one event is all that Ebb ever hears."""
    fleet = make_fleet({"calls": 4}, settings={"cooldown": "2s", "min_tasks": 2}, arrivalsPerHour=0)
    fleet.start()
    fleet.idle("calls")
    fleet.send(fleet.event("calls", "the-only-event"))
    drains = fleet.wait_for_states(["SCALED_OUT"] * 2, timeout_s=60)
    assert drains[0]["cause"] == "the-only-event" and drains[1]["cause"].startswith("level-")


def test_several_alarms_one_of_them_composite(make_fleet):
    """Any of them asks; a composite one has no metric that names the service, so it is listed."""
    fleet = make_fleet({"calls": listed(3, "calls-idle", "calls-night", min_tasks=2)}, arrivalsPerHour=0)
    cloudwatch = fleet.world.client("cloudwatch")
    cloudwatch.put_composite_alarm(AlarmName="calls-night", AlarmRule='ALARM("calls-idle")')
    cloudwatch.set_alarm_state(AlarmName="calls-night", StateValue="ALARM", StateReason="tried")
    fleet.idle("calls", "OK")
    fleet.start()
    (drain,) = fleet.wait_for_states(["SCALED_OUT"], timeout_s=60)
    assert drain["trigger"] == "calls-night" and fleet.lowered("calls") == [(3, 2)]


def test_a_drain_is_undone_once_its_alarm_is_over(make_fleet):
    fleet = make_fleet(
        {"calls": listed(3, "calls-idle", min_tasks=1, cooldown="60s", cancel_when_ok="true")}, arrivalsPerHour=0
    )
    fleet.start()
    fleet.add_sessions("calls", 2)
    fleet.idle("calls")
    drain = fleet.wait_for_drain("calls", "DRAINING")
    fleet.idle("calls", "OK")
    drain = fleet.wait_for_drain("calls", "RESTORED")
    assert drain["reason"] == "trigger_over"
    assert fleet.lowered("calls") == [] and fleet.stopped("calls") == [] and not fleet.excluded()
    assert fleet.service("calls").get("cut", 0) == 0 and len(fleet.running("calls")) == 3
    assert not any(t.get("draining") for t in fleet.running("calls"))


def test_an_alarm_that_cannot_be_read_holds_back_the_start_and_undoes_nothing(make_fleet):
    fleet = make_fleet({"calls": listed(3, cooldown="60s", cancel_when_ok="true")}, arrivalsPerHour=0)
    fleet.start()
    fleet.fault("cloudwatch:DescribeAlarms", "5xx_before")
    fleet.idle("calls")
    fleet.send(fleet.event("calls"))
    fleet.wait_for_drain("calls", "REMOVED")
    timers = fleet.role("timers")
    fleet.wait_for(lambda: timers.output().count("alarms_not_read") >= 4, 40, "polls that failed")
    assert fleet.states() == ["REMOVED"]
    fleet.no_faults()
    fleet.wait_for_drain("calls", "SCALED_OUT", timeout_s=60)
    assert fleet.lowered("calls") == [(3, 2)]


def test_a_stop_waits_for_no_cloudwatch(make_fleet):
    """A poll hangs for longer than anybody waits; whoever polls next reads what it would have read."""
    fleet = make_fleet({"calls": listed(3, "calls-idle")}, arrivalsPerHour=0)
    (timers,) = fleet.start("timers")
    fleet.fault("cloudwatch:DescribeAlarms", "delay", delay="60s")
    fleet.wait_for(lambda: fleet.log(kind="fault"), 30, "a poll to hang")
    timers.signal(signal.SIGTERM)
    assert timers.wait_for_exit(5) == 0, timers.tail()
    assert "alarms_not_read" not in timers.output()
