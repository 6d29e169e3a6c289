# SPDX-License-Identifier: Apache-2.0
"""The command line: what is asked for by the environment, one course, its table."""

import os
import pathlib
import random
import shutil
import signal
import tempfile

from support import paths

from .course import Course
from .judge import Seen, judge, tell_of
from .table import table

DEFAULTS = {"KILLS": 500, "WIPES": 20, "SERVICES": 1000, "MINUTES": 60}
SHOWN_MAX = 20


def numbers():
    found = {name: int(os.environ.get(name) or value) for name, value in DEFAULTS.items()}
    found["SEED"] = int(os.environ.get("SEED") or random.randrange(1, 1 << 32))
    return found


def interrupt(number, frame):
    raise KeyboardInterrupt


def play(course, tell=print):
    """To the end: (Seen, violations), each (what is wrong, what it is about)."""
    violations = []
    try:
        course.run()
    except AssertionError as error:  # a bound that was passed, or a process that gave up
        violations.append((str(error), ""))
        course.mend()
    seen = Seen(course)
    verdicts = list(judge(seen))
    for line in table(course, seen, verdicts):
        tell(line)
    return seen, violations + [violation for _, _, found in verdicts for violation in found]


def explain(seen, violations, given, tell=print):
    """The first violation, and where to look."""
    what, about = violations[0]
    again = " ".join(f"{name}={value}" for name, value in given.items())
    file = paths.PROJECT / "build" / "chaos" / f"seed-{given['SEED']}.txt"
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = [text for text, _ in violations]
    for subject in dict.fromkeys(subject for _, subject in violations[:SHOWN_MAX] if subject):
        lines += ["", f"== {subject}", *tell_of(seen, subject)]
    file.write_text("\n".join(lines) + "\n")
    tell(f"VIOLATION ({len(violations)} in all): {what}")
    tell(f"  all that is known of it: {file.relative_to(paths.PROJECT)}")
    tell(f"  the same faults again:   {again} make chaos        (KEEP=1 keeps every log)")


def main():
    signal.signal(signal.SIGTERM, interrupt)
    given = numbers()
    print(" ".join(f"{name}={value}" for name, value in given.items()), flush=True)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="ebb-chaos-"))
    course = None
    try:
        course = Course(
            folder, given["SEED"], given["KILLS"], given["WIPES"], given["SERVICES"], given["MINUTES"],
            lambda line: print(line, flush=True),
        )  # fmt: skip
        seen, violations = play(course)
        if violations:
            explain(seen, violations, given)
        return 1 if violations else 0
    except KeyboardInterrupt:
        print("interrupted; all that was started is being stopped", flush=True)
        return 2
    finally:
        if course:
            course.end()
        if os.environ.get("KEEP"):
            print(f"kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
