# SPDX-License-Identifier: Apache-2.0
"""Our AWS client against two regions that others wrote, both of which check signatures: every
operation they know, good keys and bad ones, session tokens, errors in the forms they come in."""

import io
import json
import time
import urllib.request
import zipfile

import pytest

from support import paths
from support.processes import run
from support.stand_ins import Ministack, Moto

TOOL = paths.program("tools/aws_tool")
WRONG = "another0secret0of0the0same0length0as0ours"


class Caller:
    """call("ECS", "ListTasks", cluster="x") -> the output, or the error."""

    def __init__(self, stand_in, folder):
        self.stand_in, self.folder = stand_in, folder

    def answer(self, service, operation, variables=None, /, **given):
        env = {**self.stand_in.env(), "AWS_MAX_ATTEMPTS": "1", **(variables or {})}
        done = run([TOOL, "call", service, operation], self.folder, env, stdin_text=json.dumps(given))
        assert done.returncode == 0 and not done.stderr, done.stderr
        assert self.stand_in.secret not in done.stdout
        return json.loads(done.stdout)

    def __call__(self, service, operation, variables=None, /, **given):
        answer = self.answer(service, operation, variables, **given)
        assert "output" in answer, answer
        return answer["output"]

    def error(self, service, operation, variables=None, /, **given):
        answer = self.answer(service, operation, variables, **given)
        assert "error" in answer, answer
        return answer["error"]


@pytest.fixture(scope="module")
def moto_of_module(session_processes):
    return Moto(session_processes)


@pytest.fixture(scope="module")
def ministack_of_module(session_processes):
    return Ministack(session_processes)


@pytest.fixture(params=["moto", "ministack"])
def call(request, tmp_path):
    return Caller(request.getfixturevalue(f"{request.param}_of_module"), tmp_path)


@pytest.fixture
def moto_call(moto_of_module, tmp_path):
    return Caller(moto_of_module, tmp_path)


@pytest.fixture
def ministack_call(ministack_of_module, tmp_path):
    return Caller(ministack_of_module, tmp_path)


def cluster_with_service(call, name, desired):
    ecs = call.stand_in.client("ecs")
    ecs.create_cluster(clusterName=name)
    ecs.register_task_definition(
        family=name, networkMode="bridge", containerDefinitions=[{"name": "app", "image": "x", "memory": 64}]
    )
    ecs.create_service(cluster=name, serviceName="rooms", taskDefinition=name, desiredCount=desired)
    return ecs


def test_sts_says_who_we_are(call):
    identity = call("STS", "GetCallerIdentity")
    assert identity["Arn"].endswith(":user/ebb")
    assert identity["Arn"] == call.stand_in.client("sts").get_caller_identity()["Arn"]


def test_ecs_service_is_read_as_boto3_reads_it(call):
    name = f"read-{time.time_ns()}"
    ecs = cluster_with_service(call, name, 3)
    ours = call("ECS", "DescribeServices", cluster=name, services=["rooms", "missing"])
    theirs = ecs.describe_services(cluster=name, services=["rooms", "missing"])
    assert [f["reason"] for f in ours["failures"]] == ["MISSING"] == [f["reason"] for f in theirs["failures"]]
    mine, other = ours["services"][0], theirs["services"][0]
    for key in ("serviceArn", "serviceName", "clusterArn", "status", "desiredCount", "runningCount", "pendingCount",
                "taskDefinition"):  # fmt: skip
        assert mine[key] == other[key], key
    made = other["deployments"][0]["createdAt"].timestamp()
    assert abs(mine["deployments"][0]["createdAt"] - made) < 0.002


def test_ecs_service_is_updated_to_zero(call):
    name = f"update-{time.time_ns()}"
    ecs = cluster_with_service(call, name, 2)
    assert call("ECS", "UpdateService", cluster=name, service="rooms", desiredCount=0)["service"]["desiredCount"] == 0
    assert ecs.describe_services(cluster=name, services=["rooms"])["services"][0]["desiredCount"] == 0


def test_ecs_lists(call):
    name = f"lists-{time.time_ns()}"
    ecs = cluster_with_service(call, name, 0)
    cluster = ecs.describe_clusters(clusters=[name])["clusters"][0]["clusterArn"]
    assert cluster in call("ECS", "ListClusters")["clusterArns"]
    assert call("ECS", "DescribeClusters", clusters=[name])["clusters"][0]["clusterName"] == name
    assert len(call("ECS", "ListServices", cluster=name)["serviceArns"]) == 1
    assert call("ECS", "ListTasks", cluster=name)["taskArns"] == []


