# SPDX-License-Identifier: Apache-2.0
"""Where it happens: a broker, a Redis, a world, two sites of Ebb, and between each site and each of the others a way
that can be shut, held and slowed. Everything is begun here, and ended by its own id."""

import contextlib
import socket

import redis
from support import paths
from support.ebb import Ebb
from support.fleet import CLUSTER, CONFIGURATION, ENTRY, QUEUE, SETTINGS, Fleet
from support.kafka import Kafka
from support.processes import Processes
from support.redis_server import RedisServer
from support.waiting import wait_for
from support.world import World

PARTITIONS = 6
READY_TIMEOUT_S = 60
FLEET_TIMEOUT_S = 120
TARGETS = ("kafka", "redis", "aws", "tasks", "callback")
# One site has a process for each role, the other two with all roles each.
SITES = {"a": ("timers", "callback", "relay", "select", "remove", "drain", "scale"), "b": ("run", "run")}
CALLBACKS = [(site, n) for site, roles in SITES.items() for n, role in enumerate(roles) if role in ("callback", "run")]
HANDLERS = 8
# An account that has more drains open, and is allowed more calls, than AWS's own limits let it: they are not what is tried here.
LIMITS = "limits:\n  openPerAccount: 1000000\nbudget:\n  share: 10000\n"
# What services are like, and how many of 20 are so. What is not told is as for the first.
KINDS = {
    "plain": {"of20": 12},
    "mute": {"of20": 2, "application": {"callbackNever": True}},
    "loud": {"of20": 2, "application": {"callbackCopies": 3, "startDelay": "500ms"}},
    "leaves": {"of20": 1, "application": {"exitsWhenDrained": True}},
    "fixed": {"of20": 1, "application": {"noCancel": True}},
    "undo": {"of20": 1, "settings": {"drain_timeout": "45s", "on_deadline": "undo"}},
    "finish": {"of20": 1, "settings": {"drain_timeout": "45s", "on_deadline": "finish"}},
}


class Ways:
    """tests/tools/ways_tool.c, which carries all that goes between Ebb and the others."""

    def __init__(self, processes, ways):
        """ways: name -> (port to listen on, "PORT,PORT" or "*PORT" of the servers)."""
        self.names = list(ways)
        self._socket, theirs = socket.socketpair()
        with theirs:
            words = [f"{name}={listen}:{servers}" for name, (listen, servers) in ways.items()]
            process = processes.start("ways", [paths.program("tools/ways_tool"), *words], stdin=theirs)
        process.wait_for_output("^ready$")
        self._answers = self._socket.makefile()

    def say(self, *words):
        self._socket.sendall((" ".join(str(w) for w in words) + "\n").encode())
        answer = self._answers.readline().strip()
        assert answer == "ok", f"ways_tool: {words}: {answer!r}"


class Member:
    """The place of one process of Ebb: whoever dies in it is followed by another."""

    def __init__(self, place, site, number, role):
        self.site, self.role = site, role
        self.name = f"{site}.{role}" if role != "run" else f"{site}.run{number}"
        self.process = None
        self._place = place
        self._env = dict(place.env[site])
        if (site, number) in CALLBACKS:
            self._env["EBB_CALLBACK_LISTEN"] = f"127.0.0.1:{place.callback_ports[(site, number)]}"

    @property
    def is_up(self):
        return self.process is not None and self.process.is_running

    def begin(self):
        words = [self.role] if self.role in ("timers", "callback", "relay", "run") else ["work", self.role]
        self.process = self._place.ebb.start(*words, env=self._env, name=f"ebb-{self.name}")


