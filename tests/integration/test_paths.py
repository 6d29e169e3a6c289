# SPDX-License-Identifier: Apache-2.0
"""Goal: every way a drain can go, other than well, ends as design says: undone, waited for, refused, replaced, never a
second lowering. Method: one fleet; each path is a service of its own with its own misbehaviour, and what is judged is
the world's own record. Paths that do not meet begin together; those that need a fault of AWS come one after another."""

import re

import pytest

from support.fleet import ACCOUNT, CLUSTER, REGION, shared_fleet

LONG = "10m"
# Deliveries, state and all answers of this machine; nobody else can be so slow.
WAIT_S = 60

SERVICES = {
    # Refused at once.
    "floor": {"tasks": 2, "minimum": 2},
    "floorset": {"tasks": 3, "minimum": None, "settings": {"min_tasks": 3}},
    "nofloor": {"tasks": 3, "minimum": None},
    "daemon": {"tasks": 2, "create": {"schedulingStrategy": "DAEMON", "desiredCount": -1}},
    "codedeploy": {"tasks": 3, "create": {"deploymentController": {"type": "CODE_DEPLOY"}}},
    "external": {"tasks": 3, "create": {"deploymentController": {"type": "EXTERNAL"}}},
    # The distributor.
    "event": {"tasks": 3, "settings": {"invocation": "Event"}},
    "broken": {
        "tasks": 3,
        "settings": {"function": "broken", "cooldown": "1h", "drains_per_hour": 1, "drains_at_once": 2},
        "application": {"distributor": "broken"},
    },
    "missing": {
        "tasks": 3,
        "settings": {"function": "missing", "cooldown": "1h", "drains_per_hour": 1, "drains_at_once": 2},
    },
    # The task.
    "hangs": {
        "tasks": 3,
        "settings": {"task_timeout": "1s", "attempts": 2, "cooldown": "1h", "drains_per_hour": 1},
        "application": {"startHangs": True},
    },
    "silent": {"tasks": 3, "application": {"callbackNever": True}},
    "wrong": {"tasks": 3, "application": {"callbackWrongDrain": True}},
    "liar": {
        "tasks": 3,
        "settings": {"drain_timeout": "3s"},
        "application": {"liesAboutTask": True, "callbackNever": True},
    },
    "cut": {"tasks": 3, "settings": {"drain_timeout": "2s"}},
    "undone": {"tasks": 3, "settings": {"drain_timeout": "2s", "on_deadline": "undo"}},
    "nocancel": {
        "tasks": 3,
        "settings": {"drain_timeout": "1s", "on_deadline": "undo"},
        "application": {"noCancel": True},
    },
    "dies": {"tasks": 3, "settings": {"drain_timeout": LONG}},
    # Limits.
    "cool": {"tasks": 4, "settings": {"cooldown": "1h"}},
    "hourly": {"tasks": 4, "settings": {"drains_per_hour": 1}},
    # Others who move the count.
    "native": {"tasks": 3},
    "raised": {"tasks": 3},
    "deploy": {"tasks": 3},
    # One at a time, under faults.
    "reply5xx": {"tasks": 3},
    "replylost": {"tasks": 3},
    "slowdown": {"tasks": 3},
    "unprotected": {"tasks": 3},
    "uninvoked": {"tasks": 3, "settings": {"attempts": 1}},
    "unscheduled": {"tasks": 3},
}
# What these do needs nothing but their own event, so they go side by side.
BEGIN_TOGETHER = (
    "floor", "floorset", "nofloor", "daemon", "codedeploy", "external", "event", "broken", "missing", "hangs",
    "silent", "wrong", "liar", "cut", "undone", "nocancel", "dies", "cool", "hourly",
)  # fmt: skip


@pytest.fixture(scope="module")
def fleet(kafka_of_session, redis_of_session, tmp_path_factory):
    with shared_fleet(
        tmp_path_factory.mktemp("paths"), kafka_of_session, redis_of_session, SERVICES,
        functions=[{"name": "broken", "errorPercent": 100}], arrivalsPerHour=0, settings={"handlers": 8},
    ) as found:  # fmt: skip
        found.start()
        yield found


