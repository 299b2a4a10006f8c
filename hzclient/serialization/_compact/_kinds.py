"""How a value of each compact kind is written and read, for either byte order.

Numbers and booleans stand in the fixed section of a record, so they have no format of their own here;
compact values refer to schemas, so the format itself (`_format`) handles them.
"""

import struct
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from hzclient.serialization._buffer import Buffer, invalid, short
from hzclient.serialization._order import ByteOrder
from hzclient.serialization._primitives import Prefix, ValueFormat, number_array, scalar
from hzclient.serialization.api import FieldKind

# Struct codes of the kinds in the fixed section, booleans apart: they are bits.
NUMBERS: Final = {
    FieldKind.INT8: "b",
    FieldKind.INT16: "h",
    FieldKind.INT32: "i",
    FieldKind.INT64: "q",
    FieldKind.FLOAT32: "f",
    FieldKind.FLOAT64: "d",
}
FLOATS: Final = frozenset({FieldKind.FLOAT32, FieldKind.FLOAT64})

# Kinds of records, which refer to schemas.
NESTED: Final = frozenset({FieldKind.COMPACT, FieldKind.ARRAY_OF_COMPACT})

# Kinds that cannot be None, and that have nullable twins.
PRIMITIVES: Final = (FieldKind.BOOLEAN, *NUMBERS)

# The nullable kind of a primitive one, and the array kinds of both the same way round.
NULLABLE_OF: Final = {
    FieldKind[prefix + kind.name]: FieldKind[f"{prefix}NULLABLE_{kind.name}"]
    for kind in PRIMITIVES
    for prefix in ("", "ARRAY_OF_")
}
PRIMITIVE_OF: Final = {nullable: kind for kind, nullable in NULLABLE_OF.items()}

KIND_COUNT: Final = max(FieldKind) + 1

_HEADER_SIZE: Final = 8


class OffsetTables(NamedTuple):
    """Writes and reads the offsets behind the data of a record or an array, for one byte order.

    The width of an entry follows from the length of the data; all bits set means null.
    """

    prefix: Prefix

    def pack(self, data_length: int, offsets: Sequence[int]) -> bytes:
        """Return the table of offsets, in which -1 means null."""
        if data_length < 0xFF:
            return bytes([offset & 0xFF for offset in offsets])
        if data_length < 0xFFFF:
            return struct.pack(f"{self.prefix}{len(offsets)}H", *[offset & 0xFFFF for offset in offsets])
        return struct.pack(f"{self.prefix}{len(offsets)}i", *offsets)

    def unpack(
        self, data_length: int, buffer: Buffer, position: int, count: int
    ) -> tuple[Sequence[int], int, int]:
        """Read a table.

        Args:
            data_length: Length of the data before the table, which decides the width of an entry.
            buffer: The data.
            position: Offset of the table.
            count: Number of entries.

        Returns:
            The offsets, the one that means null, and the position after the table.
        """
        code, width, null = _width(data_length)
        size = width * count
        if size > len(buffer) - position:
            raise short(buffer, position, "offset table", size)
        end = position + size
        if width == 1:
            return bytes(buffer[position:end]), null, end
        return struct.unpack_from(f"{self.prefix}{count}{code}", buffer, position), null, end


def _width(data_length: int) -> tuple[str, int, int]:
    if data_length < 0xFF:
        return "B", 1, 0xFF
    if data_length < 0xFFFF:
        return "H", 2, 0xFFFF
    return "i", 4, -1


class ItemArrays:
    """Arrays whose items may be null or vary in size: the items, then a table of their offsets.

    Args:
        prefix: Byte order.
    """

    __slots__ = ("_header", "_tables")

    def __init__(self, prefix: Prefix) -> None:
        self._header = struct.Struct(prefix + "ii")
        self._tables = OffsetTables(prefix)

    def write(self, buffer: bytearray, values: Sequence[Any], write_item: Callable[[Any], None]) -> None:
        """Append an array; `write_item` appends an item to the same buffer."""
        start = len(buffer) + _HEADER_SIZE
        buffer += bytes(_HEADER_SIZE)
        offsets: list[int] = []
        for value in values:
            if value is None:
                offsets.append(-1)
            else:
                offsets.append(len(buffer) - start)
                write_item(value)
        length = len(buffer) - start
        self._header.pack_into(buffer, start - _HEADER_SIZE, length, len(offsets))
        buffer += self._tables.pack(length, offsets)

    def read(
        self, buffer: Buffer, position: int, kind: str, read_item: Callable[[Buffer, int], tuple[Any, int]]
    ) -> tuple[list[Any], int]:
        """Read an array.

        Args:
            buffer: The data.
            position: Offset of the array.
            kind: Name of the kind, for errors.
            read_item: Gives an item and the position after it.

        Returns:
            The items, and the position after the array.
        """
        try:
            length, count = self._header.unpack_from(buffer, position)
        except struct.error:
            raise short(buffer, position, kind, _HEADER_SIZE) from None
        start = position + _HEADER_SIZE
        if length < 0 or count < 0 or length > len(buffer) - start:
            raise invalid(position, kind, f"{count} items in {length} bytes do not fit")
        offsets, null, end = self._tables.unpack(length, buffer, start + length, count)
        values: list[Any] = []
        free = 0
        for offset in offsets:
            if offset == null:
                values.append(None)
                continue
            if not free <= offset < length:
                raise invalid(position, kind, f"an item at {offset} of {length} bytes, {free} of them in use")
            value, item_end = read_item(buffer, start + offset)
            values.append(value)
            free = item_end - start
        if free > length:
            raise invalid(position, kind, f"the items end at {free} of {length} bytes")
        return values, end


