# SPDX-License-Identifier: Apache-2.0
"""Everything that Ebb leaves behind for others to read, and the search for secrets in it, also where they were
encoded on the way."""

import base64
import json
import pathlib
import urllib.parse

EDGE = 4  # characters of base64 that depend on what stands beside


def forms(secret):
    """The secret as it may be written: plain, in hex, in JSON, in a URL, in base64 at any place of a longer text."""
    raw = secret.encode()
    found = {raw, raw.hex().encode(), json.dumps(secret)[1:-1].encode(), urllib.parse.quote(secret, safe="").encode()}
    for before in range(3):
        coded = base64.b64encode(b"\0" * before + raw + b"\0" * (-(before + len(raw)) % 3))
        found.add(coded[EDGE:-EDGE])
        found.add(coded[EDGE:-EDGE].replace(b"+", b"-").replace(b"/", b"_"))
    return found


def leaks(places, secrets):
    """places: name -> bytes; secrets: name -> text. The pairs of a secret and a place where it stands."""
    wanted = {name: forms(secret) for name, secret in secrets.items()}
    return sorted(
        {(name, place) for place, held in places.items() for name, spelt in wanted.items() for f in spelt if f in held}
    )


def of_processes(processes):
    """Logs and arguments of all but what Ebb runs beside (the world, Kafka, Redis)."""
    found = {}
    for process in processes:
        found[f"log of {process.name}"] = process.log_path.read_bytes()
        if process.is_running:
            found[f"arguments of {process.name}"] = pathlib.Path(f"/proc/{process.pid}/cmdline").read_bytes()
    return found


def of_topics(kafka):
    found = {}
    for topic in kafka.topics():
        for m in kafka.consume_all(topic):
            parts = [m.key, m.value, *(part for name, value in m.headers.items() for part in (name.encode(), value))]
            found[f"{topic}/{m.partition}/{m.offset}"] = b"\0".join(part for part in parts if part)
    return found


def of_redis(client):
    """client answers with bytes."""
    read = {
        b"string": lambda key: [client.get(key)],
        b"hash": lambda key: [part for pair in client.hgetall(key).items() for part in pair],
        b"zset": lambda key: client.zrange(key, 0, -1),
        b"list": lambda key: client.lrange(key, 0, -1),
        b"set": client.smembers,
    }
    return {
        f"redis {key.decode(errors='replace')}": b"\0".join([key, *filter(None, read[client.type(key)](key))])
        for key in client.scan_iter()
        if client.exists(key)
    }
