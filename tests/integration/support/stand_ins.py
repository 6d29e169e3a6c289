# SPDX-License-Identifier: Apache-2.0
"""Regions of other makers, with their signature checks on. They are shallow where ours is deep, and
were not written by us: what they accept and refuse is what they are for."""

import json
import urllib.error
import urllib.request

from . import aws_clients, paths

READY_TIMEOUT_S = 60


class StandIn:
    """endpoint, and keys that it knows: access_key_id and secret."""

    endpoint = access_key_id = secret = process = None

    def client(self, service, **options):
        keys = {"access_key_id": self.access_key_id, "secret": self.secret, **options}
        return aws_clients.client(self.endpoint, service, **keys)

    def env(self, **options):
        keys = {"access_key_id": self.access_key_id, "secret": self.secret, **options}
        return aws_clients.environment(self.endpoint, **keys)

    def _wait(self):
        self.process.wait_for(self._answers, READY_TIMEOUT_S, f"{self.endpoint} to answer")

    def _make_key(self, iam):
        """A user with one key who may do everything: keys that are there from the start are not checked."""
        iam.create_user(UserName="ebb")
        policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
        iam.put_user_policy(UserName="ebb", PolicyName="all", PolicyDocument=json.dumps(policy))
        key = iam.create_access_key(UserName="ebb")["AccessKey"]
        self.access_key_id, self.secret = key["AccessKeyId"], key["SecretAccessKey"]

    def _answers(self):
        try:
            with urllib.request.urlopen(self.endpoint + "/", timeout=5):
                return True
        except urllib.error.HTTPError:
            return True  # a refusal is an answer
        except OSError:
            return False


class Moto(StandIn):
    """Checks signatures once a user with a key and a policy is there; accepts stale dates."""

    def __init__(self, processes):
        port = paths.free_port()
        self.endpoint = f"http://127.0.0.1:{port}"
        server = paths.DEPENDENCIES / "python" / "bin" / "moto_server"
        self.process = processes.start("moto", [server, "-H", "127.0.0.1", "-p", port])
        self._wait()
        self._make_key(aws_clients.client(self.endpoint, "iam"))
        reset = urllib.request.Request(
            self.endpoint + "/moto-api/reset-auth", data=b"0", method="POST", headers={"content-type": "text/plain"}
        )
        with urllib.request.urlopen(reset, timeout=10) as answer:
            assert answer.status == 200


class Ministack(StandIn):
    """Refuses unsigned, stale and wrongly signed calls, each in its protocol's words."""

    def __init__(self, processes):
        port = paths.free_port()
        self.endpoint = f"http://127.0.0.1:{port}"
        program = paths.DEPENDENCIES / "ministack" / "bin" / "ministack"
        self.process = processes.start(
            "ministack", [program], {"AUTH": "true", "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": port}
        )
        self._wait()
        self._make_key(aws_clients.client(self.endpoint, "iam", access_key_id="test", secret="test"))