@pytest.fixture(scope="module")
def begun(fleet):
    """Every service of BEGIN_TOGETHER has got its event."""
    for name in ("cut", "undone", "dies"):
        fleet.add_sessions(name, 2, LONG)
    fleet.add_sessions("nocancel", 2)
    fleet.add_sessions("liar", 1, "1s")
    for name in BEGIN_TOGETHER:
        fleet.idle(name)
    return fleet


@pytest.fixture
def quiet(begun):
    """Nothing else moves: faults of AWS hit only the test's own service."""
    begun.wait_for(lambda: set(begun.states()) <= {*FINAL, "UNDOING"}, WAIT_S, "the other services' drains to end")
    yield begun
    begun.no_faults()
    begun.world.control("POST", "/world/time", {"resume": True})


FINAL = ("SCALED_OUT", "RESTORED", "REPLACED", "GONE")


def verdict(fleet, service, reason):
    """The first verdict about the service with that reason."""
    key = fleet.key(service)
    return fleet.wait_for_history(lambda v: v.get("service") == key and v.get("reason") == reason)[0]


def untouched(fleet, service):
    """Nothing of the service was protected, told to drain, lowered or stopped."""
    kinds = ("protection", "drain", "task_stopping")
    return fleet.lowered(service) == [] and not any(fleet.log(kind=k, service=f"{CLUSTER}/{service}") for k in kinds)


def writes(fleet, operation):
    """How often we called it with success."""
    return len([e for e in fleet.log(kind="call", operation=operation) if not e.get("code")])


def task_of(fleet, drain):
    name = drain["service"].split("/")[-1]
    return {t["arn"]: t for t in fleet.service(name)["tasks"]}[drain["taskArn"]]


def begun_slots(fleet, service):
    """How many drains count for the service's cooldown and hour."""
    return fleet.redis.zcard("{ebb}:begun:" + fleet.key(service))


# ---------------------------------------------------------------- refused


@pytest.mark.parametrize(
    "service, reason, numbers",
    [
        ("floor", "at_min_capacity", "(2, limit 2)"),
        ("floorset", "at_min_capacity", "(3, limit 3)"),
        ("nofloor", "no_floor", ""),
        ("daemon", "daemon_service", ""),
        ("codedeploy", "foreign_controller", ""),
        ("external", "foreign_controller", ""),
    ],
)
def test_refused_with_the_reason_and_untouched(begun, service, reason, numbers):
    found = verdict(begun, service, reason)
    assert (found["stage"], found["verdict"]) == ("select", "refused")
    assert numbers in found["why"]
    assert begun.states(service) == [] and untouched(begun, service)


# ---------------------------------------------------------------- the distributor


def test_event_mode_is_marked_unconfirmed(begun):
    drain = begun.wait_for_drain("event", "SCALED_OUT", timeout_s=WAIT_S)
    assert drain["confirmation"] == "unconfirmed"
    assert [arn for arn, _ in begun.stopped("event")] == [drain["taskArn"]]
    begun.wait_for(lambda: drain["address"] not in begun.excluded(), 20, "the release, which is only told as well")
    others = [d for d in begun.drains() if d["state"] == "SCALED_OUT" and d["service"] != begun.key("event")]
    assert {d["confirmation"] for d in others} <= {"confirmed"}


@pytest.mark.parametrize("service, repair", [("broken", {"name": "broken"}), ("missing", {"name": "missing"})])
def test_a_distributor_that_fails_costs_nothing(begun, service, repair):
    """Undone; what was told to the distributor is taken back as soon as it works, however long that takes."""
    drain = begun.wait_for_drain(service, "UNDOING", timeout_s=WAIT_S)
    assert drain["reason"] == "kamailio_failed" and not drain.get("startSentAt")
    assert begun_slots(begun, service) == 0, "neither cooldown nor hour were spent"
    begun.idle(service, "OK")
    begun.idle(service)
    refused = verdict(begun, service, "backoff")
    assert refused["stage"] == "select"
    assert begun.states(service) == ["UNDOING"], "it is not given up while the distributor fails"
    begun.world.control("POST", "/world/functions", repair)
    ended = begun.wait_for_drain(service, "RESTORED", timeout_s=WAIT_S)
    assert ended["drainId"] == drain["drainId"]
    assert begun.stopped(service) == [] and begun.lowered(service) == []
    assert drain["address"] not in begun.excluded()
    assert not begun.redis.exists("{ebb}:task:" + drain["taskArn"]), "the task may be drained again"


