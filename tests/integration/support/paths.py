# SPDX-License-Identifier: Apache-2.0
"""Where things are."""

import os
import pathlib
import socket

PROJECT = pathlib.Path(__file__).resolve().parents[3]
DEPENDENCIES = PROJECT / ".deps"
VARIANT = os.environ.get("EBB_VARIANT", "release")


def program(name, variant=VARIANT):
    """build/VARIANT/name: "ebb", "ebb-world", or "tools/x" for tests/tools/x.c."""
    path = PROJECT / "build" / variant / name
    assert path.exists(), f"{path.relative_to(PROJECT)} is not built: make VARIANT={variant} all tools"
    return str(path)


def free_ports(n=1):
    """Loopback ports that were free a moment ago; all different."""
    sockets = [socket.socket() for _ in range(n)]
    try:
        for s in sockets:
            s.bind(("127.0.0.1", 0))
        return [s.getsockname()[1] for s in sockets]
    finally:
        for s in sockets:
            s.close()


def free_port():
    return free_ports()[0]
