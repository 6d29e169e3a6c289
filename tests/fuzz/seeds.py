#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/fuzz/corpus anew: what the fuzz targets begin with. Made of the test vectors, which other
people's libraries wrote, and of short examples of what each parser knows. Run from the project's folder
with a Python that has msgpack (.deps/python)."""

import json
import pathlib
import shutil

import msgpack

ROOT = pathlib.Path(__file__).resolve().parent
VECTORS = ROOT.parent / "vectors"
CORPUS = ROOT / "corpus"

KEY = "aws:us-east-1:123456789012:demo/calls"
TASK = "arn:aws:ecs:us-east-1:123456789012:task/demo/0123456789abcdef0123456789abcdef"
DRAIN = "3366f10b5f0aa7ab"
AT = 1700000000000
TARGETS = {
    "ECS": "AmazonEC2ContainerServiceV20141113",
    "SQS": "AmazonSQS",
    "CLOUDWATCH": "GraniteServiceVersion20100801",
    "EVENTBRIDGE": "AWSEvents",
    "APPLICATION_AUTO_SCALING": "AnyScaleFrontendService",
}


def put(target, name, content):
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    data = content if isinstance(content, bytes) else content.encode(errors="surrogateescape")
    assert not (folder / name).exists(), f"{target}/{name} is there already"
    (folder / name).write_bytes(data)


def put_all(target, contents):
    for number, content in enumerate(contents):
        put(target, f"{number:02}", content)


# ---------------------------------------------------------------- records

STEP = {"effect": "exclude", "outcome": "ok", "code": "http_409", "detail": "told", "at": AT, "tookMs": 12}
VERDICT = {
    "v": 1, "id": "5f0c", "stage": "select", "service": KEY, "drainId": DRAIN, "taskArn": TASK, "cause": "ev-1",
    "verdict": "done", "reason": "claimed", "why": "a drain was begun", "state": "CLAIMED", "time": AT,
    "tookMs": 40, "eventTime": AT - 5, "steps": [STEP, STEP],
}  # fmt: skip
DRAIN_RECORD = {
    "v": 1, "drainId": DRAIN, "service": KEY, "taskArn": TASK,
    "clusterArn": "arn:aws:ecs:us-east-1:123456789012:cluster/demo", "address": "10.0.0.7", "state": "DRAINING",
    "version": 4, "cause": "ev-1", "trigger": "calls-idle", "claimedAt": AT, "protectedUntil": AT + 900000,
    "deadlineAt": AT + 14400000, "confirmation": "confirmed", "unclearStarts": 1, "byDeadline": True,
    "reason": "deadline",
}  # fmt: skip
RECORDS = {
    "MESSAGE_RECORD": {
        "v": 1, "id": "5f0c", "service": KEY, "drainId": DRAIN, "cause": "ev-1", "time": AT, "alarm": "calls-idle",
        "alarmState": "ALARM", "task": TASK, "askedBy": "somebody", "proof": "ab" * 32,
    },
    "DRAIN_RECORD": DRAIN_RECORD,
    "VERDICT_RECORD": VERDICT,
    "STEP_RECORD": STEP,
    "DEAD_LETTER_RECORD": {
        "v": 1, "origin": "kafka:ebb.select/3/17", "error": "v: required, and missing", "body": "e30=",
        "messageId": "m-1", "bodyBytes": 2, "receivedAt": AT, "time": AT + 1, "times": 3,
    },
    "START_BODY_RECORD": {
        "taskArn": TASK, "drainId": DRAIN, "maxDrainSeconds": 14400, "callbackUrl": "http://ebb.internal:8090/",
        "token": "cd" * 32,
    },
    "DRAIN_BODY_RECORD": {"taskArn": TASK, "drainId": DRAIN},
    "STATUS_BODY_RECORD": {"taskArn": TASK, "drainId": DRAIN, "state": "DRAINING", "sessions": 12},
    "DISTRIBUTOR_BODY_RECORD": {"action": "comment_out_ip", "target_ip": "10.0.0.7", "drainId": DRAIN},
    "DISTRIBUTOR_REPLY_RECORD": {"ok": False, "statusCode": 500, "error": {"why": ["no", 1.5, None]}},
    "MESSAGE_BODY_RECORD": {"message": "no such drain", "status": "already"},
    "SHOWN_STATUS_RECORD": {
        "v": 1, "time": AT, "stateIsWhole": True, "services": [{"service": KEY, "drains": [{"drain": DRAIN_RECORD}]}],
    },
    "SHOWN_LOOKS_RECORD": {"v": 1, "time": AT, "service": KEY, "looks": [VERDICT]},
    "SHOWN_TIMELINE_RECORD": {"v": 1, "time": AT, "drain": DRAIN_RECORD, "looks": [VERDICT], "otherOnes": ["a", "b"]},
    "SHOWN_REQUEST_RECORD": {"v": 1, "time": AT, "cause": "c", "service": KEY, "decision": VERDICT},
}  # fmt: skip
NEST = {"name": "a", "children": [{"name": "b", "children": [{"name": "c"}]}, {"name": "d"}]}


def records():
    for name, document in RECORDS.items():
        put("record", f"{name}.json", f"{name} json\n{json.dumps(document)}")
        put("record", f"{name}.msgpack", f"{name} msgpack\n".encode() + msgpack.packb(document))
    put("record", "NEST.json", f"NEST json\n{json.dumps(NEST)}")
    put("record", "NEST.msgpack", b"NEST msgpack\n" + msgpack.packb(NEST))
    put("record", "NEST.query", "NEST query\nname=a&children.member.1.name=b&children.member.2.name=%63")
    put("record", "NEST.xml", "NEST xml\n<R><Result><name>a</name><children><member><name>b</name></member></children></Result></R>")
    folder = VECTORS / "record"
    for file, encoding in [
        ("sample.json", "json"), ("sample_aws.json", "json aws"), ("foreign_aws.json", "json aws"),
        ("sample.msgpack", "msgpack"), ("foreign.msgpack", "msgpack"), ("sample.query", "query"),
        ("foreign.query", "query"), ("sample.xml", "xml"), ("sample.yaml", "yaml"), ("foreign.yaml", "yaml"),
    ]:  # fmt: skip
        put("record", f"SAMPLE.{file}", f"SAMPLE {encoding}\n".encode() + (folder / file).read_bytes())


# ---------------------------------------------------------------- AWS


def vector_cases(path):
    """The cases of a vector file: "@name length", a line end, so many bytes, a line end."""
    data, at, cases = path.read_bytes(), 0, []
    while at < len(data):
        end = data.index(b"\n", at)
        name, length = data[at + 1 : end].decode().split()
        value = data[end + 1 : end + 1 + int(length)].decode(errors="surrogateescape")
        at = end + 1 + int(length) + 1
        if name == "case":
            cases.append({})
        cases[-1].setdefault(name, []).append(value)
    return cases


REFUSALS = {
    "throttled": "ECS DescribeServices 400\ncontent-type: application/x-amz-json-1.1\n\n"
    '{"__type":"ThrottlingException","message":"Rate exceeded"}',
    "namespaced": 'SQS GetQueueUrl 400\nx-amzn-query-error: AWS.SimpleQueueService.NonExistentQueue;Sender\n\n'
    '{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"The specified queue does not exist."}',
    "header": "LAMBDA Invoke 404\nx-amzn-errortype: ResourceNotFoundException:http://internal.amazon.com/\n\n"
    '{"Message":"Function not found"}',
    "xml": "STS GetCallerIdentity 403\n\n<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredToken</Code>"
    "<Message>The security token included in the request is expired</Message></Error></ErrorResponse>",
    "proxy": "ECS UpdateService 502\ncontent-type: text/html\n\n<html><body>502 Bad Gateway</body></html>",
    "empty": "ECS StopTask 503\n\n",
    "skewed": "ECS ListTasks 403\ndate: Tue, 14 Nov 2023 23:13:20 GMT\n\n"
    '{"__type":"InvalidSignatureException","message":"Signature not yet current"}',
    "lambda": 'LAMBDA Invoke 200\nx-amz-function-error: Unhandled\n\n{"errorMessage":"boom","errorType":"Error"}',
    "html200": "ECS ListTasks 200\n\n<html>sign in to the network</html>",
}


def requests():
    """The inputs of the vectors as requests, signed with the key the target knows."""
    for case in vector_cases(VECTORS / "aws" / "cases.txt"):
        service, operation, body = case["service"][0], case["operation"][0], case["body"][0]
        if case["kind"] != ["input"]:
            continue
        head = f"x-amz-target: {TARGETS[service]}.{operation}" if service in TARGETS else (
            "content-type: application/x-www-form-urlencoded"
        )  # fmt: skip
        yield f"{service}.{operation}", f"POST / HTTP/1.1\nhost: localhost\nauthorization: sign\n{head}\n\n{body}"


SCENARIO = {
    "clusters": [{"clusterName": "demo"}],
    "taskDefinitions": [{"family": "pbx", "networkMode": "awsvpc", "containerDefinitions": [{"name": "pbx"}]}],
    "services": [{"cluster": "demo", "serviceName": "calls", "taskDefinition": "pbx", "desiredCount": 2}],
    "queues": [{"QueueName": "ebb-events"}],
    "rules": [{"Name": "to-ebb", "EventPattern": '{"source":["aws.cloudwatch"]}'}],
    "applications": [{"cluster": "demo", "service": "calls"}],
    "faults": [{"operation": "ecs:UpdateService", "effect": "throttle", "count": 1}],
    "functions": [{"name": "kamailio-distributor"}],
    "keys": [{"accessKeyId": "AKIDOTHER", "secretAccessKey": "other example", "allow": ["ecs:*"]}],
}
CONTROL = [
    "GET /world/ HTTP/1.1\n\n",
    "GET /world/snapshot HTTP/1.1\n\n",
    "GET /world/log?since=1 HTTP/1.1\n\n",
    'POST /world/time HTTP/1.1\n\n{"advanceMs":60000}',
    'POST /world/load HTTP/1.1\n\n{"service":"demo/calls","rate":600,"duration":"10m"}',
    'POST /world/faults HTTP/1.1\n\n{"operation":"ecs:*","effect":"5xx_after","percent":50}',
    'POST /world/keys HTTP/1.1\n\n{"accessKeyId":"AKIDNEW","secretAccessKey":"new example"}',
    'POST /world/desired HTTP/1.1\n\n{"service":"demo/calls","desired":1}',
    "POST /world/task/0123/kill HTTP/1.1\n\n{}",
    "DELETE /world/faults HTTP/1.1\n\n",
]
STATUS = "GET /drain/status HTTP/1.1\ntask: 127.1.0.10\n\n"
START = (
    "POST /drain/start HTTP/1.1\ntask: 127.1.0.10\n\n"
    + json.dumps({"taskArn": TASK, "drainId": DRAIN, "maxDrainSeconds": 60, "callbackUrl": "http://127.0.0.1/", "token": "t"})
)


def aws():
    for number, case in enumerate(vector_cases(VECTORS / "aws" / "cases.txt")):
        if case["kind"] == ["reply"]:
            head = f"{case['service'][0]} {case['operation'][0]} {case['status'][0]}"
            extra = f"x-amzn-query-error: {case['query-error'][0]}\n" if case["query-error"][0] else ""
            put("aws_reply", f"{number:02}.{case['operation'][0]}", f"{head}\n{extra}\n{case['body'][0]}")
    for name, text in REFUSALS.items():
        put("aws_reply", name, text)
    scenario = f"POST /world/scenario HTTP/1.1\n\n{json.dumps(SCENARIO)}"
    later = 'POST /world/time HTTP/1.1\n\n{"advanceMs":120000}'
    for number, (name, request) in enumerate(requests()):
        put("world", f"{number:02}.{name}", request)
    put_all("world", CONTROL)
    put("world", "fleet", "\n--\n".join([scenario, later, CONTROL[1], STATUS, START, STATUS, CONTROL[7], later]))
    put("world", "invoke", "POST /2015-03-31/functions/kamailio-distributor/invocations HTTP/1.1\n"
        'authorization: sign\nhost: localhost\n\n{"action":"comment_out_ip","target_ip":"10.0.0.7"}')  # fmt: skip
    put("scenario", "all", json.dumps(SCENARIO))
    for section, items in SCENARIO.items():
        put("scenario", section, json.dumps({section: items}))
    for case in vector_cases(VECTORS / "sigv4" / "cases.txt")[:25]:
        put("sigv4", case["case"][0].replace(" ", "-").replace("/", "-")[:40],
            f"{case['authorization'][0]}\n{case['path'][0]}\n{case['query'][0]}")  # fmt: skip


# ---------------------------------------------------------------- events, configuration


def events():
    texts = {path.stem: json.loads(path.read_text()) for path in (VECTORS / "events").glob("*.json")}
    for name, event in texts.items():
        put("event", name, json.dumps(event))
    alarm = json.dumps(texts["alarm-ecs-service"])
    once = json.dumps({"Type": "Notification", "MessageId": "m", "TopicArn": "t", "Message": alarm})
    put("event", "sns", once)
    put("event", "sns-twice", json.dumps({"Type": "Notification", "Message": once}))
    named = dict(texts["alarm-ecs-service"], id="by-name")
    named["detail"] = dict(named["detail"], alarmName="games-idle")
    put("event", "by-name", json.dumps(named))
    for number, pattern in enumerate([
        {"source": ["aws.cloudwatch"], "detail-type": ["CloudWatch Alarm State Change"]},
        {"detail": {"state": {"value": [{"anything-but": "OK"}]}}},
        {"$or": [{"source": [{"prefix": "aws."}]}, {"region": [{"exists": False}]}]},
        {"detail": {"n": [{"numeric": [">", 0, "<=", 5]}], "t": [{"suffix": ".x"}, None, True, 1.5]}},
        {"account": [{"anything-but": ["1", "2"]}, {"anything-but": {"prefix": "3"}}, {"equals-ignore-case": "A"}]},
    ]):  # fmt: skip
        put("pattern", f"{number}", f"{json.dumps(pattern)}\n--\n{alarm[:700] if number else alarm}")
    put("pattern", "numbers", '{"detail":{"n":[1]}}\n--\n{"detail":{"n":[0,1e0,"\\ud83c\\udf0a"],"t":-0.5E-3}}')


CONFIGS = {
    "example": (ROOT.parents[1] / "docs" / "ebb.yaml").read_text(),
    "act": 'kafka: {brokers: "k:9092"}\nredis: {url: "redis://:pw@r"}\nsqs: {queues: [q]}\n'
    'callback: {url: "http://e/", secret: "0123456789abcdef"}\nservices:\n- {match: "p/a", mode: act, minTasks: 2,'
    " alarms: [idle], cooldown: 90s, onDeadline: undo, victim: oldest, distributor: {function: f, invocation: event}}\n",
    "quotes": 'region: "eu\\u002dcentral-1"\nkafka:\n  brokers: \'a,b\'\n  properties: {a.b: "c", d: "1"}\n',
    "block": "region: |\n  eu\nservices:\n  - match: >-\n      p/a\n  -\n    match: p/b\n",
    "refused": "services: &a [*a]\nredis: !!str x\n? key\n: value\n",
    "empty": "",
    "nothing": "--- ~\n...\n",
}


def configuration():
    for name, text in CONFIGS.items():
        put("config", name, text)
        put("yaml_places", name, f"services[0].match\n{text}")
    put("yaml_places", "deep", "services[1].distributor.function\n" + CONFIGS["example"])


# ---------------------------------------------------------------- short texts


def texts():
    put_all("names", [
        KEY, TASK, "arn:aws:ecs:us-east-1:123456789012:service/demo/calls",
        "arn:aws-cn:ecs:cn-north-1:123456789012:service/calls", "arn:aws:ecs:us-east-1:123456789012:cluster/demo",
        "arn:aws:ecs:us-east-1:123456789012:task/0123456789abcdef0123456789abcdef", "default", "a:b:1:c/d",
    ])  # fmt: skip
    put_all("times", [
        "2019-10-02T17:04:40Z", "2019-10-02T17:04:40.989Z", "2019-10-02T17:04:40.989+0000", "2024-02-29T23:59:59+00:00",
        "9999-12-31T23:59:59.999Z", "20150830T123600Z", "250ms", "30s", "15m", "4h", "1d", "90", "1970-01-01T00:00:00Z",
    ])  # fmt: skip
    put_all("numbers", [
        "0", "-1", "9223372036854775807", "-9223372036854775808", "18446744073709551616", "0.1", "1e308", "5e-324",
        "-0.0", "1.7976931348623157e308", "0x10", "nan", "1e-400", "00012", "123456789.123456789",
    ])  # fmt: skip
    put_all("texts", ["prod*/a?b\nproduction/axb", "*\n", "a\nQUJD", "??\nQQ==", "é*\nhé € \U0001f30a", "*a*b*c*\naaabbbccc"])
    put_all("redis_url", [
        "redis://localhost", "redis://user:pa%40ss@redis.internal:6380/3", "rediss://:secret@[::1]:6379/0",
        "unix://user:pw@/run/redis.sock", "unix:///tmp/r", "10.0.0.7:6379", "[fd00::1]:7000", ":7001", "fd00::1:7000",
    ])  # fmt: skip
    put_all("redis_words", [
        "NOSCRIPT No matching script. Please use EVAL.", "LOADING Redis is loading the dataset in memory",
        "READONLY You can't write against a read only replica.", "NOPERM this user has no permissions",
        "ERR Error running script (call to f_0): @user_script:1: OOM command not allowed", "MOVED 3999 127.0.0.1:6381",
        "# Server\r\nredis_version:7.0.15\r\nredis_mode:standalone\r\nrole:master\r\nmaxmemory_policy:noeviction\r\n",
        "redis_version:6.2\nmaxmemory_policy:allkeys-lru\n", "WRONGPASS invalid username-password pair",
    ])  # fmt: skip


def resp(value):
    if value is None:
        return b"$-1\r\n"
    if isinstance(value, int):
        return b":%d\r\n" % value
    if isinstance(value, list):
        return b"*%d\r\n" % len(value) + b"".join(resp(item) for item in value)
    data = value if isinstance(value, bytes) else value.encode()
    return b"$%d\r\n%s\r\n" % (len(data), data)


def redis():
    record = msgpack.packb(DRAIN_RECORD)
    info = "run_id:abc\r\nredis_version:7.0.15\r\n"
    put_all("resp", [
        b"+OK\r\n", b"-ERR wrong\r\n", b":42\r\n", resp(None), resp("text"), resp(["a", 1, None, ["b", []]]), b"*-1\r\n",
        resp([[[["deep"]]]]), b"$0\r\n\r\n", b":-9223372036854775808\r\n", resp(["name", "value"]),
    ])  # fmt: skip
    questions = {
        0: [resp(["ok", "", "0", "0"]), resp(["refused", "cooldown", "1", "2"])],
        1: [resp(["ok", "5", record])], 2: [resp([record, "4", "4"])], 3: [resp(["moved", "5", record]), resp(["ok"])],
        4: [resp([DRAIN, "DRAINING 4"]) + resp([record, "4", None])], 5: [resp(["3", "2", str(AT), "1"]), resp([None] * 4)],
        6: [resp("ok"), b":1\r\n"], 7: [resp("ok")], 8: [resp("ok")], 9: [resp([DRAIN, "CLAIMED 1"]) + resp([record, "4", "3"])],
        10: [b":1\r\n", b":0\r\n"], 11: [b":1\r\n"], 12: [b":1\r\n"], 13: [resp([DRAIN, str(AT), "b", "1.5e3"])],
        14: [b":1\r\n"], 15: [resp(info) + resp("abc")], 16: [resp(info) + resp("other")], 17: [resp("ok")],
        18: [resp([json.dumps(VERDICT)])], 19: [resp(["0", ["{ebb}:looks:" + KEY, "x"]])],
    }  # fmt: skip
    for number, replies in questions.items():
        for index, reply in enumerate(replies):
            put("state", f"{number:02}.{index}", f"{number}\n".encode() + reply)


# ---------------------------------------------------------------- HTTP, tasks, keys

KEYS = {"Version": 1, "AccessKeyId": "AKIDEXAMPLE", "SecretAccessKey": "an example", "SessionToken": "token",
        "Expiration": "2030-01-01T00:00:00Z"}  # fmt: skip
CONFIG_FILE = """[default]
region = eu-west-1
services = mine
s3 =
  max_queue_size = 10
