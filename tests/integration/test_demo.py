# SPDX-License-Identifier: Apache-2.0
"""Goal: `make demo` shows what it says, says so when it does not, and leaves nothing behind. Method: the
demo is run as a person runs it, on a terminal and off one, and is ended in every way a person can end it."""

import json
import os
import re
import shutil
import signal
import subprocess

import pytest
from support.demo import ESCAPE, Demo

SHOW, HIDE = "\x1b[?25h", "\x1b[?25l"


@pytest.fixture
def start_demo():
    """start_demo("--plain", rows=24, columns=80, env={...})"""
    begun = []

    def start(*arguments, **options):
        begun.append(Demo(*arguments, **options))
        return begun[-1]

    yield start
    for demo in begun:
        demo.end()


def in_order(output, *patterns):
    """Every pattern occurs, each after the one before."""
    at = 0
    for pattern in patterns:
        found = re.compile(pattern, re.MULTILINE).search(output, at)
        assert found, f"{pattern!r} does not follow in\n{output}"
        at = found.end()
    return True


def test_two_demos_at_once_one_that_goes_well_and_one_that_does_not(start_demo):
    good, bad = start_demo(), start_demo()
    # Into the second one's part 2: a task that is not drained dies with its sessions.
    drained = bad.wait_for_output(r"select\s+CLAIMED (\w+):").group(1)
    service = json.loads(bad.control("GET", "/world/snapshot"))["services"][0]
    others = [t["id"] for t in service["tasks"] if t["lastStatus"] == "RUNNING" and not t["id"].startswith(drained)]
    bad.control("POST", f"/world/task/{others[0]}/kill")

    assert good.wait_for_exit() == 0, good.output()
    said = good.output()
    assert "\x1b" not in said, "no terminal, no escape sequences"
    cut = re.search(r"Part 1, the way AWS does it: task \w+ stopped, (\d+) sessions? cut\.", said)
    assert cut and int(cut.group(1)) > 0
    done = re.search(r"Part 2, Ebb's way: task (\w+) drained and stopped, 0 sessions cut", said)
    assert done and "The drained task and no other was stopped: yes." in said
    assert "UpdateService calls: 1." in said
    assert in_order(
        said,
        r"^ +\d+\.\d s  starting Kafka \(embedded\) \.\.\. \d+\.\d s",
        r"Part 1, the way AWS does it",
        rf"{cut.group(1)} sessions? cut",
        r"Part 2, Ebb's way",
        rf"select +CLAIMED {done.group(1)}: ",
        rf"drain +DRAINED {done.group(1)}: ",
        r"Ebb +UpdateService: desired 4 -> 3",
        rf"ECS +stops {done.group(1)}, which holds 0 sessions \(scale-in\)",
        rf"SCALED_OUT {done.group(1)}: ",
    )
    assert re.search(r"kamailio +forgets the address( of [0-9a-f]{8}| [0-9.]+)\n", said), said
    assert len(good.pids()) == 10 and good.left() == []
    assert max(float(s) for s in re.findall(r"^ *(\d+\.\d) s ", said, re.MULTILINE)) < 60

    assert bad.wait_for_exit() == 1
    said = bad.output()
    assert re.search(rf"Wrong: part 2: [1-9]\d* sessions were cut, the last on task {others[0][:8]} \(exited: ", said)
    assert "The drained task and no other was stopped: no." in said
    # Its logs are kept, and nothing else of it.
    logs = re.search(r"The logs of all processes are in (\S+)", said).group(1)
    assert bad.left() == [os.path.basename(logs)]
    assert {"redis.log", "kafka.log", "world.log", "relay.log", "scale.log"} <= set(os.listdir(logs))


