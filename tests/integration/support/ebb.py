# SPDX-License-Identifier: Apache-2.0
"""Ebb's programs as a person would run them, with an environment of the test's own."""

from . import paths
from .processes import run
from .waiting import stays, wait_for


class Ebb:
    """ebb.env is what every program gets; start() and run() may add to it."""

    def __init__(self, processes):
        self.processes = processes
        self.folder = processes.folder
        self.env = {}

    def start(self, *arguments, env=None, name=None):
        """A role that runs until it is stopped: ebb.start("work", "select", env={...})."""
        words = [str(a) for a in arguments]
        name = name or "-".join(["ebb"] + [w for w in words if w.isalnum()][:3])
        return self.processes.start(name, [paths.program("ebb"), *words], {**self.env, **(env or {})})

    def run(self, *arguments, env=None, timeout_s=30, stdin_text=None):
        """A command that ends by itself; returns returncode, stdout and stderr."""
        return run(
            [paths.program("ebb"), *arguments], self.folder, {**self.env, **(env or {})}, timeout_s, stdin_text
        )

    def write(self, name, text):
        """A file in the test's folder, for ebb.yaml and the like."""
        path = self.folder / name
        path.write_text(text)
        return path

    def use(self, world=None, kafka=None, redis_server=None):
        """Points every program at these; names of the variables are those of the documents."""
        if world:
            self.env.update(world.env())
        if kafka:
            self.env["KAFKA_BROKERS"] = kafka.brokers
        if redis_server:
            self.env["REDIS_URL"] = redis_server.url
        return self

    def wait_for(self, condition, timeout_s=20, what="the condition", errors=()):
        """Waits; when it is too long, the last words of every program of the test are shown."""
        return wait_for(condition, timeout_s, what, self.processes.tails, errors)

    def stays(self, condition, seconds, what="the condition"):
        stays(condition, seconds, what)

    def outputs(self):
        """Everything that any program of the test has said, for what must never be said."""
        return "\n".join(p.output() for p in self.processes.all)