# ---------------------------------------------------------------- the task


def test_a_start_that_hangs_is_undone_and_free(begun):
    drain = begun.wait_for_drain("hangs", "RESTORED", timeout_s=WAIT_S)
    assert drain["reason"] == "asterisk_failed"
    assert begun_slots(begun, "hangs") == 0, "the task itself says that it never began"
    assert begun.stopped("hangs") == [] and begun.lowered("hangs") == []
    assert drain["address"] not in begun.excluded()


def test_without_a_callback_the_status_poll_finds_it_empty(begun):
    drain = begun.wait_for_drain("silent", "SCALED_OUT", timeout_s=WAIT_S)
    assert not drain.get("byDeadline")
    assert begun.log(kind="callback", service=f"{CLUSTER}/silent") == []
    assert begun.lowered("silent") == [(3, 2)]


def test_a_callback_of_another_drain_is_refused(begun):
    """The task's token is not that drain's; a right token of no drain is 409. The status poll ends the drain."""
    drain = begun.wait_for_drain("wrong", "SCALED_OUT", timeout_s=WAIT_S)
    answers = [e["after"] for e in begun.log(kind="callback", service=f"{CLUSTER}/wrong")]
    assert set(answers) == {401}
    assert not drain.get("byDeadline") and begun.lowered("wrong") == [(3, 2)]
    assert begun.call_back("f" * 16, drain["taskArn"])[0] == 409
    assert begun.call_back(drain["drainId"], drain["taskArn"] + "0")[0] == 409


def test_a_task_that_says_it_is_another_is_not_believed(begun):
    """It answers "empty" under another's name long before its deadline: only the deadline counts."""
    drain = begun.wait_for_drain("liar", "SCALED_OUT", timeout_s=WAIT_S)
    assert drain["byDeadline"] and drain["drainedAt"] >= drain["deadlineAt"]
    assert begun.lowered("liar") == [(3, 2)] and begun.service("liar").get("cut", 0) == 0


def test_at_the_deadline_finish_scales_in_all_the_same(begun):
    drain = begun.wait_for_drain("cut", "SCALED_OUT", timeout_s=WAIT_S)
    assert drain["byDeadline"] and drain["reason"]
    assert drain["drainedAt"] >= drain["deadlineAt"] >= drain["startedAt"] + 2000
    service = begun.service("cut")
    assert (service["cut"], service["cutByScaleIn"]) == (2, 2), "the two that were left, and no other"
    assert task_of(begun, drain)["cut"] == 2


def test_at_the_deadline_undo_returns_the_task_to_service(begun):
    drain = begun.wait_for_drain("undone", "RESTORED", timeout_s=WAIT_S)
    assert drain["reason"] == "deadline"
    task = task_of(begun, drain)
    assert (task["sessions"], task.get("draining", False)) == (2, False), "it kept its sessions and accepts new ones"
    assert begun.service("undone").get("cut", 0) == 0
    assert begun.stopped("undone") == [] and begun.lowered("undone") == []
    assert drain["address"] not in begun.excluded()
    assert begun_slots(begun, "undone") == 1, "it did begin"


def test_a_task_that_cannot_go_back_is_replaced_once_empty(begun):
    drain = begun.wait_for_drain("nocancel", "UNDOING", timeout_s=WAIT_S)
    begun.end_sessions(drain["taskArn"])
    drain = begun.wait_for_drain("nocancel", "REPLACED", timeout_s=WAIT_S)
    assert drain["reason"] == "replaced"
    assert begun.stopped("nocancel") == [(drain["taskArn"], "StopTask")]
    assert begun.service("nocancel").get("cut", 0) == 0
    assert begun.service("nocancel")["desired"] == 3 and begun.lowered("nocancel") == []
    begun.wait_for_running("nocancel", 3)
    assert drain["address"] not in begun.excluded(), "the next owner of the address is not shut out"


