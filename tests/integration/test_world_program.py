# SPDX-License-Identifier: Apache-2.0
"""Goal: the program ebb-world begins, complains and ends as a program should.
Method: wrong usage, wrong scenarios, a taken port; its end by a signal and by its parent's end."""

import os
import signal
import subprocess
import threading
import time

import pytest

from support import paths
from support.games import games, scenario
from support.processes import run
from support.waiting import wait_for


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["serve", "--prot", "1"], "--prot is not an option"),
        (["serve", "--port", "70000"], "--port must be from 0 to 65535"),
        (["serve", "--port"], "--port needs a value"),
        (["serve", "--speed", "0"], "--speed must be from"),
        (["serve", "--seed", "x"], "--seed must be a whole number"),
        (["serve", "--with-parent=yes"], "--with-parent takes no value"),
        (["serve", "--address", "0.0.0.0"], "--address must be a loopback address"),
        (["serve", "--scenario", "/none"], "--scenario /none: No such file"),
        (["tea"], '"tea" is not a command'),
    ],
)
def test_wrong_usage(tmp_path, arguments, words):
    done = run([paths.program("ebb-world"), *arguments], tmp_path)
    assert done.returncode == 2 and words in done.stderr and done.stderr.count("\n") == 1


def test_a_wrong_scenario_ends_the_start(tmp_path):
    (tmp_path / "s.json").write_text('{"queues": [{"QueueName": "a b"}]}')
    done = run([paths.program("ebb-world"), "--scenario", tmp_path / "s.json"], tmp_path)
    assert done.returncode == 2 and "scenario: queues[0]: InvalidParameterValue" in done.stderr
    (tmp_path / "s.json").write_text('{"region": {"addressFirst": "10.0.0.1"}}')
    done = run([paths.program("ebb-world"), "--scenario", tmp_path / "s.json"], tmp_path)
    assert done.returncode == 2 and "region.addressFirst: must be inside 127.0.0.0/8" in done.stderr


def test_help(tmp_path):
    done = run([paths.program("ebb-world"), "serve", "--help"], tmp_path)
    assert done.returncode == 0 and "--task-port" in done.stdout and "EBB_WORLD_ACCESS_KEY_ID" in done.stdout


def test_a_taken_port(tmp_path):
    with games(tmp_path, scenario()) as found:
        port = found.endpoint.rsplit(":", 1)[1]
        done = run([paths.program("ebb-world"), "--port", port], tmp_path)
        assert done.returncode == 1 and port in done.stderr
        done = run([paths.program("ebb-world"), "--task-port", found.task_port], tmp_path)
        assert done.returncode == 1 and str(found.task_port) in done.stderr


def test_the_tasks_listen_on_loopback_only(tmp_path):
    with games(tmp_path, scenario()) as found:
        listening = subprocess.run(["ss", "-Hltn"], capture_output=True, text=True, check=True).stdout
        local = [line.split()[3] for line in listening.splitlines() if line.split()[3].endswith(f":{found.task_port}")]
        assert local == [f"0.0.0.0%lo:{found.task_port}"]


def test_a_long_poll_does_not_hold_up_the_end(tmp_path):
    with games(tmp_path, scenario(queues=[{"QueueName": "empty"}])) as found:
        sqs = found.client("sqs")
        url = sqs.get_queue_url(QueueName="empty")["QueueUrl"]
        poll = threading.Thread(target=lambda: sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20), daemon=True)
        poll.start()
        wait_for(lambda: found.world.snapshot()["calls"], 5, "some call")
        began = time.monotonic()
        assert found.world.process.stop() == 0
        assert time.monotonic() - began < 5


def test_it_ends_with_its_parent(tmp_path):
    ports = tmp_path / "ports.json"
    command = [paths.program("ebb-world"), "--with-parent", "--port-file", str(ports)]
    shell = subprocess.Popen(["sh", "-c", '"$@" & echo $!; wait', "sh", *command], stdout=subprocess.PIPE, text=True)
    child = int(shell.stdout.readline())
    wait_for(ports.exists, 10, "the port file")
    shell.send_signal(signal.SIGKILL)
    shell.wait()

    def gone():
        try:
            with open(f"/proc/{child}/stat", encoding="ascii") as stat:
                return stat.read().rsplit(")", 1)[1].split()[0] == "Z"
        except OSError:
            return True

    wait_for(gone, 10, "the world to end with its parent")
    assert os.path.exists(ports)
