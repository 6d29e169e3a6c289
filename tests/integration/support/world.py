# SPDX-License-Identifier: Apache-2.0
"""The world's two programs: the simulated region on the wire, and the embedded broker."""

import json
import urllib.error
import urllib.request

from . import aws_clients, paths
from .waiting import wait_for

READY_TIMEOUT_S = 15
# The embedded broker begins with librdkafka's own mock cluster, which is slower under a sanitizer.
BROKER_READY_TIMEOUT_S = 20
CONTROL_TIMEOUT_S = 30


def _read_port_file(process, path, timeout_s):
    """What the program wrote once it could be used."""
    return process.wait_for(lambda: path.read_text().strip(), timeout_s, f"{path.name} to be written", (OSError,))


class World:
    def __init__(self, processes, arguments=(), name="world"):
        self._folder = processes.folder
        port_file = self._folder / f"{name}-{len(processes.all)}.json"
        self.process = processes.start(
            name,
            [paths.program("ebb-world"), "serve", "--port-file", port_file, *arguments],
            {
                "EBB_WORLD_ACCESS_KEY_ID": aws_clients.ACCESS_KEY_ID,
                "EBB_WORLD_SECRET_ACCESS_KEY": aws_clients.SECRET_ACCESS_KEY,
            },
        )
        ports = json.loads(_read_port_file(self.process, port_file, READY_TIMEOUT_S))
        self.endpoint = ports["endpoint"]
        self.task_port = ports["taskPort"]

    def client(self, service, **options):
        """A boto3 client: world.client("ecs"); keys, region and botocore's configuration as options."""
        return aws_clients.client(self.endpoint, service, **options)

    def cli(self, *arguments, **options):
        """The AWS CLI: world.cli("ecs", "describe-services", ...)."""
        return aws_clients.cli(self.endpoint, self._folder, *arguments, **options)

    def env(self, **options):
        """The variables that point Ebb, or any other AWS program, at this world."""
        return aws_clients.environment(self.endpoint, **options)

    def control(self, method, path, body=None):
        """world.control("POST", "/world/load", {...}) -> the answer's JSON; a refusal fails the test."""
        status, answer = self.try_control(method, path, body)
        assert status < 300, f"{method} {path}: {status} {answer}"
        return answer

    def try_control(self, method, path, body=None):
        """Status and answer, whatever they are."""
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.endpoint + path, data=data, method=method)
        request.add_header("content-type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=CONTROL_TIMEOUT_S) as answer:
                return answer.status, _json_or_text(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, _json_or_text(error.read())

    def snapshot(self):
        return self.control("GET", "/world/snapshot")

    def wait_for(self, condition, timeout_s=20, what="the world's state"):
        """Waits for condition(snapshot) to be true, and returns it."""
        seen = {}

        def look():
            seen["last"] = self.snapshot()
            return condition(seen["last"])

        return wait_for(look, timeout_s, what, lambda: json.dumps(seen.get("last"))[:4000])


class EmbeddedBroker:
    """ebb-world broker; brokers is its address. Arguments are the program's: "--topic", "ebb.select:2"."""

    def __init__(self, processes, arguments=()):
        port_file = processes.folder / "broker.port"
        self.process = processes.start(
            "broker", [paths.program("ebb-world"), "broker", "--port-file", port_file, *arguments]
        )
        self.brokers = _read_port_file(self.process, port_file, BROKER_READY_TIMEOUT_S)


def _json_or_text(body):
    try:
        return json.loads(body)
    except ValueError:
        return body.decode(errors="replace")
