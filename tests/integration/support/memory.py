# SPDX-License-Identifier: Apache-2.0
"""What a process holds, and whether it grows: figures of the kernel, and the one rule that judges them."""

from typing import NamedTuple

KB = 1024
# What design promises of a one-stage worker that has nothing to do.
IDLE_MAX_BYTES = 6 * KB * KB
# Growth below this is pages that threads and buffers touch for the first time, not a leak; over the 10,000 messages of
# the shortest second half it is 13 bytes a message, less than malloc's smallest piece.
GROWTH_MAX_BYTES = 128 * KB
NOISE_FACTOR = 3


class Memory(NamedTuple):
    anonymous: int
    pss: int


def of(pid):
    """Bytes of a process: what is its alone (heap, stacks, changed pages), and its share of everything."""
    found = {}
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as rollup:
        for line in rollup:
            words = line.split()
            if words[0] in ("Anonymous:", "Pss:"):
                found[words[0]] = int(words[1]) * KB
    return Memory(found["Anonymous:"], found["Pss:"])


class Verdict(NamedTuple):
    grows: bool
    growth: float  # bytes, over the second half
    noise: float  # bytes, standard deviation around the line
    per_message: float

    def __str__(self):
        return (
            f"{'GROWING' if self.grows else 'FLAT'}: {self.growth / KB:+.0f} KB over the second half "
            f"({self.per_message:+.2f} bytes a message), noise {self.noise / KB:.0f} KB; GROWING is more than "
            f"{GROWTH_MAX_BYTES // KB} KB and more than {NOISE_FACTOR} times the noise"
        )


def judge(samples):
    """samples: (messages done, bytes), at even distances. A straight line through those of the second half says how
    much was added in it; what the samples differ from that line is noise. The first half is warming up."""
    late = samples[len(samples) // 2 :]
    assert len(late) >= 5, "too few samples to judge by"
    n = len(late)
    mean_x, mean_y = sum(x for x, _ in late) / n, sum(y for _, y in late) / n
    slope = sum((x - mean_x) * (y - mean_y) for x, y in late) / sum((x - mean_x) ** 2 for x, _ in late)
    noise = (sum((y - mean_y - slope * (x - mean_x)) ** 2 for x, y in late) / n) ** 0.5
    growth = slope * (late[-1][0] - late[0][0])
    return Verdict(growth > max(GROWTH_MAX_BYTES, NOISE_FACTOR * noise), growth, noise, slope)
