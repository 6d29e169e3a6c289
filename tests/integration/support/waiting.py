# SPDX-License-Identifier: Apache-2.0
"""The one way in which tests wait: for a condition, with a bound, and with words when it is passed."""

import time

INTERVAL_S = 0.02


class TimedOut(AssertionError):
    """What was waited for did not come in time."""


def wait_for(condition, timeout_s=10, what="the condition", detail=None, errors=()):
    """Returns the first true value of condition(). Exceptions of the types in `errors` mean not yet.
    When the bound is passed, detail() (the last lines of a log, say) is part of the failure."""
    end = time.monotonic() + timeout_s
    last = None
    while True:
        try:
            last = condition()
            if last:
                return last
        except errors as error:
            last = error
        if time.monotonic() >= end:
            break
        time.sleep(INTERVAL_S)
    words = f"waited {timeout_s} s for {what}; last seen: {last!r}"
    if detail:
        words += "\n" + detail()
    raise TimedOut(words)


def stays(condition, seconds, what="the condition"):
    """The condition is true now and whenever it is looked at in that time: for what must not happen."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert condition(), f"{what} did not stay so"
        time.sleep(INTERVAL_S)
