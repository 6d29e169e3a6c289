# SPDX-License-Identifier: Apache-2.0
"""Goal: boto3, which we did not write, finds ECS in the world as it finds it in AWS.
Method: every ECS operation, its paginators, limits and refusals, against one world."""

import pytest
from botocore.exceptions import ClientError

from support.games import ACCOUNT, REGION, games, quick, scenario
from support.waiting import stays, wait_for

ARN = f"arn:aws:ecs:{REGION}:{ACCOUNT}"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    names = ["lobby", "arena", "many", "moved", "gone", "paged", "kept", "victim"]
    applications = [quick(name) for name in names]
    with games(tmp_path_factory.mktemp("world"), scenario(applications=applications)) as found:
        yield found


@pytest.fixture(scope="module")
def ecs(world):
    return world.client("ecs")


def refused(code, call, **arguments):
    with pytest.raises(ClientError) as refusal:
        call(**arguments)
    error = refusal.value.response
    assert error["Error"]["Code"] == code, error
    assert error["ResponseMetadata"]["RequestId"]
    return error["Error"]["Message"]


def start_service(world, ecs, name, count):
    made = ecs.create_service(
        cluster="games", serviceName=name, taskDefinition="room", desiredCount=count, launchType="FARGATE"
    )["service"]
    assert made["status"] == "ACTIVE" and made["desiredCount"] == count
    world.wait_for_running(f"games/{name}", count)
    return made


def test_clusters(ecs):
    made = ecs.create_cluster(clusterName="another")["cluster"]
    assert made["clusterArn"] == f"{ARN}:cluster/another" and made["status"] == "ACTIVE"
    arns = [
        a
        for page in ecs.get_paginator("list_clusters").paginate(PaginationConfig={"PageSize": 1})
        for a in page["clusterArns"]
    ]
    assert {f"{ARN}:cluster/another", f"{ARN}:cluster/games"} <= set(arns)
    answer = ecs.describe_clusters(clusters=["another", "nowhere"])
    assert [c["clusterName"] for c in answer["clusters"]] == ["another"]
    assert answer["failures"][0]["reason"] == "MISSING"


def test_a_service_comes_up_and_its_tasks_have_addresses(world, ecs):
    start_service(world, ecs, "lobby", 2)
    service = ecs.describe_services(cluster="games", services=["lobby"])["services"][0]
    assert service["serviceArn"] == f"{ARN}:service/games/lobby"
    assert (service["desiredCount"], service["runningCount"], service["pendingCount"]) == (2, 2, 0)
    assert service["createdAt"].year >= 2024
    arns = ecs.list_tasks(cluster="games", serviceName="lobby")["taskArns"]
    tasks = ecs.describe_tasks(cluster="games", tasks=arns)["tasks"]
    addresses = set()
    for task in tasks:
        assert task["lastStatus"] == "RUNNING" and task["group"] == "service:lobby"
        details = {d["name"]: d["value"] for a in task["attachments"] for d in a["details"]}
        addresses.add(details["privateIPv4Address"])
    assert len(addresses) == 2 and all(a.startswith("127.") for a in addresses)


def test_register_task_definition(ecs):
    made = ecs.register_task_definition(
        family="hall", containerDefinitions=[{"name": "app", "image": "hall:1"}], cpu="256", memory="512"
    )["taskDefinition"]
    assert made["taskDefinitionArn"] == f"{ARN}:task-definition/hall:1" and made["revision"] == 1


def test_update_service_moves_only_what_it_names(world, ecs):
    start_service(world, ecs, "moved", 1)
    assert ecs.update_service(cluster="games", service="moved", desiredCount=3)["service"]["desiredCount"] == 3
    world.wait_for_running("games/moved", 3)
    answer = ecs.update_service(cluster="games", service="moved", forceNewDeployment=True)["service"]
    assert answer["desiredCount"] == 3 and len(answer["deployments"]) == 2
    wait_for(
        lambda: len(ecs.describe_services(cluster="games", services=["moved"])["services"][0]["deployments"]) == 1,
        20,
        "the deployment to finish",
    )
    ecs.update_service(cluster="games", service="moved", desiredCount=0)
    wait_for(lambda: not world.running("games/moved"), 10, "no task")