def test_ecs_task_is_read_and_stopped(moto_call):
    call, name = moto_call, f"task-{time.time_ns()}"
    client = call.stand_in.client
    subnet = client("ec2").describe_subnets()["Subnets"][0]["SubnetId"]
    ecs = client("ecs")
    ecs.create_cluster(clusterName=name)
    ecs.register_task_definition(
        family=name, networkMode="awsvpc", requiresCompatibilities=["FARGATE"], cpu="256", memory="512",
        containerDefinitions=[{"name": "app", "image": "x", "cpu": 256, "memory": 512}],
    )  # fmt: skip
    network = {"awsvpcConfiguration": {"subnets": [subnet], "securityGroups": []}}
    made = ecs.run_task(cluster=name, taskDefinition=name, launchType="FARGATE", networkConfiguration=network)
    arn = made["tasks"][0]["taskArn"]
    assert call("ECS", "ListTasks", cluster=name)["taskArns"] == [arn]
    task = call("ECS", "DescribeTasks", cluster=name, tasks=[arn])["tasks"][0]
    assert task["taskArn"] == arn
    details = {d["name"]: d["value"] for d in task["attachments"][0]["details"]}
    assert details["privateIPv4Address"].count(".") == 3
    stopped = call("ECS", "StopTask", cluster=name, task=arn, reason="drained")["task"]
    assert stopped["stoppedReason"] == "drained"


def test_ecs_error_is_told(call):
    error = call.error("ECS", "DescribeServices", cluster="none", services=["x"])
    assert (error["code"], error["aws"]) == ("not_found", "ClusterNotFoundException")
    assert error["status"] == 400


def test_page_of_no_aws_service_is_a_service_that_is_not_available(moto_call):
    """moto answers what it does not know with a page for people."""
    error = moto_call.error("ECS", "GetTaskProtection", cluster="default", tasks=["x"])
    assert (error["code"], error["status"]) == ("unavailable", 500)
    assert len(error["text"]) < 300 and "\n" not in error["text"]