def value_formats(order: ByteOrder) -> dict[FieldKind, ValueFormat[Any]]:
    """Return the format of each kind outside the fixed section that refers to no schema."""
    prefix = order.prefix
    formats: dict[FieldKind, ValueFormat[Any]] = {
        FieldKind.STRING: order.string,
        FieldKind.DECIMAL: order.decimal,
        FieldKind.TIME: order.time,
        FieldKind.DATE: order.date,
        FieldKind.TIMESTAMP: order.timestamp,
        FieldKind.TIMESTAMP_WITH_TIMEZONE: order.offset_timestamp,
        FieldKind.NULLABLE_BOOLEAN: order.boolean,
        FieldKind.NULLABLE_INT8: scalar(prefix, "int8", "b"),
        FieldKind.NULLABLE_INT16: order.short,
        FieldKind.NULLABLE_INT32: order.int,
        FieldKind.NULLABLE_INT64: order.long,
        FieldKind.NULLABLE_FLOAT32: order.float,
        FieldKind.NULLABLE_FLOAT64: order.double,
    }
    arrays = ItemArrays(prefix)
    for kind, item in list(formats.items()):
        array_kind = FieldKind[f"ARRAY_OF_{kind.name}"]
        formats[array_kind] = _item_array(arrays, array_kind, item)
    formats[FieldKind.ARRAY_OF_BOOLEAN] = _bit_array(prefix)
    formats[FieldKind.ARRAY_OF_INT8] = number_array(prefix, "int8 array", "b")
    formats[FieldKind.ARRAY_OF_INT16] = order.short_array
    formats[FieldKind.ARRAY_OF_INT32] = order.int_array
    formats[FieldKind.ARRAY_OF_INT64] = order.long_array
    formats[FieldKind.ARRAY_OF_FLOAT32] = order.float_array
    formats[FieldKind.ARRAY_OF_FLOAT64] = order.double_array
    return formats


def _item_array(arrays: ItemArrays, kind: FieldKind, item: ValueFormat[Any]) -> ValueFormat[Any]:
    name = kind.name
    pack_item, unpack_item = item.pack, item.unpack

    def pack(values: Sequence[Any]) -> bytes:
        buffer = bytearray()

        def write_item(value: Any) -> None:
            buffer.extend(pack_item(value))

        arrays.write(buffer, values, write_item)
        return bytes(buffer)

    def unpack(buffer: Buffer, position: int) -> tuple[list[Any], int]:
        return arrays.read(buffer, position, name, unpack_item)

    return ValueFormat(name, pack, unpack)


def _bit_array(prefix: Prefix) -> ValueFormat[Any]:
    length = struct.Struct(prefix + "i")

    def pack(values: Sequence[bool]) -> bytes:
        if None in values:
            raise TypeError("an item is None")
        count = len(values)
        # The conversion of base 2 is the one that takes linear time.
        bits = int("".join(["1" if value else "0" for value in reversed(values)]) or "0", 2)
        return length.pack(count) + bits.to_bytes((count + 7) // 8, "little")

    def unpack(buffer: Buffer, position: int) -> tuple[list[bool], int]:
        try:
            (count,) = length.unpack_from(buffer, position)
        except struct.error:
            raise short(buffer, position, "boolean array", 4) from None
        start = position + 4
        size = (count + 7) // 8
        if count < 0 or size > len(buffer) - start:
            raise invalid(
                position, "boolean array", f"{count} items in {len(buffer) - start} bytes do not fit"
            )
        end = start + size
        bits = format(int.from_bytes(buffer[start:end], "little"), f"0{size * 8}b")
        return [bit == "1" for bit in reversed(bits[-count:])] if count else [], end

    return ValueFormat("boolean array", pack, unpack)
