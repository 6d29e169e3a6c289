# SPDX-License-Identifier: Apache-2.0
"""Goal: the things the other tests stand on do what they say. Method: each fixture is used once, killed
and restarted where it can be, and its waiting is shown to end."""

import os
import signal
import subprocess
import sys
import textwrap

import botocore.exceptions
import pytest
import redis

from support import paths
from support.waiting import TimedOut, stays, wait_for


def test_waiting_ends_and_says_for_what():
    with pytest.raises(TimedOut, match="waited 0.1 s for the moon.*\nno moon"):
        wait_for(lambda: False, 0.1, "the moon", lambda: "no moon")
    assert wait_for(lambda: 7) == 7
    with pytest.raises(AssertionError, match="did not stay"):
        stays(lambda: False, 0.1)


def test_a_process_that_ends_early_is_told(processes):
    process = processes.start("short", ["sh", "-c", "echo my last words; exit 3"])
    with pytest.raises(AssertionError, match="my last words"):
        process.wait_for_output("never said", timeout_s=5)
    assert process.exit_code == 3


def test_processes_get_nothing_of_the_persons_environment(processes, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "of-the-person")
    process = processes.start("env", ["env"], {"MINE": 1})
    assert process.wait_for_exit() == 0
    assert "MINE=1" in process.output() and "AWS_PROFILE" not in process.output()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
def test_no_process_outlives_pytest(tmp_path, number):
    """A pytest of its own starts a process that ignores SIGTERM, and is then ended."""
    test = tmp_path / "test_child.py"
    test.write_text(
        textwrap.dedent(
            """
            def test_child(processes):
                child = processes.start("child", ["sh", "-c", "trap '' TERM; echo $$ > pid; sleep 100 & wait; wait"])
                child.wait_for_exit(100)
            """
        )
    )
    folder = paths.PROJECT / "tests" / "integration"
    pytest_process = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-q", "-c", folder / "pytest.ini", f"--confcutdir={folder}", "-p", "conftest",
         f"--basetemp={tmp_path}/base", test],
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT,
        env={**os.environ, "PYTHONPATH": str(folder)},
    )  # fmt: skip
    try:
        pid = wait_for(
            lambda: next((p.read_text().strip() for p in tmp_path.glob("base/*/pid")), None), 20, "the child to begin"
        )
        pytest_process.send_signal(number)
        wait_for(lambda: not os.path.exists(f"/proc/{pid}"), 15, "the child to be gone")
    finally:
        pytest_process.kill()
        pytest_process.wait()


def test_kafka_keeps_its_messages_over_a_kill(kafka):
    kafka.create_topic("ebb.select", partitions=3)
    kafka.produce("ebb.select", b"one", key=b"a", headers={"traceparent": b"00"})
    kafka.kill9()
    assert not kafka.is_running
    kafka.start()
    kafka.produce("ebb.select", b"two", key=b"b")
    found = kafka.wait_for_messages("ebb.select", 2)
    assert {(m.key, m.value) for m in found} == {(b"a", b"one"), (b"b", b"two")}
    assert [m.headers for m in found if m.key == b"a"] == [{"traceparent": b"00"}]
    assert kafka.lag("nobody", "ebb.select") == 2


def test_kafka_begins_empty(kafka):
    assert kafka.topics() == {}
    kafka.create_topic("ebb.select")
    assert kafka.consume_all("ebb.select") == []


def test_the_embedded_broker_answers(embedded_broker):
    asked = subprocess.run(
        ["kcat", "-b", embedded_broker.brokers, "-L", "-m", "5"], capture_output=True, timeout=20, check=False
    )
    assert asked.returncode == 0, asked.stderr


def test_redis_begins_empty_and_can_be_lost(redis_server):
    client = redis_server.client()
    assert client.dbsize() == 0
    assert client.config_get("maxmemory-policy")["maxmemory-policy"] == "noeviction"
    client.set("a", "b")
    before = client.info("server")["run_id"]
    redis_server.kill9()
    redis_server.start()
    client = redis_server.client()
    assert client.get("a") is None and client.info("server")["run_id"] != before


def test_redis_of_its_own_takes_options(start_redis):
    server = start_redis(password="EXAMPLE", maxmemory_policy="allkeys-lru", append_only=True)
    server.client().set("a", "b")
    server.kill9()
    server.start()
    assert server.client().get("a") == "b"
    with pytest.raises(redis.AuthenticationError):
        server.client(password=None).ping()


@pytest.mark.parametrize("name", ["moto", "ministack"])
def test_stand_ins_check_signatures(request, name):
    region = request.getfixturevalue(name)
    assert region.client("sqs").list_queues()["ResponseMetadata"]["HTTPStatusCode"] == 200
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        region.client("sqs", secret="wrongEXAMPLE").list_queues()
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
