"""The streams that serializers of applications write to and read from."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hzclient.errors import HazelcastSerializationError
from hzclient.serialization._input import input_class
from hzclient.serialization._options import SerializationOptions
from hzclient.serialization._order import BIG_ENDIAN, LITTLE_ENDIAN
from hzclient.serialization._output import output_class
from hzclient.serialization._service import SerializationService
from hzclient.serialization.api import ObjectDataInput, ObjectDataOutput

ORDERS = [BIG_ENDIAN, LITTLE_ENDIAN]
SERVICES = {
    order: SerializationService(SerializationOptions(is_big_endian=order is BIG_ENDIAN)) for order in ORDERS
}
each_order = pytest.mark.parametrize("order", ORDERS, ids=lambda order: order.name)


def output(order: Any = BIG_ENDIAN) -> Any:
    return output_class(order)(SERVICES[order])


def reading(data: bytes | bytearray | memoryview, order: Any = BIG_ENDIAN) -> Any:
    return input_class(order)(SERVICES[order], data)


def signed(bits: int) -> st.SearchStrategy[int]:
    return st.integers(-(1 << bits - 1), (1 << bits - 1) - 1)


unit = st.characters(min_codepoint=0, max_codepoint=0xFFFF, exclude_categories=[])
text = st.text(st.characters(exclude_categories=["Cs"]))
SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "boolean": st.booleans(),
    "byte": signed(8),
    "char": unit,
    "short": signed(16),
    "int": signed(32),
    "long": signed(64),
    "float": st.floats(width=32, allow_nan=False),
    "double": st.floats(allow_nan=False),
    "string": st.none() | text,
    "utf": st.none() | text,
}
KINDS: dict[str, st.SearchStrategy[Any]] = {
    **SCALARS,
    **{f"{kind}_array": st.none() | st.lists(values) for kind, values in SCALARS.items() if kind != "byte"},
    "byte_array": st.none() | st.binary().map(bytearray),
    "object": st.none() | st.lists(text),
}
calls = st.lists(
    st.sampled_from(sorted(KINDS)).flatmap(lambda kind: st.tuples(st.just(kind), KINDS[kind])), max_size=8
)


@each_order
@given(written=calls)
def test_what_is_written_is_read(order: Any, written: list[tuple[str, Any]]) -> None:
    out = output(order)
    for kind, value in written:
        getattr(out, f"write_{kind}")(value)
    data = bytes(out.to_byte_array())
    for buffer in (data, bytearray(data), memoryview(data)):
        inp = reading(buffer, order)
        assert [getattr(inp, f"read_{kind}")() for kind, _ in written] == [value for _, value in written]
        assert inp.position() == inp.size() == len(data)


@given(written=calls.filter(bool), data=st.data())
def test_every_cut_is_refused(written: list[tuple[str, Any]], data: st.DataObject) -> None:
    out = output()
    for kind, value in written:
        getattr(out, f"write_{kind}")(value)
    whole = bytes(out.to_byte_array())
    inp = reading(whole[: data.draw(st.integers(0, len(whole) - 1))])
    with pytest.raises(HazelcastSerializationError):
        for kind, _ in written:
            getattr(inp, f"read_{kind}")()


def test_raw_bytes_and_characters() -> None:
    out = output()
    out.write_from(bytearray(b"0123456789"), 2, 3)
    out.write_from(b"xy")
    out.write_bytes("aé")
    out.write_chars("a😀")
    assert bytes(out.to_byte_array()) == b"234xya\xe9\x00a\xd8\x3d\xde\x00"
    inp = reading(bytes(out.to_byte_array()))
    target = bytearray(b"-----")
    assert inp.read_into(target, 1, 3) is target
    assert target == b"-234-"
    assert inp.skip_bytes(2) == 2
    assert (inp.read_unsigned_byte(), inp.read_unsigned_byte()) == (0x61, 0xE9)
    assert inp.read_char() == "a"
    assert inp.read_unsigned_short() == 0xD83D
    assert inp.skip_bytes(100) == 2
    with pytest.raises(ValueError, match="latin-1"):
        out.write_bytes("€")


def test_bad_ranges() -> None:
    for offset, length in ((-1, 1), (0, 4), (4, None), (2, 2), (1, -1)):
        with pytest.raises(IndexError):
            output().write_from(b"abc", offset, length)
        with pytest.raises(IndexError):
            reading(b"abcdef").read_into(bytearray(3), offset, length)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("byte", 256),
        ("byte", -129),
        ("short", 1 << 15),
        ("int", "5"),
        ("int", 1.5),
        ("long", 1 << 63),
        ("float", 1e300),
        ("char", "ab"),
        ("char", "😀"),
        ("string", "\ud800"),
        ("string", 5),
        ("int_array", [1 << 31]),
        ("byte_array", 5),
        ("string_array", ["a", 1]),
    ],
)
def test_values_that_do_not_fit(kind: str, value: Any) -> None:
    with pytest.raises(HazelcastSerializationError, match=f"as {kind.replace('_', ' ')}: "):
        getattr(output(), f"write_{kind}")(value)


def test_bytes_above_127_are_taken() -> None:
    out = output()
    out.write_byte(255)
    out.write_byte(-1)
    assert bytes(out.to_byte_array()) == b"\xff\xff"


def test_errors_say_what_where_and_how_much() -> None:
    with pytest.raises(HazelcastSerializationError, match="long at offset 2 takes 8 .* only 3 are left"):
        inp = reading(bytes(5))
        inp.skip_bytes(2)
        inp.read_long()
    with pytest.raises(HazelcastSerializationError, match="int array at offset 0 has 1000000 items"):
        reading((1_000_000).to_bytes(4, "big") + bytes(8)).read_int_array()
    with pytest.raises(HazelcastSerializationError, match="string at offset 0 has the negative length -2"):
        reading((-2).to_bytes(4, "big", signed=True)).read_string()
    with pytest.raises(HazelcastSerializationError, match="invalid string at offset 0"):
        reading((1).to_bytes(4, "big") + b"\xff").read_string()


def test_byte_order_is_said() -> None:
    for order in ORDERS:
        assert output(order).get_byte_order() == reading(b"", order).get_byte_order() == order.name
    assert [order.name for order in ORDERS] == ["BIG_ENDIAN", "LITTLE_ENDIAN"]


def test_interface_raises_until_it_is_implemented() -> None:
    with pytest.raises(NotImplementedError, match="ObjectDataOutput.write_int"):
        ObjectDataOutput().write_int(1)
    with pytest.raises(NotImplementedError, match="ObjectDataInput.read_int_array"):
        ObjectDataInput().read_int_array()
    assert "int array" in (ObjectDataInput.read_int_array.__doc__ or "")
