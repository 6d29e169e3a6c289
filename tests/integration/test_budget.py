# SPDX-License-Identifier: Apache-2.0
"""Goal: many scale-ins at once stay within AWS's own limits, and end. Method: a world that throttles as AWS does, more
services asked for than their calls have room for at once, alone and with another user who takes half of a bucket; what
is judged is the world's own count of throttled calls."""

import threading

import pytest
from support.fleet import CLUSTER, Fleet

SERVICES = 12


@pytest.fixture
def fleet(ebb, start_world, kafka, redis_server):
    names = {f"s{i}": 2 for i in range(SERVICES)}
    settings = {"drain_timeout": "120s", "status_poll": "10s"}
    fleet = Fleet(ebb, start_world, kafka, redis_server, names, settings=settings, arrivalsPerHour=0)
    fleet.start()
    fleet.world.control("POST", "/world/region", {"throttlingOff": False})
    return fleet


def throttled(fleet):
    return {c["operation"]: c["throttled"] for c in fleet.world.snapshot()["calls"] if c["throttled"]}


def all_scale_in(fleet):
    for name in fleet.services:
        fleet.send(fleet.event(name))
    fleet.wait_for(lambda: fleet.states().count("SCALED_OUT") == SERVICES, 240, "all drains to end")
    assert all(fleet.lowered(name) == [(2, 1)] for name in fleet.services)


def test_many_at_once_are_never_throttled(fleet):
    all_scale_in(fleet)
    assert throttled(fleet) == {}


def test_another_user_of_the_account_has_half(fleet):
    """It takes ten reads a second, as many as are left to it. Whoever is throttled now and then, all drains end."""
    over = threading.Event()

    def read():
        ecs = fleet.world.client("ecs")
        while not over.wait(0.1):
            ecs.list_tasks(cluster=CLUSTER)

    other = threading.Thread(target=read)
    other.start()
    try:
        all_scale_in(fleet)
    finally:
        over.set()
        other.join()
