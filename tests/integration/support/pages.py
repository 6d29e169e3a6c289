# SPDX-License-Identifier: Apache-2.0
"""A plain HTTP request, and its answer whatever its status."""

import http.client
from typing import NamedTuple

TIMEOUT_S = 20


class Answer(NamedTuple):
    status: int
    headers: dict  # names in lower case
    body: str


def ask(address, method, path, body=None, headers=None):
    """address is "host:port"."""
    connection = http.client.HTTPConnection(address, timeout=TIMEOUT_S)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        named = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, named, answer.read().decode())
    finally:
        connection.close()


def get(address, path):
    return ask(address, "GET", path)
