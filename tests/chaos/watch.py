# SPDX-License-Identifier: Apache-2.0
"""What is seen while it happens: every record of ebb.state as it is written, and the world's own log, of which the world
keeps only the end. Both by readers that Ebb knows nothing of, past all ways."""

import collections
import json
import urllib.request
import uuid

import confluent_kafka
import msgpack
from support.fleet import ACCOUNT, CLUSTER, REGION

from .place import PARTITIONS

FINAL = {"SCALED_OUT", "RESTORED", "REPLACED", "GONE"}
DRAIN_ID_CHARS = 16
LOG_EVERY_S = 0.5
LOG_AT_ONCE = 20000
LOG_TIMEOUT_S = 60


def name_of(service_key):
    """"aws:us-east-1:123456789012:demo/s1" -> "s1"."""
    return service_key.rsplit("/", 1)[1]


def is_drain(key, value):
    """Of a record on ebb.state; else it is a control record, or says that a drain is to be forgotten."""
    return value and len(key) == DRAIN_ID_CHARS


def key_of(name):
    return f"aws:{REGION}:{ACCOUNT}:{CLUSTER}/{name}"


class Watch:
    def __init__(self, place):
        self._world = place.world
        self._consumer = confluent_kafka.Consumer(
            {
                "bootstrap.servers": place.kafka.brokers, "group.id": f"watch-{uuid.uuid4()}",
                "enable.auto.commit": False, "log_level": 0, "reconnect.backoff.max.ms": 500,
            }
        )  # fmt: skip
        self._consumer.assign([confluent_kafka.TopicPartition("ebb.state", n, 0) for n in range(PARTITIONS)])
        self.drains = {}  # drainId -> its newest record
        self.claimed = collections.Counter()  # service -> drains that were begun
        self.open = collections.defaultdict(set)  # service -> drainIds
        self.open_n = self.open_most = 0
        self.log = []  # the world's
        self._log_at = 0.0
        self._log_number = 0

    def close(self):
        self._consumer.close()

    def look(self, now):
        """Takes in what has come; the drains that changed their state."""
        changed = []
        for message in self._consumer.consume(2000, timeout=0.01):
            if message.error() is None and is_drain(message.key(), message.value()):
                record = msgpack.unpackb(message.value(), raw=False)
                if self._learn(record):
                    changed.append(record)
        if now >= self._log_at:
            self._log_at = now + LOG_EVERY_S
            self.read_log()
        return changed

    def _learn(self, record):
        before = self.drains.get(record["drainId"])
        if before and before["version"] >= record["version"]:
            return False
        self.drains[record["drainId"]] = record
        service, drain_id = name_of(record["service"]), record["drainId"]
        if before is None:
            self.claimed[service] += 1
        if record["state"] in FINAL:
            if drain_id in self.open[service]:
                self.open[service].discard(drain_id)
                self.open_n -= 1
        elif drain_id not in self.open[service]:
            self.open[service].add(drain_id)
            self.open_n += 1
            self.open_most = max(self.open_most, self.open_n)
        return before is None or before["state"] != record["state"]

    def read_log(self):
        """All that the world wrote since; it would be the harness's own fault to miss some."""
        while True:
            url = f"{self._world.endpoint}/world/log?afterNumber={self._log_number}&limit={LOG_AT_ONCE}"
            with urllib.request.urlopen(url, timeout=LOG_TIMEOUT_S) as answer:
                entries = json.load(answer)["entries"]
            if not entries:
                return
            assert entries[0]["number"] == self._log_number + 1, "the world's log was read too late"
            self.log += entries
            self._log_number = entries[-1]["number"]
            if len(entries) < LOG_AT_ONCE:
                return
