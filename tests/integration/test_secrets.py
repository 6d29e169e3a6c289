# SPDX-License-Identifier: Apache-2.0
"""Goal: no secret is in a log, a topic, Redis, a process's arguments, a page, a line for CloudWatch or a command's
answer, whatever went wrong. Method: a fleet with secrets that are known, at the debug level, through a scale-in and
everything that fails; then all that it left behind is searched. The search itself is tried on secrets put there."""

import base64
import json
import urllib.parse
import urllib.request

import pytest

from support import aws_clients, leaks, paths
from support.fleet import CALLBACK_SECRET, EBB_KEY_ID, EBB_SECRET, Fleet, needed_actions

WAIT_S = 60
SECRETS = {
    "AWS secret": EBB_SECRET,
    "AWS session token": "EXAMPLEsessionTokenThatNobodyMaySee",
    "wrong AWS secret": "EXAMPLEwrongAwsSecretThatNobodyMaySee",
    "Redis password": "EXAMPLEredisPasswordThatNobodyMaySee",
    "wrong Redis password": "EXAMPLEwrongRedisPasswordThatNobodyMaySee",
    "callback secret": CALLBACK_SECRET,
    "previous callback secret": "EXAMPLEpreviousSecretThatNobodyMaySee",
    "shared token": "EXAMPLEsharedTokenThatNobodyMaySee",
    "wrong token": "EXAMPLEwrongTokenThatNobodyMaySee",
    "SASL password": "EXAMPLEsaslPasswordThatNobodyMaySee",
    "world's secret": aws_clients.SECRET_ACCESS_KEY,
}
SERVICES = {
    "calls": 3,
    "undone": {"tasks": 3, "application": {"startStatus": 500}},
    "broken": {"tasks": 3, "settings": {"function": "broken"}, "application": {"distributor": "broken"}},
    "late": {"tasks": 3, "settings": {"drain_timeout": "2s", "on_deadline": "undo"}},
}
KAFKA = "kafka:\n  properties: {{security.protocol: plaintext, sasl.username: ebb, sasl.password: {}}}\n"


@pytest.fixture
def fleet(ebb, start_world, kafka, start_redis):
    found = Fleet(
        ebb, start_world, kafka, start_redis(password=SECRETS["Redis password"]), SERVICES,
        functions=[{"name": "broken", "errorPercent": 100}], arrivalsPerHour=0,
    )  # fmt: skip
    found.world.control("POST", "/world/keys", {
        "accessKeyId": EBB_KEY_ID, "secretAccessKey": EBB_SECRET, "sessionToken": SECRETS["AWS session token"],
        "expiresAt": "2100-01-01T00:00:00Z", "allow": needed_actions(),
    })  # fmt: skip
    configuration = found.ebb.folder / "ebb.yaml"
    configuration.write_text(KAFKA.format(SECRETS["SASL password"]) + configuration.read_text())
    found.page = paths.free_port()
    found.ebb.env.update({
        "AWS_SESSION_TOKEN": SECRETS["AWS session token"],
        "EBB_CALLBACK_PREVIOUS_SECRET": SECRETS["previous callback secret"],
        "SHARED_TOKEN": SECRETS["shared token"], "EBB_LOG_LEVEL": "debug", "EBB_EMF": "true",
    })  # fmt: skip
    return found


def start(fleet):
    """Each role a process of its own; one shows its page."""
    fleet.start("timers", "callback", "relay", "select", "remove", "drain")
    fleet.ebb.env["EBB_METRICS_LISTEN"] = f"127.0.0.1:{fleet.page}"
    fleet.start("scale")
    del fleet.ebb.env["EBB_METRICS_LISTEN"]


