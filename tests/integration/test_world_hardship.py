# SPDX-License-Identifier: Apache-2.0
"""Goal: the world stays up, fair and quick when much is asked at once, and when nonsense is.
Method: long polls beside calls, many writers at one service, random and broken bytes at both ports."""

import concurrent.futures
import random
import socket
import time
import urllib.parse

import pytest

from support.games import games, quick, scenario
from support.waiting import wait_for

POLLS = 40
SEED = 20261121
PATIENCE_S = 0.05


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    document = scenario(
        applications=[quick("lobby")],
        services=[{"cluster": "games", "serviceName": "lobby", "taskDefinition": "room", "desiredCount": 2}],
        queues=[{"QueueName": "empty"}, {"QueueName": "shared"}],
    )
    with games(tmp_path_factory.mktemp("world"), document) as found:
        yield found


def test_long_polls_hold_nobody_up(world):
    sqs = world.client("sqs", max_pool_connections=POLLS)
    url = sqs.get_queue_url(QueueName="empty")["QueueUrl"]
    ecs = world.client("ecs")
    with concurrent.futures.ThreadPoolExecutor(POLLS) as pool:
        polls = [pool.submit(sqs.receive_message, QueueUrl=url, WaitTimeSeconds=4) for _ in range(POLLS)]
        wait_for(lambda: all(p.running() for p in polls), 5, "every poll to be under way")
        began = time.monotonic()
        for _ in range(10):
            ecs.list_clusters()
        took = time.monotonic() - began
        sqs.send_message(QueueUrl=url, MessageBody="one")
        answers = [p.result() for p in polls]
    assert took < 3
    assert sum(len(a.get("Messages", [])) for a in answers) == 1, "one message goes to one of them"


def test_every_message_is_received_once_by_many(world):
    sqs = world.client("sqs", max_pool_connections=16)
    url = sqs.get_queue_url(QueueName="shared")["QueueUrl"]
    for i in range(20):
        entries = [{"Id": str(k), "MessageBody": f"{i}-{k}"} for k in range(10)]
        assert not sqs.send_message_batch(QueueUrl=url, Entries=entries).get("Failed")

    def take_all(_):
        taken = []
        while True:
            messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
            if not messages:
                return taken
            taken += [m["Body"] for m in messages]
            entries = [{"Id": m["MessageId"], "ReceiptHandle": m["ReceiptHandle"]} for m in messages]
            sqs.delete_message_batch(QueueUrl=url, Entries=entries)

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        bodies = [b for taken in pool.map(take_all, range(8)) for b in taken]
    assert sorted(bodies) == sorted(f"{i}-{k}" for i in range(20) for k in range(10))


def send(port, data):
    """What came back; b"" when the connection was closed, or the request had no end and nothing came for a moment."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as s:
        s.sendall(data)
        s.settimeout(PATIENCE_S)
        try:
            return s.recv(65536)
        except (ConnectionError, TimeoutError):
            return b""


HEADERS = [
    b"X-Amz-Target: AmazonEC2ContainerServiceV20141113.ListClusters",
    b"X-Amz-Target: AmazonSQS.",
    b"X-Amz-Target: .",
    b"Content-Type: application/x-www-form-urlencoded",
    b"Authorization: AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request,SignedHeaders=;;,Signature=" + b"0" * 64,
    b"Authorization: AWS4-HMAC-SHA256 Credential=////,SignedHeaders,Signature=",
    b"X-Amz-Date: 99999999T999999Z",
    b"Content-Length: 99999999999999999999",
    b"Transfer-Encoding: chunked",
]
PATHS = [b"/", b"/2015-03-31/functions/%ZZ%/invocations", b"/world/log?%00=&&&==", b"/world/task//kill", b"/world/load"]
BODIES = [b"", b"{", b"Action=%&Version=%FF", b"[" * 3000, b"- &a *a", b"\x00\xff\xfe", b"service: !!binary x"]


def test_nonsense_at_the_front(world):
    chance = random.Random(SEED)
    port = urllib.parse.urlsplit(world.endpoint).port
    for _ in range(400):
        body = chance.choice(BODIES)
        lines = [chance.choice([b"POST ", b"GET ", b"DELETE "]) + chance.choice(PATHS) + b" HTTP/1.1", b"Host: x"]
        lines += chance.sample(HEADERS, chance.randrange(4))
        if chance.random() < 0.7:
            lines.append(b"Content-Length: %d" % len(body))
        request = bytearray(b"\r\n".join(lines) + b"\r\n\r\n" + body)
        for _ in range(chance.randrange(3)):
            request[chance.randrange(len(request))] = chance.randrange(256)
        answer = send(port, bytes(request))
        assert not answer or answer.startswith(b"HTTP/1."), (bytes(request), answer)
        assert not answer.startswith(b"HTTP/1.1 500"), (bytes(request), answer)
    assert world.get("/world/health")["ok"] is True


def test_nonsense_at_the_door(world):
    chance = random.Random(SEED)
    for _ in range(100):
        send(world.task_port, chance.randbytes(chance.randrange(200)))
        send(world.task_port, b"POST /drain/start HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n{]}")
    assert world.get("/world/health")["ok"] is True