def test_a_task_that_dies_is_gone_and_nothing_is_lowered(begun):
    drain = begun.wait_for_drain("dies", "DRAINING", timeout_s=WAIT_S)
    assert drain["address"] in begun.excluded()
    begun.kill(drain["taskArn"])
    ended = begun.wait_for_drain("dies", "GONE", timeout_s=WAIT_S)
    assert ended["reason"] == "task_gone"
    assert begun.lowered("dies") == [] and begun.service("dies")["desired"] == 3
    assert drain["address"] not in begun.excluded()
    assert not begun.redis.exists(f"{{ebb}}:address:{ACCOUNT}:{REGION}:{drain['address']}")
    begun.wait_for_running("dies", 3)


# ---------------------------------------------------------------- limits


def test_the_cooldown_says_how_long(begun):
    begun.wait_for_drain("cool", "SCALED_OUT", timeout_s=WAIT_S)
    begun.send(begun.event("cool"))
    refused = verdict(begun, "cool", "cooldown")
    assert begun.states("cool") == ["SCALED_OUT"]
    assert re.search(r"\([0-9a-z. ]+ ago; again in [45][0-9] min( [0-9]+ s)?\)$", refused["why"]), refused


def test_the_hourly_limit_counts_drains(begun):
    begun.wait_for_drain("hourly", "SCALED_OUT", timeout_s=WAIT_S)
    begun.send(begun.event("hourly"))
    assert "(1, limit 1)" in verdict(begun, "hourly", "hourly_limit")["why"]
    assert begun.states("hourly") == ["SCALED_OUT"]


# ---------------------------------------------------------------- others who move the count


def drain_with_sessions(fleet, service):
    """A drain whose task holds sessions until the test ends them."""
    fleet.add_sessions(service, 1)
    fleet.idle(service)
    return fleet.wait_for_drain(service, "DRAINING", timeout_s=WAIT_S)


def protect(fleet, tasks):
    """As applications do that protect themselves."""
    answer = fleet.world.client("ecs").update_task_protection(
        cluster=CLUSTER, tasks=tasks, protectionEnabled=True, expiresInMinutes=60
    )
    assert not answer["failures"]


def test_a_native_policy_lowered_it_already(quiet):
    """All tasks are protected, so what the policy took off waits for the drained one; we lower nothing."""
    before = writes(quiet, "ecs:UpdateService")
    drain = drain_with_sessions(quiet, "native")
    protect(quiet, [t["arn"] for t in quiet.running("native") if t["arn"] != drain["taskArn"]])
    quiet.set_desired("native", 2)
    quiet.end_sessions(drain["taskArn"])
    quiet.wait_for_drain("native", "SCALED_OUT", timeout_s=WAIT_S)
    assert quiet.lowered("native") == [(3, 2)], "the policy's own"
    assert writes(quiet, "ecs:UpdateService") == before + 1, "the policy's own"
    assert quiet.stopped("native") == [(drain["taskArn"], "scale-in")]
    assert quiet.service("native").get("cut", 0) == 0


def test_another_actor_raises_the_count_meanwhile(quiet):
    drain = drain_with_sessions(quiet, "raised")
    quiet.set_desired("raised", 5)
    quiet.wait_for_running("raised", 5)
    quiet.end_sessions(drain["taskArn"])
    quiet.wait_for_drain("raised", "SCALED_OUT", timeout_s=WAIT_S)
    assert quiet.lowered("raised") == [(5, 4)]
    assert quiet.stopped("raised") == [(drain["taskArn"], "scale-in")]
    assert quiet.service("raised").get("cut", 0) == 0


