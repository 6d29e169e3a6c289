# SPDX-License-Identifier: Apache-2.0
"""Goal: our readers of JSON and msgpack agree with Python's about what a document is, and what is in it.
Method: the fuzz corpora, and thousands of documents made of them by chance, go through both."""

import json
import math
import pathlib
import random

import msgpack
import pytest

from support import paths
from support.processes import run

FUZZ = pathlib.Path(__file__).resolve().parents[1] / "fuzz"
DOCUMENTS = 20000
PIECES = [b'"', b"\\", b"\\u0000", b"\\ud83c\\udf0a", b"{", b"}", b"[", b"]", b":", b",", b"null", b"true", b"-1", b"0",
          b"0.1", b"1e5", b"1E+2", b"-0", b"01", b"1.", b"9223372036854775807", b" ", b"\n", b"\xc3\xa9", b"\xff", b"\x00",
          b"\xed\xa0\x80", b"e", b"/", b"\\/", b"\t", b"{}", b"[]", b'"a":', b"\xd9\x01a", b"\xc0", b"\xcf", b"\xdf"]  # fmt: skip


def documents(target, encodings):
    """The seeds without the line that says what they are."""
    found = []
    for path in sorted((FUZZ / "corpus" / target).iterdir()):
        data = path.read_bytes()
        if target == "record":
            head, _, data = data.partition(b"\n")
            if head.split(b" ", 1)[1] not in encodings:
                continue
        found.append(data)
    return found


def changed(seeds, chance):
    data = bytearray(chance.choice(seeds))
    for _ in range(chance.randrange(1, 5)):
        at = chance.randrange(len(data) + 1)
        what = chance.randrange(5)
        if what == 0:
            del data[at : at + chance.randrange(1, 9)]
        elif what == 1:
            data[at:at] = chance.choice(PIECES)
        elif what == 2 and at < len(data):
            data[at] = chance.randrange(256)
        elif what == 3:
            other = chance.choice(seeds)
            begin = chance.randrange(len(other) + 1)
            data[at:] = other[begin:]
        else:
            piece = chance.choice(PIECES)
            data[at : at + len(piece)] = piece
    return bytes(data)


def ask(kind, all_of_them, folder):
    path = folder / f"{kind}-documents"
    path.write_bytes(b"".join(b"%d\n%s" % (len(one), one) for one in all_of_them))
    done = run([paths.program("tools/record_tool"), kind, path], folder, timeout_s=60)
    assert done.returncode == 0, done.stderr
    answers = done.stdout.split("\n")[:-1]
    assert len(answers) == len(all_of_them)
    return answers


def make(seeds, seed):
    chance = random.Random(seed)
    return seeds + [changed(seeds, chance) for _ in range(DOCUMENTS)]


# ---------------------------------------------------------------- JSON


class NotOurs(Exception):
    """Python takes what RFC 8259 does not have, or what we say we do not take."""


def refuse_constant(name):
    raise NotOurs(name)


def python_json(data):
    return json.loads(data.decode(), parse_constant=refuse_constant)


def within_our_limits(value, depth=0):
    """What we refuse with reason: numbers that int64 or a double does not hold, half a character, NUL in a key."""
    if depth > 60:
        return False
    if isinstance(value, dict):
        return all("\0" not in key and within_our_limits(key) and within_our_limits(one, depth + 1) for key, one in value.items())
    if isinstance(value, list):
        return all(within_our_limits(one, depth + 1) for one in value)
    if isinstance(value, bool) or value is None:
        return True
    if isinstance(value, int):
        return -(2**63) <= value < 2**63
    if isinstance(value, float):
        return math.isfinite(value)
    return not any(0xD800 <= ord(c) < 0xE000 for c in value)


def test_json_is_what_python_says_it_is(processes):
    seeds = documents("record", {b"json", b"json aws"}) + documents("event", set())
    all_of_them = make(seeds, 1)
    accepted = 0
    for data, answer in zip(all_of_them, ask("json", all_of_them, processes.folder), strict=True):
        try:
            theirs = python_json(data)
        except (ValueError, NotOurs, RecursionError) as error:
            taken = not answer.startswith("refused ")
            assert not taken, f"taken, and Python does not ({error}): {data!r}"
            continue
        if answer.startswith("refused "):
            assert not within_our_limits(theirs), f"refused, and Python takes it: {data!r}: {answer}"
            continue
        accepted += 1
        assert python_json(answer.encode()) == theirs, f"{data!r} is not {answer}"
    assert accepted > DOCUMENTS / 100


# ---------------------------------------------------------------- msgpack

FIELDS = {"v", "id", "service", "drainId", "cause", "time", "alarm", "alarmState", "task", "askedBy", "proof"}


def python_msgpack(data):
    """The message's fields; unknown ones may be anything, also text that is none."""
    raw = msgpack.unpackb(data, raw=True, strict_map_key=False)
    assert isinstance(raw, dict)
    return {name: raw[name.encode()] for name in FIELDS if raw.get(name.encode()) is not None}


def test_msgpack_that_is_taken_is_what_python_reads(processes):
    seeds = [data for data in documents("record", {b"msgpack"}) if b"alarmState" in data or b"drainId" in data]
    all_of_them = make(seeds, 2)
    accepted = 0
    for data, answer in zip(all_of_them, ask("msgpack", all_of_them, processes.folder), strict=True):
        if answer.startswith("refused "):
            continue
        accepted += 1
        theirs, ours = python_msgpack(data), json.loads(answer)
        for name, value in theirs.items():
            if name == "alarmState":
                known = value in (b"OK", b"ALARM", b"INSUFFICIENT_DATA")
                assert ours.get(name, "other").encode() == (value if known else b"other"), f"{data!r}: {answer}"
            elif isinstance(value, bytes):
                assert ours.get(name, "").encode() == value, f"{data!r}: {answer}"
            else:
                assert ours.get(name, 0) == value, f"{data!r}: {answer}"
        assert set(ours) <= set(theirs) | {"v"}, f"{data!r}: {answer}"
    assert accepted > DOCUMENTS / 200


@pytest.mark.parametrize("kind", ["json", "msgpack"])
def test_every_seed_is_taken_or_refused_as_it_was_meant(processes, kind):
    seeds = documents("record", {kind.encode()})
    answers = ask(kind, seeds, processes.folder)
    refused = [answer for answer in answers if answer.startswith("refused ")]
    # Of msgpack only the message's own is a message, and a verdict, which has its two required fields.
    assert len(refused) == (0 if kind == "json" else len(seeds) - 2), refused
