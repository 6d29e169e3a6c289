# SPDX-License-Identifier: Apache-2.0
"""The world as its own tests use it: one small cluster that loses no time, and short words for what they ask."""

import contextlib
import json

from . import aws_clients, processes
from .waiting import wait_for
from .world import World

# One attempt and no checks of its own: it is the world that is to judge.
PLAIN = {"retries": {"total_max_attempts": 1, "mode": "standard"}, "parameter_validation": False}


class Games:
    """A world of a test file. Everything World can do, and the truth about services by their key."""

    def __init__(self, folder, scenario, *arguments):
        self.processes = processes.Processes(folder)
        path = folder / "scenario.json"
        path.write_text(json.dumps(scenario), encoding="utf-8")
        self.world = World(self.processes, ["--scenario", path, *arguments])
        self.endpoint = self.world.endpoint
        self.task_port = self.world.task_port

    def client(self, service, **options):
        return self.world.client(service, **{**PLAIN, **options})

    def cli(self, *arguments):
        """Standard output of the AWS CLI as JSON."""
        done = self.world.cli("--endpoint-url", self.endpoint, *arguments, "--output", "json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None

    def post(self, path, body=None):
        return self.world.control("POST", path, body or {})

    def get(self, path):
        return self.world.control("GET", path)

    def service(self, key):
        return {s["key"]: s for s in self.world.snapshot().get("services", [])}[key]

    def running(self, key):
        """The tasks of a service that run and are meant to."""
        tasks = self.service(key).get("tasks", [])
        return [t for t in tasks if t["lastStatus"] == "RUNNING" and t["desiredStatus"] == "RUNNING"]

    def wait_for_running(self, key, count, timeout_s=20):
        def look():
            tasks = self.running(key)
            return tasks if len(tasks) == count else None

        return wait_for(look, timeout_s, f"{count} running tasks of {key}", lambda: json.dumps(self.service(key)))


@contextlib.contextmanager
def games(folder, scenario, *arguments):
    """It ends with exit code 0 when it is asked to, or the tests fail."""
    found = Games(folder, scenario, *arguments)
    try:
        yield found
        assert found.world.process.stop() == 0, found.processes.tails()
    finally:
        found.processes.end()


def quick(service, cluster="games", **options):
    """An application whose tasks start and stop in a moment."""
    return {"cluster": cluster, "service": service, "start": "200ms", "stop": "200ms", **options}


def scenario(region=None, **more):
    """A cluster and a task definition, in a region that loses no time."""
    return {
        "region": {
            "schedulerDelay": "20ms",
            "taskStart": "200ms",
            "taskStop": "200ms",
            "throttlingOff": True,
            **(region or {}),
        },
        "clusters": [{"clusterName": "games"}],
        "taskDefinitions": [{"family": "room", "containerDefinitions": [{"name": "app", "image": "room:1"}]}],
        **more,
    }


REGION, ACCOUNT = aws_clients.REGION, aws_clients.ACCOUNT
KEY_ID, SECRET = aws_clients.ACCESS_KEY_ID, aws_clients.SECRET_ACCESS_KEY
