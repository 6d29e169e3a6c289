# SPDX-License-Identifier: Apache-2.0
"""Goal: a task's word that it is empty is believed once its token proves it, and nobody else's is; a task always learns
whether to call again. Method: one drain whose task never calls by itself, and every wrong way of calling for it; the
topic shows what got through. The answers are those of docs/task-contract.md."""

import json
import socket
import time

import msgpack
import pytest

from support import paths
from support.fleet import CALLBACK_SECRET, Fleet
from support.pages import ask, get

BODY_MAX = 16 * 1024
STRIKES_MAX = 20
SILENCE_S = 15  # the callback's time-out of a silent connection; a slow one gets twice that at most
PROMPT_S = 3


@pytest.fixture
def fleet(ebb, start_world, kafka, redis_server):
    """Only a callback ends its drains: tasks do not call, and their status is asked once an hour."""
    settings = {"status_poll": "1h", "drain_timeout": "1h"}
    found = Fleet(
        ebb, start_world, kafka, redis_server, {"calls": 3}, settings=settings, arrivalsPerHour=0, callbackNever=True
    )
    # With the shortest visibility publishing gives up soonest.
    path = found.ebb.folder / "ebb.yaml"
    path.write_text(path.read_text().replace("receivers: 1\n", "receivers: 1\n  visibility: 5s\n"))
    return found


@pytest.fixture
def draining(fleet):
    """A drain whose task is told, and has sessions left."""
    fleet.start("timers", "relay", "select", "remove", "drain", "scale")
    fleet.metrics = fleet.ebb.env["EBB_METRICS_LISTEN"] = f"127.0.0.1:{paths.free_port()}"
    fleet.start("callback")
    fleet.add_sessions("calls", 5)
    fleet.send(fleet.event("calls"))
    return fleet.wait_for_drain("calls", "DRAINING")


def call(fleet, drain, token=None, body=None, method="POST", headers=None):
    """Everything right but what is said."""
    if body is None:
        body = json.dumps({"taskArn": drain["taskArn"], "drainId": drain["drainId"]})
    token = fleet.token(drain["drainId"], drain["taskArn"]) if token is None else token
    headers = {"Authorization": f"Bearer {token}"} if headers is None else headers
    return ask(f"127.0.0.1:{fleet.callback_port}", method, "/", body, headers)


def words(fleet):
    """The messages that came of a callback: only they carry its proof."""
    return [m for m in (msgpack.unpackb(m.value) for m in fleet.kafka.consume_all("ebb.drain")) if m.get("proof")]


def test_the_right_token_ends_the_drain_once(fleet, draining):
    answer = call(fleet, draining)
    assert (answer.status, json.loads(answer.body)) == (200, {"status": "accepted"})
    (drain,) = fleet.wait_for_states(["SCALED_OUT"])
    assert fleet.lowered("calls") == [(3, 2)] and [arn for arn, _ in fleet.stopped("calls")] == [drain["taskArn"]]
    for _ in range(3):
        answer = call(fleet, drain)
        assert (answer.status, json.loads(answer.body)) == (200, {"status": "already"})
    assert len(words(fleet)) == 1 and fleet.lowered("calls") == [(3, 2)]


def test_doubles_at_once_are_one_drain(fleet, draining):
    """A proxy may repeat a request; scheme and header are written in any case."""
    token = fleet.token(draining["drainId"], draining["taskArn"])
    answers = [call(fleet, draining, headers={"AUTHORIZATION": f"bearer {token}"}) for _ in range(5)]
    assert {a.status for a in answers} == {200}
    fleet.wait_for_states(["SCALED_OUT"])
    assert fleet.lowered("calls") == [(3, 2)] and len(fleet.stopped("calls")) == 1


def test_every_wrong_token_gets_the_same_answer_and_leaks_nothing(fleet, draining):
    right = fleet.token(draining["drainId"], draining["taskArn"])
    known = json.dumps({"taskArn": draining["taskArn"], "drainId": draining["drainId"]})
    unknown = json.dumps({"taskArn": draining["taskArn"], "drainId": "f" * 16})
    refused = [
        call(fleet, draining, headers={}),
        call(fleet, draining, headers={"Authorization": right}),
        call(fleet, draining, headers={"Authorization": f"Basic {right}"}),
        call(fleet, draining, token=""),
        call(fleet, draining, token=right[:-1]),
        call(fleet, draining, token=right + "0"),
        call(fleet, draining, token=right.upper()),
        call(fleet, draining, token=CALLBACK_SECRET),
        call(fleet, draining, token=fleet.token("f" * 16, draining["taskArn"])),
        call(fleet, draining, token=fleet.token(draining["drainId"], draining["taskArn"] + "0")),
        # Whether there is such a drain is not told to one who has no token of it.
        call(fleet, draining, token=right, body=unknown),
        call(fleet, draining, token="x" * 4000, body=known),
    ]
    without_date = [{k: v for k, v in a.headers.items() if k != "date"} for a in refused]
    assert {a.status for a in refused} == {401} and len({a.body for a in refused}) == 1
    assert all(headers == without_date[0] for headers in without_date)
    assert words(fleet) == [] and fleet.states() == ["DRAINING"]
    said = fleet.ebb.outputs()
    assert right not in said and CALLBACK_SECRET not in said and said.count("callback_unauthorized") == len(refused)


