#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the golden files beside it: the record of tests/support/record_sample.c as libraries we did
not write encode it (msgpack, json, PyYAML, urllib, ElementTree). The C tests read them and compare
their own encoders' output with them; tests/integration/test_record_interop.py checks that they are
what this script would write today.

    python tests/vectors/record/generate.py
"""
import json
import pathlib
import urllib.parse
import xml.etree.ElementTree as ET

import msgpack
import yaml

HERE = pathlib.Path(__file__).resolve().parent

LEAF_0 = {"status": "ACTIVE", "weight": 60, "tint": "red"}
LEAF_1 = {"status": "DRAINING", "weight": 40}
DETAIL = {"state": {"value": "ALARM"}, "numbers": [1, 2.5, None, True]}
CREATED_AT_MS = 1700000000123


def compact(data):
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False)


def sample():
    """The record as our own encodings have it: times and spans in milliseconds."""
    return {
        "name": "arn:aws:ecs:eu-west-1:123456789012:service/media/sip",
        "count": -7,
        "big": 2**53 + 1,
        "enabled": True,
        "ratio": 0.1,
        "tint": "green",
        "createdAt": CREATED_AT_MS,
        "timeout": 90000,
        "trunk": {"id": "trunk", "leaves": [dict(LEAF_0)], "share": 1.0, "busy": True},
        "branches": [
            {"id": "b-0", "leaves": [dict(LEAF_0), dict(LEAF_1)], "share": 0.25},
            {"id": "b-1", "busy": True},
        ],
        "tags": ["plain", "two words & <signs> = 100%", "h\u00e9 \u20ac \U0001f30a"],
        "labels": {"ClusterName": "media", "a.b/c": ""},
        "detail": compact(DETAIL),
        "always": 0,
    }


def as_text(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def query_pairs(data, prefix=""):
    """Name and value of every parameter, as botocore's query serialiser names them."""
    for name, value in data.items():
        key = prefix + name
        if name == "labels":
            for i, (label, text) in enumerate(value.items(), 1):
                yield f"{key}.entry.{i}.key", label
                yield f"{key}.entry.{i}.value", text
        elif isinstance(value, dict):
            yield from query_pairs(value, key + ".")
        elif isinstance(value, list):
            for i, item in enumerate(value, 1):
                if isinstance(item, dict):
                    yield from query_pairs(item, f"{key}.member.{i}.")
                else:
                    yield f"{key}.member.{i}", item
        else:
            yield key, as_text(value)


def xml_children(parent, data):
    for name, value in data.items():
        element = ET.SubElement(parent, name)
        if name == "labels":
            for label, text in value.items():
                entry = ET.SubElement(element, "entry")
                ET.SubElement(entry, "key").text = label
                ET.SubElement(entry, "value").text = text
        elif isinstance(value, dict):
            xml_children(element, value)
        elif isinstance(value, list):
            for item in value:
                member = ET.SubElement(element, "member")
                if isinstance(item, dict):
                    xml_children(member, item)
                else:
                    member.text = item
        else:
            element.text = as_text(value)


def with_iso_time(data):
    return {**data, "createdAt": "2023-11-14T22:13:20.123Z"}


def xml_bytes():
    reply = ET.Element("Reply")
    xml_children(ET.SubElement(reply, "Result"), with_iso_time(sample()))
    return ET.tostring(reply, encoding="unicode", short_empty_elements=False).encode()


def files():
    data = sample()
    parsed_detail = {**data, "detail": DETAIL}
    aws = {**parsed_detail, "createdAt": CREATED_AT_MS / 1000}
    # Not what we would write, but the same data: single precision where nothing is lost, other
    # orders, fields we do not know, white space, escapes.
    foreign = {
        "future": {"deep": [[{"x": None}], b"\x00\xff", msgpack.ExtType(5, b"12345678")]},
        **dict(reversed(data.items())),
        "count": -7.0,
        "zzz": [1.5] * 40,
    }
    foreign_json = {"future": [[{"x": None}]], **dict(reversed(aws.items())), "count": -7.0}
    config = {**with_iso_time(data), "timeout": "90s"}
    return {
        "sample.msgpack": msgpack.packb(data, use_bin_type=True),
        "foreign.msgpack": msgpack.packb(foreign, use_bin_type=True),
        "sample.json": compact(parsed_detail).encode(),
        "sample_aws.json": compact(aws).encode(),
        "foreign_aws.json": json.dumps(foreign_json, indent=4, ensure_ascii=True).encode(),
        "sample.query": urllib.parse.urlencode(
            list(query_pairs(with_iso_time(data))), quote_via=urllib.parse.quote, safe="-_.~"
        ).encode(),
        "foreign.query": urllib.parse.urlencode(
            [("Action", "X"), *reversed(list(query_pairs(with_iso_time(data))))]
        ).encode(),
        "sample.xml": xml_bytes(),
        "sample.yaml": yaml.safe_dump(config, sort_keys=False, allow_unicode=True).encode(),
        "foreign.yaml": yaml.safe_dump(config, default_flow_style=True, width=50).encode(),
    }


if __name__ == "__main__":
    for name, content in files().items():
        (HERE / name).write_bytes(content)
