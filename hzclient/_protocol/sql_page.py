"""Pages of SQL results: stored column by column, most of them packed into one frame each.

Dates and times stay tuples of numbers here, because SQL has more of them than Python: years outside
1..9999 and nanoseconds. Code that makes Python objects of them can fail in the caller's context.
"""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from struct import Struct, unpack
from typing import Any, Final, NamedTuple

from hzclient._decimals import decimal_from_wire, decimal_to_wire
from hzclient._protocol.builtin import (
    Parts,
    put_data,
    put_ints,
    put_list,
    put_nullable_data,
    put_string,
    read_ints,
    read_list,
    read_string,
)
from hzclient._protocol.frames import (
    BEGIN_FRAME,
    END_FINAL_FRAME,
    END_FRAME,
    NULL_FRAME,
)
from hzclient._protocol.message import Message
from hzclient._speed import hot

MAX_CELLS: Final = 1 << 24
"""Limit on rows times columns of a page: an all-null column has a count, but no content that bounds it."""

MAX_DECIMAL_BYTES: Final = 4096
"""Limit on the bytes of an unscaled decimal. SQL needs 32, and conversion takes quadratic time."""

VARCHAR: Final = 0
BOOLEAN: Final = 1
DECIMAL: Final = 6
DATE: Final = 9
OBJECT: Final = 13
NULL_TYPE: Final = 14
JSON: Final = 15
ROW: Final = 16

_ALL_NULL: Final = 1
_NO_NULLS: Final = 2
_WITH_BITMAP: Final = 3

_PACKED: Final[dict[int, Struct]] = {
    BOOLEAN: Struct("<b"),
    2: Struct("<b"),
    3: Struct("<h"),
    4: Struct("<i"),
    5: Struct("<q"),
    7: Struct("<f"),
    8: Struct("<d"),
    9: Struct("<ibb"),
    10: Struct("<bbbi"),
    11: Struct("<ibbbbbi"),
    12: Struct("<ibbbbbii"),
}
_COLUMN_HEAD: Final = Struct("<bi")
_INT: Final = Struct("<i")


class SqlPage(NamedTuple):
    """A page of rows.

    Attributes:
        column_types: SQL type of each column, by its number in the protocol.
        columns: Values of each column, all of the same length; None for NULL. Type by type: str for
            VARCHAR, ROW and JSON; bool; int; float; Decimal; bytes (serialized) for OBJECT; and tuples of
            numbers for DATE (year, month, day), TIME (hour, minute, second, nanosecond), TIMESTAMP (DATE and
            TIME) and TIMESTAMP_WITH_TIME_ZONE (TIMESTAMP and the offset from UTC in seconds).
        last: True if this is the last page.
    """

    column_types: list[int]
    columns: list[list[Any]]
    last: bool


def read_sql_page(message: Message, field: str) -> SqlPage:
    """Read a page of rows."""
    message.begin(field)
    last = message.buffer[message.fixed(1, field)] == 1
    column_types = read_ints(message, field)
    columns: list[list[Any]] = []
    for number, column_type in enumerate(column_types):
        column = _read_column(message, column_type, len(column_types), f"{field}: column {number}")
        if columns and len(column) != len(columns[0]):
            raise message.malformed(field, f"column {number} has {len(column)} rows, not {len(columns[0])}")
        columns.append(column)
    message.finish(field)
    return SqlPage(column_types, columns, last)


def put_sql_page(parts: Parts, page: SqlPage, last: bool = False) -> None:
    """Write a page of rows."""
    parts.append(BEGIN_FRAME)
    put_data(parts, bytes([page.last]))
    put_ints(parts, page.column_types)
    for column_type, column in zip(page.column_types, page.columns, strict=True):
        _put_column(parts, column_type, column)
    parts.append(END_FINAL_FRAME if last else END_FRAME)


