# SPDX-License-Identifier: Apache-2.0
"""Goal: who drives a world from outside can rely on it: its options, its control API, its faults, its time.
Method: each call once as meant and once wrong; faults are looked at from the caller's side."""

import json
import time

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from support.games import games, quick, scenario
from support.waiting import stays, wait_for

SERVICE = "games/lobby"
LOST_SERVICE = {"cluster": "none", "serviceName": "x", "taskDefinition": "room"}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    document = scenario(
        functions=[{"name": "distributor"}],
        applications=[quick("lobby"), quick("busy", distributor="distributor", arrivalsPerHour=0)],
        services=[
            {"cluster": "games", "serviceName": name, "taskDefinition": "room", "desiredCount": 2}
            for name in ("lobby", "busy")
        ],
        queues=[{"QueueName": "events"}],
    )
    with games(tmp_path_factory.mktemp("world"), document) as found:
        yield found


@pytest.fixture(autouse=True)
def no_faults(world):
    yield
    world.world.control("DELETE", "/world/faults")


def refusal(world, method, path, body=None, status=400):
    got, answer = world.world.try_control(method, path, body)
    assert got == status, answer
    return answer["error"]


def error_of(call):
    with pytest.raises(ClientError) as raised:
        call()
    return raised.value.response["Error"]["Code"], raised.value.response["ResponseMetadata"]["HTTPStatusCode"]


def desired(world):
    return world.service(SERVICE)["desired"]


@pytest.mark.parametrize(
    "method, path, body, words",
    [
        ("POST", "/world/load", {"service": "lobby", "rate": 1}, "service: must be cluster/name"),
        ("POST", "/world/load", {"rate": 1}, "service: required, and missing"),
        ("POST", "/world/desired", {"service": SERVICE, "desird": 1}, "desird: unknown key; did you mean desired?"),
        ("POST", "/world/desired", {"service": SERVICE, "desired": "x"}, "desired: "),
        ("POST", "/world/desired", {"service": SERVICE}, "desired: must be 0 or more"),
        ("POST", "/world/desired", {"service": "games/nobody", "desired": 1}, "ServiceNotFoundException"),
        ("POST", "/world/faults", {"operation": "ecs:*", "effect": "explode"}, "effect: "),
        ("POST", "/world/faults", {"operation": "ecs:*", "effect": "throttle", "percent": 101}, "percent: "),
        ("POST", "/world/time", {"speed": -1}, "speed: "),
        ("POST", "/world/time", {"advanceMs": -1}, "advanceMs: "),
        ("POST", "/world/time", {"pause": True, "speed": 2}, "pause: "),
        ("POST", "/world/region", {"taskStart": "1s"}, "region.taskStart: can only be set when the world starts"),
        ("POST", "/world/keys", {"accessKeyId": "a/b", "secretAccessKey": "s"}, "accessKeyId: "),
        ("POST", "/world/scenario", {"clusters": [{"clusterNam": "x"}]}, "clusters[0].clusterNam: unknown key"),
        ("POST", "/world/scenario", {"services": [LOST_SERVICE]}, "services[0]: ClusterNotFoundException"),
        ("POST", "/world/scenario", "{", "column 1: "),
        ("GET", "/world/log?kind=nonsense&limit=x", None, "limit"),
    ],
)  # fmt: skip
def test_a_wrong_call_is_told_where(world, method, path, body, words):
    assert words in refusal(world, method, path, body)


def test_paths_and_methods(world):
    assert "no such path" in refusal(world, "GET", "/world/nothing", status=404)
    assert "not with this method" in refusal(world, "GET", "/world/load", status=405)
    assert "no such task is running" in refusal(world, "POST", "/world/task/nobody/kill", {}, status=404)
    status, listing = world.world.try_control("GET", "/world/")
    assert status == 200 and "/world/task/{id}/kill" in listing


def test_scenarios_add_to_what_is_there(world):
    addition = {
        "clusters": [{"clusterName": "more"}],
        "services": [{"cluster": "more", "serviceName": "s", "taskDefinition": "room", "desiredCount": 0}],
        "scalableTargets": [
            {
                "ServiceNamespace": "ecs",
                "ResourceId": "service/more/s",
                "ScalableDimension": "ecs:service:DesiredCount",
                "MinCapacity": 1,
                "MaxCapacity": 4,
            }
        ],
        "queues": [{"QueueName": "more"}],
        "rules": [{"Name": "r", "EventPattern": '{"source":["aws.ecs"]}'}],
        "targets": [{"Rule": "r", "Targets": [{"Id": "1", "Arn": "arn:aws:sqs:us-east-1:123456789012:more"}]}],
        "alarms": [
            {
                "AlarmName": "a",
                "Namespace": "AWS/ECS",
                "MetricName": "CPUUtilization",
                "Statistic": "Average",
                "Period": 60,
                "EvaluationPeriods": 1,
                "Threshold": 30,
                "ComparisonOperator": "LessThanThreshold",
            }
        ],
    }
    world.post("/world/scenario", addition)
    service = world.service("more/s")
    assert (service["minCapacity"], service["maxCapacity"]) == (1, 4)
    assert world.client("cloudwatch").describe_alarms(AlarmNames=["a"])["MetricAlarms"][0]["ActionsEnabled"] is True