def test_sqs_messages_go_and_come(call):
    name = f"queue-{time.time_ns()}"
    url = call("SQS", "CreateQueue", QueueName=name, Attributes={"VisibilityTimeout": "30"})["QueueUrl"]
    assert call("SQS", "GetQueueUrl", QueueName=name)["QueueUrl"] == url
    attributes = call("SQS", "GetQueueAttributes", QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert attributes["VisibilityTimeout"] == "30"
    body = 'text with "quotes", <xml>, ünïcödé and a\nline'
    sent = call("SQS", "SendMessage", QueueUrl=url, MessageBody=body)
    entries = [{"Id": "a", "MessageBody": "one"}, {"Id": "b", "MessageBody": "two"}]
    batch = call("SQS", "SendMessageBatch", QueueUrl=url, Entries=entries)
    assert {r["Id"] for r in batch["Successful"]} == {"a", "b"} and not batch.get("Failed")
    got = {}
    deadline = time.monotonic() + 20
    while len(got) < 3 and time.monotonic() < deadline:
        page = call(
            "SQS", "ReceiveMessage", QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1,
            MessageSystemAttributeNames=["All"],
        )  # fmt: skip
        got.update({m["MessageId"]: m for m in page.get("Messages", [])})
    assert {m["Body"] for m in got.values()} == {body, "one", "two"}
    first = got.pop(sent["MessageId"])
    assert first["Attributes"]["ApproximateReceiveCount"] == "1"
    call("SQS", "ChangeMessageVisibility", QueueUrl=url, ReceiptHandle=first["ReceiptHandle"], VisibilityTimeout=60)
    call("SQS", "DeleteMessage", QueueUrl=url, ReceiptHandle=first["ReceiptHandle"])
    handles = [{"Id": f"n{i}", "ReceiptHandle": m["ReceiptHandle"]} for i, m in enumerate(got.values())]
    kept = call(
        "SQS", "ChangeMessageVisibilityBatch", QueueUrl=url, Entries=[{**h, "VisibilityTimeout": 60} for h in handles]
    )
    assert len(kept["Successful"]) == 2
    mixed = [*handles, {"Id": "wrong", "ReceiptHandle": "bm90LWEtaGFuZGxl"}]
    deleted = call("SQS", "DeleteMessageBatch", QueueUrl=url, Entries=mixed)
    assert {"n0", "n1"} <= {r["Id"] for r in deleted["Successful"]}
    for failed in deleted.get("Failed", []):
        assert failed["Id"] == "wrong" and failed["Code"]


def test_sqs_error_has_the_query_code(call):
    error = call.error("SQS", "GetQueueUrl", QueueName="none")
    assert error["code"] == "not_found"
    assert error["aws"] in ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")


def test_sqs_waits_longer_than_other_calls(moto_call):
    url = moto_call("SQS", "CreateQueue", QueueName=f"empty-{time.time_ns()}")["QueueUrl"]
    begun = time.monotonic()
    assert not moto_call("SQS", "ReceiveMessage", QueueUrl=url, WaitTimeSeconds=11).get("Messages")
    assert time.monotonic() - begun > 10


def test_scalable_target_is_made_and_found(moto_call):
    call, name = moto_call, f"scale-{time.time_ns()}"
    cluster_with_service(call, name, 2)
    which = {
        "ServiceNamespace": "ecs",
        "ResourceId": f"service/{name}/rooms",
        "ScalableDimension": "ecs:service:DesiredCount",
    }
    call("APPLICATION_AUTO_SCALING", "RegisterScalableTarget", MinCapacity=0, MaxCapacity=9, **which)
    found = call(
        "APPLICATION_AUTO_SCALING", "DescribeScalableTargets", ServiceNamespace="ecs", ResourceIds=[which["ResourceId"]]
    )["ScalableTargets"]
    assert [(t["MinCapacity"], t["MaxCapacity"]) for t in found] == [(0, 9)]


def test_alarm_is_made_set_and_found(call):
    name = f"alarm {time.time_ns()} ä/+%"
    metric = {"MetricName": "CPUUtilization", "Namespace": "AWS/ECS", "Statistic": "Average", "Period": 60}
    call(
        "CLOUDWATCH", "PutMetricAlarm", AlarmName=name, ActionsEnabled=True, EvaluationPeriods=2, Threshold=12.5,
        ComparisonOperator="LessThanThreshold", Dimensions=[{"Name": "ServiceName", "Value": "rooms"}], **metric,
    )  # fmt: skip
    call("CLOUDWATCH", "SetAlarmState", AlarmName=name, StateValue="ALARM", StateReason="a test")
    found = call("CLOUDWATCH", "DescribeAlarms", AlarmNames=[name])["MetricAlarms"]
    assert [(a["AlarmName"], a["StateValue"], a["Threshold"]) for a in found] == [(name, "ALARM", 12.5)]
    assert found[0]["Dimensions"] == [{"Name": "ServiceName", "Value": "rooms"}]
    theirs = call.stand_in.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"][0]
    assert abs(found[0]["StateUpdatedTimestamp"] - theirs["StateUpdatedTimestamp"].timestamp()) < 1.1


def test_rule_takes_events_to_a_queue(call):
    name = f"rule-{time.time_ns()}"
    url = call("SQS", "CreateQueue", QueueName=name)["QueueUrl"]
    queue = call("SQS", "GetQueueAttributes", QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    call("EVENTBRIDGE", "PutRule", Name=name, EventPattern=json.dumps({"source": ["ebb.test"]}))
    put = call("EVENTBRIDGE", "PutTargets", Rule=name, Targets=[{"Id": "q", "Arn": queue}])
    assert put["FailedEntryCount"] == 0
    assert name in [r["Name"] for r in call("EVENTBRIDGE", "ListRules", NamePrefix=name)["Rules"]]
    assert [t["Arn"] for t in call("EVENTBRIDGE", "ListTargetsByRule", Rule=name)["Targets"]] == [queue]
    entry = {"Source": "ebb.test", "DetailType": "Test", "Detail": json.dumps({"n": 1})}
    assert call("EVENTBRIDGE", "PutEvents", Entries=[entry])["FailedEntryCount"] == 0
    got = call("SQS", "ReceiveMessage", QueueUrl=url, WaitTimeSeconds=10)["Messages"]
    assert json.loads(got[0]["Body"])["detail"] == {"n": 1}
    call("EVENTBRIDGE", "RemoveTargets", Rule=name, Ids=["q"])
    call("EVENTBRIDGE", "DeleteRule", Name=name)


def test_lambda_that_is_not_there(call):
    error = call.error("LAMBDA", "Invoke", FunctionName="none", Payload="{}")
    assert (error["code"], error["aws"], error["status"]) == ("not_found", "ResourceNotFoundException", 404)


def test_lambda_is_named_by_its_arn(ministack_call):
    """The colons are escaped in the path, and twice in what is signed; moto fails at that with boto3 too."""
    arn = "arn:aws:lambda:us-east-1:123456789012:function:none"
    assert ministack_call.error("LAMBDA", "Invoke", FunctionName=arn, Qualifier="$LATEST")["code"] == "not_found"


def test_lambda_is_invoked(moto_call):
    """moto makes an answer up when it is told not to run the code."""
    call, name = moto_call, f"function-{time.time_ns()}"
    config = urllib.request.Request(
        call.stand_in.endpoint + "/moto-api/config", data=b'{"lambda": {"use_docker": false}}', method="POST"
    )
    urllib.request.urlopen(config, timeout=10).close()
    client = call.stand_in.client
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    role = client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("x.py", "")
    client("lambda").create_function(
        FunctionName=name, Runtime="python3.11", Role=role, Handler="x.y", Code={"ZipFile": code.getvalue()}
    )
    done = call("LAMBDA", "Invoke", FunctionName=name, InvocationType="RequestResponse", Payload='{"ip": "10.0.0.1"}')
    assert done["StatusCode"] == 200 and done["Payload"] and "FunctionError" not in done
    assert call("LAMBDA", "Invoke", FunctionName=name, InvocationType="Event", Payload="{}")["StatusCode"] == 202


SIGNED = [
    ("STS", "GetCallerIdentity", {}),
    ("ECS", "ListClusters", {}),
    ("SQS", "GetQueueUrl", {"QueueName": "x"}),
    ("CLOUDWATCH", "DescribeAlarms", {}),
    ("EVENTBRIDGE", "ListRules", {}),
    ("APPLICATION_AUTO_SCALING", "DescribeScalableTargets", {"ServiceNamespace": "ecs"}),
    ("LAMBDA", "Invoke", {"FunctionName": "x", "Qualifier": "$LATEST", "Payload": "{}"}),
]


@pytest.mark.parametrize("service,operation,given", SIGNED, ids=lambda x: x if isinstance(x, str) else "")
def test_wrong_secret_is_denied(call, service, operation, given):
    error = call.error(service, operation, {"AWS_SECRET_ACCESS_KEY": WRONG}, **given)
    assert error["code"] == "denied" and error["status"] in (400, 403), error
    assert error["aws"] in ("SignatureDoesNotMatch", "InvalidSignatureException"), error
    assert WRONG not in json.dumps(error)


def test_unknown_key_is_denied(call):
    error = call.error("ECS", "ListClusters", {"AWS_ACCESS_KEY_ID": call.stand_in.access_key_id[::-1]})
    assert error["code"] == "denied"
    assert error["aws"] in ("InvalidClientTokenId", "UnrecognizedClientException"), error


def test_session_token_is_signed_and_sent(call):
    """Keys of a role hold only with their token."""
    iam, name = call.stand_in.client("iam"), f"role-{time.time_ns()}"
    allow = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    trust = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}]}  # fmt: skip
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=json.dumps(allow))
    keys = call.stand_in.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    session = {
        "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
        "AWS_SESSION_TOKEN": keys["SessionToken"],
    }
    assert "clusterArns" in call("ECS", "ListClusters", session)
    assert f"assumed-role/{name}/test" in call("STS", "GetCallerIdentity", session)["Arn"]
    assert call.error("ECS", "ListClusters", {**session, "AWS_SECRET_ACCESS_KEY": WRONG})["code"] == "denied"
    assert call.error("ECS", "ListClusters", {**session, "AWS_SESSION_TOKEN": "wrong"})["code"] == "denied"


def test_keys_may_come_from_the_shared_files(call, tmp_path):
    (tmp_path / "config").write_text("[profile games]\nregion = us-east-1\nservices = here\n"
                                     f"[services here]\nsts =\n  endpoint_url = {call.stand_in.endpoint}\n")  # fmt: skip
    (tmp_path / "credentials").write_text(f"[games]\naws_access_key_id = {call.stand_in.access_key_id}\n"
                                          f"aws_secret_access_key = {call.stand_in.secret}\n")  # fmt: skip
    variables = {
        "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_REGION": "", "AWS_DEFAULT_REGION": "",
        "AWS_ENDPOINT_URL": "", "AWS_PROFILE": "games", "AWS_CONFIG_FILE": tmp_path / "config",
        "AWS_SHARED_CREDENTIALS_FILE": tmp_path / "credentials",
    }  # fmt: skip
    assert call("STS", "GetCallerIdentity", variables)["Arn"].endswith(":user/ebb")


def test_nobody_listens(call):
    port = paths.free_port()
    error = call.error("ECS", "ListClusters", {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"})
    assert error["code"] == "unreachable" and f"127.0.0.1:{port}" in error["text"]
