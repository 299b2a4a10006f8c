"""Values of constant types: written and read again in both byte orders, and errors that name their cause."""

import datetime
import decimal
import uuid
import zoneinfo
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hzclient.core import HazelcastJsonValue, MapEntry
from hzclient.errors import HazelcastSerializationError
from hzclient.serialization import java
from hzclient.serialization._options import IntType, SerializationOptions
from hzclient.serialization._service import SerializationService

from .golden import comparable

SERVICES = [
    SerializationService(SerializationOptions(is_big_endian=big, default_int_type=IntType.VAR))
    for big in (True, False)
]

text = st.text(st.characters(exclude_categories=["Cs"]))
unit = st.characters(min_codepoint=0, max_codepoint=0xFFFF, exclude_categories=[])
small_decimals = st.decimals(allow_nan=False, allow_infinity=False)
offsets = st.builds(
    datetime.timezone,
    st.integers(-18 * 3600, 18 * 3600).map(lambda seconds: datetime.timedelta(seconds=seconds)),
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | text
    | st.uuids()
    | small_decimals
    | st.dates()
    | st.times()
    | st.datetimes(timezones=offsets)
    | st.binary().map(bytearray)
    | text.map(HazelcastJsonValue)
)
values = st.recursive(scalars, st.lists, max_leaves=20)


def ints(bits: int) -> st.SearchStrategy[int]:
    return st.integers(-(1 << bits - 1), (1 << bits - 1) - 1)


