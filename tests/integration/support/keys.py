# SPDX-License-Identifier: Apache-2.0
"""What Ebb has in Redis: each key, how much memory it takes and how long it lives; and the table of lib/store/README.md
that says what may be there."""

import re
from typing import NamedTuple

from . import paths

PREFIX = "{ebb}:"
# One drain of a service that nothing else happens to; its looks are most of it.
FINISHED_DRAIN_MAX_BYTES = 32 * 1024
ROW = re.compile(r"^\| `\{ebb\}:([a-z]+)[^`]*` \| ([^|]+) \| ([^|]+) \|", re.MULTILINE)


class Key(NamedTuple):
    name: str
    kind: str
    bytes: int
    life_ms: int  # -1: it has no end


class Documented(NamedTuple):
    ends: bool
    words: str


def held(redis):
    """Every key there is. One that ends meanwhile is not told."""
    found = []
    for name in redis.scan_iter():
        size, life_ms = redis.memory_usage(name, samples=0), redis.pttl(name)
        if size is not None and life_ms != -2:
            assert name.startswith(PREFIX), f"{name} is not ours"
            found.append(Key(name, name[len(PREFIX) :].split(":")[0], size, life_ms))
    return found


def documented():
    """kind -> whether it ends once no drain is open, and the table's words."""
    text = (paths.PROJECT / "lib" / "store" / "README.md").read_text(encoding="utf-8")
    table = {}
    for kind, _, life in ROW.findall(text):
        table[kind] = Documented(not life.startswith("no end"), life.strip())
    return table


def without_end(found):
    return {key.kind for key in found if key.life_ms == -1}


def bytes_of(found):
    return sum(key.bytes for key in found)


def timeline(redis):
    """The name of the one timeline there is."""
    (name,) = redis.scan_iter(PREFIX + "timeline:*")
    return name


def describe(found):
    return "\n".join(f"{key.bytes:>7} bytes  {key.life_ms:>11} ms  {key.name}" for key in sorted(found))