def go_through_everything(fleet):
    """One drain that ends well, three that are undone, letters that are dead, and callers that are refused."""
    fleet.add_sessions("late", 1)
    for name in SERVICES:
        fleet.idle(name)
    fleet.send("this is no event")
    fleet.kafka.produce("ebb.drain", b"\xc1 this is no message", key=b"nobody")
    calls = fleet.wait_for_drain("calls", "SCALED_OUT", timeout_s=WAIT_S)
    for name in ("undone", "late"):
        fleet.wait_for_drain(name, "RESTORED", timeout_s=WAIT_S)
    fleet.wait_for_drain("broken", "UNDOING", timeout_s=WAIT_S)
    fleet.wait_for(lambda: len(fleet.dead_letters()) == 2, WAIT_S, "two dead letters")
    drain_id, task = calls["drainId"], calls["taskArn"]
    assert fleet.call_back(drain_id, task) == (200, {"status": "already"})
    for refused in ("wrong token", "shared token", "previous callback secret"):
        assert fleet.call_back(drain_id, task, SECRETS[refused])[0] == 401
    assert fleet.call_back("f" * 16, task)[0] == 409
    # Errors of AWS are told with its own words.
    fleet.fault("ecs:Describe*", "5xx_before")
    fleet.idle("calls", "OK")
    fleet.idle("calls")
    fleet.role("select").wait_for_output("ServerException", timeout_s=WAIT_S)
    fleet.no_faults()


def command_answers(fleet):
    """What people and programs are answered, also when the answer is no."""
    drain = fleet.drains("calls")[0]["drainId"]
    asked = [
        ("status",), ("status", "--json"), ("why", "demo/calls", "--json"), ("why", "demo/undone"),
        ("timeline", drain), ("timeline", drain, "--json"), ("settings", "--json"), ("settings",), ("topics", "--json"),
        ("drain", "demo/calls", "--dry-run", "--json"),
    ]  # fmt: skip
    mistyped = fleet.ebb.write("mistyped.yaml", f"kafka: {{properties: {{sasl.pasword: {SECRETS['SASL password']}}}}}\n")
    wrong = [
        ({"REDIS_PASSWORD": SECRETS["wrong Redis password"]}, ("status",)),
        ({"REDIS_USERNAME": "ebb", "REDIS_PASSWORD": SECRETS["wrong Redis password"]}, ("status",)),
        ({"REDIS_URL": f"http://:{SECRETS['Redis password']}@127.0.0.1"}, ("status",)),
        ({"REDIS_URL": f"redis://:{SECRETS['Redis password']}/@127.0.0.1"}, ("status",)),
        ({"AWS_SECRET_ACCESS_KEY": SECRETS["wrong AWS secret"]}, ("drain", "demo/nobody")),
        ({"AWS_SECRET_ACCESS_KEY": SECRETS["wrong AWS secret"]}, ("relay",)),
        ({"EBB_CALLBACK_SECRET": SECRETS["callback secret"][:15]}, ("callback",)),
        ({"EBB_SHARED_TOKEN": SECRETS["shared token"]}, ("callback",)),
        ({"EBB_CONFIG": str(mistyped)}, ("topics",)),
    ]
    found = {}
    for words in asked:
        done = fleet.ebb.run(*words)
        assert done.returncode in (0, 1), f"{words}: {done.stderr}"
        found[f"ebb {' '.join(words)}"] = (done.stdout + done.stderr).encode()
    for env, words in wrong:
        done = fleet.ebb.run(*words, env=env)
        assert done.returncode in (3, 4), f"{words} with {list(env)}: {done.returncode} {done.stdout}{done.stderr}"
        found[f"ebb {' '.join(words)} with {list(env)}"] = (done.stdout + done.stderr).encode()
    return found


def pages(fleet):
    found = {}
    for path in ("/", "/metrics", "/ready", "/live"):
        with urllib.request.urlopen(f"http://127.0.0.1:{fleet.page}{path}", timeout=10) as answer:
            found[f"page {path}"] = answer.read()
    assert b"ebb_looks_total" in found["page /metrics"]
    return found


