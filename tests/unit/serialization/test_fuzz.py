"""Broken and hostile bytes: reading them ends soon, and with an error that is one of serialization."""

import random
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hzclient.errors import HazelcastSerializationError
from hzclient.serialization.compact import SchemaNotFoundError

from .golden import VECTORS, Builder, Vector

MUTATIONS = 150
LONGEST = 5.0
"""Seconds; far above what it takes, far below what an endless read would."""

LENGTHS = (0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0x10000, 3)
INTERESTING = (0, 1, 0x7F, 0x80, 0xFE, 0xFF)


def mutated(data: bytes, source: random.Random) -> bytes:
    """Return data with a few bytes or one length replaced, or cut, or with bytes in between."""
    changed = bytearray(data)
    place = source.randrange(8, len(data)) if len(data) > 8 else 4
    choice = source.randrange(5)
    if choice == 0:
        changed[place] = source.choice(INTERESTING)
    elif choice == 1:
        changed[place : place + 4] = source.choice(LENGTHS).to_bytes(4, "big")
    elif choice == 2:
        del changed[place:]
    elif choice == 3:
        changed[place:place] = bytes(source.choices(range(256), k=3))
    else:
        for _ in range(3):
            changed[source.randrange(4, len(changed))] = source.randrange(256)
    return bytes(changed)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.id)
def test_mutations_of_what_java_wrote(vector: Vector) -> None:
    builder = Builder(vector)
    data = builder.service.encode(builder.to_write()) if vector.data is None else vector.data
    source = random.Random(vector.id)
    begin = time.monotonic()
    for _ in range(MUTATIONS if len(data) < 2048 else 10):
        _decode(builder, mutated(data, source))
    assert time.monotonic() - begin < LONGEST


type_ids = st.integers(-60, 0) | st.sampled_from([-102, -130, -303, -310, -313, -326])


@given(type_id=type_ids, payload=st.binary(max_size=200))
def test_any_bytes(type_id: int, payload: bytes) -> None:
    _decode(_BUILDER, bytes(4) + type_id.to_bytes(4, "big", signed=True) + payload)


@given(data=st.binary(max_size=12))
def test_any_short_data(data: bytes) -> None:
    if data[4:8] != (-120).to_bytes(4, "big", signed=True):
        _decode(_BUILDER, data)


_BUILDER = Builder(next(vector for vector in VECTORS if vector.id == "compact-nested"))


def _decode(builder: Builder, data: bytes) -> Any:
    # A changed schema id may be one that the cluster has; it is asked for, as for any other.
    try:
        return builder.service.decode(data)
    except (HazelcastSerializationError, SchemaNotFoundError):
        return None
