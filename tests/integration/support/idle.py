# SPDX-License-Identifier: Apache-2.0
"""Every role with nothing to do: what it holds once all of them are ready and have their partitions."""

import re
import urllib.error
import urllib.request

from . import memory, paths
from .fleet import PRODUCERS, ROLES, STAGES
from .waiting import wait_for

READY_TIMEOUT_S = 40
ASSIGNED = re.compile(r"^ebb_consumer_assigned_partitions(?:\{.*\})? ([1-9]\d*)$", re.MULTILINE)


def _get(page, path):
    with urllib.request.urlopen(f"http://{page}{path}", timeout=5) as answer:
        return answer.read().decode()


def _is_idle(page, stages):
    """Ready, and every stage in it has partitions: before that it holds less."""
    _get(page, "/ready")
    return len(ASSIGNED.findall(_get(page, "/metrics"))) >= stages


def measure(fleet):
    """role, as one types it -> its memory and number of threads, one process after another: each has all partitions."""
    found = {}
    for role in (*ROLES, "run"):
        words = ["work", role] if role in STAGES else [role]
        page = f"127.0.0.1:{paths.free_port()}"
        process = fleet.ebb.start(*words, env={"EBB_METRICS_LISTEN": page})
        stages = 0 if role in PRODUCERS else len(STAGES) if role == "run" else 1
        wait_for(
            lambda page=page, stages=stages: _is_idle(page, stages), READY_TIMEOUT_S, f"{role} to be idle",
            process.tail, (OSError, urllib.error.HTTPError),
        )  # fmt: skip
        found[" ".join(words)] = (memory.of(process.pid), _threads(process.pid))
        process.stop()
    return found


def _threads(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("Threads:"))