def evidence(fleet):
    """All that Ebb has left where others can read it."""
    ours = [p for p in fleet.ebb.processes.all if p.name.startswith(("ebb", "planted"))]
    return {
        **leaks.of_processes(ours), **leaks.of_topics(fleet.kafka), **leaks.of_redis(fleet.raw_redis), **pages(fleet),
    }  # fmt: skip


def secrets_of(fleet):
    """Those of the configuration, and the token of each drain."""
    tokens = {f"token of {d['drainId']}": fleet.token(d["drainId"], d["taskArn"]) for d in fleet.drains()}
    assert len(tokens) >= 4
    return {**SECRETS, **tokens}


def test_no_secret_is_anywhere(fleet):
    start(fleet)
    go_through_everything(fleet)
    answers = command_answers(fleet)
    places = {**evidence(fleet), **answers}
    # What is searched is there: each role's log at its most talkative, every topic that was written to, all kinds of keys.
    assert sum(name.startswith("log of ebb-") for name in places) == sum(name.startswith("arguments of") for name in places)
    for topic in ("select", "remove", "drain", "scale", "dead", "history", "state"):
        assert any(name.startswith(f"ebb.{topic}/") for name in places), topic
    for kind in ("drain:", "looks:", "timeline:", "event:"):
        assert any(name.startswith(f"redis {{ebb}}:{kind}") for name in places), kind
    assert any(b'"level":"debug"' in held for held in places.values())
    assert any(b'{"_aws"' in held for held in places.values())
    assert leaks.leaks(places, secrets_of(fleet)) == []

    check_the_search(fleet)


def check_the_search(fleet):
    """Planted in each kind of place, and in each way of writing, it is found there and nowhere else."""
    secrets = secrets_of(fleet)
    token = next(name for name in secrets if name.startswith("token of"))
    fleet.kafka.produce("ebb.history", b"x" + secrets["AWS secret"].encode(), key=b"planted")
    fleet.kafka.produce("ebb.dead", b"x", key=b"planted", headers={"planted": secrets[token].encode()})
    fleet.raw_redis.hset("planted", "record", b"\x00" + secrets["Redis password"].encode())
    fleet.raw_redis.zadd("planted:set", {secrets["SASL password"]: 1})
    fleet.raw_redis.lpush("planted:list", json.dumps({"x": secrets["callback secret"]}))
    # It complains of a file that is not there, and goes on.
    planted = fleet.ebb.processes.start("planted", ["tail", "-f", "/dev/null", secrets["shared token"]])
    planted.wait_for_output("cannot open")
    found = leaks.leaks(evidence(fleet), secrets)
    places = {name: {place for secret, place in found if secret == name} for name in secrets}
    assert [place.split("/")[0] for place in places["AWS secret"]] == ["ebb.history"]
    assert [place.split("/")[0] for place in places[token]] == ["ebb.dead"]
    assert places["Redis password"] == {"redis planted"}
    assert places["SASL password"] == {"redis planted:set"}
    assert places["callback secret"] == {"redis planted:list"}
    assert places["shared token"] == {"log of planted", "arguments of planted"}
    assert not places["wrong token"]


@pytest.mark.parametrize("before", ["", "a", "ab", "Bearer "])
@pytest.mark.parametrize("encode", ["plain", "hex", "json", "base64", "url"])
def test_the_search_knows_how_secrets_are_written(before, encode):
    secret = 'EXAMPLE/"secret+with@everything'
    text = f"{before}{secret}, and more"
    written = {
        "plain": text, "hex": text.encode().hex(), "json": json.dumps({"x": text}),
        "base64": base64.b64encode(text.encode()).decode(), "url": urllib.parse.quote(text, safe=""),
    }[encode]  # fmt: skip
    assert leaks.leaks({"there": written.encode()}, {"it": secret}) == [("it", "there")]
    assert leaks.leaks({"there": written.encode()}, {"it": secret.replace("secret", "Secret")}) == []