def lists(items: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(items)


hashables = st.none() | st.integers() | text | st.uuids()

JAVA_VALUES: list[tuple[java.JavaType[Any], st.SearchStrategy[Any]]] = [
    (java.boolean, st.booleans()),
    (java.byte, ints(8)),
    (java.char, unit),
    (java.short, ints(16)),
    (java.integer, ints(32)),
    (java.long, ints(64)),
    (java.float32, st.floats(width=32)),
    (java.float64, st.floats()),
    (java.string, text),
    (java.class_name, text),
    (java.uuid_, st.uuids()),
    (java.big_integer, st.integers()),
    (java.big_decimal, small_decimals),
    (java.local_date, st.dates()),
    (java.local_time, st.times()),
    (java.local_date_time, st.datetimes()),
    (java.offset_date_time, st.datetimes(timezones=offsets)),
    (java.byte_array, st.binary().map(bytearray)),
    (java.boolean_array, lists(st.booleans())),
    (java.char_array, lists(unit)),
    (java.short_array, lists(ints(16))),
    (java.int_array, lists(ints(32))),
    (java.long_array, lists(ints(64))),
    (java.float_array, lists(st.floats(width=32))),
    (java.double_array, lists(st.floats())),
    (java.string_array, lists(st.none() | text)),
    *(
        (kind, lists(scalars))
        for kind in (
            *(java.object_array, java.array_list, java.linked_list, java.copy_on_write_array_list),
            *(java.array_deque, java.linked_blocking_queue, java.array_blocking_queue, java.delay_queue),
            *(java.synchronous_queue, java.linked_transfer_queue),
            *(java.priority_blocking_queue, java.priority_queue),
        )
    ),
    *(
        (kind, st.sets(hashables))
        for kind in (
            *(java.hash_set, java.linked_hash_set, java.tree_set, java.copy_on_write_array_set),
            java.concurrent_skip_list_set,
        )
    ),
    *(
        (kind, st.dictionaries(hashables, hashables))
        for kind in (
            *(java.hash_map, java.linked_hash_map, java.tree_map, java.concurrent_hash_map),
            java.concurrent_skip_list_map,
        )
    ),
    (java.optional, hashables),
]

each_order = pytest.mark.parametrize("service", SERVICES, ids=["big", "little"])


@each_order
@given(value=values)
def test_round_trip(service: SerializationService, value: Any) -> None:
    read = service.decode(service.encode_optional(value))
    assert comparable(read) == comparable(value)
    assert type(read) is type(value)


@each_order
@settings(max_examples=25)
@given(data=st.data())
@pytest.mark.parametrize("kind", range(len(JAVA_VALUES)))
def test_round_trip_of_java_types(service: SerializationService, kind: int, data: st.DataObject) -> None:
    java_type, strategy = JAVA_VALUES[kind]
    value = data.draw(strategy)
    assert comparable(service.decode(service.encode(java_type(value)))) == comparable(value)
    assert comparable(service.decode(service.encode([java_type(value)]))) == comparable([value])


@each_order
@given(instant=st.datetimes(timezones=offsets))
def test_date(service: SerializationService, instant: datetime.datetime) -> None:
    """java.util.Date has milliseconds and no time zone: the instant stays, cut to the millisecond."""
    read = service.decode(service.encode(java.date(instant)))
    assert read.tzinfo is datetime.UTC
    assert datetime.timedelta(0) <= instant - read < datetime.timedelta(milliseconds=1)


def test_entries() -> None:
    for kind in (java.simple_entry, java.simple_immutable_entry):
        entry = SERVICES[0].decode(SERVICES[0].encode(kind(("key", None))))
        assert isinstance(entry, MapEntry)
        assert (entry.key, entry.value) == ("key", None)


@given(value=st.integers())
def test_var_takes_the_smallest_type(value: int) -> None:
    data = SERVICES[0].encode(value)
    size = {-3: 1, -6: 2, -7: 4, -8: 8}.get(int.from_bytes(data[4:8], "big", signed=True))
    if size is not None:
        assert data[8:] == value.to_bytes(size, "big", signed=True)
        value_fits_half = -(1 << 4 * size - 1) <= value < 1 << 4 * size - 1
        assert size == 1 or not value_fits_half
    else:
        assert not -(1 << 63) <= value < 1 << 63


@pytest.mark.parametrize(
    ("int_type", "lowest", "highest"),
    [
        (IntType.BYTE, -128, 255),
        (IntType.SHORT, -(1 << 15), (1 << 15) - 1),
        (IntType.INT, -(1 << 31), (1 << 31) - 1),
        (IntType.LONG, -(1 << 63), (1 << 63) - 1),
    ],
)
def test_int_type_limits(int_type: IntType, lowest: int, highest: int) -> None:
    service = SerializationService(SerializationOptions(default_int_type=int_type))
    assert service.decode(service.encode(lowest)) == lowest
    assert service.decode(service.encode(highest)) in (highest, highest - 256)
    for value in (lowest - 1, highest + 1):
        with pytest.raises(
            HazelcastSerializationError, match=f"{value}.*default_int_type is {int_type.name}"
        ):
            service.encode(value)
        with pytest.raises(HazelcastSerializationError, match=str(value)):
            service.encode([value])


def test_offset_of_a_zone_depends_on_the_date() -> None:
    zone = zoneinfo.ZoneInfo("Europe/Berlin")
    for month, hours in ((1, 1), (7, 2)):
        moment = datetime.datetime(2024, month, 1, 12, tzinfo=zone)
        read = SERVICES[0].decode(SERVICES[0].encode(moment))
        assert read == moment
        assert read.utcoffset() == datetime.timedelta(hours=hours)


def test_naive_datetime_is_utc() -> None:
    moment = datetime.datetime(2024, 1, 1, 12)
    assert SERVICES[0].decode(SERVICES[0].encode(moment)) == moment.replace(tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    "value",
    [
        "\ud800",
        decimal.Decimal("NaN"),
        decimal.Decimal("-Infinity"),
        java.char("ab"),
        java.int_array([1 << 31]),
    ],
)
def test_values_that_no_type_holds(value: Any) -> None:
    for wrapped in (value, [value]):
        with pytest.raises(HazelcastSerializationError, match="cannot write"):
            SERVICES[0].encode(wrapped)


def test_sign_of_nan_is_dropped() -> None:
    """A negative NaN must give the bytes of any other, or equal keys would differ."""
    negative = -float("nan")
    service = SERVICES[0]
    for make in (java.float32, java.float64, lambda value: java.double_array([value, 1.0])):
        assert service.encode(make(negative)) == service.encode(make(float("nan")))
    assert service.encode(java.double_array([float("inf"), -float("inf")]))[-8:] == b"\xff\xf0" + bytes(6)


@pytest.mark.parametrize(
    ("wrap", "plain"),
    [
        (java.hash_set, lambda items: set(items)),
        (java.linked_hash_map, lambda items: dict.fromkeys(items, 1)),
    ],
)
def test_items_become_hashable(wrap: Callable[[Any], java.JavaValue], plain: Callable[[Any], Any]) -> None:
    items: list[Any] = [["a", bytearray(b"b")], java.hash_set([1]), java.tree_map({"k": [2]})]
    hashable = [("a", b"b"), frozenset([1]), (("k", (2,)),)]
    content = items if wrap is java.hash_set else _Pairs([(item, 1) for item in items])
    assert SERVICES[0].decode(SERVICES[0].encode(wrap(content))) == plain(hashable)


class _Pairs(dict[Any, Any]):
    """A map that writes pairs whose keys cannot be those of a dict."""

    def __init__(self, pairs: list[tuple[Any, Any]]) -> None:
        super().__init__()
        self._pairs = pairs

    def __len__(self) -> int:
        return len(self._pairs)

    def items(self) -> Any:
        return self._pairs


@pytest.mark.parametrize("type_id", [-310, -311, -312, -313])
def test_jet_tuples(type_id: int) -> None:
    service = SERVICES[0]
    size = -308 - type_id
    items = list(range(size))
    listed = service.encode(items)
    data = bytes(4) + type_id.to_bytes(4, "big", signed=True) + listed[12:]
    assert service.decode(data) == tuple(items)


@pytest.mark.parametrize("value", [uuid.UUID(int=1), 2, 1.5, True, "text", decimal.Decimal("1.50"), [1, 2]])
def test_every_cut_is_refused(value: Any) -> None:
    for service in SERVICES:
        data = service.encode(value)
        for end in range(1, len(data)):
            with pytest.raises(HazelcastSerializationError):
                service.decode(data[:end])
        assert service.decode(data + b"more") == value


def test_huge_decimals_are_refused() -> None:
    """The time to convert them grows with the square of their length."""
    huge = decimal.Decimal("9" * 100_000)
    with pytest.raises(HazelcastSerializationError, match="digits take more than"):
        SERVICES[0].encode(huge)
    payload = (60_000).to_bytes(4, "big") + b"\x7f" * 60_000 + bytes(4)
    with pytest.raises(HazelcastSerializationError, match="digits take more than"):
        SERVICES[0].decode(bytes(4) + (-27).to_bytes(4, "big", signed=True) + payload)