class Place:
    def __init__(self, folder, services, tasks, at_once, session_s):
        """services: name -> one of KINDS; each has so many tasks, of which so many may be drained at once."""
        self.folder, self.kinds = folder, services
        self.processes = Processes(folder)
        self.ebb = Ebb(self.processes)
        self.env, self.members = {site: {} for site in SITES}, []
        self.copies = []  # of Redis: (when it was made, file)
        self.tasks, self.at_once, self._session_s = tasks, at_once, session_s

    def begin(self):
        """All but Ebb."""
        listens = {(site, target): paths.free_port() for site in SITES for target in TARGETS}
        inner = {site: paths.free_port() for site in SITES}
        self.callback_ports = {which: paths.free_port() for which in CALLBACKS}
        self.kafka = Kafka(self.processes, self.folder, [(inner[s], listens[s, "kafka"]) for s in SITES])
        self.redis_server = RedisServer(
            self.processes, self.folder, append_only=True, appendfsync="everysec", rdbcompression="no",
        )  # fmt: skip
        self.fleet = Fleet(
            self.ebb, lambda *words: World(self.processes, words), self.kafka, self.redis_server,
            {name: {"tasks": self.tasks, "application": KINDS[kind].get("application", {})} for name, kind in self.kinds.items()},
            region={"addressCount": 4 * self.tasks * len(self.kinds) + 1000, "schedulerDelay": "500ms"},
            partitions=PARTITIONS, settle_s=FLEET_TIMEOUT_S,
            start="1s", stop="1s", arrivalsPerHour=60, sessionMean=f"{self._session_s}s",
        )  # fmt: skip
        self.world = self.fleet.world
        aws = int(self.world.endpoint.rsplit(":", 1)[1])
        ways = {}
        for site in SITES:
            mine = ",".join(str(self.callback_ports[c]) for c in CALLBACKS)
            to = {
                "kafka": inner[site], "redis": self.redis_server.port, "aws": aws,
                "tasks": f"*{self.world.task_port}", "callback": mine,
            }  # fmt: skip
            ways.update({f"{site}.{t}": (listens[site, t], to[t]) for t in TARGETS})
        self.ways = Ways(self.processes, ways)
        for site in SITES:
            self._configure(site, listens)
        for site, roles in SITES.items():
            self.members += [Member(self, site, n, role) for n, role in enumerate(roles)]

    def _configure(self, site, listens):
        base = {
            **SETTINGS, "queue": QUEUE, "cluster": CLUSTER, "handlers": HANDLERS, "drains_per_hour": 100000,
            "drains_at_once": self.at_once, "drain_timeout": "4h", "status_poll": "20s", "min_tasks": -1,
            "task_port": listens[site, "tasks"], "attempts": 10, "task_timeout": "3s",
        }  # fmt: skip
        entries = [
            ENTRY.format(**{**base, **kind["settings"], "match": f"{name}*"})
            for name, kind in KINDS.items() if "settings" in kind
        ]  # fmt: skip
        text = LIMITS + CONFIGURATION.format(**base) + "".join(entries) + ENTRY.format(**base, match="*")
        self.env[site] = {
            "EBB_CONFIG": self.ebb.write(f"ebb-{site}.yaml", text),
            "KAFKA_BROKERS": f"127.0.0.1:{listens[site, 'kafka']}",
            "REDIS_URL": f"redis://127.0.0.1:{listens[site, 'redis']}/0",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{listens[site, 'aws']}",
            "SCALER_FUNCTION_URL": f"http://127.0.0.1:{listens[site, 'callback']}/",
        }

    def start(self):
        for member in self.members:
            member.begin()
        for member in self.members:
            member.process.wait_for_output(r'"event":"ready"', READY_TIMEOUT_S)
        wait_for(self.state_is_whole, READY_TIMEOUT_S, "the epoch to begin", self.processes.tails)

    # ---------------------------------------------------------------- Redis

    @property
    def redis(self):
        return self.redis_server.client(decode_responses=False)

    def redis_answers(self):
        with contextlib.suppress(redis.RedisError, OSError):
            return self.redis.ping()
        return False

    def state_is_whole(self):
        """Ebb has rebuilt what this run of Redis did not have."""
        with contextlib.suppress(redis.RedisError, OSError):
            return self.redis.get("{ebb}:epoch") == self.redis.info("server")["run_id"].encode()
        return False

    def _data(self):
        return self.folder / "appendonlydir", self.folder / "dump.rdb"

    def begin_redis(self, copy=None, empty=False):
        """With the data it had; with those of a copy; or with none."""
        appended, dump = self._data()
        if copy or empty:
            for file in (*(appended.glob("*") if appended.exists() else ()), dump):
                file.unlink(missing_ok=True)
        if copy:
            dump.write_bytes(copy.read_bytes())
        # A server that appends reads nothing else: what it read from a copy it writes anew once it runs.
        self.redis_server.begin(**({"appendonly": "no"} if copy else {}))

    def redis_runs(self):
        """It answers and has read what it had; from then on every write is kept again."""
        if not self.redis_answers():
            return False
        self.redis.config_set("appendonly", "yes")
        return True

    def copy_redis(self, now):
        """What a replica that lags behind would be."""
        file = self.folder / f"copy-{len(self.copies)}.rdb"
        self.redis.save()
        file.write_bytes((self.folder / "dump.rdb").read_bytes())
        self.copies.append((now, file))
        for _, old in self.copies[:-2]:
            old.unlink(missing_ok=True)

    # ---------------------------------------------------------------- the end

    def end(self):
        self.processes.end()
