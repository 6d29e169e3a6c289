# SPDX-License-Identifier: Apache-2.0
"""Goal: boto3 finds the world's other services as it finds AWS's: SQS, EventBridge, CloudWatch, Application
Auto Scaling, Lambda, STS.
Method: every operation of each, with its limits and refusals, against one world."""

import hashlib
import json
import time

import pytest
from botocore.exceptions import ClientError

from support.games import ACCOUNT, KEY_ID, REGION, games, quick, scenario
from support.waiting import wait_for


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    document = scenario(
        functions=[{"name": "distributor"}],
        applications=[quick("lobby", distributor="distributor")],
        services=[{"cluster": "games", "serviceName": "lobby", "taskDefinition": "room", "desiredCount": 1}],
    )
    with games(tmp_path_factory.mktemp("world"), document) as found:
        yield found


@pytest.fixture(scope="module")
def sqs(world):
    return world.client("sqs")


def refused(code, call, **arguments):
    with pytest.raises(ClientError) as refusal:
        call(**arguments)
    error = refusal.value.response
    assert error["Error"]["Code"] == code, error
    return error["Error"]["Message"]


def queue(sqs, name, **attributes):
    return sqs.create_queue(QueueName=name, Attributes={k: str(v) for k, v in attributes.items()})["QueueUrl"]


def test_a_message_goes_through_a_queue(world, sqs):
    url = queue(sqs, "through")
    assert url == f"{world.endpoint}/{ACCOUNT}/through" == sqs.get_queue_url(QueueName="through")["QueueUrl"]
    sent = sqs.send_message(
        QueueUrl=url,
        MessageBody="hello <&> \u00e4\u4e16\U0001f642",
        MessageAttributes={"kind": {"DataType": "String", "StringValue": "greeting"}},
    )
    message = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"], AttributeNames=["All"])["Messages"][0]
    assert message["Body"] == "hello <&> \u00e4\u4e16\U0001f642" and message["MessageId"] == sent["MessageId"]
    assert message["MD5OfBody"] == hashlib.md5(message["Body"].encode()).hexdigest()
    assert message["MessageAttributes"]["kind"]["StringValue"] == "greeting"
    assert message["Attributes"]["ApproximateReceiveCount"] == "1"
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
    again = sqs.receive_message(QueueUrl=url, AttributeNames=["All"])["Messages"][0]
    assert again["Attributes"]["ApproximateReceiveCount"] == "2"
    sqs.delete_message(QueueUrl=url, ReceiptHandle=again["ReceiptHandle"])
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert attributes["ApproximateNumberOfMessages"] == attributes["ApproximateNumberOfMessagesNotVisible"] == "0"
    assert attributes["QueueArn"] == f"arn:aws:sqs:{REGION}:{ACCOUNT}:through"


def test_sqs_batches(sqs):
    url = queue(sqs, "batches")
    entries = [{"Id": f"n{i}", "MessageBody": f"body {i}"} for i in range(10)]
    assert len(sqs.send_message_batch(QueueUrl=url, Entries=entries)["Successful"]) == 10
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert len(messages) == 10
    kept = [{"Id": m["MessageId"][:8], "ReceiptHandle": m["ReceiptHandle"], "VisibilityTimeout": 60} for m in messages]
    assert len(sqs.change_message_visibility_batch(QueueUrl=url, Entries=kept)["Successful"]) == 10
    gone = [{"Id": e["Id"], "ReceiptHandle": e["ReceiptHandle"]} for e in kept[:9]]
    gone.append({"Id": "wrong", "ReceiptHandle": "nonsense"})
    answer = sqs.delete_message_batch(QueueUrl=url, Entries=gone)
    assert len(answer["Successful"]) == 9
    assert [(f["Id"], f["Code"]) for f in answer["Failed"]] == [("wrong", "ReceiptHandleIsInvalid")]


