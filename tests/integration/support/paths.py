# SPDX-License-Identifier: Apache-2.0
"""Where things are."""

import os
import pathlib
import secrets
import socket

PROJECT = pathlib.Path(__file__).resolve().parents[3]
DEPENDENCIES = PROJECT / ".deps"
VARIANT = os.environ.get("EBB_VARIANT", "release")


def program(name, variant=VARIANT):
    """build/VARIANT/name: "ebb", "ebb-world", or "tools/x" for tests/tools/x.c."""
    path = PROJECT / "build" / variant / name
    assert path.exists(), f"{path.relative_to(PROJECT)} is not built: make VARIANT={variant} all tools"
    return str(path)


# Programs are started again on the port they had, so it must not be one that the kernel gives to anybody's outgoing
# connection meanwhile: only ports below that range are used, and each by one process of pytest and once.
PORTS_N = 12_000
WORKERS_MAX = 8


def _ports_of_this_process():
    first_outgoing = int(pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % WORKERS_MAX
    share = PORTS_N // WORKERS_MAX
    begin = secrets.randbelow(share)
    for i in range(share):
        yield first_outgoing - PORTS_N + worker * share + (begin + i) % share


_ports = _ports_of_this_process()


def _is_free(port):
    with socket.socket() as s:
        try:
            s.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def free_port():
    """A loopback port that is free, and given to nobody else by this process."""
    return next(port for port in _ports if _is_free(port))


def free_ports(n):
    return [free_port() for _ in range(n)]
