# SPDX-License-Identifier: Apache-2.0
"""The rules of CloudWatch's embedded metric format, as its specification states them."""

import json

NAMESPACE_CHARS_MAX = 1024
DIMENSION_SETS_MIN = 1
DIMENSION_KEYS_MAX = 30
DIMENSION_KEY_CHARS_MAX = 250
DIMENSION_VALUE_CHARS_MAX = 1024
METRICS_MAX = 100
VALUES_MAX = 100
DOCUMENT_BYTES_MAX = 256 * 1024
UNITS = {"Seconds", "Microseconds", "Milliseconds", "Bytes", "Count", "Percent", "None"}


def lines(text):
    """The documents among the lines of a log that holds others too."""
    return [line for line in text.splitlines() if line.startswith('{"_aws"')]


def check(line):
    """Fails when the line is not a document of the format; returns (metric, value, dimensions) of each metric."""
    assert len(line.encode()) <= DOCUMENT_BYTES_MAX
    document = json.loads(line)
    header = document["_aws"]
    assert set(header) == {"Timestamp", "CloudWatchMetrics"}
    assert isinstance(header["Timestamp"], int) and header["Timestamp"] > 0
    found = []
    for directive in header["CloudWatchMetrics"]:
        assert set(directive) == {"Namespace", "Dimensions", "Metrics"}
        assert 1 <= len(directive["Namespace"]) <= NAMESPACE_CHARS_MAX
        assert len(directive["Dimensions"]) >= DIMENSION_SETS_MIN
        for keys in directive["Dimensions"]:
            _check_dimensions(keys, document)
        assert 1 <= len(directive["Metrics"]) <= METRICS_MAX
        for metric in directive["Metrics"]:
            assert set(metric) <= {"Name", "Unit", "StorageResolution"}
            assert metric.get("Unit", "None") in UNITS
            assert metric.get("StorageResolution", 60) in (1, 60)
            value = document[metric["Name"]]
            for number in value if isinstance(value, list) else [value]:
                assert isinstance(number, (int, float)) and not isinstance(number, bool)
            assert not isinstance(value, list) or len(value) <= VALUES_MAX
            dimensions = [{key: document[key] for key in keys} for keys in directive["Dimensions"]]
            found.append((metric["Name"], value, dimensions))
    return found


def _check_dimensions(keys, document):
    assert len(keys) <= DIMENSION_KEYS_MAX and len(set(keys)) == len(keys)
    for key in keys:
        assert 1 <= len(key) <= DIMENSION_KEY_CHARS_MAX
        # A dimension is a text at the root of the document, and never an empty one.
        assert isinstance(document[key], str) and 1 <= len(document[key]) <= DIMENSION_VALUE_CHARS_MAX