@pytest.mark.parametrize(
    "code, entries",
    [
        (
            "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
            [{"Id": f"n{i}", "MessageBody": "b"} for i in range(11)],
        ),
        ("AWS.SimpleQueueService.EmptyBatchRequest", []),
        ("AWS.SimpleQueueService.BatchEntryIdsNotDistinct", [{"Id": "same", "MessageBody": "b"}] * 2),
        ("AWS.SimpleQueueService.InvalidBatchEntryId", [{"Id": "a b", "MessageBody": "b"}]),
    ],
)
def test_sqs_batch_refusals(sqs, code, entries):
    refused(code, sqs.send_message_batch, QueueUrl=queue(sqs, "refusals"), Entries=entries)


def test_sqs_refusals(world, sqs):
    nowhere = f"{world.endpoint}/{ACCOUNT}/nowhere"
    missing = "AWS.SimpleQueueService.NonExistentQueue"
    refused(missing, sqs.get_queue_url, QueueName="nowhere")
    refused(missing, sqs.receive_message, QueueUrl=nowhere)
    refused(missing, sqs.send_message, QueueUrl=nowhere, MessageBody="x")
    with pytest.raises(sqs.exceptions.QueueDoesNotExist):
        sqs.get_queue_url(QueueName="nowhere")
    url = queue(sqs, "refusals")
    refused("InvalidParameterValue", sqs.receive_message, QueueUrl=url, MaxNumberOfMessages=11)
    refused("InvalidParameterValue", sqs.receive_message, QueueUrl=url, WaitTimeSeconds=21)
    refused("ReceiptHandleIsInvalid", sqs.delete_message, QueueUrl=url, ReceiptHandle="nonsense")
    assert refused("MissingParameter", sqs.receive_message) == "The request must contain the parameter QueueUrl."


def test_a_long_poll_waits_for_its_message(world, sqs):
    url = queue(sqs, "slow")
    began = time.monotonic()
    assert "Messages" not in sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1)
    assert 0.9 <= time.monotonic() - began < 3
    began = time.monotonic()
    sqs.send_message(QueueUrl=url, MessageBody="later", DelaySeconds=1)
    message = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)["Messages"][0]
    assert message["Body"] == "later" and 0.8 <= time.monotonic() - began < 5


def test_the_queues_own_wait_counts_and_messages_come_back(sqs):
    url = queue(sqs, "own-wait", ReceiveMessageWaitTimeSeconds=1, VisibilityTimeout=1)
    began = time.monotonic()
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    assert 0.9 <= time.monotonic() - began < 3
    sqs.send_message(QueueUrl=url, MessageBody="twice")
    first = sqs.receive_message(QueueUrl=url)["Messages"][0]
    second = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"][0]
    assert first["MessageId"] == second["MessageId"]
    assert "Messages" not in sqs.receive_message(QueueUrl=url, WaitTimeSeconds=0)


def test_an_alarms_change_reaches_a_queue_as_an_event(world, sqs):
    cloudwatch, events = world.client("cloudwatch"), world.client("events")
    url = queue(sqs, "events")
    pattern = {"source": ["aws.cloudwatch"], "detail-type": ["CloudWatch Alarm State Change"]}
    assert events.put_rule(Name="alarms", EventPattern=json.dumps(pattern))["RuleArn"].endswith(":rule/alarms")
    answer = events.put_targets(Rule="alarms", Targets=[{"Id": "q", "Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:events"}])
    assert answer["FailedEntryCount"] == 0
    cloudwatch.put_metric_alarm(
        AlarmName="low",
        Namespace="AWS/ECS",
        MetricName="CPUUtilization",
        Dimensions=[{"Name": "ClusterName", "Value": "games"}, {"Name": "ServiceName", "Value": "lobby"}],
        Statistic="Average",
        Period=60,
        EvaluationPeriods=1,
        Threshold=30.0,
        ComparisonOperator="LessThanThreshold",
    )
    alarm = cloudwatch.describe_alarms(AlarmNames=["low"])["MetricAlarms"][0]
    assert alarm["ActionsEnabled"] is True and alarm["Threshold"] == 30.0
    cloudwatch.set_alarm_state(AlarmName="low", StateValue="OK", StateReason="first")
    cloudwatch.set_alarm_state(AlarmName="low", StateValue="ALARM", StateReason="tried")

    def received():
        for message in sqs.receive_message(QueueUrl=url, WaitTimeSeconds=2, MaxNumberOfMessages=10).get("Messages", []):
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            event = json.loads(message["Body"])
            if event["detail"]["state"]["value"] == "ALARM":
                return event
        return None

    event = wait_for(received, 10, "the event")
    assert event["source"] == "aws.cloudwatch" and event["account"] == ACCOUNT and event["region"] == REGION
    assert event["resources"] == [alarm["AlarmArn"]]
    assert event["detail"]["previousState"]["value"] == "OK" and event["detail"]["state"]["reason"] == "tried"
    metric = event["detail"]["configuration"]["metrics"][0]["metricStat"]["metric"]
    assert metric["dimensions"] == {"ClusterName": "games", "ServiceName": "lobby"}


