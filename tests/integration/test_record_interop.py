# SPDX-License-Identifier: Apache-2.0
"""Goal: records are bytes other people's libraries agree about. Method: the golden files, which the C
tests compare with our encoders' output byte by byte, are what generate.py writes with the libraries
installed here, and read back with those libraries as the same data."""
import importlib.util
import json
import pathlib
import urllib.parse
import xml.etree.ElementTree as ET

import msgpack
import pytest
import yaml

VECTORS = pathlib.Path(__file__).resolve().parents[1] / "vectors" / "record"


def load_generator():
    spec = importlib.util.spec_from_file_location("record_generate", VECTORS / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


generate = load_generator()
FILES = generate.files()


def golden(name):
    return (VECTORS / name).read_bytes()


@pytest.mark.parametrize("name", sorted(FILES))
def test_golden_file_is_what_the_library_writes(name):
    if name.endswith(".yaml"):
        # PyYAML's line breaks differ between its versions; the data may not.
        assert yaml.safe_load(golden(name)) == yaml.safe_load(FILES[name])
    else:
        assert golden(name) == FILES[name]


def test_no_golden_file_is_left_over():
    found = {path.name for path in VECTORS.iterdir() if path.is_file()}
    assert found == set(FILES) | {"generate.py"}


def test_msgpack_reads_back():
    data = msgpack.unpackb(golden("sample.msgpack"), raw=False, strict_map_key=True)
    assert data == generate.sample()
    assert list(data) == list(generate.sample())


def test_json_reads_back():
    data = json.loads(golden("sample.json"))
    assert data == {**generate.sample(), "detail": generate.DETAIL}
    aws = json.loads(golden("sample_aws.json"))
    assert aws["createdAt"] == generate.CREATED_AT_MS / 1000


def test_query_reads_back():
    pairs = dict(urllib.parse.parse_qsl(golden("sample.query").decode(), True, True))
    assert pairs["branches.member.1.leaves.member.2.status"] == "DRAINING"
    assert pairs["tags.member.3"] == generate.sample()["tags"][2]
    assert pairs["labels.entry.2.value"] == ""


def test_query_is_named_as_botocore_names_it():
    """botocore's own serialiser is asked to name lists of structures, of strings, and maps."""
    model = pytest.importorskip("botocore.model")
    serialize = pytest.importorskip("botocore.serialize")
    shapes = {
        "Text": {"type": "string"},
        "Leaf": {"type": "structure", "members": {"status": {"shape": "Text"}}},
        "Leaves": {"type": "list", "member": {"shape": "Leaf"}},
        "Tags": {"type": "list", "member": {"shape": "Text"}},
        "Labels": {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "Text"}},
        "Input": {
            "type": "structure",
            "members": {
                "leaves": {"shape": "Leaves"},
                "tags": {"shape": "Tags"},
                "labels": {"shape": "Labels"},
            },
        },
    }
    service = model.ServiceModel(
        {
            "metadata": {"protocol": "query", "apiVersion": "2011-06-15", "endpointPrefix": "x"},
            "operations": {"Do": {"name": "Do", "http": {"method": "POST"}, "input": {"shape": "Input"}}},
            "shapes": shapes,
        }
    )
    data = {
        "leaves": [{"status": "A"}, {"status": "B"}],
        "tags": ["x", "y"],
        "labels": {"k": "v", "l": ""},
    }
    body = serialize.create_serializer("query").serialize_to_request(
        data, service.operation_model("Do")
    )["body"]
    ours = dict(generate.query_pairs(data))
    assert ours == {k: v for k, v in body.items() if k not in ("Action", "Version")}


def test_xml_reads_back():
    result = ET.fromstring(golden("sample.xml")).find("Result")
    assert result.findtext("branches/member/leaves/member[2]/status") == "DRAINING"
    assert [m.text for m in result.find("tags")] == generate.sample()["tags"]
    assert result.findtext("createdAt") == "2023-11-14T22:13:20.123Z"
