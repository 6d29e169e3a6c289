# SPDX-License-Identifier: Apache-2.0
"""Goal: with a real broker and a real Redis everything holds that holds in the simulator, whatever dies, is cut or
forgets. Method: a small course of tests/chaos, with its table in the log; `make chaos` is the large one."""

import random

import pytest
from chaos.command import explain, play
from chaos.course import Course

GIVEN = {"KILLS": 40, "WIPES": 3, "SERVICES": 30, "MINUTES": 8}


@pytest.fixture
def course(tmp_path_factory):
    """Begun by the test, ended whatever becomes of it."""
    begun = []

    def begin(**options):
        begun.append(Course(tmp_path_factory.mktemp("chaos"), **options))
        return begun[0]

    yield begin
    for one in begun:
        one.end()


@pytest.mark.timeout(600)
def test_kills_cuts_and_wipes(course):
    given = {**GIVEN, "SEED": random.randrange(1, 1 << 32)}
    print(given)
    seen, violations = play(course(**{name.lower(): value for name, value in given.items()}))
    if violations:
        explain(seen, violations, given)
    assert not violations
