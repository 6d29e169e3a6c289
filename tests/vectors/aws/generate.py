#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes cases.txt: bodies that others wrote, and what must be found in them.

Run it with a Python that has boto3 and moto: generate.py > cases.txt. boto3 calls a moto inside this
process; each request body (botocore's serialiser) and each reply (moto's) becomes a case. Each item is
a line "@name bytes", then so many bytes, then a newline; "@case" begins one. "@has" is a text that our
reader must have found: every text of four characters or more that botocore itself sends or reads, in
the fields of our tables.
"""
import json
import os
import pathlib
import subprocess
import sys

import boto3
from botocore.exceptions import ClientError
from moto import mock_aws

PROJECT = pathlib.Path(__file__).resolve().parents[3]
TOOL = os.environ.get("EBB_AWS_TOOL", PROJECT / "build" / "release" / "tools" / "aws_tool")
IDS = {"application-autoscaling": "APPLICATION_AUTO_SCALING", "events": "EVENTBRIDGE"}
OURS = {(o["service"], o["operation"]): o
        for o in json.loads(subprocess.run([TOOL, "shapes"], check=True, capture_output=True).stdout)}
TEXT_MIN = 4


def put(name, value):
    data = value if isinstance(value, bytes) else value.encode()
    sys.stdout.buffer.write(b"@%s %d\n%s\n" % (name.encode(), len(data), data))


def texts(fields, value):
    """The texts in those parts of a value that our tables have."""
    if isinstance(value, list):
        for item in value:
            yield from texts(fields, item) if fields and isinstance(item, dict) else texts(None, item)
    elif isinstance(value, dict) and fields is not None:
        for field in fields:
            if field["name"] in value and field["kind"] != "any":
                yield from texts(field.get("of"), value[field["name"]])
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts(None, item)
    elif isinstance(value, str) and len(value) >= TEXT_MIN:
        yield value


def write(kind, operation, status, body, found, query_error=""):
    if operation["protocol"] == "rest-json":
        return
    put("case", f"{kind} {operation['service']} {operation['operation']} {status}")
    put("kind", kind)
    put("service", operation["service"])
    put("operation", operation["operation"])
    put("status", str(status))
    put("query-error", query_error)
    put("body", body)
    for text in dict.fromkeys(found):
        put("has", text)


class Recorder:
    """Calls and writes down what went over the wire."""


    def __call__(self, service, operation, /, **given):
        client = boto3.client(service, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
        ours = OURS.get((IDS.get(service, service.upper()), operation))
        wire = {}
        client.meta.events.register("request-created", lambda request, **_: wire.update(request=request.body))
        client.meta.events.register("before-parse", lambda response_dict, **_: wire.update(reply=response_dict))
        name = "".join(("_" + c.lower()) if c.isupper() else c for c in operation).lstrip("_")
        try:
            parsed, error = getattr(client, name)(**given), None
        except ClientError as refused:
            parsed, error = None, refused.response["Error"]
        if ours and wire.get("request") is not None:
            body = wire["request"] if isinstance(wire["request"], bytes) else wire["request"].encode()
            write("input", ours, 0, body, texts(ours["input"], given))
        if ours:
            reply = wire["reply"]
            found = [error["Code"]] if error else texts(ours["output"], parsed)
            write("reply", ours, reply["status_code"], reply["body"], found,
                  reply["headers"].get("x-amzn-query-error", ""))
        return parsed


def record(call):
    call("sts", "GetCallerIdentity")
    network = boto3.client("ec2", region_name="us-east-1").describe_subnets()["Subnets"][0]["SubnetId"]
    call("ecs", "CreateCluster", clusterName="games", tags=[{"key": "team", "value": "rooms & more"}])
    call("ecs", "DescribeClusters", clusters=["games"], include=["TAGS"])
    call("ecs", "ListClusters")
    call("ecs", "RegisterTaskDefinition", family="rooms", networkMode="awsvpc", cpu="256", memory="512",
         requiresCompatibilities=["FARGATE"], containerDefinitions=[{"name": "app", "image": "x", "memory": 512}])
    call("ecs", "CreateService", cluster="games", serviceName="rooms", taskDefinition="rooms", desiredCount=3,
         launchType="FARGATE", tags=[{"key": "owner", "value": "größe"}])
    call("ecs", "DescribeServices", cluster="games", services=["rooms", "none"], include=["TAGS"])
    call("ecs", "DescribeServices", cluster="missing", services=["rooms"])
    call("ecs", "ListServices", cluster="games")
    call("ecs", "UpdateService", cluster="games", service="rooms", desiredCount=2)
    call("ecs", "UpdateService", cluster="games", service="missing", desiredCount=2)
    task = call("ecs", "RunTask", cluster="games", taskDefinition="rooms", launchType="FARGATE", startedBy="someone",
                networkConfiguration={"awsvpcConfiguration": {"subnets": [network], "securityGroups": []}})
    arn = task["tasks"][0]["taskArn"]
    call("ecs", "ListTasks", cluster="games", desiredStatus="RUNNING")
    call("ecs", "DescribeTasks", cluster="games", tasks=[arn], include=["TAGS"])
    call("ecs", "DescribeTasks", cluster="games", tasks=[])
    call("ecs", "StopTask", cluster="games", task=arn, reason="drained: nothing left")

    url = call("sqs", "CreateQueue", QueueName="events", Attributes={"VisibilityTimeout": "31"},
               tags={"team": "rooms"})["QueueUrl"]
    call("sqs", "GetQueueUrl", QueueName="events")
    call("sqs", "GetQueueUrl", QueueName="missing")
    call("sqs", "GetQueueAttributes", QueueUrl=url, AttributeNames=["All"])
    call("sqs", "SendMessage", QueueUrl=url, MessageBody='{"detail":{"name":"größe \\" <&> 日本"}}\r\n\ttab',
         MessageAttributes={"kind": {"DataType": "String", "StringValue": "x"}})
    call("sqs", "SendMessageBatch", QueueUrl=url, Entries=[{"Id": "first", "MessageBody": "body one"},
                                                          {"Id": "second", "MessageBody": "\U0001f600 body"}])
    got = call("sqs", "ReceiveMessage", QueueUrl=url, MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"],
               MessageAttributeNames=["All"], WaitTimeSeconds=0)["Messages"]
    handles = [m["ReceiptHandle"] for m in got]
    call("sqs", "ChangeMessageVisibility", QueueUrl=url, ReceiptHandle=handles[0], VisibilityTimeout=0)
    call("sqs", "ChangeMessageVisibilityBatch", QueueUrl=url,
         Entries=[{"Id": "ok-entry", "ReceiptHandle": handles[1], "VisibilityTimeout": 60},
                  {"Id": "bad-entry", "ReceiptHandle": "none", "VisibilityTimeout": 60}])
    call("sqs", "DeleteMessage", QueueUrl=url, ReceiptHandle=handles[1])
    call("sqs", "DeleteMessageBatch", QueueUrl=url, Entries=[{"Id": "ok-entry", "ReceiptHandle": handles[2]},
                                                            {"Id": "bad-entry", "ReceiptHandle": "none"}])
    call("sqs", "ReceiveMessage", QueueUrl=url)

    target = {"ServiceNamespace": "ecs", "ResourceId": "service/games/rooms",
              "ScalableDimension": "ecs:service:DesiredCount"}
    call("application-autoscaling", "RegisterScalableTarget", MinCapacity=0, MaxCapacity=10,
         SuspendedState={"DynamicScalingInSuspended": True}, **target)
    call("application-autoscaling", "DescribeScalableTargets", ServiceNamespace="ecs",
         ResourceIds=["service/games/rooms"])
    call("application-autoscaling", "DescribeScalableTargets", ServiceNamespace="nothing")

    dimensions = [{"Name": "ClusterName", "Value": "games"}, {"Name": "ServiceName", "Value": "rooms"}]
    call("cloudwatch", "PutMetricAlarm", AlarmName="rooms are idle / 50 %", MetricName="Sessions", Namespace="Games",
         Statistic="Average", Period=60, EvaluationPeriods=3, Threshold=0.5, ActionsEnabled=True,
         ComparisonOperator="LessThanThreshold", Dimensions=dimensions, AlarmActions=["arn:aws:sns:us-east-1:1:x"])
    call("cloudwatch", "PutMetricAlarm", AlarmName="math", EvaluationPeriods=1, Threshold=1,
         ComparisonOperator="LessThanThreshold",
         Metrics=[{"Id": "mean", "Expression": "used/all", "Label": "share", "ReturnData": True},
                  {"Id": "used", "ReturnData": False, "MetricStat": {
                      "Metric": {"Namespace": "AWS/ECS", "MetricName": "CPUUtilization", "Dimensions": dimensions},
                      "Period": 60, "Stat": "Average"}}])
    call("cloudwatch", "SetAlarmState", AlarmName="math", StateValue="ALARM", StateReason="because of a test")
    call("cloudwatch", "SetAlarmState", AlarmName="none", StateValue="ALARM", StateReason="because of a test")
    call("cloudwatch", "DescribeAlarms", AlarmNames=["math", "rooms are idle / 50 %"], MaxRecords=100)

    queue = "arn:aws:sqs:us-east-1:123456789012:events"
    pattern = json.dumps({"source": ["aws.ecs"], "detail": {"lastStatus": [{"anything-but": ["STOPPED"]}]}})
    call("events", "PutRule", Name="to-ebb", EventPattern=pattern, State="ENABLED", Description="ECS to Ebb")
    call("events", "PutTargets", Rule="to-ebb", Targets=[{"Id": "queue", "Arn": queue, "InputTransformer": {
        "InputPathsMap": {"who": "$.detail.group"}, "InputTemplate": '{"g": <who>}'}}])
    call("events", "PutTargets", Rule="none", Targets=[{"Id": "queue", "Arn": queue}])
    call("events", "ListRules", NamePrefix="to-")
    call("events", "ListTargetsByRule", Rule="to-ebb")
    call("events", "PutEvents", Entries=[
        {"Source": "games", "DetailType": "Room closed", "Detail": '{"room": 7}', "Resources": ["arn:x"]}])
    call("events", "RemoveTargets", Rule="to-ebb", Ids=["queue"])
    call("events", "DeleteRule", Name="to-ebb")


with mock_aws():
    os.environ.update(AWS_ACCESS_KEY_ID="a", AWS_SECRET_ACCESS_KEY="b")
    record(Recorder())