def test_lists_page(world, ecs):
    start_service(world, ecs, "many", 7)
    pages = list(
        ecs.get_paginator("list_tasks").paginate(cluster="games", serviceName="many", PaginationConfig={"PageSize": 3})
    )
    assert [len(p["taskArns"]) for p in pages] == [3, 3, 1]
    assert len({a for p in pages for a in p["taskArns"]}) == 7
    for i in range(12):
        ecs.create_service(
            cluster="another-2" if i < 0 else "games", serviceName=f"empty-{i}", taskDefinition="room", desiredCount=0
        )
    first = ecs.list_services(cluster="games")
    assert len(first["serviceArns"]) == 10 and first["nextToken"]
    arns = [a for page in ecs.get_paginator("list_services").paginate(cluster="games") for a in page["serviceArns"]]
    assert len(arns) == len(set(arns)) >= 13
    message = refused("InvalidParameterException", ecs.list_tasks, cluster="games", maxResults=101)
    assert message
    refused("InvalidParameterException", ecs.list_tasks, cluster="games", nextToken="nonsense")


def test_run_and_stop_a_task(world, ecs):
    answer = ecs.run_task(cluster="games", taskDefinition="room", count=2, startedBy="tests")
    arns = [t["taskArn"] for t in answer["tasks"]]
    assert len(arns) == 2 and answer["failures"] == []
    assert set(ecs.list_tasks(cluster="games", startedBy="tests")["taskArns"]) == set(arns)
    stopped = ecs.stop_task(cluster="games", task=arns[0], reason="enough")["task"]
    assert stopped["desiredStatus"] == "STOPPED" and stopped["stoppedReason"] == "enough"
    wait_for(
        lambda: arns[0] in ecs.list_tasks(cluster="games", desiredStatus="STOPPED")["taskArns"],
        60,
        "it to be listed as stopped",
    )
    ecs.stop_task(cluster="games", task=arns[1].rsplit("/", 1)[1])
    message = refused("InvalidParameterException", ecs.run_task, cluster="games", taskDefinition="room", count=11)
    assert message


def test_protection_is_kept_and_honoured(world, ecs):
    start_service(world, ecs, "kept", 3)
    arns = ecs.list_tasks(cluster="games", serviceName="kept")["taskArns"]
    answer = ecs.update_task_protection(cluster="games", tasks=arns[:2], protectionEnabled=True, expiresInMinutes=15)
    assert {t["taskArn"] for t in answer["protectedTasks"]} == set(arns[:2])
    assert all(t["protectionEnabled"] and t["expirationDate"] for t in answer["protectedTasks"])
    got = ecs.get_task_protection(cluster="games", tasks=arns)["protectedTasks"]
    assert {t["taskArn"]: t["protectionEnabled"] for t in got} == {a: a in arns[:2] for a in arns}
    ecs.update_service(cluster="games", service="kept", desiredCount=1)
    wait_for(lambda: len(world.running("games/kept")) == 2, 10, "the unprotected task to stop")
    assert {t["arn"] for t in world.running("games/kept")} == set(arns[:2])
    stays(lambda: len(world.running("games/kept")) == 2, 0.5, "two protected tasks")
    ecs.update_task_protection(cluster="games", tasks=[arns[0]], protectionEnabled=False)
    wait_for(
        lambda: [t["arn"] for t in world.running("games/kept")] == [arns[1]], 10, "exactly the unprotected one to stop"
    )


def test_protection_refusals(world, ecs):
    alone = ecs.run_task(cluster="games", taskDefinition="room")["tasks"][0]["taskArn"]
    wait_for(
        lambda: ecs.describe_tasks(cluster="games", tasks=[alone])["tasks"][0]["lastStatus"] == "RUNNING",
        60,
        "it to run",
    )
    failures = ecs.update_task_protection(cluster="games", tasks=[alone], protectionEnabled=True)["failures"]
    assert failures[0]["reason"] == "TASK_NOT_VALID" and failures[0]["arn"] == alone
    refused(
        "InvalidParameterException",
        ecs.update_task_protection,
        cluster="games",
        tasks=["x"] * 11,
        protectionEnabled=True,
    )
    refused(
        "InvalidParameterException",
        ecs.update_task_protection,
        cluster="games",
        tasks=[alone],
        protectionEnabled=True,
        expiresInMinutes=2881,
    )


