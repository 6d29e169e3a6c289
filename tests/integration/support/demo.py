# SPDX-License-Identifier: Apache-2.0
"""`ebb-world demo` as a person starts it: on a terminal of its own, or with its output in a file."""

import fcntl
import os
import pty
import re
import shutil
import signal
import struct
import subprocess
import tempfile
import termios
import threading
import urllib.request

from . import paths, processes
from .waiting import wait_for

ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
STOP_TIMEOUT_S = 10
RUN_TIMEOUT_S = 60


class Demo:
    """Ends with the test, whatever it was doing; its children then end with it."""

    def __init__(self, *arguments, env=None, rows=None, columns=None):
        # A short path: there are sockets in it.
        self.folder = tempfile.mkdtemp(prefix="demo-")
        environment = processes.plain_environment(self.folder, {"TMPDIR": self.folder, **(env or {})})
        self._bytes = bytearray()
        words = [paths.program("ebb-world"), "demo", *arguments]
        if rows:
            ours, theirs = pty.openpty()
            fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            environment.setdefault("TERM", "xterm-256color")
            self._terminal = ours
        else:
            ours, theirs = os.pipe()
            self._terminal = None

        def begin():
            if rows:
                fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)
            processes._die_with_pytest()

        self.process = processes._starter.submit(
            subprocess.Popen, words, stdin=theirs if rows else subprocess.DEVNULL, stdout=theirs, stderr=theirs,
            env=environment, start_new_session=True, preexec_fn=begin,
        ).result()  # fmt: skip
        os.close(theirs)
        self._reader = threading.Thread(target=self._read, args=(ours,), daemon=True)
        self._reader.start()

    def _read(self, end):
        try:
            while data := os.read(end, 65536):
                self._bytes += data
        except OSError:
            pass  # how a terminal says that nobody writes to it any more

    def output(self):
        return bytes(self._bytes).decode()

    def lines(self):
        """What it said as lines, without what places and colours it."""
        return [line.rstrip("\r") for line in ESCAPE.sub("", self.output()).split("\n")]

    def pids(self):
        """Of the processes it has said it started."""
        return [int(pid) for found in re.findall(r"\(pid ([\d ]+)\)", self.output()) for pid in found.split()]

    def endpoint(self):
        return self.wait_for_output(r"the world: (http://\S+)").group(1)

    def wait_for(self, condition, timeout_s, what):
        return wait_for(condition, timeout_s, what, lambda: "\n".join(self.lines()[-60:]))

    def wait_for_output(self, pattern, timeout_s=RUN_TIMEOUT_S):
        return self.wait_for(lambda: re.search(pattern, self.output()), timeout_s, f"the demo to say {pattern!r}")

    def wait_for_exit(self, timeout_s=RUN_TIMEOUT_S):
        self.wait_for(lambda: self.process.poll() is not None, timeout_s, "the demo to end")
        self._reader.join(STOP_TIMEOUT_S)
        return self.process.returncode

    def type(self, keys):
        os.write(self._terminal, keys)

    def control(self, method, path):
        request = urllib.request.Request(self.endpoint() + path, data=b"{}" if method == "POST" else None, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read().decode()

    def left(self):
        """What is still there of it: processes, files."""
        return [pid for pid in self.pids() if os.path.exists(f"/proc/{pid}")] + os.listdir(self.folder)

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self._terminal is not None:
            self._reader.join(STOP_TIMEOUT_S)
            os.close(self._terminal)
        shutil.rmtree(self.folder, ignore_errors=True)
