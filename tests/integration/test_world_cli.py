# SPDX-License-Identifier: Apache-2.0
"""Goal: the AWS CLI, as people type it, works against the world.
Method: a handful of commands of each protocol, a waiter, and the words of a refusal."""

import json

import pytest

from support.games import ACCOUNT, REGION, games, quick, scenario


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    document = scenario(
        functions=[{"name": "distributor"}],
        applications=[quick("lobby")],
        services=[{"cluster": "games", "serviceName": "lobby", "taskDefinition": "room", "desiredCount": 1}],
    )
    with games(tmp_path_factory.mktemp("world"), document) as found:
        yield found


def test_scaling_a_service_and_waiting_for_it(world):
    world.cli("ecs", "update-service", "--cluster", "games", "--service", "lobby", "--desired-count", "3")
    world.cli("ecs", "wait", "services-stable", "--cluster", "games", "--services", "lobby")
    service = world.cli("ecs", "describe-services", "--cluster", "games", "--services", "lobby")["services"][0]
    assert service["runningCount"] == service["desiredCount"] == 3
    arns = world.cli("ecs", "list-tasks", "--cluster", "games", "--service-name", "lobby", "--page-size", "2")
    assert len(arns["taskArns"]) == 3
    protection = world.cli(
        "ecs", "update-task-protection", "--cluster", "games", "--tasks", arns["taskArns"][0],
        "--protection-enabled", "--expires-in-minutes", "20",
    )  # fmt: skip
    assert protection["protectedTasks"][0]["protectionEnabled"] is True


def test_queues(world):
    url = world.cli("sqs", "create-queue", "--queue-name", "typed")["QueueUrl"]
    world.cli("sqs", "send-message", "--queue-url", url, "--message-body", "hello")
    received = world.cli("sqs", "receive-message", "--queue-url", url, "--wait-time-seconds", "5")["Messages"]
    assert received[0]["Body"] == "hello"


def test_identity_and_alarms(world):
    assert world.cli("sts", "get-caller-identity")["Account"] == ACCOUNT
    world.cli(
        "cloudwatch", "put-metric-alarm", "--alarm-name", "typed", "--namespace", "N", "--metric-name", "M",
        "--statistic", "Average", "--period", "60", "--evaluation-periods", "1", "--threshold", "1",
        "--comparison-operator", "LessThanThreshold",
    )  # fmt: skip
    alarms = world.cli("cloudwatch", "describe-alarms", "--alarm-names", "typed")["MetricAlarms"]
    assert alarms[0]["AlarmArn"] == f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:typed"


def test_invoking_the_distributor(world, tmp_path):
    payload = {"action": "comment_out_ip", "target_ip": "127.1.0.99", "drainId": "d"}
    answer = world.cli(
        "lambda", "invoke", "--function-name", "distributor", "--payload", json.dumps(payload), str(tmp_path / "out")
    )
    assert answer["StatusCode"] == 200
    assert json.loads((tmp_path / "out").read_text())["ok"] is True


def test_a_refusal_in_words(world):
    done = world.world.cli("ecs", "describe-services", "--cluster", "nowhere", "--services", "x")
    assert done.returncode != 0
    assert "(ClusterNotFoundException) when calling the DescribeServices operation: Cluster not found." in done.stderr
    done = world.world.cli("ecs", "list-clusters", secret="wrong")
    assert done.returncode != 0 and "(InvalidSignatureException)" in done.stderr
