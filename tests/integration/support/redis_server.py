# SPDX-License-Identifier: Apache-2.0
"""A real redis-server of a test's own, on a loopback port and a unix socket, with its data in its own
folder: it keeps them over kill9() and restart() when started with persistence."""

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from . import paths

READY_TIMEOUT_S = 10


class RedisServer:
    """options are redis-server's: RedisServer(..., maxmemory_policy="allkeys-lru", requirepass="x").
    append_only keeps every write; without it nothing is on disk."""

    def __init__(self, processes, folder, password=None, append_only=False, **options):
        self._processes = processes
        self._folder = folder
        self.password = password
        self.port = paths.free_port()
        # The path of a unix socket has at most 107 bytes, fewer than pytest's folders.
        self.socket_path = folder / "redis.sock"
        self._options = {
            "maxmemory-policy": "noeviction",
            "save": "",
            "appendonly": "yes" if append_only else "no",
            "appendfsync": "always" if append_only else "no",
            "daemonize": "no",
            **({"requirepass": password} if password else {}),
            **{name.replace("_", "-"): str(value) for name, value in options.items()},
        }
        self.process = None
        self.start()

    @property
    def url(self):
        """As Ebb is given it."""
        secret = f":{self.password}@" if self.password else ""
        return f"redis://{secret}127.0.0.1:{self.port}/0"

    def start(self):
        self.begin()
        self.process.wait_for(
            lambda: self.client().ping(), READY_TIMEOUT_S, "redis-server to answer PING", (redis.RedisError, OSError)
        )

    def begin(self, **options):
        """Starts it, with these options in place of its own, and does not wait until it answers."""
        command = ["redis-server", "--bind", "127.0.0.1", "--port", self.port, "--dir", self._folder]
        if len(str(self.socket_path)) < 108:
            command += ["--unixsocket", self.socket_path]
        for name, value in {**self._options, **options}.items():
            command += [f"--{name}", value]
        self.process = self._processes.start("redis", command)

    def client(self, **options):
        """Answers are text unless decode_responses=False."""
        # It does not try again by itself: tests wait for what they mean.
        options = {"decode_responses": True, "socket_timeout": 5, "retry": Retry(NoBackoff(), 0), **options}
        return redis.Redis(host="127.0.0.1", port=self.port, **{"password": self.password, **options})

    @property
    def is_running(self):
        return self.process is not None and self.process.is_running

    def clear(self):
        """What every test begins with: no keys, no scripts, the configuration it was started with."""
        if not self.is_running:
            self.start()
        client = self.client()
        client.flushall()
        client.script_flush()
        for name in ("maxmemory-policy", "maxmemory"):
            client.config_set(name, self._options.get(name, 0))

    def stop(self):
        return self.process.stop()

    def kill9(self):
        self.process.kill9()

    def restart(self):
        """Another process on the same port: with another run_id, and with the data only if they were kept."""
        if self.is_running:
            self.stop()
        self.start()
