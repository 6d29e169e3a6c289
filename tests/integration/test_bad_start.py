# SPDX-License-Identifier: Apache-2.0
"""Goal: a role or command whose Redis, Kafka, AWS, topic or port is missing or refuses it ends with one line that
names what (host and port, queue, topic, setting) and the remedy, and with the documents' exit code; none goes on for
ever. Method: real ones, each wrong in one way, asked by all who need them."""

import socket

import pytest

from support import aws_clients, paths
from support.fake_redis import FakeRedis
from support.refusals import EXIT, ROLES, all_refused, refused, run_side_by_side

SHOWS = (("status",), ("why", "demo/calls"), ("timeline", "3366f10b5f0aa7ab"))
WITH_REDIS = tuple(words for words in ROLES if words != ("relay",)) + SHOWS + (("drain", "demo/calls"),)
WITH_KAFKA = (*ROLES, ("topics",), ("topics", "create"))
STAGES = tuple(words for words in ROLES if words[0] == "work")
WITH_ECS = (*STAGES, ("run",))
TOPICS = ["ebb.select", "ebb.remove", "ebb.drain", "ebb.scale", "ebb.dead", "ebb.history", "ebb.state"]
PASSWORD = "EXAMPLEpasswordThatNobodyMaySee"
EXPIRED = {
    "accessKeyId": "ASIAEXPIREDEXAMPLE01", "secretAccessKey": "EXAMPLEexpiredSecret", "sessionToken": "EXAMPLEtoken",
    "expiresAt": "2020-01-01T00:00:00Z",
}  # fmt: skip


def closed_port():
    return f"127.0.0.1:{paths.free_port()}"


@pytest.fixture
def ready(ebb, kafka, redis_server, world):
    """All there is, and right: each test takes one thing away."""
    world.client("sqs").create_queue(QueueName="ebb-events")
    kafka.create_topic(*TOPICS, partitions=1)
    ebb.use(world, kafka, redis_server)
    ebb.env["EBB_CALLBACK_SECRET"] = "EXAMPLEsecretOfTheTests"
    ebb.env["EBB_CALLBACK_LISTEN"] = closed_port()
    ebb.env["SQS_QUEUES"] = "ebb-events"
    return ebb


# ---------------------------------------------------------------- Redis


@pytest.fixture
def ebb_with(ebb):
    """Enough of everything else that Redis is what is asked first."""
    ebb.env.update({
        "KAFKA_BROKERS": "127.0.0.1:1", "SQS_QUEUES": "ebb-events", "EBB_CALLBACK_SECRET": "EXAMPLEsecretOfTheTests",
        "AWS_REGION": "us-east-1",
    })  # fmt: skip
    return ebb


def test_redis_that_cannot_be_reached(ebb_with):
    where = closed_port()
    all_refused(
        ebb_with, WITH_REDIS, {"REDIS_URL": f"redis://{where}"}, "MISSING",
        f"redis at {where}: Connection refused", r"does Redis run there, is redis\.url right \(REDIS_URL\)",
    )  # fmt: skip
    nowhere = {"REDIS_URL": "redis://no.such.host.invalid:6379"}
    refused(("status",), ebb_with.run("status", env=nowhere), "MISSING", r"no\.such\.host\.invalid:6379: its name")


def test_redis_that_wants_another_password_or_user(ebb_with, start_redis):
    server = start_redis(password=PASSWORD)
    server.client().acl_setuser("narrow", enabled=True, passwords=["+" + PASSWORD], keys=["*"], commands=["+ping", "+info"])
    where = f"127.0.0.1:{server.port}"
    remedy = r"redis\.username and redis\.password .*REDIS_PASSWORD"
    for login in ("", ":wrong-EXAMPLE@", "nobody:wrong-EXAMPLE@"):
        wrong = {"REDIS_URL": f"redis://{login}{where}"}
        all_refused(ebb_with, WITH_REDIS, wrong, "MISSING", f"redis at {where}: ", remedy, never=["EXAMPLE"])
    narrow = {"REDIS_URL": f"redis://narrow:{PASSWORD}@{where}"}
    lacks = (f"redis at {where}: ", r"lacks a right there \(ACL\)", "NOPERM", r"README\.md")
    all_refused(ebb_with, [w for w in WITH_REDIS if w in ROLES], narrow, "MISSING", *lacks, never=[PASSWORD])
    all_refused(ebb_with, SHOWS, narrow, "MISSING", *lacks, never=[PASSWORD])


