# SPDX-License-Identifier: Apache-2.0
"""Goal: what operators order is done, said truly, and outlives a Redis that loses everything; and a message that kills
its worker each time holds up nobody for ever. Method: the commands beside running roles on a real Kafka and Redis, with
the world on the wire; workers are killed with a handler in the middle of a call that hangs."""

import json
import re

import pytest

from support.fleet import ACCOUNT, Fleet

OK, FAILED, USAGE = 0, 1, 2
WAIT_S = 60
DEATHS = 3  # lib/run/taken.h
WRONG = "wrong_task_stopped"


@pytest.fixture
def make_fleet(ebb, start_world, kafka, redis_server):
    return lambda services, **options: Fleet(ebb, start_world, kafka, redis_server, services, **options)


def said(done, exit_code=OK):
    assert done.returncode == exit_code, done.stderr or done.stdout
    return done.stdout if exit_code == OK else done.stderr


def answer(done):
    return json.loads(said(done))


def refused_as_paused(fleet, count):
    key = fleet.key("calls")
    found = fleet.wait_for_history(lambda v: v.get("service") == key and v.get("reason") == "paused", count)
    assert fleet.drains() == []
    return found[-1]


def page_with(ebb, drain_id, words):
    page = said(ebb.run("timeline", drain_id))
    return page if words in page else None


def test_a_pause_outlives_a_redis_that_loses_everything(make_fleet, ebb):
    fleet = make_fleet({"calls": 3}, arrivalsPerHour=0)
    fleet.start()
    key = fleet.key("calls")
    page = said(ebb.run("pause", key, "--why", "a deployment", "--by", "ann"))
    assert f"{key} is paused by ann until it is resumed: a deployment" in page
    fleet.idle("calls")
    assert "paused by ann" in refused_as_paused(fleet, 1)["why"]
    # Emptied by somebody's mistake, and replaced by another: both are put together again from ebb.state.
    fleet.redis.flushall()
    fleet.wait_for(fleet.is_whole, WAIT_S, "the epoch to begin again")
    fleet.send(fleet.event("calls"))
    refused_as_paused(fleet, 2)
    fleet.redis_server.kill9()
    fleet.redis_server.start()
    fleet.wait_for(fleet.is_whole, WAIT_S, "the epoch of the new Redis")
    fleet.send(fleet.event("calls"))
    refused_as_paused(fleet, 3)
    assert f"{key} is paused by ann" in said(ebb.run("status")) and "is paused by ann" in said(ebb.run("why", "calls"))
    (pause,) = answer(ebb.run("status", "--json"))["pauses"]
    assert (pause["scope"], pause["kind"], pause["by"], pause["version"]) == (key, "pause", "ann", 1)
    # A wider one holds as well, and the narrower one's end says so.
    said(ebb.run("pause", "--account", ACCOUNT, "--for", "10m", "--why", "all of it"))
    assert f"account:{ACCOUNT} is paused by" in said(ebb.run("resume", "calls"))
    said(ebb.run("resume", "--account", ACCOUNT))
    assert "was not paused" in said(ebb.run("resume", "--all"))
    fleet.send(fleet.event("calls"))
    fleet.wait_for_states(["SCALED_OUT"], timeout_s=WAIT_S)


def test_the_third_task_that_was_not_drained_and_stops_pauses_the_account(make_fleet, ebb):
    names = ("first", "second", "third", "fourth")
    fleet = make_fleet({name: 3 for name in names}, settings={"victim": "oldest"}, arrivalsPerHour=0)
    fleet.start()
    fleet.world.control("POST", "/world/departures", {"departures": ["scale_in_ignores_protection"]})
    for name in names[:3]:
        fleet.idle(name)
        key = fleet.key(name)
        fleet.wait_for_history(lambda v, key=key: v.get("service") == key and v.get("reason") == WRONG)
        # What was drained is stopped by hand then, and ECS replaces what it should not have taken.
        drain = fleet.wait_for_drain(name, "REPLACED", timeout_s=WAIT_S)
        fleet.wait_for(lambda drain=drain: page_with(ebb, drain["drainId"], f"wait {WRONG}"), WAIT_S, "its report")
        assert "scaled_out" not in said(ebb.run("timeline", drain["drainId"]))
    fleet.wait_for(lambda: answer(ebb.run("status", "--json"))["pauses"], WAIT_S, "the pause")
    (pause,) = answer(ebb.run("status", "--json"))["pauses"]
    assert (pause["scope"], pause["kind"], pause.get("until", 0)) == (f"account:{ACCOUNT}", "pause", 0)
    assert "not drained" in pause["why"]
    fleet.idle("fourth")
    fleet.wait_for_history(lambda v: v.get("service") == fleet.key("fourth") and v["reason"] == "paused")
    assert fleet.lowered("fourth") == []
    fleet.world.control("POST", "/world/departures", {"departures": []})
    said(ebb.run("resume", "--account", ACCOUNT))
    fleet.send(fleet.event("fourth"))
    fleet.wait_for_drain("fourth", "SCALED_OUT", timeout_s=WAIT_S)


def test_what_cannot_be_ordered_is_said(make_fleet, ebb):
    fleet = make_fleet({"calls": 3}, arrivalsPerHour=0)
    fleet.start("timers")
    assert "SERVICE, or --account A, or --all" in said(ebb.run("pause", "--why", "x"), USAGE)
    assert "--why is missing" in said(ebb.run("pause", "--all"), USAGE)
    assert "12 digits" in said(ebb.run("pause", "--account", "12", "--why", "x"), USAGE)
    assert said(ebb.run("cancel", "3366f10b5f0aa7ab"), 6).count("\n") == 1
    assert "usage: ebb close" in said(ebb.run("close"), USAGE)


