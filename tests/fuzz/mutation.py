"""Changes of inputs, for runs without atheris."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from random import Random

INTERESTING = (0, 1, 2, 3, 4, 6, 7, 0x7F, 0x80, 0xFE, 0xFF, 0x100, 0xFFFF, 0x10000, 1 << 24, 1 << 29)
NUMBERS = (*INTERESTING, *(-number for number in INTERESTING[1:]), 0x7FFFFFFF, -0x80000000)


def mutated(data: bytes, others: Sequence[bytes], random: Random) -> bytes:
    """Return an input with one to four changes.

    Args:
        data: The input.
        others: Further inputs, parts of which may be put in.
        random: Chooses the changes.
    """
    changed = bytearray(data)
    for _ in range(random.randint(1, 4)):
        at = random.randint(0, len(changed))
        kind = random.randrange(8)
        if kind == 0:
            changed[at : at + 1] = bytes([random.randrange(256)])
        elif kind == 1 and at < len(changed):
            changed[at] ^= 1 << random.randrange(8)
        elif kind == 2:
            order = random.choice("<>")
            changed[at : at + 4] = struct.pack(f"{order}i", random.choice(NUMBERS))
        elif kind == 3:
            del changed[at:]
        elif kind == 4:
            del changed[at : at + random.randint(1, 16)]
        elif kind == 5:
            changed[at:at] = bytes(random.randrange(256) for _ in range(random.randint(1, 8)))
        elif kind == 6:
            changed[at:at] = changed[at : at + random.randint(1, 64)] * random.randint(1, 4)
        else:
            other = random.choice(others)
            start = random.randint(0, len(other))
            changed[at : at + random.randint(0, 32)] = other[start : start + random.randint(1, 64)]
    return bytes(changed)