def test_delete_service(world, ecs):
    start_service(world, ecs, "gone", 1)
    refused("InvalidParameterException", ecs.delete_service, cluster="games", service="gone")
    assert ecs.delete_service(cluster="games", service="gone", force=True)["service"]["status"] == "DRAINING"
    message = refused("ServiceNotActiveException", ecs.update_service, cluster="games", service="gone", desiredCount=1)
    assert message == "Service was not ACTIVE."
    arns = [a for page in ecs.get_paginator("list_services").paginate(cluster="games") for a in page["serviceArns"]]
    assert f"{ARN}:service/games/gone" not in arns
    wait_for(
        lambda: ecs.describe_services(cluster="games", services=["gone"])["services"][0]["status"] == "INACTIVE",
        20,
        "it to be INACTIVE",
    )


@pytest.mark.parametrize(
    "operation, arguments, code, message",
    [
        (
            "describe_services",
            {"cluster": "games", "services": ["x"] * 11},
            "InvalidParameterException",
            "service names can have at most 10 items.",
        ),
        (
            "describe_tasks",
            {"cluster": "games", "tasks": ["x"] * 101},
            "InvalidParameterException",
            "taskIds can have at most 100 items.",
        ),
        (
            "describe_services",
            {"cluster": "nowhere", "services": ["x"]},
            "ClusterNotFoundException",
            "Cluster not found.",
        ),
        ("list_tasks", {"cluster": "nowhere"}, "ClusterNotFoundException", "Cluster not found."),
        ("list_tasks", {"cluster": "games", "serviceName": "nobody"}, "ServiceNotFoundException", "Service not found."),
        (
            "update_service",
            {"cluster": "games", "service": "nobody", "desiredCount": 1},
            "ServiceNotFoundException",
            "Service not found.",
        ),
        (
            "update_service",
            {"cluster": "games", "service": "lobby", "desiredCount": -1},
            "InvalidParameterException",
            None,
        ),
        ("stop_task", {"cluster": "games", "task": "0" * 32}, "InvalidParameterException", None),
        ("describe_services", {"cluster": "games"}, "InvalidParameterException", "Services cannot be empty."),
        (
            "describe_services",
            {"cluster": "games", "services": []},
            "InvalidParameterException",
            "Services cannot be empty.",
        ),
        ("describe_tasks", {"cluster": "games"}, "InvalidParameterException", "Tasks cannot be empty."),
        (
            "update_service",
            {"cluster": "games", "desiredCount": 1},
            "InvalidParameterException",
            "Service cannot be empty.",
        ),
        ("describe_services", {"cluster": 5, "services": ["x"]}, "SerializationException", None),
        ("describe_services", {"cluster": "games", "services": "x"}, "SerializationException", None),
    ],
)
def test_refusals(ecs, operation, arguments, code, message):
    said = refused(code, raw_call, ecs=ecs, operation=operation, arguments=arguments)
    if message:
        assert said == message


def raw_call(ecs, operation, arguments):
    """Past botocore's serializer, which would not let wrong types through."""
    import json

    def replace_body(request, **_):
        request.data = json.dumps(arguments).encode()

    event = f"before-sign.ecs.{''.join(w.capitalize() for w in operation.split('_'))}"
    ecs.meta.events.register(event, replace_body, unique_id="raw")
    try:
        return getattr(ecs, operation)()
    finally:
        ecs.meta.events.unregister(event, unique_id="raw")


def test_the_unknown_is_missing_not_wrong(ecs):
    answer = ecs.describe_services(cluster="games", services=["nobody"])
    assert answer["services"] == [] and answer["failures"] == [
        {"arn": f"{ARN}:service/games/nobody", "reason": "MISSING"}
    ]
    answer = ecs.describe_tasks(cluster="games", tasks=["0" * 32])
    assert answer["tasks"] == [] and answer["failures"][0]["reason"] == "MISSING"


def test_create_service_twice(ecs):
    arguments = {"cluster": "games", "serviceName": "twice", "taskDefinition": "room"}
    ecs.create_service(desiredCount=0, **arguments)
    message = refused("InvalidParameterException", ecs.create_service, desiredCount=1, **arguments)
    assert message == "Creation of service was not idempotent."


def test_the_waiter_sees_a_stable_service(world, ecs):
    start_service(world, ecs, "arena", 1)
    ecs.update_service(cluster="games", service="arena", desiredCount=2)
    ecs.get_waiter("services_stable").wait(
        cluster="games", services=["arena"], WaiterConfig={"Delay": 1, "MaxAttempts": 20}
    )
