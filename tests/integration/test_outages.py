# SPDX-License-Identifier: Apache-2.0
"""Goal: when Redis, Kafka or AWS goes away under a running Ebb, or its credentials expire, it says so, keeps running,
and does all that was asked of it once they are back. Method: one process with all roles; before each outage a drain is
under way, during it an event comes; both must end as if nothing had been."""

import json
import re
import urllib.error
import urllib.request

import pytest

from support import paths
from support.fleet import EBB_KEY_ID, EBB_SECRET, needed_actions, shared_fleet
from support.proxy import Proxy
from support.refusals import EXIT, refused

WAIT_S = 60
# Of all levels in one outage of some seconds: what a person can still read.
LINES_MAX = 60
OUTAGES = ("redis", "kafka", "aws", "keys")
CREDENTIALS = "[default]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\naws_session_token = {token}\n"
PAST, FUTURE = "2020-01-01T00:00:00Z", "2100-01-01T00:00:00Z"


class Ready:
    """What a probe of the process is told."""

    def __init__(self, port):
        self._url = f"http://127.0.0.1:{port}/ready"

    def __call__(self):
        try:
            with urllib.request.urlopen(self._url, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


@pytest.fixture(scope="module")
def fleet(kafka_of_session, redis_of_session, tmp_path_factory):
    services = {f"{outage}-{when}": 3 for outage in OUTAGES for when in ("before", "during")}
    with shared_fleet(
        tmp_path_factory.mktemp("outages"), kafka_of_session, redis_of_session, services, arrivalsPerHour=0
    ) as found:
        page = paths.free_port()
        found.is_ready = Ready(page)
        with Proxy(int(found.world.endpoint.split(":")[-1])) as found.way_to_aws:
            found.ebb.env.update({
                "AWS_ENDPOINT_URL": f"http://127.0.0.1:{found.way_to_aws.port}",
                "AWS_SHARED_CREDENTIALS_FILE": str(found.ebb.folder / "credentials"),
                "EBB_METRICS_LISTEN": f"127.0.0.1:{page}",
            })  # fmt: skip
            for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
                del found.ebb.env[name]
            # What a reply that was cut had in it comes again after this time.
            configuration = found.ebb.folder / "ebb.yaml"
            configuration.write_text(configuration.read_text().replace("sqs:\n", "sqs:\n  visibility: 5s\n"))
            put_session(found, "one", FUTURE)
            give_session(found, "one")
            found.start("run")
            yield found
            for server in (kafka_of_session, redis_of_session):
                if not server.is_running:
                    server.start()


def put_session(fleet, token, expires_at):
    """A session that AWS knows until then."""
    fleet.world.control("POST", "/world/keys", {
        "accessKeyId": f"{EBB_KEY_ID}{token}", "secretAccessKey": EBB_SECRET, "sessionToken": f"EXAMPLE{token}",
        "expiresAt": expires_at, "allow": needed_actions(),
    })  # fmt: skip


def give_session(fleet, token):
    """What the shared credentials file has from now on."""
    fleet.ebb.write("credentials", CREDENTIALS.format(id=f"{EBB_KEY_ID}{token}", secret=EBB_SECRET, token=f"EXAMPLE{token}"))


def begin(fleet, outage):
    """A drain that is under way, and how much was said until now."""
    service = f"{outage}-before"
    fleet.wait_for(lambda: fleet.is_ready()[0] == 200, WAIT_S, "the process to be ready")
    fleet.add_sessions(service, 1)
    fleet.idle(service)
    drain = fleet.wait_for_drain(service, "DRAINING", timeout_s=WAIT_S)
    return drain, len(fleet.role("run").output())


def wait_until_said(fleet, since, pattern):
    """An operator is told: a warning that names what is away, and a probe that is not answered with 200."""
    said = re.compile(pattern)

    def look():
        lines = [line for line in fleet.role("run").output()[since:].splitlines() if said.search(line)]
        return [line for line in lines if json.loads(line)["level"] in ("warn", "error")]

    fleet.wait_for(look, WAIT_S, f"a warning like {pattern!r}")


def wait_until_unready(fleet, pattern):
    seen = fleet.wait_for(lambda: fleet.is_ready() if fleet.is_ready()[0] == 503 else None, WAIT_S, "503 of /ready")
    assert re.search(pattern, seen[1]), seen


def end(fleet, outage, drain, since):
    """Nothing was lost, nothing was done twice, nothing stopped, and the log could be read."""
    fleet.wait_for(lambda: fleet.is_ready()[0] == 200, WAIT_S, "the process to be ready again")
    during = fleet.wait_for_drain(f"{outage}-during", "SCALED_OUT", timeout_s=WAIT_S)
    fleet.end_sessions(drain["taskArn"])
    before = fleet.wait_for_drain(f"{outage}-before", "SCALED_OUT", timeout_s=WAIT_S)
    assert before["drainId"] == drain["drainId"]
    for ended in (before, during):
        name = ended["service"].split("/")[-1]
        assert fleet.lowered(name) == [(3, 2)] and fleet.states(name) == ["SCALED_OUT"]
        assert fleet.stopped(name) == [(ended["taskArn"], "scale-in")] and fleet.service(name).get("cut", 0) == 0
    assert fleet.role("run").is_running and fleet.dead_letters() == []
    lines = fleet.role("run").output()[since:].splitlines()
    assert len(lines) < LINES_MAX, "\n".join(lines[:LINES_MAX])
    for line in lines:
        json.loads(line)


def test_redis_restarts(fleet):
    """Empty, as one without persistence does: state comes back from ebb.state."""
    drain, since = begin(fleet, "redis")
    fleet.redis_server.kill9()
    fleet.idle("redis-during")
    wait_until_said(fleet, since, f"redis at 127.0.0.1:{fleet.redis_server.port}: ")
    wait_until_unready(fleet, "timers: .*Redis")
    refused(("status",), fleet.ebb.run("status"), "MISSING", "does Redis run there")
    fleet.redis_server.start()
    end(fleet, "redis", drain, since)


def test_kafka_restarts(fleet):
    drain, since = begin(fleet, "kafka")
    fleet.kafka.stop()
    fleet.idle("kafka-during")
    wait_until_said(fleet, since, f"{fleet.kafka.brokers}")
    wait_until_unready(fleet, "Kafka")
    fleet.kafka.start()
    end(fleet, "kafka", drain, since)


def test_aws_is_away(fleet):
    drain, since = begin(fleet, "aws")
    fleet.way_to_aws.shut()
    fleet.idle("aws-during")
    wait_until_said(fleet, since, f"127.0.0.1:{fleet.way_to_aws.port}")
    wait_until_unready(fleet, "relay: .*SQS")
    fleet.way_to_aws.open()
    end(fleet, "aws", drain, since)


def test_credentials_expire_and_are_replaced(fleet):
    drain, since = begin(fleet, "keys")
    put_session(fleet, "one", PAST)
    fleet.idle("keys-during")
    wait_until_said(fleet, since, "ExpiredToken|expired")
    wait_until_unready(fleet, "relay: .*SQS")
    put_session(fleet, "two", FUTURE)
    give_session(fleet, "two")
    end(fleet, "keys", drain, since)
    assert "EXAMPLEone" not in fleet.role("run").output() and "EXAMPLEtwo" not in fleet.role("run").output()


def test_a_topic_that_disappears_ends_the_role_with_its_name(fleet):
    """Nobody but a person can make it again, and it may have held messages: the process stops and says so."""
    process = fleet.role("run")
    fleet.kafka.delete_topic("ebb.drain")
    assert process.wait_for_exit(WAIT_S) == EXIT["STOPPED"]
    last = [line for line in process.lines() if line.startswith("ebb run: ")]
    assert len(last) == 1 and re.search("topic ebb.drain does not exist .*`ebb topics create`", last[0]), last