def test_redis_that_may_forget_or_takes_no_writes(ebb_with, start_redis):
    forgets = start_redis(maxmemory_policy="allkeys-lru")
    all_refused(
        ebb_with, WITH_REDIS, {"REDIS_URL": forgets.url}, "MISSING",
        f"redis at 127.0.0.1:{forgets.port}: it has maxmemory_policy allkeys-lru: .*set it to noeviction",
    )  # fmt: skip
    forgets.client().replicaof("127.0.0.1", paths.free_port())
    all_refused(ebb_with, WITH_REDIS, {"REDIS_URL": forgets.url}, "MISSING", "read-only replica; give .*the primary")


def test_what_is_too_old_or_no_redis(ebb_with, world):
    with FakeRedis(redis_version="5.0.7") as url:
        all_refused(ebb_with, WITH_REDIS, {"REDIS_URL": url}, "MISSING", r"it is version 5\.0\.7; Ebb needs 6\.2 or later")
    with FakeRedis(redis_mode="sentinel") as url:
        all_refused(ebb_with, SHOWS, {"REDIS_URL": url}, "MISSING", "it is a Sentinel; give the address of the primary")
    web = world.endpoint.replace("http://", "redis://")
    all_refused(ebb_with, SHOWS, {"REDIS_URL": web}, "MISSING", "redis at 127.0.0.1:")


# ---------------------------------------------------------------- Kafka


def test_kafka_that_cannot_be_reached(ready, kafka):
    """Also one whose name is none, and one that is spoken to in the wrong way; each is waited for ten seconds."""
    where, unnamed = closed_port(), "no.such.host.invalid:9092"
    tls = str(ready.write("tls.yaml", "kafka:\n  properties: {security.protocol: SSL}\n"))
    asked = [(words, {"KAFKA_BROKERS": where}, f"Kafka at {where}: .*Connection refused") for words in WITH_KAFKA]
    asked.append((("topics",), {"KAFKA_BROKERS": unnamed}, f"Kafka at {unnamed}: .*resolve"))
    asked.append((("timers",), {"EBB_CONFIG": tls}, f"Kafka at {kafka.brokers}: .*SSL"))
    done = run_side_by_side(ready, [(words, env) for words, env, _ in asked])
    for (words, _, pattern), one in zip(asked, done):
        refused(words, one, "MISSING", pattern + r".*; do the brokers run, are kafka\.brokers \(KAFKA_BROKERS\)")
        assert "identical error" not in one.stderr and "rdkafka" not in one.stderr


def test_a_topic_that_is_missing_is_named_with_what_makes_it(ready, kafka):
    kafka.delete_topic("ebb.dead")
    missing = f"topic ebb.dead does not exist at {kafka.brokers}.*`ebb topics create`"
    all_refused(ready, ROLES, {}, "MISSING", missing)
    said = ready.run("topics")
    assert said.returncode == EXIT["MISSING"] and "MISSING" in said.stdout
    assert said.stderr == "ebb topics: 1 of 7 topics are missing; `ebb topics create` makes them\n"


# ---------------------------------------------------------------- AWS


