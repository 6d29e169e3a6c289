# SPDX-License-Identifier: Apache-2.0
"""How a program that cannot do what is asked must say so: one line, and the exit code of the documents."""

import concurrent.futures
import re

from . import paths

ROLES = (
    ("relay",), ("timers",), ("callback",), ("work", "select"), ("work", "remove"), ("work", "drain"),
    ("work", "scale"), ("run",),
)  # fmt: skip
COMMANDS = (
    ("status",), ("why", "demo/calls"), ("timeline", "3366f10b5f0aa7ab"), ("drain", "demo/calls"), ("topics",),
    ("topics", "create"),
)  # fmt: skip
AT_ONCE = 24


def exit_codes():
    """name -> code, as the table in docs/exit-codes.md says."""
    page = (paths.PROJECT / "docs" / "exit-codes.md").read_text(encoding="utf-8")
    found = {name: int(code) for code, name in re.findall(r"^\| (\d+) \| ([A-Z]+) \|", page, re.MULTILINE)}
    assert found["OK"] == 0 and len(found) >= 8, "the table was not found"
    return found


EXIT = exit_codes()


def refused(words, done, exit_name, *patterns):
    """The program `ebb WORDS` ended with that exit code and exactly one line, in which each pattern is found."""
    said = f"ebb {' '.join(words)}: exit code {done.returncode}\n{done.stdout}{done.stderr}"
    assert done.returncode == EXIT[exit_name], said
    assert done.stdout == "", said
    assert done.stderr.count("\n") == 1 and done.stderr.endswith("\n"), said
    assert done.stderr.startswith(f"ebb {words[0]}: "), said
    for pattern in patterns:
        assert re.search(pattern, done.stderr), f"{pattern!r} is not in\n{said}"


def run_side_by_side(ebb, asked, timeout_s=60):
    """asked: (words, env) of each; those that wait for something wait together. Returns what became of each."""
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        started = [pool.submit(ebb.run, *words, env=env, timeout_s=timeout_s) for words, env in asked]
        return [future.result() for future in started]


def all_refused(ebb, commands, env, exit_name, *patterns, never=()):
    """Each of the commands, in the same circumstances; returns what they said, in which `never` is not."""
    said = []
    for words, done in zip(commands, run_side_by_side(ebb, [(words, env) for words in commands])):
        refused(words, done, exit_name, *patterns)
        assert not [word for word in never if word in done.stderr], done.stderr
        said.append(done.stderr)
    return said
