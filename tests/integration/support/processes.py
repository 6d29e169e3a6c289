# SPDX-License-Identifier: Apache-2.0
"""Processes that tests start: what they say is kept in a file each, and none outlives the tests, also
when pytest itself is interrupted or killed."""

import concurrent.futures
import ctypes
import os
import re
import shlex
import signal
import subprocess

from . import paths
from .waiting import wait_for

LOG_TAIL_LINES = 40
STOP_TIMEOUT_S = 15
PR_SET_PDEATHSIG = 1

# The kernel kills a child when the thread that started it ends, so one thread, which lives as long as
# pytest, starts them all.
_starter = concurrent.futures.ThreadPoolExecutor(max_workers=1, thread_name_prefix="starter")
_libc = ctypes.CDLL(None, use_errno=True)


def _die_with_pytest():
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


# A client's patience under a sanitizer, and what it says when it finds something, are the build's own.
SANITIZERS = {
    "release": {},
    "asan": {
        "ASAN_OPTIONS": "detect_leaks=1:strict_string_checks=1",
        "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
    },
    "tsan": {"TSAN_OPTIONS": f"suppressions={paths.PROJECT}/tests/support/tsan.supp:halt_on_error=1"},
}


def plain_environment(home, extra=None):
    """An environment with nothing of the person's who runs the tests: no keys, no profiles, no proxies."""
    environment = {
        "PATH": f"{paths.DEPENDENCIES}/bin:{os.environ.get('PATH', '/usr/bin:/bin')}",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        **SANITIZERS.get(paths.VARIANT, {}),
    }
    environment.update({name: str(value) for name, value in (extra or {}).items()})
    return environment


class Process:
    """A running program; standard output and standard error go to one log."""

    def __init__(self, name, args, folder, env=None, stdin=None):
        self.name = name
        self.args = [str(a) for a in args]
        self.log_path = folder / f"{name}.log"
        environment = plain_environment(folder, env)
        with open(self.log_path, "ab") as log:
            self._popen = _starter.submit(
                subprocess.Popen,
                self.args,
                stdin=stdin or subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env=environment,
                preexec_fn=_die_with_pytest,
                start_new_session=True,
            ).result()

    @property
    def pid(self):
        return self._popen.pid

    @property
    def exit_code(self):
        """None while it runs; negative when a signal ended it."""
        return self._popen.poll()

    @property
    def is_running(self):
        return self.exit_code is None

    def output(self):
        return self.log_path.read_text(errors="replace")

    def lines(self):
        """Whole lines only: one that is being written may say something else once it is."""
        return self.output().rpartition("\n")[0].splitlines()

    def tail(self):
        lines = self.output().splitlines()[-LOG_TAIL_LINES:]
        state = "running" if self.is_running else f"exit code {self.exit_code}"
        return f"--- {self.name} ({state}): {shlex.join(self.args)}\n" + "\n".join(lines)

    def wait_for(self, condition, timeout_s=10, what="the condition", errors=()):
        """Waits while the process runs; its end, or the bound, fails with its last words."""

        def look():
            try:
                value = condition()
            except errors:
                value = None
            if not value:
                assert self.is_running, f"{self.name} ended while waiting for {what}\n{self.tail()}"
            return value

        return wait_for(look, timeout_s, what, self.tail)

    def wait_for_output(self, pattern, timeout_s=10):
        """The match of the pattern in what it has said."""
        found = re.compile(pattern, re.MULTILINE)
        return self.wait_for(lambda: found.search(self.output()), timeout_s, f"{self.name} to say {pattern!r}")

    def wait_for_exit(self, timeout_s=STOP_TIMEOUT_S):
        wait_for(lambda: not self.is_running, timeout_s, f"{self.name} to end", self.tail)
        return self.exit_code

    def signal(self, number):
        if self.is_running:
            self._popen.send_signal(number)

    def stop(self, timeout_s=STOP_TIMEOUT_S):
        """SIGTERM, and the exit code; fails when it does not end in time."""
        self.signal(signal.SIGTERM)
        return self.wait_for_exit(timeout_s)

    def kill9(self):
        self.signal(signal.SIGKILL)
        return self._popen.wait()

    def anonymous_bytes(self):
        """Its anonymous memory, from /proc."""
        with open(f"/proc/{self.pid}/smaps_rollup", encoding="ascii") as rollup:
            for line in rollup:
                if line.startswith("Anonymous:"):
                    return int(line.split()[1]) * 1024
        raise AssertionError("no Anonymous line in smaps_rollup")


class Processes:
    """The processes of one test, or of the session."""

    def __init__(self, folder):
        self.folder = folder
        self.all = []
        self._begun = {}

    def start(self, name, args, env=None, stdin=None):
        """Names may repeat: the second "relay" is called relay-2."""
        self._begun[name] = self._begun.get(name, 0) + 1
        if self._begun[name] > 1:
            name = f"{name}-{self._begun[name]}"
        process = Process(name, args, self.folder, env, stdin)
        self.all.append(process)
        return process

    def tails(self):
        return "\n".join(p.tail() for p in self.all)

    def end(self):
        """Asks all to stop, then makes them; the last started first."""
        for process in reversed(self.all):
            process.signal(signal.SIGTERM)
        for process in reversed(self.all):
            try:
                process._popen.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill9()


def run(args, folder, env=None, timeout_s=30, stdin_text=None):
    """A program that ends by itself: returns subprocess.CompletedProcess with text."""
    return subprocess.run(
        [str(a) for a in args],
        cwd=folder,
        env=plain_environment(folder, env),
        input=stdin_text if stdin_text is not None else "",
        capture_output=True,
        text=True,
        errors="replace",
        timeout=timeout_s,
        check=False,
    )
