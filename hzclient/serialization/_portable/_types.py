"""How the values of each portable field type are written and read, for either byte order."""

import struct
from collections.abc import Callable, Sequence
from typing import Any, Final

from hzclient.serialization._buffer import Buffer, invalid, short
from hzclient.serialization._order import ByteOrder
from hzclient.serialization._primitives import ValueFormat, read_length
from hzclient.serialization.portable.classdef import NESTED_TYPES, FieldType

METHOD_TYPES: Final = {
    name.lower(): field_type
    for name, field_type in FieldType.__members__.items()
    if field_type not in NESTED_TYPES
}
"""Type by the name that its reading and writing methods share."""

POSITIONED_TYPES: Final = frozenset(
    {
        FieldType.DECIMAL_ARRAY,
        FieldType.TIME_ARRAY,
        FieldType.DATE_ARRAY,
        FieldType.TIMESTAMP_ARRAY,
        FieldType.TIMESTAMP_WITH_TIMEZONE_ARRAY,
    }
)
"""Arrays that hold the position of each item, which counts from the start of the data."""


def value_formats(order: ByteOrder) -> dict[FieldType, ValueFormat[Any]]:
    """Return the format of each type that holds no positions."""
    return {
        FieldType.BYTE: order.byte,
        FieldType.BOOLEAN: order.boolean,
        FieldType.CHAR: order.char,
        FieldType.SHORT: order.short,
        FieldType.INT: order.int,
        FieldType.LONG: order.long,
        FieldType.FLOAT: order.float,
        FieldType.DOUBLE: order.double,
        FieldType.STRING: order.string,
        FieldType.BYTE_ARRAY: order.byte_array,
        FieldType.BOOLEAN_ARRAY: order.boolean_array,
        FieldType.CHAR_ARRAY: order.char_array,
        FieldType.SHORT_ARRAY: order.short_array,
        FieldType.INT_ARRAY: order.int_array,
        FieldType.LONG_ARRAY: order.long_array,
        FieldType.FLOAT_ARRAY: order.float_array,
        FieldType.DOUBLE_ARRAY: order.double_array,
        FieldType.STRING_ARRAY: order.string_array,
        FieldType.DECIMAL: _nullable(order.decimal),
        FieldType.TIME: _nullable(order.time),
        FieldType.DATE: _nullable(order.portable_date),
        FieldType.TIMESTAMP: _nullable(order.portable_timestamp),
        FieldType.TIMESTAMP_WITH_TIMEZONE: _nullable(order.portable_offset_timestamp),
    }


def item_formats(order: ByteOrder) -> dict[FieldType, ValueFormat[Any]]:
    """Return the format of the items of each type of `POSITIONED_TYPES`."""
    return {
        FieldType.DECIMAL_ARRAY: order.decimal,
        FieldType.TIME_ARRAY: order.time,
        FieldType.DATE_ARRAY: order.portable_date,
        FieldType.TIMESTAMP_ARRAY: order.portable_timestamp,
        FieldType.TIMESTAMP_WITH_TIMEZONE_ARRAY: order.portable_offset_timestamp,
    }


class PositionedArrays:
    """Arrays whose items are found by their positions.

    Args:
        order: Byte order.
    """

    __slots__ = ("_int", "_prefix")

    def __init__(self, order: ByteOrder) -> None:
        self._prefix = order.prefix
        self._int = struct.Struct(order.prefix + "i")

    def write(
        self,
        buffer: bytearray,
        values: Sequence[Any] | None,
        write_item: Callable[[Any], None],
        head: bytes = b"",
    ) -> None:
        """Append an array.

        Args:
            buffer: The data from its start.
            values: The items.
            write_item: Appends an item to the same buffer.
            head: What stands between the length and the positions.
        """
        count = -1 if values is None else len(values)
        buffer += self._int.pack(count)
        buffer += head
        if not values:
            return
        start = len(buffer)
        buffer += bytes(4 * count)
        positions: list[int] = []
        for value in values:
            positions.append(len(buffer))
            write_item(value)
        struct.pack_into(f"{self._prefix}{count}i", buffer, start, *positions)

    def read(
        self,
        buffer: Buffer,
        at: int,
        kind: str,
        read_item: Callable[[Buffer, int], tuple[Any, int]],
        head_size: int = 0,
    ) -> tuple[list[Any] | None, int]:
        """Read an array.

        Args:
            buffer: The data from its start.
            at: Offset of the array.
            kind: What is being read, for errors.
            read_item: Returns the item at a position, and its end.
            head_size: Number of bytes between the length and the positions.

        Returns:
            The items, None for a null array, and the position after the array.
        """
        positions, end = self.positions(buffer, at, kind, head_size)
        if positions is None:
            return None, end
        values: list[Any] = []
        for position in positions:
            # Items share no bytes, or the data could be read without end.
            if position < end:
                raise invalid(at, kind, f"an item is said to be at {position}, among other things")
            value, end = read_item(buffer, position)
            values.append(value)
        return values, end

    def positions(
        self, buffer: Buffer, at: int, kind: str, head_size: int = 0
    ) -> tuple[Sequence[int] | None, int]:
        """Return the positions of the items, None for a null array, and the offset of the items."""
        count, start = read_length(self._int, buffer, at, kind, 4)
        start += head_size
        if count < 0:
            return None, start
        if 4 * count > len(buffer) - start:
            raise short(buffer, start, kind, 4 * count)
        return struct.unpack_from(f"{self._prefix}{count}i", buffer, start), start + 4 * count


def _nullable(value_format: ValueFormat[Any]) -> ValueFormat[Any]:
    """Return the format of a value behind a flag that says whether it is missing."""
    pack_value, unpack_value = value_format.pack, value_format.unpack

    def pack(value: Any) -> bytes:
        return b"\1" if value is None else b"\0" + pack_value(value)

    def unpack(buffer: Buffer, at: int) -> tuple[Any, int]:
        if at >= len(buffer):
            raise short(buffer, at, value_format.kind, 1)
        return (None, at + 1) if buffer[at] else unpack_value(buffer, at + 1)

    return ValueFormat(value_format.kind, pack, unpack)
