"""Broken and hostile bytes: reading is bounded in time and memory, and raises only serialization errors."""

import decimal
import random
import time
import tracemalloc
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hzclient.errors import HazelcastSerializationError
from hzclient.serialization import java
from hzclient.serialization import serialization_const as ids
from hzclient.serialization._service import SerializationService
from hzclient.serialization.api import FieldKind
from hzclient.serialization.compact import Int32, SchemaNotFoundError, compact
from hzclient.serialization.generic_record import compact_record

from .golden import VECTORS, Builder, Vector

MUTATIONS = 150
LONGEST = 5.0
"""Seconds; far above what it takes, far below what an endless read would take."""

MOST_MEMORY = 256 * 1024
"""Bytes that may be allocated for data of a few hundred bytes: no length in it is believed unchecked."""

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


def _seeds() -> list[tuple[Any, bytes]]:
    """Return data of every format, each with the service that reads it."""
    seeds: list[tuple[Any, bytes]] = []
    for vector in VECTORS:
        service = Builder(vector).service
        if vector.data is not None:
            seeds.append((service, vector.data))
    plain = SerializationService()
    order = Order(7, "text", decimal.Decimal("1.50"), [Item("a", None), Item("b", 2.5)], {"k": 1})
    record = compact_record(
        "unknown", {"n": (FieldKind.INT8, 1), "s": (FieldKind.ARRAY_OF_STRING, ["x", None])}
    )
    values = (
        order,
        record,
        [order, record, "text"],
        java.hash_map({"a": [1, 2.5, None]}),
        java.tree_set({1, 2}),
    )
    return seeds + [(plain, plain.encode(value)) for value in values]


@compact(type_name="fuzz.Item")
@dataclass
class Item:
    name: str
    price: float | None


@compact(type_name="fuzz.Order")
@dataclass
class Order:
    number: Int32
    text: str | None
    total: decimal.Decimal
    items: list[Item]
    counts: dict[str, int]


SEEDS = _seeds()
PICKLE = (-120).to_bytes(4, "big", signed=True)


@st.composite
def broken(draw: st.DrawFn) -> tuple[Any, bytes]:
    """Draw data of some format with a few changes, and the service that reads it."""
    service, data = draw(st.sampled_from(SEEDS))
    changed = bytearray(data)
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(4, max(len(changed), 4)))
        how = draw(st.sampled_from(["byte", "length", "cut", "insert", "repeat"]))
        if how == "byte":
            changed[place : place + 1] = bytes([draw(st.integers(0, 255))])
        elif how == "length":
            changed[place : place + 4] = draw(st.sampled_from(LENGTHS)).to_bytes(4, "big")
        elif how == "cut":
            del changed[place:]
        elif how == "insert":
            changed[place:place] = draw(st.binary(max_size=8))
        else:
            changed += changed[place : place + 64]
    return service, bytes(changed)


@given(broken())
@settings(max_examples=600, deadline=None)
def test_any_change_of_any_format(case: tuple[Any, bytes]) -> None:
    service, data = case
    if data[4:8] == PICKLE:
        return  # a program, which only its writers can vouch for
    tracemalloc.start()
    begin = time.monotonic()
    try:
        service.decode(data)
    except (HazelcastSerializationError, SchemaNotFoundError) as error:
        assert str(error)
    finally:
        took, (_, peak) = time.monotonic() - begin, tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert took < LONGEST
    assert peak < MOST_MEMORY


def _int(value: int) -> bytes:
    return value.to_bytes(4, "big", signed=True)


def _data(type_id: int, *parts: bytes) -> bytes:
    return bytes(4) + _int(type_id) + b"".join(parts)


@pytest.mark.parametrize(
    ("data", "text", "cause"),
    [
        (_data(ids.JAVA_DEFAULT_TYPE_LOCAL_DATE, _int(10_000), b"\1\1"), "invalid date .*year", ValueError),
        (
            _data(ids.JAVA_DEFAULT_TYPE_OFFSET_DATE_TIME, _int(-5), b"\1\1\0\0\0", _int(0), _int(0)),
            "timestamp .*year",
            ValueError,
        ),
        (
            _data(ids.JAVA_DEFAULT_TYPE_OFFSET_DATE_TIME, _int(2024), b"\1\1\0\0\0", _int(0), _int(1 << 30)),
            "timestamp",
            ValueError,
        ),
        (_data(ids.JAVA_DEFAULT_TYPE_DATE, (1 << 62).to_bytes(8, "big")), "invalid instant", OverflowError),
        (_data(ids.JAVA_DEFAULT_TYPE_BIG_DECIMAL, _int(0), _int(2)), "invalid decimal .*no digits", None),
        (_data(ids.JAVA_DEFAULT_TYPE_BIG_INTEGER, _int(0)), "invalid big integer .*no bytes", None),
        (_data(ids.JAVA_DEFAULT_TYPE_SERIALIZABLE, b"\xac\xed"), "only Java reads it", None),
        (_data(ids.JAVA_DEFAULT_TYPE_EXTERNALIZABLE, b"\xac\xed"), "only Java reads it", None),
        (_data(-110, b"\0"), r"only \.NET", None),
        (_data(ids.CONSTANT_TYPE_DATA_SERIALIZABLE, b"\1", _int(999), _int(1)), "no factory 999", None),
        (_data(ids.CONSTANT_TYPE_DATA_SERIALIZABLE, b"\0"), "only Java can read", None),
        (_data(ids.CONSTANT_TYPE_STRING, _int(3), b"\xff\xff\xff"), "invalid string", UnicodeDecodeError),
        (_data(ids.CONSTANT_TYPE_STRING, _int(30), b"abc"), "only 3 bytes are left", None),
        (_data(ids.CONSTANT_TYPE_BYTE_ARRAY, _int(0x7FFFFFFF)), "only 0 bytes are left", None),
        (_data(12345), "no serializer for data of type id 12345", None),
        (b"\0\0\0", "a head of 8 bytes", None),
        (PICKLE, "a head of 8 bytes", None),
        (bytes(4) + PICKLE + _int(3) + b"xyz", "cannot unpickle", Exception),
    ],
)
def test_unreadable_data_is_explained(data: bytes, text: str, cause: type[Exception] | None) -> None:
    with pytest.raises(HazelcastSerializationError, match=text) as caught:
        SerializationService().decode(data)
    assert caught.value.__cause__ is None if cause is None else isinstance(caught.value.__cause__, cause)


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