def test_aws_that_cannot_be_reached(ready):
    where = closed_port()
    nowhere = {"AWS_ENDPOINT_URL": f"http://{where}", "AWS_MAX_ATTEMPTS": "1"}
    remedy = r"is the region right \(AWS_REGION\), is AWS_ENDPOINT_URL"
    all_refused(ready, WITH_ECS + (("drain", "demo/calls"),), nowhere, "MISSING", f"at {where}: ", "us-east-1", remedy)
    all_refused(ready, [("relay",)], nowhere, "MISSING", "SQS queue ebb-events: GetQueueUrl ", where, remedy)


@pytest.mark.parametrize(
    "keys, patterns",
    [
        ({"AWS_ACCESS_KEY_ID": "AKIAUNKNOWNEXAMPLE01"}, ("does not know the access key",)),
        ({"AWS_SECRET_ACCESS_KEY": "EXAMPLEwrongSecret"}, ("the secret access key is not that of the access key",)),
        (
            {
                "AWS_ACCESS_KEY_ID": EXPIRED["accessKeyId"], "AWS_SECRET_ACCESS_KEY": EXPIRED["secretAccessKey"],
                "AWS_SESSION_TOKEN": EXPIRED["sessionToken"],
            },
            ("ExpiredToken", "renew the credentials"),
        ),
        ({"AWS_REGION": "eu-west-1"}, ("in eu-west-1", r"is the region right \(AWS_REGION\)")),
    ],
    ids=["unknown key", "wrong secret", "expired", "wrong region"],
)  # fmt: skip
def test_credentials_that_aws_refuses(ready, world, keys, patterns):
    world.control("POST", "/world/keys", EXPIRED)
    commands = (*WITH_ECS, ("relay",), ("drain", "demo/calls"))
    secrets = ["EXAMPLEwrongSecret", EXPIRED["secretAccessKey"], "EXAMPLEtoken", aws_clients.SECRET_ACCESS_KEY]
    all_refused(ready, commands, keys, "MISSING", *patterns, never=secrets)


def test_credentials_that_are_not_there(ready):
    none = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
    commands = (*WITH_ECS, ("relay",), ("drain", "demo/calls"))
    all_refused(ready, commands, none, "MISSING", "no AWS credentials: .*AWS_ACCESS_KEY_ID")
    half = {"AWS_SECRET_ACCESS_KEY": ""}
    all_refused(ready, commands, half, "CONFIG", "AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not")
    nowhere = {"AWS_REGION": "", "AWS_DEFAULT_REGION": ""}
    all_refused(ready, commands, nowhere, "CONFIG", "no AWS region: set AWS_REGION")


def test_a_queue_or_service_that_is_not_in_that_region(ready, start_world):
    elsewhere = start_world("--region", "eu-west-1").env(region="eu-west-1")
    missing = r"SQS queue .*: GetQueueUrl: .*(NonExistentQueue|QueueDoesNotExist).*; in eu-west-1; is the region right"
    all_refused(ready, [("relay",), ("run",)], elsewhere, "MISSING", missing)
    by_url = {**elsewhere, "SQS_QUEUES": f"{elsewhere['AWS_ENDPOINT_URL']}/123456789012/ebb-events"}
    all_refused(ready, [("relay",)], by_url, "MISSING", missing)
    all_refused(ready, [("drain", "demo/calls")], elsewhere, "NOTHING", "ECS knows no service demo/calls in eu-west-1")


# ---------------------------------------------------------------- ports


def test_a_port_that_is_taken_is_named_with_its_setting(ready):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        in_use = f": {where} is already in use; stop the program that listens there or choose another port"
        listens = {"EBB_CALLBACK_LISTEN": where}
        all_refused(ready, [("callback",), ("run",)], listens, "MISSING", f"variable EBB_CALLBACK_LISTEN{in_use}")
        page = str(ready.write("ebb.yaml", f"run:\n  metricsListen: {where}\n"))
        all_refused(
            ready, ROLES, {"EBB_CONFIG": page}, "MISSING", rf"line 2, column 18: run\.metricsListen{in_use}"
        )
