# SPDX-License-Identifier: Apache-2.0
"""What a run says of itself in the end."""

import collections
import time

KINDS = {
    "kill": "kill -9", "wipe": "Redis loses what it had", "cut": "a way is cut or slowed", "freeze": "a process stands still",
    "aws": "AWS, tasks, callbacks fail", "copy": "copies of Redis", "began again": "could not begin, begun again",
}  # fmt: skip


def table(course, seen, verdicts):
    yield ""
    yield from _injected(course)
    yield ""
    yield from _drains(course, seen)
    yield ""
    yield "invariant                                                                              looked at  violations"
    for invariant, looked_at, violations in verdicts:
        yield f"  {invariant.__doc__:<86} {looked_at:>8}  {len(violations) or 'none':>8}"
    phases = [*course.at.items(), ("end", time.monotonic())]
    spans = [f"{name} {phases[i + 1][1] - at:.0f} s" for i, (name, at) in enumerate(phases[:-1])]
    yield f"took {time.monotonic() - course.began:.0f} s: {', '.join(spans)}"


def _injected(course):
    yield "injected"
    by_kind = collections.defaultdict(list)
    for (kind, what), n in sorted(course.faults.counts.items()):
        by_kind[kind].append((what, n))
    for kind, words in KINDS.items():
        if by_kind[kind]:
            yield f"  {words:<30} {sum(n for _, n in by_kind[kind]):>5}   " + ", ".join(f"{w} {n}" for w, n in by_kind[kind])


def _drains(course, seen):
    ends = collections.Counter(d["state"] for d in seen.newest.values())
    lowered = [e for e in seen.entries("desired", ours=True)]
    cut = sum(e.get("count", 0) for e in seen.entries("sessions_cut"))
    by_deadline = sum(bool(d.get("byDeadline")) for d in seen.newest.values())
    services = seen.snapshot["services"]
    yield "what became of it"
    yield f"  {len(course.services)} services, {course.place.tasks * len(course.services)} tasks at first"
    yield f"  events                         {len(course.events):>6}   sent twice {course.repeated}"
    yield f"  drains                         {sum(ends.values()):>6}   " + ", ".join(f"{s} {n}" for s, n in sorted(ends.items()))
    yield f"  in flight at once, at most     {course.watch.open_most:>6}   by deadline {by_deadline}"
    yield f"  UpdateService that lowered     {len(lowered):>6}   by {sum(e.get('before', 0) - e.get('after', 0) for e in lowered)}"
    yield f"  sessions completed             {sum(s.get('completed', 0) for s in services):>6}   cut {cut}"
    yield f"  messages                       {sum(len(m) for m in seen.topics.values()):>6}   " + ", ".join(
        f"{t} {len(m)}" for t, m in seen.topics.items()
    )
