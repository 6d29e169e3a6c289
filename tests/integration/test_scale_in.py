# SPDX-License-Identifier: Apache-2.0
"""The main job: an alarm's event goes into SQS, crosses real Kafka topics through separate processes, and in the end
exactly the drained task is stopped and no session was cut."""

import msgpack
import pytest

from support.fleet import Fleet


@pytest.fixture
def make_fleet(ebb, start_world, kafka, redis_server):
    return lambda services, **options: Fleet(ebb, start_world, kafka, redis_server, services, **options)


def test_one_safe_scale_in(make_fleet):
    fleet = make_fleet({"calls": 3}, arrivalsPerHour=7200, sessionMean="2s")
    fleet.start()
    fleet.wait_for(lambda: all(t.get("sessions") for t in fleet.running("calls")), 30, "sessions on every task")
    newest = max(fleet.running("calls"), key=lambda t: (t["startedAt"], t["arn"]))
    fleet.idle("calls")
    (drain,) = fleet.wait_for_states(["SCALED_OUT"], timeout_s=60)
    service = fleet.service("calls")
    assert drain["taskArn"] in [arn for arn, cause in fleet.stopped("calls")]
    assert fleet.stopped("calls") == [(drain["taskArn"], "scale-in")]
    assert newest["startedAt"] == [t for t in service["tasks"] if t["arn"] == drain["taskArn"]][0]["startedAt"]
    assert service["desired"] == 2 and service.get("cut", 0) == 0
    assert fleet.lowered("calls") == [(3, 2)]
    assert not fleet.world.snapshot().get("excluded"), "the address was given free"
    # What was published decodes with another language's msgpack, and ends in the same state.
    states = [msgpack.unpackb(m.value) for m in fleet.kafka.consume_all("ebb.state")]
    assert states[-1]["state"] == "SCALED_OUT" and states[0]["state"] == "CLAIMED"
    assert fleet.dead_letters() == []