def test_put_events_and_taking_rules_away(world, sqs):
    events = world.client("events")
    url = queue(sqs, "own-events")
    events.put_rule(Name="own", EventPattern=json.dumps({"source": ["mine"], "detail": {"n": [{"numeric": [">", 1]}]}}))
    events.put_targets(Rule="own", Targets=[{"Id": "q", "Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:own-events"}])
    entry = {"Source": "mine", "DetailType": "Thing", "Detail": json.dumps({"n": 2})}
    answer = events.put_events(Entries=[entry, {**entry, "Detail": json.dumps({"n": 1})}, {**entry, "Detail": "{"}])
    assert answer["FailedEntryCount"] == 1 and answer["Entries"][2]["ErrorCode"] == "MalformedDetail"
    body = json.loads(sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"][0]["Body"])
    assert body["detail"] == {"n": 2} and body["id"] == answer["Entries"][0]["EventId"]
    refused("ValidationException", events.put_events, Entries=[entry] * 11)
    refused(
        "ResourceNotFoundException",
        events.put_targets,
        Rule="nobody",
        Targets=[{"Id": "q", "Arn": "arn:aws:sqs:x:1:y"}],
    )
    refused("InvalidEventPatternException", events.put_rule, Name="bad", EventPattern="{")
    refused("ValidationException", events.put_targets, Rule="own")
    refused("ValidationException", events.delete_rule, Name="own")
    assert [r["Name"] for r in events.list_rules(NamePrefix="own")["Rules"]] == ["own"]
    assert [t["Id"] for t in events.list_targets_by_rule(Rule="own")["Targets"]] == ["q"]
    assert events.remove_targets(Rule="own", Ids=["q"])["FailedEntryCount"] == 0
    events.delete_rule(Name="own")
    refused(
        "ResourceNotFoundException", events.put_targets, Rule="own", Targets=[{"Id": "q", "Arn": "arn:aws:sqs:x:1:y"}]
    )


def test_alarms_page_and_refuse(world):
    cloudwatch = world.client("cloudwatch")
    for i in range(5):
        cloudwatch.put_metric_alarm(
            AlarmName=f"page-{i}", Namespace="X", MetricName="Y", Statistic="Sum", Period=60, EvaluationPeriods=1,
            Threshold=1, ComparisonOperator="GreaterThanThreshold",
        )  # fmt: skip
    pages = list(
        cloudwatch.get_paginator("describe_alarms").paginate(AlarmNamePrefix="page-", PaginationConfig={"PageSize": 2})
    )
    assert [len(p["MetricAlarms"]) for p in pages] == [2, 2, 1]
    assert pages[0]["MetricAlarms"][0]["StateValue"] == "INSUFFICIENT_DATA"
    refused("ResourceNotFound", cloudwatch.set_alarm_state, AlarmName="nobody", StateValue="OK", StateReason="x")
    assert refused("MissingParameter", cloudwatch.set_alarm_state, StateValue="OK", StateReason="x")
    cloudwatch.delete_alarms(AlarmNames=[f"page-{i}" for i in range(5)])
    assert cloudwatch.describe_alarms(AlarmNamePrefix="page-")["MetricAlarms"] == []


def test_composite_alarms_are_shown_to_who_asks_for_them(world):
    cloudwatch = world.client("cloudwatch")
    rule = 'ALARM("low") AND NOT ALARM("busy")'
    cloudwatch.put_composite_alarm(AlarmName="night", AlarmRule=rule, AlarmDescription="at night")
    cloudwatch.set_alarm_state(AlarmName="night", StateValue="ALARM", StateReason="tried")
    kinds = ["MetricAlarm", "CompositeAlarm"]
    shown = cloudwatch.describe_alarms(AlarmNames=["night"], AlarmTypes=kinds)
    assert shown["MetricAlarms"] == []
    (alarm,) = shown["CompositeAlarms"]
    assert (alarm["StateValue"], alarm["AlarmRule"], alarm["ActionsEnabled"]) == ("ALARM", rule, True)
    assert alarm["AlarmArn"] == f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:night"
    assert cloudwatch.describe_alarms(AlarmNames=["night"]).get("CompositeAlarms", []) == [], "AWS asks for the kind"
    refused(
        "ValidationError", cloudwatch.put_metric_alarm, AlarmName="night", Namespace="X", MetricName="Y", Statistic="Sum",
        Period=60, EvaluationPeriods=1, Threshold=1, ComparisonOperator="GreaterThanThreshold",
    )  # fmt: skip
    cloudwatch.delete_alarms(AlarmNames=["night"])


def test_scalable_targets(world):
    autoscaling = world.client("application-autoscaling")
    names = {"ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount"}
    autoscaling.register_scalable_target(ResourceId="service/games/lobby", MinCapacity=1, MaxCapacity=5, **names)
    answer = autoscaling.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=["service/games/lobby"])
    target = answer["ScalableTargets"][0]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (1, 5)
    autoscaling.register_scalable_target(ResourceId="service/games/lobby", MaxCapacity=6, **names)
    pages = autoscaling.get_paginator("describe_scalable_targets").paginate(ServiceNamespace="ecs")
    assert [(t["MinCapacity"], t["MaxCapacity"]) for p in pages for t in p["ScalableTargets"]] == [(1, 6)]
    refused(
        "ValidationException",
        autoscaling.register_scalable_target,
        ResourceId="service/games/nobody",
        MinCapacity=1,
        MaxCapacity=2,
        **names,
    )
    refused("ValidationException", autoscaling.describe_scalable_targets)


