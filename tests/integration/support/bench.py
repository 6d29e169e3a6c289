# SPDX-License-Identifier: Apache-2.0
"""What the scripts of bench/ share with tests: processes in a folder of their own, and what they are measured on."""

import contextlib
import pathlib
import tempfile

from .ebb import Ebb
from .fleet import TOPICS, Fleet
from .kafka import Kafka
from .processes import Processes
from .redis_server import RedisServer
from .world import EmbeddedBroker, World

PARTITIONS = 6
# The threads of a stage by default, as the demo and `ebb settings` have it.
HANDLERS = 4


@contextlib.contextmanager
def processes():
    """Gone with all they wrote when the script ends."""
    with tempfile.TemporaryDirectory(prefix="ebb-bench-") as folder:
        found = Processes(pathlib.Path(folder))
        try:
            yield found
        finally:
            found.end()


def embedded_broker(found, *topics):
    """With our topics, and others if there are."""
    words = [word for topic in (*TOPICS, *topics) for word in ("--topic", f"{topic}:{PARTITIONS}")]
    return EmbeddedBroker(found, words)


def real_broker(found, *topics):
    broker = Kafka(found, found.folder)
    broker.create_topic(*topics, partitions=PARTITIONS)
    return broker


def redis_server(found):
    return RedisServer(found, found.folder)


def fleet(found, broker, redis, services, **options):
    """The world's services, and Ebb told where everything is; no role is begun."""
    return Fleet(Ebb(found), lambda *words: World(found, words), broker, redis, services, **options)
