# SPDX-License-Identifier: Apache-2.0
"""What goes wrong, in which order and for how long: chosen by the seed before anything is begun."""

import random
from typing import NamedTuple

from .place import SITES, TARGETS

# Of 100 kills. The others fall on Ebb's processes, each as likely.
BROKER_KILLS, REDIS_KILLS = 4, 6
# For one kill, on average.
CUTS, FREEZES, AWS_TROUBLES = 1 / 4, 1 / 20, 1 / 20
GAP_S = 1.0  # between two, on average
# After so many all is left alone for a while, so that long things get done in between, too.
CALM_EVERY, CALM_S = 25, (3.0, 15.0)
CUT_S = (0.5, 20.0)
# Past leases (10 s) and sessions (10 s) of the groups as well.
FREEZE_S = (1.0, 25.0)
AWS_TROUBLE_S = (2.0, 10.0)
DEAD_S = (0.0, 4.0)
# Of 100 times that Redis is killed or wiped, so many come only once Ebb has rebuilt what the last one took; the others may
# come in the midst of that.
REBUILT_FIRST = 75
REBUILT = "rebuilt"
WIPES = ("flush", "empty", "older")
CUT_KINDS = ("shut", "cut", "hold up", "hold down", "hold both", "slow 50", "slow 400")
AWS_EFFECTS = ("throttle", "5xx_before", "5xx_after", "drop_before", "drop_after", "delay")
AWS_OPERATIONS = ("ecs:*", "ecs:Update*", "lambda:Invoke", "sqs:ReceiveMessage", "sqs:DeleteMessage*", "task:*", "callback")


class Event(NamedTuple):
    kind: str  # kill, wipe, copy, cut, freeze, aws, calm
    what: str  # who is killed or frozen; how Redis is wiped; which way; which operation
    how: str = ""
    seconds: float = 0.0  # how long it lasts
    gap_s: float = 0.0  # until the next


def members():
    """The names of Ebb's processes."""
    found = []
    for site, roles in SITES.items():
        found += [f"{site}.{role}" if role != "run" else f"{site}.run{n}" for n, role in enumerate(roles)]
    return found


def choose(seed, kills, wipes):
    """The events in their order."""
    chance = random.Random(f"plan {seed}")
    names = members()
    events = []
    brokers, redises = max(1, kills * BROKER_KILLS // 100), max(1, kills * REDIS_KILLS // 100)
    for n in range(kills):
        what = "kafka" if n < brokers else "redis" if n < brokers + redises else names[n % len(names)]
        events.append(Event("kill", what, _when(chance, what), chance.uniform(*DEAD_S)))
    for n in range(wipes):
        events.append(Event("wipe", WIPES[n % len(WIPES)], _when(chance, "redis"), chance.uniform(*DEAD_S)))
    for n in range(round(kills * CUTS)):
        way = f"{chance.choice(list(SITES))}.{chance.choice(TARGETS)}"
        events.append(Event("cut", way, CUT_KINDS[n % len(CUT_KINDS)], chance.uniform(*CUT_S)))
    for _ in range(round(kills * FREEZES)):
        events.append(Event("freeze", chance.choice(names), seconds=chance.uniform(*FREEZE_S)))
    for n in range(round(kills * AWS_TROUBLES)):
        effect = AWS_EFFECTS[n % len(AWS_EFFECTS)]
        events.append(Event("aws", chance.choice(AWS_OPERATIONS), effect, chance.uniform(*AWS_TROUBLE_S)))
    chance.shuffle(events)
    return _paced(_with_copies(events, chance), chance)


def _when(chance, what):
    return REBUILT if what == "redis" and chance.randrange(100) < REBUILT_FIRST else ""


def _with_copies(events, chance):
    """Before Redis becomes older, a copy of it is made: some events before."""
    found = []
    for event in events:
        if event.kind == "wipe" and event.what == "older":
            found.insert(max(0, len(found) - chance.randint(2, 15)), Event("copy", "redis"))
        found.append(event)
    return found


def _paced(events, chance):
    found = []
    for n, event in enumerate(events, 1):
        found.append(event._replace(gap_s=chance.expovariate(1 / GAP_S)))
        if n % CALM_EVERY == 0:
            found.append(Event("calm", "", gap_s=chance.uniform(*CALM_S)))
    return found