def test_a_right_token_of_no_drain_is_told_so(fleet, draining):
    for drain_id, task_arn in [("f" * 16, draining["taskArn"]), (draining["drainId"], draining["taskArn"] + "0")]:
        answer = call(fleet, {"drainId": drain_id, "taskArn": task_arn})
        assert answer.status == 409 and "no such drain" in answer.body
    assert words(fleet) == [] and fleet.states() == ["DRAINING"]


def test_too_many_wrong_tokens_close_the_door_for_a_while(fleet, draining):
    """Also to the right one from that address: else it would tell which one is right."""
    for _ in range(STRIKES_MAX):
        assert call(fleet, draining, token="wrong").status == 401
    assert call(fleet, draining, token="wrong").status == 429
    assert call(fleet, draining).status == 429
    assert words(fleet) == [] and fleet.states() == ["DRAINING"]


def test_what_is_no_word_of_a_task_is_refused(fleet, draining):
    drain_id, arn = draining["drainId"], draining["taskArn"]
    bad = [
        "", "{", "[]", "null", "\0", json.dumps({"taskArn": arn}), json.dumps({"drainId": drain_id}),
        json.dumps({"taskArn": 7, "drainId": drain_id}), json.dumps({"taskArn": arn, "drainId": ["x"]}),
        json.dumps({"taskArn": arn, "drainId": drain_id}) + "{}", json.dumps({"taskArn": arn, "drainId": "x" * 1000}),
        '{"a":' * 100 + "1" + "}" * 100, b"\xff\xfe",
    ]  # fmt: skip
    for body in bad:
        answer = call(fleet, draining, body=body)
        assert answer.status == 400 and "taskArn and drainId" in answer.body, body
    assert call(fleet, draining, body="x" * (BODY_MAX + 1)).status == 413
    for method in ["GET", "PUT", "DELETE"]:
        assert call(fleet, draining, method=method).status == 405
    assert words(fleet) == []
    # Unknown members are ignored, and it still listens.
    body = json.dumps({"taskArn": arn, "drainId": drain_id, "more": {"than": ["asked", "for"]}})
    assert call(fleet, draining, body=body).status == 200
    fleet.wait_for_states(["SCALED_OUT"])


def test_one_that_is_slow_holds_up_nobody_and_is_let_go(fleet, draining):
    slow = []
    for _ in range(60):
        s = socket.create_connection(("127.0.0.1", fleet.callback_port), timeout=2 * SILENCE_S + 5)
        s.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        slow.append(s)
    began = time.monotonic()
    assert call(fleet, draining).status == 200
    assert time.monotonic() - began < PROMPT_S
    # Its connection ends; a TCP client that never ends a body does not hold a place for ever.
    assert all(s.recv(4096)[:12] in (b"", b"HTTP/1.1 408") for s in slow)
    assert time.monotonic() - began < 2 * SILENCE_S + 5
    fleet.wait_for_states(["SCALED_OUT"])


def test_without_kafka_the_task_shall_call_again(fleet, draining):
    assert get(fleet.metrics, "/ready").status == 200
    fleet.kafka.stop()
    answer = call(fleet, draining)
    assert answer.status == 503 and int(answer.headers["retry-after"]) > 0
    assert get(fleet.metrics, "/live").status == 200, "a restart would not bring Kafka back"
    # A wrong token is wrong whatever is away.
    assert call(fleet, draining, token="wrong").status == 401
    fleet.kafka.restart()
    fleet.wait_for(lambda: call(fleet, draining).status == 200, 30, "the callback to be accepted")
    fleet.wait_for_states(["SCALED_OUT"], timeout_s=60)
    assert fleet.lowered("calls") == [(3, 2)] and len(fleet.stopped("calls")) == 1