def test_the_distributor(world):
    client = world.client("lambda")
    address = world.wait_for_running("games/lobby", 1)[0]["address"]

    def invoke(payload, **arguments):
        return client.invoke(FunctionName="distributor", Payload=json.dumps(payload), **arguments)

    answer = invoke({"action": "comment_out_ip", "target_ip": address, "drainId": "d1"})
    assert answer["StatusCode"] == 200 and "FunctionError" not in answer
    assert json.loads(answer["Payload"].read())["changed"] is True
    assert world.running("games/lobby")[0]["excluded"] is True
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:distributor"
    answer = client.invoke(
        FunctionName=arn, Payload=json.dumps({"action": "restore_ip", "target_ip": address, "drainId": "d1"})
    )
    assert json.loads(answer["Payload"].read())["ok"] is True
    assert invoke({"action": "nonsense"})["FunctionError"] == "Unhandled"
    assert invoke({"action": "restore_ip", "target_ip": address}, InvocationType="Event")["StatusCode"] == 202
    assert invoke({}, InvocationType="DryRun")["StatusCode"] == 204
    message = refused("ResourceNotFoundException", client.invoke, FunctionName="nobody", Payload="{}")
    assert message.startswith("Function not found: arn:aws:lambda:")


def test_who_am_i(world):
    answer = world.client("sts").get_caller_identity()
    assert answer["Account"] == ACCOUNT and answer["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/{KEY_ID}"
    assert answer["UserId"]