def test_on_a_terminal_and_kept_running(start_demo):
    demo = start_demo(rows=24, columns=80, env={"KEEP": "1", "NO_COLOR": ""})
    demo.wait_for_output(r"Everything keeps running until Ctrl-C")
    demo.wait_for_output(r"Ctrl-C removes it\.")
    said = demo.output()
    assert said.rindex(SHOW) > said.rindex(HIDE)
    assert said.rindex("\x1b[?1049l") > said.rindex("\x1b[?1049h")
    screen = said[said.index("\x1b[?1049h") : said.rindex("\x1b[?1049l")]
    frames = [ESCAPE.sub("", frame).split("\r\n") for frame in screen.split("\x1b[H")[1:]]
    assert len(frames) > 50 and all(len(frame) <= 24 for frame in frames)
    assert all(len(line) <= 80 for frame in frames for line in frame)
    summary = said[said.index("The same service of") : said.index("Everything keeps running")]
    assert all(len(line) <= 80 for line in summary.splitlines())
    assert any("draining" in line and "#" in line for frame in frames for line in frame), "a bar of sessions that shrinks"
    assert "\x1b[32m" in screen, "colours, as NO_COLOR is empty"

    # What it says can be tried can be tried.
    sourced = re.search(r"^ +\. (\S+/env)\r?$", said, re.MULTILINE).group(1)
    drain_id = re.search(r"^ +ebb timeline (\w+)\r?$", said, re.MULTILINE).group(1)
    timeline = try_out(sourced, f"ebb timeline {drain_id}")
    assert "SCALED_OUT" in timeline.stdout, timeline
    task = re.search(r"Ebb's way: task (\w{8}) drained", summary).group(1)
    assert try_out(sourced, f"ebb timeline {task}").stdout == timeline.stdout
    with open(os.path.join(os.path.dirname(sourced), "ebb.yaml"), encoding="utf-8") as settings:
        assert re.search(r"removeAction: comment_out_ip\n +restoreAction: \w+\n +releaseAction: \w+\n", settings.read())
    assert f"is in {os.path.dirname(sourced)}/*.log; Ctrl-C removes it." in said
    for command in ("ebb status", "ebb why demo/calls", "curl -s $AWS_ENDPOINT_URL/world/snapshot"):
        can_be_tried = command.startswith("ebb ") or shutil.which("curl") is not None
        assert (f"\n  {command}\r\n" in said) == can_be_tried, "only what is there is named"
        assert not can_be_tried or try_out(sourced, command).returncode == 0, command
    demo.type(b"\x03")
    assert demo.wait_for_exit(5) == 0, "what was to be shown was shown"
    assert demo.left() == []


def try_out(sourced, command):
    """As a person's shell would run it."""
    return subprocess.run(
        ["sh", "-c", f". {sourced} && {command}"],
        env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip


def test_ctrl_c_in_the_middle(start_demo):
    demo = start_demo(rows=24, columns=80, env={"NO_COLOR": "1"})
    demo.wait_for_output(r"Part 1, the way AWS does it: somebody")
    assert not re.search(r"\x1b\[[0-9;]*[1-9]m", demo.output()), "no colours with NO_COLOR"
    demo.type(b"\x03")
    assert demo.wait_for_exit(5) == 130
    said = demo.output()
    assert said.rindex(SHOW) > said.rindex(HIDE)
    assert len(demo.pids()) == 10 and demo.left() == []


def test_a_second_signal_ends_it_at_once(start_demo):
    demo = start_demo()
    demo.endpoint()
    stuck = demo.pids()[-1]
    os.kill(stuck, signal.SIGSTOP)
    demo.process.send_signal(signal.SIGTERM)
    # Every role but the stuck one has ended, so it is waiting for that one.
    demo.wait_for(lambda: demo.left()[:1] and gone(demo.pids()[3:-1]), 5, "the other roles to end")
    demo.process.send_signal(signal.SIGTERM)
    assert demo.wait_for_exit(1) == 128 + signal.SIGTERM
    assert demo.left() == []


def gone(pids):
    return not any(os.path.exists(f"/proc/{pid}") for pid in pids)


def test_nothing_outlives_a_demo_that_is_killed(start_demo):
    demo = start_demo()
    demo.endpoint()
    demo.process.kill()
    demo.wait_for(lambda: gone(demo.pids()), 5, "all processes to be gone")
    assert len(demo.pids()) == 10


def test_a_process_that_ends_early_is_named(start_demo):
    demo = start_demo()
    demo.endpoint()
    os.kill(demo.pids()[-1], signal.SIGKILL)
    assert demo.wait_for_exit(10) == 1
    assert re.search(r"^ebb-world demo: scale ended \(signal 9\); it last said: ", demo.output(), re.MULTILINE)


def test_what_is_missing_is_named_with_its_remedy(start_demo, tmp_path):
    demo = start_demo(env={"PATH": str(tmp_path)})
    assert demo.wait_for_exit(5) == 1
    assert "redis-server is not in PATH; on Debian `apt-get install redis-server`" in demo.output()
    demo = start_demo("--ebb", str(tmp_path / "ebb"))
    assert demo.wait_for_exit(5) == 1
    assert f"{tmp_path}/ebb cannot be run: No such file or directory; `make` builds it" in demo.output()
    demo = start_demo(env={"TMPDIR": "/tmp/" + "x" * 100})
    assert demo.wait_for_exit(5) == 1
    assert "too long for a socket" in demo.output()
    assert start_demo("--no-such-option").wait_for_exit(5) == 2
    # Every role is started only once what it needs is there, and none of these came so far.
    assert demo.pids() == [] and demo.left() == []