def _read_column(message: Message, column_type: int, columns: int, field: str) -> list[Any]:
    struct = _PACKED.get(column_type)
    if struct is not None:
        return _read_packed(message, column_type, struct, MAX_CELLS // columns, field)
    if column_type == NULL_TYPE:
        (rows,) = _INT.unpack_from(message.buffer, message.fixed(4, field))
        _check_rows(message, rows, MAX_CELLS // columns, field)
        return [None] * rows
    if column_type in (VARCHAR, ROW):
        return _read_texts(message, field)
    if column_type == OBJECT:
        return message.nullable_data_list(field)
    read = _READERS.get(column_type)
    if read is None:
        raise message.malformed(field, f"unknown SQL column type {column_type}")
    return read_list(message, read, field)


def _read_packed(message: Message, column_type: int, struct: Struct, limit: int, field: str) -> list[Any]:
    at = message.fixed(_COLUMN_HEAD.size, field)
    end = message.pos
    kind, rows = _COLUMN_HEAD.unpack_from(message.buffer, at)
    _check_rows(message, rows, limit, field)
    at += _COLUMN_HEAD.size
    if kind == _ALL_NULL:
        return [None] * rows
    if kind == _NO_NULLS:
        if end - at < rows * struct.size:
            raise message.malformed(field, f"{end - at} bytes for {rows} rows of {struct.size}")
        return list(_unpack(struct, column_type, message.buffer[at : at + rows * struct.size]))
    if kind != _WITH_BITMAP:
        raise message.malformed(field, f"unknown kind of column {kind}")
    present, items = _split_groups(message, message.buffer[at:end], rows, struct.size, field)
    values = _unpack(struct, column_type, items)
    return [next(values) if there else None for there in present]


def _split_groups(
    message: Message, content: bytes, rows: int, size: int, field: str
) -> tuple[list[bool], bytes]:
    """Split groups of a mask byte and up to eight items into the rows that are present, and the items."""
    present: list[bool] = []
    items: list[bytes] = []
    at = 0
    while len(present) < rows:
        if at >= len(content):
            raise message.malformed(field, f"content ends at row {len(present)} of {rows}")
        group = [content[at] >> bit & 1 == 1 for bit in range(min(8, rows - len(present)))]
        start = at + 1
        at = start + sum(group) * size
        present += group
        items.append(content[start:at])
    joined = b"".join(items)
    if at > len(content):
        raise message.malformed(field, f"content ends within row {rows}")
    return present, joined


def _unpack(struct: Struct, column_type: int, items: bytes) -> Iterator[Any]:
    if column_type >= DATE:
        return struct.iter_unpack(items)
    # One structure for all of them, which is much quicker than one for each.
    values = unpack(f"<{len(items) // struct.size}{struct.format[1:]}", items)
    return map(bool, values) if column_type == BOOLEAN else iter(values)


def _check_rows(message: Message, rows: int, limit: int, field: str) -> None:
    if not 0 <= rows <= limit:
        raise message.malformed(field, f"{rows} rows, outside 0..{limit}")


def _put_column(parts: Parts, column_type: int, column: Sequence[Any]) -> None:
    struct = _PACKED.get(column_type)
    if struct is not None:
        put_data(parts, _pack_column(struct, column))
    elif column_type == NULL_TYPE:
        put_data(parts, _INT.pack(len(column)))
    else:
        put_list(parts, column, _WRITERS[column_type])


def _pack_column(struct: Struct, column: Sequence[Any]) -> bytes:
    rows = len(column)
    nulls = sum(value is None for value in column)
    if nulls == rows:
        return _COLUMN_HEAD.pack(_ALL_NULL, rows)
    packed = [None if value is None else _pack_item(struct, value) for value in column]
    if not nulls:
        return b"".join([_COLUMN_HEAD.pack(_NO_NULLS, rows), *filter(None, packed)])
    pieces = [_COLUMN_HEAD.pack(_WITH_BITMAP, rows)]
    for start in range(0, rows, 8):
        group = packed[start : start + 8]
        pieces.append(bytes([sum(1 << bit for bit, item in enumerate(group) if item is not None)]))
        pieces += filter(None, group)
    return b"".join(pieces)


def _pack_item(struct: Struct, value: Any) -> bytes:
    return struct.pack(*value) if isinstance(value, tuple) else struct.pack(value)


# ------------------------------------------------------------------------- columns of a frame per row


def _read_texts(message: Message, field: str) -> list[str | None]:
    if hot is not None and (texts := hot.data_list(message, True, True)) is not None:
        return texts  # type: ignore[no-any-return]
    contents = message.nullable_data_list(field)
    try:
        return [None if content is None else content.decode() for content in contents]
    except UnicodeDecodeError as error:
        raise message.malformed(field, f"text that is not UTF-8 ({error.reason})") from None


def _put_text(parts: Parts, value: str | None, last: bool) -> None:
    put_nullable_data(parts, None if value is None else value.encode(), last)


def _read_decimal(message: Message, field: str) -> Decimal | None:
    content = message.nullable_data(field)
    if content is None:
        return None
    size = _INT.unpack_from(content)[0] if len(content) >= 8 else -1
    if not 0 < size <= min(len(content) - 8, MAX_DECIMAL_BYTES):
        raise message.malformed(field, f"decimal of {size} bytes in a frame of {len(content)}")
    (scale,) = _INT.unpack_from(content, 4 + size)
    return decimal_from_wire(content[4 : 4 + size], scale)


def _put_decimal(parts: Parts, value: Decimal | None, last: bool) -> None:
    if value is None:
        put_nullable_data(parts, None, last)
        return
    unscaled, scale = decimal_to_wire(value)
    put_data(parts, _INT.pack(len(unscaled)) + unscaled + _INT.pack(scale), last)


def _read_json(message: Message, field: str) -> str | None:
    if message.take_null(field):
        return None
    message.begin(field)
    text = read_string(message, field)
    message.finish(field)
    return text


def _put_json(parts: Parts, value: str | None, last: bool) -> None:
    if value is None:
        parts.append(NULL_FRAME)
        return
    parts.append(BEGIN_FRAME)
    put_string(parts, value)
    parts.append(END_FRAME)


_READERS: Final[dict[int, Callable[[Message, str], Any]]] = {
    DECIMAL: _read_decimal,
    JSON: _read_json,
}
_WRITERS: Final[dict[int, Callable[[Parts, Any, bool], None]]] = {
    VARCHAR: _put_text,
    DECIMAL: _put_decimal,
    OBJECT: put_nullable_data,
    JSON: _put_json,
    ROW: _put_text,
}
