# SPDX-License-Identifier: Apache-2.0
"""Our tables of AWS's operations against AWS's own model, as botocore carries it, and the bodies that
botocore writes against our readers. No server is needed."""

import json

import botocore.session
import pytest
from botocore.serialize import create_serializer

from support import paths
from support.processes import run

SERVICES = {
    "APPLICATION_AUTO_SCALING": "application-autoscaling",
    "CLOUDWATCH": "cloudwatch",
    "ECS": "ecs",
    "EVENTBRIDGE": "events",
    "LAMBDA": "lambda",
    "SQS": "sqs",
    "STS": "sts",
}
KINDS = {
    "string": {"string", "blob"},
    "integer": {"integer", "long"},
    "boolean": {"boolean"},
    "double": {"double", "float"},
    "timestamp": {"timestamp"},
    "structure": {"structure"},
    "list": {"list"},
    "map": {"map"},
    "any": {"string", "integer", "structure", "map", "list"},
}
TOOL = paths.program("tools/aws_tool")


def shapes():
    done = run([TOOL, "shapes"], paths.PROJECT)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def model(service):
    return botocore.session.Session().get_service_model(SERVICES[service])


def check_fields(where, fields, shape, output):
    for field in fields:
        name = f"{where}.{field['name']}"
        assert shape is not None and field["name"] in shape.members, f"{name} is not in AWS's model"
        member = shape.members[field["name"]]
        assert member.type_name in KINDS[field["kind"]], f"{name} is a {member.type_name}"
        of = field.get("of")
        if field["kind"] == "structure":
            check_fields(name, of, member, output)
        elif field["kind"] == "list" and of:
            assert member.member.type_name == "structure", name
            check_fields(name, of, member.member, output)
        elif field["kind"] == "list":
            assert member.member.type_name == "string", name
        elif field["kind"] == "map":
            assert member.key.type_name == member.value.type_name == "string", name
        if not output and field["required"]:
            assert field["name"] in shape.required_members, f"{name} is required of nobody"


@pytest.mark.parametrize("operation", shapes(), ids=lambda o: f"{o['service']}.{o['operation']}")
def test_table_is_as_the_model_says(operation):
    service = model(operation["service"])
    found = service.operation_model(operation["operation"])
    where = f"{operation['service']}.{operation['operation']}"
    check_fields(where, operation["input"], found.input_shape, output=False)
    check_fields(where, operation["output"], found.output_shape, output=True)
    ours = {field["name"] for field in operation["input"]}
    required = set(found.input_shape.required_members) if found.input_shape else set()
    assert required <= ours, f"{where} cannot be called without {required - ours}"


@pytest.mark.parametrize("service", SERVICES)
def test_service_is_reached_as_the_model_says(service):
    ours = next(o for o in shapes() if o["service"] == service)
    metadata = model(service).metadata
    assert ours["host"] == metadata["endpointPrefix"]
    assert ours["signing"] == metadata.get("signingName", metadata["endpointPrefix"])
    assert ours["target"] == metadata.get("targetPrefix", "")
    assert service == metadata["serviceId"].upper().replace(" ", "_")
    protocol = ours["protocol"]
    if protocol.startswith("json"):
        assert "json" in metadata.get("protocols", [metadata["protocol"]])
        assert protocol == f"json {metadata['jsonVersion']}"
    else:
        assert protocol == metadata["protocol"]


def sample(fields, depth=0):
    """An input with every field of a table set to something."""
    made = {}
    for field in fields:
        of = field.get("of")
        made[field["name"]] = {
            "string": lambda: f'{field["name"]} "ä\\\n€',
            "integer": lambda: 7,
            "boolean": lambda: True,
            "double": lambda: 0.25,
            "timestamp": lambda: 1600000000.125,
            "structure": lambda: sample(of, depth + 1),
            "list": lambda: [sample(of, depth + 1)] * 2 if of else ["one", "two & three=4"],
            "map": lambda: {"key": "value", "k2": ""},
            "any": lambda: {"name": {"DataType": "String", "StringValue": "x"}},
        }[field["kind"]]()
    return made


BODIES = [o for o in shapes() if o["protocol"] != "rest-json"]


@pytest.mark.parametrize("operation", BODIES, ids=lambda o: f"{o['service']}.{o['operation']}")
def test_body_that_botocore_writes_is_read_as_it_was_meant(operation):
    """The input goes through botocore's serialiser and our reader, and comes out as it went in."""
    found = model(operation["service"]).operation_model(operation["operation"])
    serializer = create_serializer("query" if operation["protocol"] == "query" else "json", False)
    meant = sample(operation["input"])
    body = serializer.serialize_to_request(meant, found)["body"]
    if isinstance(body, dict):
        body = "&".join(f"{k}={v}" for k, v in body.items() if k not in ("Action", "Version"))
    if isinstance(body, bytes):
        body = body.decode()
    done = run([TOOL, "input", operation["service"], operation["operation"]], paths.PROJECT, stdin_text=body)
    assert json.loads(done.stdout) == {"output": meant}, done.stderr
