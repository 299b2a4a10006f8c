"""Pages of SQL results that a member should not have sent; good ones are among the codecs' round trips."""

from decimal import Decimal
from struct import pack
from typing import Any

import pytest
from hypothesis import given, settings

from hzclient._protocol.message import Message
from hzclient._protocol.reader import MessageReader
from hzclient._protocol.sql_page import MAX_CELLS, SqlPage, put_sql_page, read_sql_page
from hzclient.errors import ProtocolError
from tests.unit.codec import wire
from tests.unit.protocol.streams import BEGIN, END, frame, response


def message_of(content: bytes) -> Message:
    (message,) = MessageReader().feed(content)
    message.pos = message.first
    return message


def page(column_types: list[int], *columns: bytes) -> bytes:
    """Return a response that holds a page of raw columns."""
    types = pack(f"<{len(column_types)}i", *column_types)
    return response(frame(flags=BEGIN), frame(b"\x01"), frame(types), *columns, frame(flags=END))


def packed(kind: int, rows: int, items: bytes = b"") -> bytes:
    return frame(pack("<bi", kind, rows) + items)


def refused(content: bytes) -> str:
    with pytest.raises(ProtocolError) as raised:
        read_sql_page(message_of(content), "page")
    return str(raised.value)


@settings(deadline=None)
@given(wire.strategy("SqlPage"))
def test_round_trip(value: SqlPage) -> None:
    parts: list[bytes] = []
    put_sql_page(parts, value)
    read = read_sql_page(message_of(response(b"".join(parts), frame(b""))), "page")
    assert wire.plain(read) == wire.plain(value)


@pytest.mark.parametrize(
    ("column_type", "value"),
    [
        (6, Decimal(10) ** 40 + 1),
        (6, Decimal("-1E-30")),
        (9, (-999_999_999, 1, 1)),
        (9, (12_345, 12, 31)),
        (10, (23, 59, 59, 999_999_999)),
        (12, (0, 1, 1, 0, 0, 0, 1, -64800)),
    ],
)
def test_values_that_python_has_no_type_for(column_type: int, value: Any) -> None:
    parts: list[bytes] = []
    put_sql_page(parts, SqlPage([column_type], [[value, None]], False))
    read = read_sql_page(message_of(response(b"".join(parts), frame(b""))), "page")
    assert read.columns == [[value, None]]


def test_more_rows_than_content() -> None:
    text = refused(page([4], packed(2, 2**31 - 1, bytes(8))))
    assert "page: column 0: 2147483647 rows, outside 0..16777216" in text
    assert "page: column 0: 8 bytes for 3 rows of 4" in refused(page([4], packed(2, 3, bytes(8))))


def test_negative_number_of_rows() -> None:
    assert "-1 rows" in refused(page([4], packed(1, -1)))
    assert "-5 rows" in refused(page([14], frame(pack("<i", -5))))


def test_rows_of_nulls_are_bounded() -> None:
    """They have a count but no content: without a bound, five bytes would ask for gigabytes."""
    for column, column_type in ((packed(1, MAX_CELLS + 1), 4), (frame(pack("<i", MAX_CELLS + 1)), 14)):
        assert f"{MAX_CELLS + 1} rows" in refused(page([column_type], column))
    columns = 100
    many = page([4] * columns, *[packed(1, MAX_CELLS // columns + 1)] * columns)
    assert f"outside 0..{MAX_CELLS // columns}" in refused(many)


def test_columns_of_different_lengths() -> None:
    content = page([4, 4], packed(2, 2, bytes(8)), packed(2, 1, bytes(4)))
    assert "column 1 has 1 rows, not 2" in refused(content)


def test_group_of_rows_cut_short() -> None:
    assert "content ends within row 3" in refused(page([4], packed(3, 3, b"\x07" + bytes(11))))
    assert "content ends at row 8 of 9" in refused(page([2], packed(3, 9, b"\xff" + bytes(8))))


def test_bits_behind_the_last_row_are_ignored() -> None:
    read = read_sql_page(message_of(page([2], packed(3, 2, b"\xfd\x05"))), "page")
    assert read.columns == [[5, None]]


def test_unknown_kind_of_column() -> None:
    assert "unknown kind of column 9" in refused(page([4], packed(9, 1)))


def test_unknown_column_type() -> None:
    assert "unknown SQL column type 99" in refused(page([99], packed(1, 1)))


@pytest.mark.parametrize(
    "content", [b"", bytes(7), pack("<i", -1) + bytes(8), pack("<i", 0) + bytes(4), pack("<i", 9) + bytes(8)]
)
def test_decimal_of_a_wrong_size(content: bytes) -> None:
    column = frame(flags=BEGIN) + frame(content) + frame(flags=END)
    assert "column 0: decimal of" in refused(page([6], column))


def test_decimal_of_an_absurd_size() -> None:
    content = pack("<i", 1 << 20) + bytes((1 << 20) + 4)
    column = frame(flags=BEGIN) + frame(content) + frame(flags=END)
    assert "decimal of 1048576 bytes" in refused(page([6], column))


def test_fewer_columns_than_types() -> None:
    assert "column 1" in refused(page([4, 4], packed(1, 0)))