[profile "other  one"]
credential_process = /bin/keys "a b" 'c' d\\ e
# comment
[services mine]
ecs =
  endpoint_url = http://localhost:4566
"""
CREDENTIALS_FILE = "[default]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = an example\n"


def others():
    put_all("ini", [CONFIG_FILE, CREDENTIALS_FILE, "\ufeff[a]\r\nb = c = d\r\n; no\r\n", "[ a\t b ]\nk =\n\tn = v\n m = w\n"])
    put_all("profile", [f"{CONFIG_FILE}\n--\n{CREDENTIALS_FILE}", CONFIG_FILE.replace("[default]", "[default]\n"
            "credential_process = get --keys"), "[profile default]\naws_access_key_id=A\naws_secret_access_key=B\naws_session_token=C"])  # fmt: skip
    document = json.dumps(KEYS)
    put_all("container", [
        f"200 secret http://169.254.170.2/v2/credentials\n{document}", f"200\n{document}",
        '403\n{"code":"AccessDenied","message":"no"}', "500 t http://[fd00:ec2::23]/x\n", "200 t https://h/p\n{}",
        f"200 t http://127.0.0.1.example.org/\n{document}", '200\n{"AccessKeyId":"A","SecretAccessKey":"B","Token":"C"}',
    ])  # fmt: skip
    put_all("http_reply", [
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nDate: Tue, 14 Nov 2023 22:13:20 GMT\r\n\r\n{}",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\nX: a\n b\n\tc\n\nbody", "HTTP/1.1 503\r\nnonsense\r\n: x\r\n\r\n",
    ])  # fmt: skip
    body = json.dumps({"taskArn": TASK, "drainId": DRAIN})
    for number, token in enumerate(["shared by all", "x", ""]):
        put("callback", f"{number:02}", f"POST / HTTP/1.1\nHost: ebb\nAuthorization: Bearer {token}\n\n{body}")
    for number, text in enumerate([
        "GET /?a=b HTTP/1.1\nHost: ebb\n\n", "POST http://ebb/x HTTP/1.0\n\n{}", "POST * HTTP/1.1\nhost: e\n\n" + body,
        "POST / HTTP/1.1\nHost: ebb\nContent-Length: 99999999\nExpect: 100-continue\n\n",
    ]):  # fmt: skip
        put("callback", f"1{number}", text)
    put_all("http_request", [
        "GET http://10.0.0.7:8080/drain/status\nAccept: */*\n\n", "POST https://sqs.us-east-1.amazonaws.com/\nX: y\n\n{}",
        "PUT http://[::1]:80/a%20b?c#d\nhost: other\n\n", "GET http://user:pw@h/\n\n", "FETCH ftp://h/\nContent-Length: 3\n\nabc",
    ])  # fmt: skip
    status = {"taskArn": TASK, "drainId": DRAIN, "state": "DRAINING", "sessions": 3}
    put_all("task_status", [
        f"200\n{json.dumps(status)}", f"200\n{json.dumps(dict(status, sessions=0, state='DRAINED'))}", "409\n{}",
        f"200\n{json.dumps(dict(status, taskArn='other'))}", "503\n", f"200\n{json.dumps(dict(status, sessions=None))}",
        '200\n{"sessions":0}', "202\nok",
    ])  # fmt: skip
    put_all("distributor", [
        '\n{"ok":true}', '\n{"ok":false}', "\nnull", "\n", '\n{"statusCode":500,"body":"{}"}', '\n{"error":{"a":[1]}}',
        'Unhandled\n{"errorMessage":"boom"}', '\n{"error":""}', "\n[1,2]", '\n{"statusCode":200,"error":null}',
    ])  # fmt: skip


if __name__ == "__main__":
    if CORPUS.exists():
        shutil.rmtree(CORPUS)
    for write in (records, aws, events, configuration, texts, redis, others):
        write()
    files = [path for path in CORPUS.rglob("*") if path.is_file()]
    print(f"{len(files)} seeds, {sum(path.stat().st_size for path in files)} bytes")
