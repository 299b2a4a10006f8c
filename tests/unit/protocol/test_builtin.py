"""The types that codecs are made of: their bytes, and that they come back as they went."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hzclient._protocol import builtin
from hzclient._protocol.frames import BEGIN_FRAME, END_FRAME
from hzclient._protocol.message import Message
from hzclient._protocol.reader import MessageReader
from tests.unit.protocol.streams import first_frame, frame

KNOWN = UUID("123e4567-e89b-42d3-a456-426614174000")
KNOWN_BYTES = bytes.fromhex("00d3429be867453e1200401714664256a4")

INT = st.integers(-(2**31), 2**31 - 1)
LONG = st.integers(-(2**63), 2**63 - 1)
FLOAT = st.floats(width=32, allow_nan=False)
BYTES = st.binary(max_size=20)
TEXT = st.text(st.characters(codec="utf-8"), max_size=20)

ROUND_TRIPS: dict[str, st.SearchStrategy[Any]] = {
    "data": BYTES,
    "nullable_data": st.none() | BYTES,
    "string": TEXT,
    "ints": st.lists(INT),
    "longs": st.lists(LONG),
    "floats": st.lists(FLOAT),
    "uuids": st.lists(st.uuids()),
    "int_int_entries": st.lists(st.tuples(INT, INT)),
    "int_long_entries": st.lists(st.tuples(INT, LONG)),
    "int_uuid_entries": st.lists(st.tuples(INT, st.uuids())),
    "uuid_long_entries": st.lists(st.tuples(st.uuids(), LONG)),
    "uuid_uuid_entries": st.lists(st.tuples(st.uuids(), st.uuids())),
    "data_list": st.lists(BYTES),
    "nullable_data_list": st.lists(st.none() | BYTES),
    "data_entries": st.lists(st.tuples(BYTES, BYTES)),
    "long_bytes_entries": st.lists(st.tuples(LONG, BYTES)),
    "uuid_ints_entries": st.lists(st.tuples(st.uuids(), st.lists(INT))),
}


def written(name: str, value: Any, last: bool = False) -> bytes:
    parts: list[bytes] = []
    getattr(builtin, f"put_{name}")(parts, value, last)
    return b"".join(parts)


def message_of(content: bytes) -> Message:
    """Return a message with these frames after its first one. The last of them has FINAL."""
    (message,) = MessageReader().feed(first_frame() + content)
    message.pos = message.first
    return message


@pytest.mark.parametrize("name", ROUND_TRIPS)
def test_round_trip(name: str) -> None:
    @settings(deadline=None, max_examples=30)
    @given(ROUND_TRIPS[name])
    def check(value: Any) -> None:
        read = getattr(builtin, f"read_{name}")
        last = message_of(written(name, value, last=True))
        assert read(last, "it") == value
        assert not last.has_more
        followed = message_of(written(name, value) + frame(b"next", 0x2000))
        assert read(followed, "it") == value
        assert followed.data("next") == b"next"

    check()


def test_uuid() -> None:
    assert builtin.uuid_to_bytes(KNOWN) == KNOWN_BYTES
    assert builtin.uuid_from_bytes(KNOWN_BYTES) == KNOWN
    assert builtin.uuid_to_bytes(None) == b"\x01" + bytes(16)
    assert builtin.uuid_from_bytes(b"\x01" + bytes(range(16))) is None


def test_set_of_uuids() -> None:
    message = message_of(written("uuids", [KNOWN, KNOWN], last=True))
    assert builtin.read_uuid_set(message, "it") == {KNOWN}


def test_values_come_before_keys() -> None:
    values = BEGIN_FRAME + frame(b"\x01\0\0\0") + END_FRAME
    assert written("uuid_ints_entries", [(KNOWN, [1])]) == values + frame(KNOWN_BYTES)
    values = BEGIN_FRAME + frame(b"v") + END_FRAME
    assert written("long_bytes_entries", [(-1, b"v")]) == values + frame(b"\xff" * 8)


def test_null_is_not_empty() -> None:
    assert written("nullable_data", None) == bytes.fromhex("060000000004")
    assert written("nullable_data", b"") == bytes.fromhex("060000000000")
    assert written("nullable_data", None, last=True) == bytes.fromhex("060000000024")


def test_text_is_plain_utf8() -> None:
    assert written("string", "a\0\N{PILE OF POO}") == frame(b"a\0\xf0\x9f\x92\xa9")
    with pytest.raises(UnicodeEncodeError):
        written("string", "\ud800")


@pytest.mark.parametrize(("name", "value"), [("ints", 2**31), ("longs", -(2**63) - 1)])
def test_numbers_out_of_range(name: str, value: int) -> None:
    with pytest.raises(Exception, match="format requires|argument out of range|int too large"):
        written(name, [value])


def test_map_keeps_its_order() -> None:
    values = {"b": b"1", "a": b"2"}
    parts: list[bytes] = []
    builtin.put_map(parts, values, builtin.put_string, builtin.put_data, last=True)
    read = builtin.read_map(message_of(b"".join(parts)), builtin.read_string, builtin.read_data, "it")
    assert list(read.items()) == list(values.items())