def test_a_deployment_begins_while_the_task_drains(quiet):
    """It replaces the others and leaves the protected one; nothing that is not drained is stopped by us."""
    before = writes(quiet, "ecs:UpdateService")
    drain = drain_with_sessions(quiet, "deploy")
    quiet.world.control("POST", "/world/deploy", {"service": f"{CLUSTER}/deploy"})
    others = {t["arn"] for t in quiet.running("deploy")} - {drain["taskArn"]}
    quiet.wait_for(lambda: others <= {a for a, _ in quiet.stopped("deploy")}, WAIT_S, "the others to be replaced")
    assert quiet.states("deploy") == ["DRAINING"]
    quiet.end_sessions(drain["taskArn"])
    ended = quiet.wait_for_drain("deploy", *FINAL, timeout_s=WAIT_S)
    print(ended, quiet.stopped("deploy"))
    assert {cause for arn, cause in quiet.stopped("deploy") if arn != drain["taskArn"]} == {"deployment"}


# ---------------------------------------------------------------- AWS at its worst


@pytest.mark.parametrize("service, effect", [("reply5xx", "5xx_after"), ("replylost", "drop_after")])
def test_the_reply_to_updateservice_is_lost(quiet, service, effect):
    """It took effect, and nobody says so: ECS is asked, and lowered exactly once."""
    before = writes(quiet, "ecs:UpdateService")
    quiet.fault("ecs:UpdateService", effect, count=1)
    quiet.idle(service)
    drain = quiet.wait_for_drain(service, "SCALED_OUT", timeout_s=WAIT_S)
    assert writes(quiet, "ecs:UpdateService") == before + 1
    assert quiet.lowered(service) == [(3, 2)]
    assert quiet.stopped(service) == [(drain["taskArn"], "scale-in")]


def test_updateservice_is_throttled(quiet):
    quiet.fault("ecs:UpdateService", "throttle", count=2)
    quiet.idle("slowdown")
    drain = quiet.wait_for_drain("slowdown", "SCALED_OUT", timeout_s=WAIT_S)
    assert quiet.lowered("slowdown") == [(3, 2)]
    assert quiet.stopped("slowdown") == [(drain["taskArn"], "scale-in")]


@pytest.mark.parametrize(
    "service, operation, count", [("unprotected", "ecs:UpdateTaskProtection", 12), ("uninvoked", "lambda:Invoke", 2)]
)
def test_throttling_is_no_attempt(quiet, service, operation, count):
    """More often than all attempts: throttling says nothing about whether the call can be done, so it undoes nothing."""
    quiet.fault(operation, "throttle", count=count)
    quiet.idle(service)
    drain = quiet.wait_for_drain(service, *FINAL, timeout_s=WAIT_S)
    assert drain["state"] == "SCALED_OUT", drain
    assert quiet.stopped(service) == [(drain["taskArn"], "scale-in")] and quiet.lowered(service) == [(3, 2)]


def test_a_scheduler_that_takes_nothing_is_helped(quiet):
    """The region's time stands still once the task is drained: ECS lowers the count and stops nobody."""
    drain = drain_with_sessions(quiet, "unscheduled")
    quiet.end_role("scale")
    quiet.end_sessions(drain["taskArn"])
    quiet.wait_for_drain("unscheduled", "DRAINED", timeout_s=WAIT_S)
    quiet.world.control("POST", "/world/time", {"pause": True})
    quiet.start("scale")
    intent = f"{{ebb}}:intent:{quiet.key('unscheduled')}"
    quiet.wait_for(lambda: quiet.lowered("unscheduled"), WAIT_S, "the count to be lowered")
    assert quiet.stopped("unscheduled") == []
    # As if ECS had had its minute.
    quiet.redis.hincrby(intent, "notAfter", -61 * 1000)
    quiet.wait_for(lambda: quiet.stopped("unscheduled"), 20, "StopTask")
    assert quiet.stopped("unscheduled") == [(drain["taskArn"], "StopTask")]
    quiet.world.control("POST", "/world/time", {"resume": True})
    quiet.wait_for_drain("unscheduled", "SCALED_OUT", timeout_s=WAIT_S)
    assert quiet.lowered("unscheduled") == [(3, 2)] and quiet.service("unscheduled")["desired"] == 2
