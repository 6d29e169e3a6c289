# SPDX-License-Identifier: Apache-2.0
"""Goal: what the documents tell people to type and to copy works as it stands there. Method: the block of
docs/aws-setup.md is run by a shell with the AWS CLI against the world, and an alarm's event then comes out of
its queue; README's configuration is read; policies are compared; what `make install` lays down is looked at."""

import base64
import json
import re
import textwrap

import pytest
from support import aws_clients, paths
from support.fleet import Fleet
from support.processes import run
from support.waiting import wait_for

DOCS = paths.PROJECT / "docs"
REGION, ACCOUNT = "eu-central-1", "123456789012"  # as the block has them
RUN_TIMEOUT_S = 120
MISSING = 4  # docs/exit-codes.md


def block_of(page, language):
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", (DOCS / page).read_text(encoding="utf-8"), re.M | re.S)
    assert len(blocks) == 1, page
    return blocks[0]


@pytest.fixture
def own_world(start_world):
    return start_world("--region", REGION, "--account", ACCOUNT)


def test_the_block_of_aws_setup_leads_events_into_the_queue(own_world, tmp_path):
    # The CLI's SQS goes by the region and not by AWS_ENDPOINT_URL, so the endpoint is said as an option.
    program = paths.DEPENDENCIES / "python" / "bin" / "aws"
    here = f'aws() {{ {program} --endpoint-url {own_world.endpoint} "$@"; }}\n'
    nowhere = {"HTTPS_PROXY": "http://127.0.0.1:1", "NO_PROXY": "127.0.0.1,localhost"}
    env = {**aws_clients.environment(own_world.endpoint, region=REGION), **nowhere, "AWS_PAGER": ""}
    done = run(["sh", "-eu", "-c", here + block_of("aws-setup.md", "sh")], tmp_path, env, RUN_TIMEOUT_S)
    assert done.returncode == 0, done.stdout + done.stderr
    # What the world takes for granted is looked at here.
    sqs = own_world.client("sqs", region=REGION)
    url = sqs.get_queue_url(QueueName="ebb-events")["QueueUrl"]
    attributes = json.loads((tmp_path / "ebb-events.json").read_text(encoding="utf-8"))
    statement = json.loads(attributes["Policy"])["Statement"][0]
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert statement["Resource"] == f"arn:aws:sqs:{REGION}:{ACCOUNT}:ebb-events"
    rules = own_world.client("events", region=REGION).list_rules()["Rules"]
    assert [rule["Arn"] for rule in rules] == [statement["Condition"]["ArnEquals"]["aws:SourceArn"]]
    own_world.client("cloudwatch", region=REGION).set_alarm_state(
        AlarmName="asterisk-idle", StateValue="ALARM", StateReason="the test says so"
    )
    received = wait_for(
        lambda: sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages"), 20, "the alarm's event"
    )
    detail = json.loads(received[0]["Body"])["detail"]
    assert detail["state"]["value"] == "ALARM"
    dimensions = detail["configuration"]["metrics"][0]["metricStat"]["metric"]["dimensions"]
    assert dimensions == {"ClusterName": "production", "ServiceName": "asterisk"}


@pytest.mark.parametrize("mode", ["observe", "act"])
def test_the_least_configuration_of_the_readme_is_enough(ebb, mode):
    text = (paths.PROJECT / "README.md").read_text(encoding="utf-8")
    least = text.split("The least there is:\n\n")[1].split("\n\n")[0]
    path = ebb.write("ebb.yaml", textwrap.dedent(least).replace("mode: observe", f"mode: {mode}"))
    nowhere = {"REDIS_URL": "redis://127.0.0.1:1", "EBB_CALLBACK_SECRET": "of sixteen characters"}
    done = ebb.run("run", "--config", path, env=nowhere)
    assert done.returncode == MISSING and "redis at 127.0.0.1:1" in done.stderr, done.stderr


def test_dead_letters_are_read_as_operations_says(ebb, start_world, kafka, redis_server, tmp_path):
    fleet = Fleet(ebb, start_world, kafka, redis_server, {"calls": 1}, arrivalsPerHour=0)
    fleet.start("timers", "relay")
    fleet.send("not an event")
    page = (DOCS / "operations.md").read_text(encoding="utf-8")
    typed = textwrap.dedent(re.search(r"^    kcat .*?\n\n", page, re.M | re.S).group(0))
    typed = typed.replace("BROKER", kafka.brokers).replace("python3", f"{paths.DEPENDENCIES}/python/bin/python")

    def read():
        done = run(["sh", "-eu", "-c", typed], tmp_path)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    origin, *_, body = fleet.wait_for(read, 20, "the dead letter")[0].split()
    assert origin.startswith("sqs:http") and base64.b64decode(body) == b"not an event"


def actions(policy):
    statements = json.loads((DOCS / policy).read_text(encoding="utf-8"))["Statement"]
    found = []
    for statement in statements:
        own = statement["Action"]
        found += [own] if isinstance(own, str) else own
    return sorted(found)


def test_the_narrow_policy_has_the_same_actions():
    assert actions("iam-policy-narrow.json") == actions("iam-policy.json")


def test_each_role_may_do_what_its_stage_does():
    page = (DOCS / "aws-setup.md").read_text(encoding="utf-8")
    of_role = dict(re.findall(r"^\| (\w+) \| (.*) \|$", page.split("| role | actions |")[1], re.MULTILINE))
    for role in ("remove", "drain"):  # what workers/keep.c asks for in both
        assert {"ecs:GetTaskProtection", "ecs:UpdateTaskProtection"} <= set(re.findall(r"`([^`]+)`", of_role[role])), role
    for role, text in of_role.items():
        assert set(re.findall(r"`(\w[\w-]*:\w+)`", text)) <= set(actions("iam-policy.json")), role


def test_documents_lead_to_files_that_are_there():
    missing = []
    for page in [paths.PROJECT / "README.md", *DOCS.glob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
            if not target.startswith("http") and not (page.parent / target).exists():
                missing.append(f"{page.name}: {target}")
    assert not missing


def test_install_lays_down_what_a_user_needs(tmp_path):
    done = run(
        ["make", "-s", "-C", paths.PROJECT, f"VARIANT={paths.VARIANT}", f"DESTDIR={tmp_path}", "PREFIX=/usr", "install"],
        tmp_path, timeout_s=RUN_TIMEOUT_S,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    laid = {str(p.relative_to(tmp_path / "usr")) for p in (tmp_path / "usr").rglob("*") if p.is_file()}
    documents = {f"share/doc/ebb/docs/{p.name}" for p in DOCS.iterdir() if p.is_file()}
    beside = {"LICENSE", "README.md", "deploy/systemd/ebb.service", "deploy/systemd/ebb@.service", "deploy/prometheus/ebb.rules.yaml"}
    assert laid == {"bin/ebb", "share/man/man1/ebb.1"} | documents | {f"share/doc/ebb/{name}" for name in beside}
    assert run([tmp_path / "usr/bin/ebb", "--version"], tmp_path).stdout.startswith("ebb ")
    page = (tmp_path / "usr/share/man/man1/ebb.1").read_text(encoding="utf-8")
    for words in (".SS ebb drain SERVICE", ".B \\-\\-dry\\-run", ".B 70\n"):
        assert words in page, words
