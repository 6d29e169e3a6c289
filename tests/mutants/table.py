# SPDX-License-Identifier: Apache-2.0
"""Reads tests/mutants/*.table and tests/mutants/wanted, and refuses what is not as the README says.

A table is a list of entries. An entry begins with `mutant NAME`; its other lines begin with two blanks and one of
the words of WORDS. `file`, `old`, `new` may come several times: each `new` closes one place."""
import pathlib
import re
import sys
import zlib

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WORDS = {"for", "says", "file", "after", "old", "new", "unit", "test", "sim"}
NAME = re.compile(r"[a-z][a-z0-9_]*$")


class Place:
    """One text of one file, and what stands there instead."""

    def __init__(self, file, after, old, new):
        self.file, self.after, self.old, self.new = file, after, old, new


class Mutant:
    def __init__(self, name, where):
        self.name, self.where, self.number = name, where, 0
        self.tags, self.says, self.places = [], "", []
        self.unit, self.tests = [], []
        self.not_sim, self.rare = "", ""  # why histories cannot show it, or seldom do


def fail(where, why):
    sys.exit(f"{where}: {why}")


def read_value(m, word, value, pending, where):
    """Takes one line of an entry; `pending` is the place that is being described."""
    if word == "for":
        m.tags += [tag.strip() for tag in value.split(",")]
    elif word == "says":
        m.says = value
    elif word in ("file", "after", "old"):
        pending[word] = value
    elif word == "new":
        if "file" not in pending or not pending.get("old"):
            fail(where, "new needs a file and an old before it")
        m.places.append(Place(pending["file"], pending.pop("after", ""), pending.pop("old"), value))
    elif word == "unit":
        m.unit += value.split()
    elif word == "test":
        m.tests += value.split()
    elif word == "sim":
        kind, _, why = value.partition(": ")
        if kind not in ("no", "rare") or not why:
            fail(where, "sim says 'no: ' or 'rare: ', and why histories cannot show it, or seldom do")
        m.not_sim, m.rare = (why, "") if kind == "no" else ("", why)


def read_file(path, mutants):
    m, pending = None, {}
    for number, line in enumerate(path.read_text().splitlines(), 1):
        where = f"{path.relative_to(ROOT)}:{number}"
        if not line.strip() or line.startswith("#"):
            continue
        if not line.startswith("  "):
            word, _, name = line.partition(" ")
            if word != "mutant" or not NAME.match(name):
                fail(where, "an entry begins with 'mutant' and a name of a-z, 0-9 and _")
            m, pending = Mutant(name, where), {}
            mutants.append(m)
            continue
        word, _, value = line.strip().partition(" ")
        if m is None or word not in WORDS:
            fail(where, f"'{word}' is no word of an entry")
        read_value(m, word, value.strip(), pending, where)


def read_mutants():
    mutants = []
    for path in sorted(HERE.glob("*.table")):
        read_file(path, mutants)
    numbers = {}
    for m in mutants:
        # Of its name, so that a mutant more changes the code of no other.
        m.number = zlib.crc32(m.name.encode()) & 0x7FFFFFFF
        if m.number in numbers:
            fail(m.where, f"{m.name} is the same as {numbers[m.number]}")
        numbers[m.number] = m.name
        if not (m.tags and m.says and m.places and (m.unit or m.tests or not (m.not_sim or m.rare))):
            fail(m.where, f"{m.name} lacks for, says, a place, or somebody to catch it")
    return mutants


class Wanted:
    """Something that must have a mutant, or a reason why it can have none."""

    def __init__(self, tag, text, excuse):
        self.tag, self.text, self.excuse = tag, text, excuse


CLAUSE = re.compile(r"^ \*\s{1,2}([A-Z])(\d+)\s+(\S.*)$")
STEP = re.compile(r"^(\d+)\. (.*)$")


def clauses_of(path):
    """The numbered clauses in the first comment of a stage or producer."""
    for line in path.read_text().split("*/", 1)[0].splitlines():
        found = CLAUSE.match(line)
        if found:
            yield Wanted(found[1] + found[2], found[3], "")


def read_wanted():
    wanted = []
    for number, line in enumerate((HERE / "wanted").read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        parts = [part.strip() for part in line.split("|")]
        if len(parts) not in (2, 3):
            fail(f"tests/mutants/wanted:{number}", "a line is 'TAG | text', or 'TAG | text | why it can have no mutant'")
        wanted.append(Wanted(parts[0], parts[1], parts[2] if len(parts) == 3 else ""))
    excused = {w.tag: w for w in wanted}
    for line in (ROOT / "docs/scale.md").read_text().splitlines():
        found = STEP.match(line)
        if found:
            wanted.append(Wanted(f"step {found[1]}", found[2], ""))
    for path in sorted((ROOT / "workers").glob("*.c")) + sorted((ROOT / "producers").glob("*.c")):
        wanted += [w for w in clauses_of(path) if w.tag not in excused]
    return wanted


def check_tags(mutants, wanted):
    """Every thing wanted has a mutant or an excuse; no mutant is for a thing that is not."""
    known = {w.tag for w in wanted}
    have = {tag for m in mutants for tag in m.tags}
    for m in mutants:
        for tag in m.tags:
            if tag not in known:
                fail(m.where, f"there is no '{tag}' (tests/mutants/wanted, docs/scale.md, the stages' clauses)")
    missing = [w.tag for w in wanted if w.tag not in have and not w.excuse]
    if missing:
        fail("tests/mutants", f"without a mutant: {', '.join(missing)}")
