# SPDX-License-Identifier: Apache-2.0
"""Goal: a process of Ebb is small when it has nothing to do, and no larger after very many messages; what drains leave in
Redis ends. Method: the kernel's own figures of real processes, judged as bench/ judges them; every key that a finished
drain leaves is asked how long it lives, and the table in lib/store/README.md is held against it."""

import random

import pytest

from support import bench, keys, memory, paths
from support.flood import SERVICES, Flood, course
from support.idle import measure
from support.redis_server import RedisServer

# A sanitizer's own memory would be what is measured.
pytestmark = pytest.mark.skipif(paths.VARIANT != "release", reason="memory is measured in the release build")

MESSAGES = 20_000
BACKLOG = 10_000


@pytest.fixture
def redis_of_test(processes, tmp_path):
    return RedisServer(processes, tmp_path)


def test_idle_processes_are_small(processes, redis_of_test):
    fleet = bench.fleet(processes, bench.embedded_broker(processes), redis_of_test, {"calls": 4})
    held = measure(fleet)
    for role, (now, _) in held.items():
        assert role == "run" or now.anonymous < memory.IDLE_MAX_BYTES, f"{role} holds {now.anonymous // memory.KB} KB"
    assert held["run"][0].anonymous < memory.IDLE_MAX_BYTES * 2


def test_memory_is_flat_over_many_messages_and_given_back_at_rest(processes, redis_of_test):
    broker = bench.embedded_broker(processes)
    flood = Flood(bench.fleet(processes, broker, redis_of_test, SERVICES), broker.brokers)
    worker = flood.start()
    samples = course(flood, worker, MESSAGES)
    looks = flood.looks()
    # What was sent is what was looked at: every kind, and nothing was waited for in vain.
    for kind in (
        "refused not_managed", "refused not_in_alarm", "refused event_too_old", "refused cooldown",
        "refused event_seen", "refused at_min_capacity", "would claimed",
    ):  # fmt: skip
        assert looks[kind] > MESSAGES // 100, looks
    assert flood.sent == looks["all"] + flood.unreadable
    verdict = memory.judge(samples)
    if verdict.grows:
        # A heap that has not found its size yet does so once; what leaks goes on.
        samples = course(flood, worker, MESSAGES)
        assert not memory.judge(samples).grows, f"{verdict}\n{memory.judge(samples)}\n{samples}"

    # As much as it fetches ahead of itself is there for a while, and then no more.
    most = flood.backlog(worker, BACKLOG)
    assert most > memory.IDLE_MAX_BYTES, "a backlog that is held by nobody shows nothing"
    assert flood.wait_until_rested(worker) < memory.IDLE_MAX_BYTES


def test_the_judge_knows_growth_from_noise():
    chance = random.Random(3)
    noise = [chance.randint(-20, 20) * memory.KB for _ in range(50)]
    at = [400 * (i + 1) for i in range(50)]
    base = 6 * memory.KB * memory.KB
    assert not memory.judge([(x, base + n) for x, n in zip(at, noise, strict=True)]).grows
    # A message leaks 32 bytes, malloc's smallest piece: from the beginning, and only in the second half.
    assert memory.judge([(x, base + n + 32 * x) for x, n in zip(at, noise, strict=True)]).grows
    assert memory.judge([(x, base + n + 32 * max(x - 10_000, 0)) for x, n in zip(at, noise, strict=True)]).grows
    # What warms up in the first half and stays is none.
    assert not memory.judge([(x, base + n + 100 * min(x, 9_000)) for x, n in zip(at, noise, strict=True)]).grows


def test_what_a_finished_drain_leaves_in_redis_ends(processes, redis_of_test):
    fleet = bench.fleet(processes, bench.embedded_broker(processes), redis_of_test, {"calls": 4})
    fleet.start()
    before = keys.held(fleet.redis)
    assert keys.without_end(before) == {"epoch"}
    fleet.idle("calls")
    fleet.wait_for_drain("calls", "SCALED_OUT")
    # The last look is noted after the state it brought about.
    fleet.wait_for(lambda: '"SCALED_OUT"' in str(fleet.redis.lrange(keys.timeline(fleet.redis), 0, 0)), 20, "the last look")
    table = keys.documented()
    left = keys.held(fleet.redis)
    assert {key.kind for key in left} <= set(table), "lib/store/README.md names every kind of key"
    for key in left:
        assert key.life_ms > 0 or not table[key.kind].ends, f"{key.name} has no end"
    # Of the last a month's drains are members: the timers remove those that are older.
    assert keys.without_end(left) <= {"epoch", "clock", "finished"}
    assert keys.bytes_of(left) - keys.bytes_of(before) < keys.FINISHED_DRAIN_MAX_BYTES, keys.describe(left)
