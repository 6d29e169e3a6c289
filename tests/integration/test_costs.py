# SPDX-License-Identifier: Apache-2.0
"""Goal: what README says of the calls Ebb makes at AWS is so. Method: the world's own count of the calls it was
asked, while a fleet is idle and over one drain in a small and in a larger service."""

import collections

import pytest
from support.fleet import Fleet

# An empty receive lasts as long as a long poll may.
LONG_POLL_S = 20
# What the drain of one task takes of ECS, apart from one protection call per ten tasks: "some twenty".
ECS_CALLS_MAX = 25


@pytest.fixture
def make_fleet(ebb, start_world, kafka, redis_server):
    return lambda services, **options: Fleet(ebb, start_world, kafka, redis_server, services, **options)


def calls(fleet):
    """operation -> how often the world was asked for it."""
    found = collections.Counter({c["operation"]: c["calls"] for c in fleet.world.snapshot()["calls"]})
    return found


def of_service(counted, service):
    return sum(count for operation, count in counted.items() if operation.startswith(f"{service}:"))


@pytest.mark.parametrize("tasks", [3, 25])
def test_one_drain(make_fleet, tasks):
    fleet = make_fleet({"calls": tasks}, arrivalsPerHour=0, settings={"drain_timeout": "60s"})
    fleet.start()
    before = calls(fleet)
    fleet.idle("calls")
    fleet.wait_for_states(["SCALED_OUT"], timeout_s=60)
    made = calls(fleet) - before
    assert made["ecs:UpdateService"] == 1 and made["lambda:Invoke"] == 2
    batches = (tasks + 9) // 10
    assert made["ecs:UpdateTaskProtection"] <= 2 + batches, made
    assert of_service(made, "ecs") - made["ecs:UpdateTaskProtection"] <= ECS_CALLS_MAX, made


def test_idle(make_fleet):
    fleet = make_fleet({"calls": 3}, arrivalsPerHour=0)
    fleet.start()
    fleet.wait_for(lambda: calls(fleet)["sqs:ReceiveMessage"], 20, "the first long poll")
    before, began = calls(fleet), fleet.world.snapshot()["now"]
    fleet.wait_for(lambda: (calls(fleet) - before)["sqs:ReceiveMessage"], 2 * LONG_POLL_S, "the next one")
    made, lasted_ms = calls(fleet) - before, fleet.world.snapshot()["now"] - began
    assert set(made) == {"sqs:ReceiveMessage"}, "an idle Ebb asks for nothing else"
    assert lasted_ms > LONG_POLL_S * 900, "the first was seen as soon as it began"
