# SPDX-License-Identifier: Apache-2.0
"""Goal: a simulated task keeps the contract of docs and design over real HTTP: start, status, cancel, callback.
Method: sessions are put on tasks by the control API; a small HTTP server in the test takes the callbacks."""

import contextlib
import http.client
import http.server
import json
import threading

import pytest

from support.games import games, quick, scenario
from support.waiting import stays, wait_for

SERVICES = ["lobby", "arena", "hall", "yard", "late", "gone"]
APPLICATIONS = [
    quick("lobby"),
    quick("arena"),
    quick("hall", startStatus=503),
    quick("yard", callbackCopies=2),
    quick("late", startDelay="400ms"),
    quick("gone", sigtermGrace=0),
]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    services = [{"cluster": "games", "serviceName": n, "taskDefinition": "room", "desiredCount": 2} for n in SERVICES]
    document = scenario(applications=APPLICATIONS, services=services)
    with games(tmp_path_factory.mktemp("world"), document) as found:
        yield found


class Receiver:
    """Takes callbacks; answers the statuses it is given, then 200."""

    def __init__(self):
        self.calls = []
        self.statuses = []
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.calls.append((self.path, self.headers["Authorization"], json.loads(body)))
                self.send_response(receiver.statuses.pop(0) if receiver.statuses else 200)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/drained"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def receiver():
    found = Receiver()
    yield found
    found.server.shutdown()
    found.server.server_close()


def ask(world, address, method, path, body=None, timeout=10):
    """(status, document) of one request to the task at that address."""
    with contextlib.closing(http.client.HTTPConnection(address, world.task_port, timeout=timeout)) as connection:
        connection.request(method, path, json.dumps(body) if body else None, {"Content-Type": "application/json"})
        reply = connection.getresponse()
        text = reply.read()
        return reply.status, json.loads(text) if text else None


def start(world, task, receiver, drain_id="d1", **more):
    body = {
        "taskArn": task["arn"],
        "drainId": drain_id,
        "maxDrainSeconds": 600,
        "callbackUrl": receiver.url,
        "token": "a-token",
        **more,
    }
    return ask(world, task["address"], "POST", "/drain/start", body)[0]


def test_a_drain_from_start_to_callback(world, receiver):
    task, other = world.wait_for_running("games/lobby", 2)
    assert task["address"] != other["address"]
    world.post(f"/world/task/{task['id']}/sessions", {"add": 3})
    assert start(world, task, receiver) in range(200, 300)
    assert start(world, task, receiver) in range(200, 300), "a repeated start is accepted"
    status, document = ask(world, task["address"], "GET", "/drain/status")
    assert status == 200 and document["taskArn"] == task["arn"] and document["drainId"] == "d1"
    assert document["sessions"] == 3
    world.post(f"/world/task/{task['id']}/sessions", {"end": 2})
    stays(lambda: not receiver.calls, 0.3, "no callback while a session is there")
    world.post(f"/world/task/{task['id']}/sessions", {"end": 1})
    path, authorization, body = wait_for(lambda: receiver.calls, 5, "the callback")[0]
    assert path == "/drained" and authorization == "Bearer a-token"
    assert body == {"taskArn": task["arn"], "drainId": "d1"}
    assert ask(world, task["address"], "GET", "/drain/status")[1]["sessions"] == 0
    stays(lambda: len(receiver.calls) == 1, 0.3, "one callback")
    assert world.service("games/lobby").get("cut", 0) == 0


def test_cancel_takes_work_again(world, receiver):
    task = world.wait_for_running("games/arena", 2)[0]
    world.post(f"/world/task/{task['id']}/sessions", {"add": 1})
    assert start(world, task, receiver) in range(200, 300)
    assert {t["id"]: t for t in world.running("games/arena")}[task["id"]]["draining"] is True
    status, _ = ask(world, task["address"], "POST", "/drain/cancel", {"taskArn": task["arn"], "drainId": "d1"})
    assert status in range(200, 300)
    assert not {t["id"]: t for t in world.running("games/arena")}[task["id"]].get("draining")
    world.post(f"/world/task/{task['id']}/sessions", {"end": 0})
    stays(lambda: not receiver.calls, 0.3, "no callback after a cancel")


def test_what_a_task_refuses(world, receiver):
    task, other = world.wait_for_running("games/arena", 2)
    assert start(world, {**other, "address": task["address"]}, receiver) == 409, "another task's name"
    assert ask(world, task["address"], "POST", "/drain/start", {"taskArn": task["arn"]})[0] == 400
    assert ask(world, task["address"], "GET", "/nothing")[0] == 404
    hall = world.wait_for_running("games/hall", 2)[0]
    assert start(world, hall, receiver) == 503


def test_an_address_of_nobody(world):
    with pytest.raises((ConnectionError, http.client.RemoteDisconnected)):
        ask(world, "127.1.200.200", "GET", "/drain/status")


def test_callbacks_twice_and_again_when_refused(world, receiver):
    receiver.statuses = [503]
    task = world.wait_for_running("games/yard", 2)[0]
    assert start(world, task, receiver, "d2") in range(200, 300)
    wait_for(lambda: len(receiver.calls) >= 3, 15, "two copies and the repetition of the refused one")
    assert {c[2]["drainId"] for c in receiver.calls} == {"d2"}


def test_a_callback_may_come_before_the_answer(world, receiver):
    task = world.wait_for_running("games/late", 2)[0]
    seen = []
    answered = threading.Thread(target=lambda: seen.append(start(world, task, receiver)))
    answered.start()
    wait_for(lambda: receiver.calls, 5, "the callback")
    assert not seen, "the answer is still on its way"
    answered.join(10)
    assert seen[0] in range(200, 300)


def test_a_stopped_task_is_gone_and_its_sessions_are_cut(world):
    task, other = world.wait_for_running("games/gone", 2)
    world.post(f"/world/task/{task['id']}/sessions", {"add": 4})
    world.client("ecs").stop_task(cluster="games", task=task["arn"])
    wait_for(lambda: world.service("games/gone").get("cut", 0) == 4, 10, "four sessions to be cut")
    assert world.service("games/gone")["cutByUser"] == 4
    world.post(f"/world/task/{other['id']}/kill", {"reason": "power"})
    cut = world.get(f"/world/log?kind=task_stopping&subject={other['arn']}")["entries"]
    assert len(cut) == 1


@pytest.mark.parametrize("effect, status", [("throttle", 429), ("5xx_before", 500), ("5xx_after", 500), ("deny", 403)])
def test_faults_at_the_door(world, receiver, effect, status):
    task = world.wait_for_running("games/lobby", 2)[1]
    world.post("/world/faults", {"operation": "task:/drain/status", "effect": effect, "count": 1})
    assert ask(world, task["address"], "GET", "/drain/status")[0] == status
    assert ask(world, task["address"], "GET", "/drain/status")[0] == 200


def test_a_lost_callback_is_tried_again(world, receiver):
    task = world.wait_for_running("games/lobby", 2)[1]
    world.post("/world/faults", {"operation": "callback", "effect": "drop_before", "count": 1})
    assert start(world, task, receiver, "d9") in range(200, 300)
    wait_for(lambda: receiver.calls, 15, "the second try")
    assert receiver.calls[0][2]["drainId"] == "d9"