def test_a_cancelled_drain_returns_its_task_to_service(make_fleet, ebb):
    fleet = make_fleet({"calls": 3, "chat": 3}, arrivalsPerHour=0)
    fleet.start()
    fleet.add_sessions("calls", 2)
    fleet.idle("calls")
    drain = fleet.wait_for_drain("calls", "DRAINING", timeout_s=WAIT_S)
    assert drain["address"] in fleet.excluded()
    task = drain["taskArn"].split("/")[-1]
    assert "is being undone" in said(ebb.run("cancel", task, "--why", "it is needed", "--by", "ann"))
    ended = fleet.wait_for_drain("calls", "RESTORED", timeout_s=WAIT_S)
    assert ended["drainId"] == drain["drainId"] and ended["reason"] == "cancelled"
    assert (ended["cancelAskedBy"], ended["cancelWhy"]) == ("ann", "it is needed")
    assert drain["address"] not in fleet.excluded()
    assert fleet.lowered("calls") == [] and fleet.stopped("calls") == []
    (seen,) = [t for t in fleet.running("calls") if t["arn"] == drain["taskArn"]]
    assert not seen.get("draining") and seen["sessions"] == 2
    assert "undone already" in said(ebb.run("cancel", drain["drainId"]))
    # What is drained is too late.
    fleet.idle("chat")
    done = fleet.wait_for_drain("chat", "SCALED_OUT", timeout_s=WAIT_S)
    assert re.search("too late: .* is SCALED_OUT", said(ebb.run("cancel", done["drainId"]), FAILED))


def test_a_drain_that_cannot_be_confirmed_is_closed_by_force(make_fleet, ebb):
    broken = {"tasks": 3, "settings": {"function": "gone", "attempts": 1}, "application": {"distributor": "gone"}}
    fleet = make_fleet({"calls": broken}, functions=[{"name": "gone", "errorPercent": 100}], arrivalsPerHour=0)
    fleet.start()
    fleet.idle("calls")
    drain = fleet.wait_for_drain("calls", "UNDOING", timeout_s=WAIT_S)
    words = said(ebb.run("close", drain["drainId"]), FAILED)
    assert f"has not confirmed that it sends work to the address {drain['address']} again" in words
    assert "stays protected from scale-in until" in words and "; --force" in words
    assert "--why is missing" in said(ebb.run("close", drain["drainId"], "--force"), USAGE)
    assert "not confirmed" in said(ebb.run("close", drain["drainId"], "--force", "--why", "it is gone", "--by", "ann"))
    ended = fleet.wait_for_drain("calls", "RESTORED", timeout_s=WAIT_S)
    assert (ended["closedBy"], ended["closeWhy"]) == ("ann", "it is gone")
    assert drain["address"] in ended["unconfirmed"] and ended["reason"] == "kamailio_failed"
    # What a look came to is noted after what it did.
    page = fleet.wait_for(lambda: page_with(ebb, drain["drainId"], "done closed"), WAIT_S, "its last look")
    assert "closedAt" in page
    assert "has ended already" in said(ebb.run("close", drain["drainId"], "--force", "--why", "again"))
    assert not fleet.redis.exists("{ebb}:task:" + drain["taskArn"])


def test_a_message_that_kills_its_worker_each_time_holds_up_nobody_for_ever(make_fleet, ebb):
    """One handler, one partition: the next message waits behind the one that is in hand when the worker is killed."""
    fleet = make_fleet(
        {"hangs": {"tasks": 3, "application": {"startHangs": True}}, "calls": 3},
        settings={"task_timeout": "60s", "handlers": 1}, partitions=1, arrivalsPerHour=0,
    )  # fmt: skip
    fleet.start()
    place = "{ebb}:taken:ebb.drain:0:0"
    fleet.idle("hangs")
    for deaths in range(1, DEATHS + 1):
        fleet.wait_for(lambda n=deaths: fleet.redis.hlen(place) == n, WAIT_S, "the message to be in hand")
        # The start is on its way, and hangs.
        fleet.wait_for(lambda: fleet.drains("hangs")[0].get("unclearStarts"), WAIT_S, "the start to be sent")
        if deaths == 1:
            fleet.idle("calls")
            fleet.wait_for_drain("calls", "REMOVED", timeout_s=WAIT_S)
        worker = fleet.role("drain")
        worker.kill9()
        # From now on it would do no harm; but what has killed so often is not tried again.
        if deaths == DEATHS:
            fleet.application("hangs", startHangs=False)
        fleet.start_again(worker)
    (letter,) = fleet.wait_for(fleet.dead_letters, WAIT_S, "the dead letter")
    assert letter["origin"] == "kafka:ebb.drain/0/0" and letter["times"] == DEATHS
    assert "taken 3 times, and each time the process that worked on it died" in letter["error"]
    # A person finds it, and has it worked on once more, now that it does no harm.
    (shown,) = answer(ebb.run("dead", "--json"))["letters"]
    assert shown["letter"]["origin"] == letter["origin"]
    page = said(ebb.run("dead", shown["place"]))
    assert letter["error"] in page and letter["body"] in page and shown["place"] in said(ebb.run("dead"))
    assert "sent to ebb.drain again" in said(ebb.run("dead", shown["place"], "--replay"))
    assert "no letter 9/9" in said(ebb.run("dead", "9/9"), 6)
    assert "usage: ebb dead" in said(ebb.run("dead", "--replay"), USAGE)
    fleet.wait_for_drain("calls", "SCALED_OUT", timeout_s=WAIT_S)
    # Its drain is not lost with it: the timers bring it back.
    fleet.wait_for_drain("hangs", "SCALED_OUT", timeout_s=2 * WAIT_S)
    assert fleet.lowered("hangs") == [(3, 2)] and fleet.lowered("calls") == [(3, 2)]