def test_load_comes_and_ends(world):
    world.wait_for_running("games/busy", 2)
    world.post("/world/load", {"service": "games/busy", "rate": 360000, "duration": "500ms"})
    wait_for(lambda: world.service("games/busy").get("completed", 0) > 20, 20, "sessions to come and go")
    world.post("/world/load", {"service": "games/busy", "rate": 0})
    wait_for(lambda: world.service("games/busy").get("sessions", 0) == 0, 20, "the last to end")
    totals = world.get("/world/sessions")
    assert totals["arrived"] >= totals["completed"] > 20 and totals.get("cut", 0) == 0
    address = world.running("games/busy")[0]["address"]
    payload = {"action": "comment_out_ip", "target_ip": address, "drainId": "d"}
    world.client("lambda").invoke(FunctionName="distributor", Payload=json.dumps(payload))
    assert (
        len([t for t in world.running("games/busy") if t.get("excluded")]) == 1
    ), "the application kept its distributor"


def test_another_actor_is_in_the_log(world):
    world.wait_for_running(SERVICE, 2)
    world.post("/world/desired", {"service": SERVICE, "desired": 3})
    world.wait_for_running(SERVICE, 3)
    entry = world.get(f"/world/log?kind=desired&service={SERVICE}")["entries"][-1]
    assert (entry["before"], entry["after"], entry["accessKeyId"]) == (2, 3, "AKIAANOTHERACTOR")
    world.post("/world/deploy", {"service": SERVICE})
    old = {t["id"] for t in world.running(SERVICE)}
    wait_for(
        lambda: len(world.running(SERVICE)) == 3 and not old & {t["id"] for t in world.running(SERVICE)},
        20,
        "new tasks",
    )
    world.post("/world/desired", {"service": SERVICE, "desired": 2})
    world.wait_for_running(SERVICE, 2)


def update(world, count):
    return world.client("ecs").update_service(cluster="games", service="lobby", desiredCount=count)


def test_faults_without_effect(world):
    before = desired(world)
    for effect, expected in [
        ("throttle", ("ThrottlingException", 400)),
        ("5xx_before", ("ServerException", 500)),
        ("deny", ("AccessDeniedException", 400)),
    ]:
        world.post("/world/faults", {"operation": "ecs:Update*", "effect": effect, "count": 1})
        assert error_of(lambda: update(world, before + 1)) == expected
    world.post("/world/faults", {"operation": "ecs:UpdateService", "effect": "drop_before", "count": 1})
    with pytest.raises(ConnectionClosedError):
        update(world, before + 1)
    assert desired(world) == before
    assert update(world, before)["service"]["desiredCount"] == before


def test_faults_after_the_effect(world):
    before = desired(world)
    world.post("/world/faults", {"operation": "ecs:UpdateService", "effect": "5xx_after", "count": 1})
    assert error_of(lambda: update(world, before + 1)) == ("ServerException", 500)
    assert desired(world) == before + 1
    world.post("/world/faults", {"operation": "ecs:UpdateService", "effect": "drop_after", "skip": 1, "count": 1})
    update(world, before + 1)
    with pytest.raises(ConnectionClosedError):
        update(world, before)
    assert desired(world) == before
    assert world.get("/world/log?kind=fault")["entries"]


def test_faults_of_the_other_protocols(world):
    world.post("/world/faults", {"operation": "*", "effect": "throttle", "count": 4})
    assert error_of(world.client("sts").get_caller_identity) == ("Throttling", 400)
    assert error_of(lambda: world.client("sqs").get_queue_url(QueueName="events")) == ("RequestThrottled", 400)
    assert error_of(world.client("cloudwatch").describe_alarms) == ("Throttling", 400)
    assert error_of(lambda: world.client("lambda").invoke(FunctionName="distributor")) == (
        "TooManyRequestsException",
        429,
    )


def test_a_slow_call(world):
    world.post("/world/faults", {"operation": "sts:*", "effect": "delay", "delay": "500ms", "count": 1})
    began = time.monotonic()
    world.client("sts").get_caller_identity()
    assert time.monotonic() - began >= 0.45


def test_time_jumps_runs_and_stands(world):
    first = world.get("/world/time")["nowMs"]
    world.post("/world/time", {"advanceMs": 3600000})
    assert world.get("/world/time")["nowMs"] >= first + 3600000
    world.post("/world/time", {"pause": True})
    stopped = world.get("/world/time")
    assert stopped["paused"] is True
    stays(lambda: world.get("/world/time")["nowMs"] == stopped["nowMs"], 0.1, "the time that stands")
    world.post("/world/time", {"speed": 1000})
    wait_for(lambda: world.get("/world/time")["nowMs"] > stopped["nowMs"] + 100000, 5, "a hundred seconds in a tenth")
    world.post("/world/time", {"speed": 1})


def test_throttling_is_real_when_it_is_on(world):
    world.post("/world/region", {"throttlingOff": False})
    try:
        cloudwatch = world.client("cloudwatch")
        with pytest.raises(ClientError) as raised:
            for _ in range(50):
                cloudwatch.describe_alarms()
        assert raised.value.response["Error"]["Code"] in ("Throttling", "ThrottlingException")
        assert raised.value.response["Error"]["Message"] == "Rate exceeded"
    finally:
        world.post("/world/region", {"throttlingOff": True})
