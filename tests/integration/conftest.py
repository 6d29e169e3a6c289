# SPDX-License-Identifier: Apache-2.0
"""The fixtures of the integration tests. What is costly to start (Kafka, Redis) is started once and
empty at the beginning of every test; everything else is a test's own. All of it ends with pytest,
by whatever it ends."""

import signal

import pytest

from support import processes as processes_module
from support.ebb import Ebb
from support.kafka import Kafka
from support.redis_server import RedisServer
from support.stand_ins import Ministack, Moto
from support.world import EmbeddedBroker, World


def pytest_configure(config):
    # A timeout of the whole run ends pytest as Ctrl-C does, so that fixtures still end what they began.
    def interrupt(number, frame):
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failing test shows the last words of every process it started."""
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        for name in ("processes", "session_processes"):
            found = getattr(item, "funcargs", {}).get(name)
            if found and found.all:
                report.sections.append((f"{name}, last lines", found.tails()))


@pytest.fixture(scope="session")
def session_processes(tmp_path_factory):
    """Processes that live as long as the session."""
    found = processes_module.Processes(tmp_path_factory.mktemp("session"))
    yield found
    found.end()


@pytest.fixture
def processes(tmp_path):
    """Processes that live as long as the test: processes.start(name, args, env)."""
    found = processes_module.Processes(tmp_path)
    yield found
    found.end()


@pytest.fixture(scope="session")
def kafka_of_session(session_processes, tmp_path_factory):
    return Kafka(session_processes, tmp_path_factory.mktemp("kafka"))


@pytest.fixture
def kafka(kafka_of_session):
    """A real broker, without topics and groups."""
    kafka_of_session.clear()
    return kafka_of_session


@pytest.fixture(scope="session")
def redis_of_session(session_processes, tmp_path_factory):
    return RedisServer(session_processes, tmp_path_factory.mktemp("redis"))


@pytest.fixture
def redis_server(redis_of_session):
    """A real Redis, empty, as Ebb wants it."""
    redis_of_session.clear()
    return redis_of_session


@pytest.fixture
def start_redis(processes, tmp_path_factory):
    """A Redis of the test's own: start_redis(password="x", maxmemory_policy="allkeys-lru")."""
    return lambda **options: RedisServer(processes, tmp_path_factory.mktemp("redis"), **options)


@pytest.fixture
def start_world(processes):
    """A world of the test's own, with arguments: start_world("--seed", "7")."""
    return lambda *arguments: World(processes, arguments)


@pytest.fixture
def world(start_world):
    """The simulated region, on the wire."""
    return start_world()


@pytest.fixture
def embedded_broker(processes):
    """The broker that the demo uses: librdkafka's mock cluster."""
    return EmbeddedBroker(processes)


@pytest.fixture
def ebb(processes):
    """Ebb's programs: ebb.start("relay"), ebb.run("status", "--json")."""
    return Ebb(processes)


@pytest.fixture
def moto(processes):
    """A region of another maker, which checks our signatures."""
    return Moto(processes)


@pytest.fixture
def ministack(processes):
    """A second one, stricter about them."""
    return Ministack(processes)
