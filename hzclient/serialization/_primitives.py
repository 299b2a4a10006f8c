"""Primitive values, strings and arrays as bytes, for either byte order.

Each kind is a `ValueFormat`: `pack` gives the bytes of a value, `unpack` takes a buffer and an offset and
gives the value and the offset after it. `pack` raises what Python raises for a value that does not
fit (its caller knows what to call it); `unpack` raises `HazelcastSerializationError`.
"""

import math
import struct
import sys
from array import array
from collections.abc import Callable, Sequence
from typing import Any, Generic, Literal, NamedTuple, TypeAlias, TypeVar

from hzclient.errors import HazelcastSerializationError
from hzclient.serialization._buffer import Buffer, BytesLike, invalid, short

T = TypeVar("T")
Prefix: TypeAlias = Literal[">", "<"]
"""Byte order as the struct module writes it."""

PACK_ERRORS = (struct.error, TypeError, ValueError, OverflowError, AttributeError)
"""What `ValueFormat.pack` raises for a value that does not fit."""

_NULL = -1


class ValueFormat(NamedTuple, Generic[T]):
    """How values of one kind are written and read."""

    kind: str
    pack: Callable[[T], bytes]
    unpack: Callable[[Buffer, int], tuple[T, int]]
    layout: struct.Struct | None = None
    """Set if every value is exactly one item of this struct."""


def scalar(prefix: Prefix, kind: str, code: str) -> ValueFormat[Any]:
    """Return the format of a kind that is one item of a struct."""
    layout = struct.Struct(prefix + code)
    unpack_from, size = layout.unpack_from, layout.size

    def unpack(buffer: Buffer, offset: int) -> tuple[Any, int]:
        try:
            return unpack_from(buffer, offset)[0], offset + size
        except struct.error:
            raise short(buffer, offset, kind, size) from None

    return ValueFormat(kind, layout.pack, unpack, layout)


def byte(prefix: Prefix) -> ValueFormat[int]:
    """Return the format of a byte: signed, but 128 to 255 may be written too."""
    signed = scalar(prefix, "byte", "b")
    pack_signed = signed.pack

    def pack(value: int) -> bytes:
        return pack_signed(value - 256 if 127 < value < 256 else value)

    return signed._replace(pack=pack)


def char(prefix: Prefix) -> ValueFormat[str]:
    """Return the format of one UTF-16 code unit."""
    unit = scalar(prefix, "char", "H")
    pack_unit, unpack_unit = unit.pack, unit.unpack

    def pack(value: str) -> bytes:
        return pack_unit(ord(value))

    def unpack(buffer: Buffer, offset: int) -> tuple[str, int]:
        code, end = unpack_unit(buffer, offset)
        return chr(code), end

    return ValueFormat("char", pack, unpack)


def floating(prefix: Prefix, kind: str, code: str) -> ValueFormat[float]:
    """Return the format of a floating point kind; every NaN becomes the one that Java writes."""
    plain = scalar(prefix, kind, code)
    pack_plain = plain.pack
    nan = pack_plain(math.nan)

    def pack(value: float) -> bytes:
        return pack_plain(value) if value == value else nan

    return plain._replace(pack=pack)


def string(prefix: Prefix) -> ValueFormat[str | None]:
    """Return the format of a string: length in bytes, then UTF-8; length -1 for None."""
    length = struct.Struct(prefix + "i")
    pack_length, unpack_length = length.pack, length.unpack_from
    null = pack_length(_NULL)

    def pack(value: str | None) -> bytes:
        if value is None:
            return null
        encoded = value.encode()
        return pack_length(len(encoded)) + encoded

    def unpack(buffer: Buffer, offset: int) -> tuple[str | None, int]:
        start = offset + 4
        try:
            (size,) = unpack_length(buffer, offset)
        except struct.error:
            raise short(buffer, offset, "length of a string", 4) from None
        end = start + size
        if size < 0 or end > len(buffer):
            if size == _NULL:
                return None, start
            check_length(buffer, offset, "string", size, 1)
        try:
            return buffer[start:end].decode(), end
        except UnicodeDecodeError as error:
            raise invalid(offset, "string", error) from error

    return ValueFormat("string", pack, unpack)


def byte_array(prefix: Prefix, cls: type[bytes | bytearray] = bytearray) -> ValueFormat[Any]:
    """Return the format of bytes with their length.

    Args:
        prefix: Byte order.
        cls: Class that they are read as.

    Returns:
        The format.
    """
    length = struct.Struct(prefix + "i")
    pack_length = length.pack
    null = pack_length(_NULL)

    def pack(value: BytesLike | None) -> bytes:
        if value is None:
            return null
        content = memoryview(value).cast("B")
        return pack_length(len(content)) + content

    def unpack(buffer: Buffer, offset: int) -> tuple[bytes | bytearray | None, int]:
        size, start = read_length(length, buffer, offset, "byte array", 1)
        return (None, start) if size < 0 else (cls(buffer[start : start + size]), start + size)

    return ValueFormat("byte array", pack, unpack)


def number_array(prefix: Prefix, kind: str, code: str) -> ValueFormat[Any]:
    """Return the format of an array of numbers; `code` is a type code of the array module."""
    length = struct.Struct(prefix + "i")
    pack_length = length.pack
    null = pack_length(_NULL)
    swapped = (prefix == "<") != (sys.byteorder == "little")
    size = struct.calcsize(prefix + code)
    floating = code in "fd"

    def pack(values: Sequence[Any] | None) -> bytes:
        if values is None:
            return null
        items: array[Any] = array(code, values)
        if floating and math.isnan(sum(items)):  # one NaN, or infinities of both signs
            items = array(code, [value if value == value else math.nan for value in items])
        if swapped:
            items.byteswap()
        return pack_length(len(items)) + items.tobytes()

    def unpack(buffer: Buffer, offset: int) -> tuple[list[Any] | None, int]:
        count, start = read_length(length, buffer, offset, kind, size)
        if count < 0:
            return None, start
        end = start + count * size
        items: array[Any] = array(code, buffer[start:end])
        if swapped:
            items.byteswap()
        return items.tolist(), end

    return ValueFormat(kind, pack, unpack)


def boolean_array(prefix: Prefix) -> ValueFormat[list[bool] | None]:
    """Return the format of an array of booleans, a byte each."""
    raw = byte_array(prefix)

    def pack(values: Sequence[bool] | None) -> bytes:
        return raw.pack(None if values is None else bytes(map(bool, values)))

    def unpack(buffer: Buffer, offset: int) -> tuple[list[bool] | None, int]:
        content, end = raw.unpack(buffer, offset)
        return (None if content is None else list(map(bool, content))), end

    return ValueFormat("boolean array", pack, unpack)


def char_array(prefix: Prefix) -> ValueFormat[list[str] | None]:
    """Return the format of an array of UTF-16 code units."""
    units = number_array(prefix, "char array", "H")

    def pack(values: Sequence[str] | None) -> bytes:
        return units.pack(None if values is None else [ord(value) for value in values])

    def unpack(buffer: Buffer, offset: int) -> tuple[list[str] | None, int]:
        codes, end = units.unpack(buffer, offset)
        return (None if codes is None else list(map(chr, codes))), end

    return ValueFormat("char array", pack, unpack)


def string_array(prefix: Prefix) -> ValueFormat[list[str | None] | None]:
    """Return the format of an array of strings, each of which may be None."""
    length = struct.Struct(prefix + "i")
    item = string(prefix)

    def pack(values: Sequence[str | None] | None) -> bytes:
        if values is None:
            return length.pack(_NULL)
        return length.pack(len(values)) + b"".join(map(item.pack, values))

    def unpack(buffer: Buffer, offset: int) -> tuple[list[str | None] | None, int]:
        count, offset = read_length(length, buffer, offset, "string array", 4)
        if count < 0:
            return None, offset
        values: list[str | None] = []
        for _ in range(count):
            value, offset = item.unpack(buffer, offset)
            values.append(value)
        return values, offset

    return ValueFormat("string array", pack, unpack)


def read_length(
    layout: struct.Struct, buffer: Buffer, offset: int, kind: str, item_size: int
) -> tuple[int, int]:
    """Read the number of items of a sequence, and check that they can all be there.

    Args:
        layout: Struct of one int.
        buffer: The data.
        offset: Offset of the number.
        kind: What is being read, for the error.
        item_size: The fewest bytes that an item can take.

    Returns:
        The number, -1 for a null sequence, and the offset after it.
    """
    try:
        (count,) = layout.unpack_from(buffer, offset)
    except struct.error:
        raise short(buffer, offset, f"length of a {kind}", 4) from None
    if count != _NULL:
        check_length(buffer, offset, kind, count, item_size)
    return count, offset + 4


def check_length(buffer: Buffer, offset: int, kind: str, count: int, item_size: int) -> None:
    """Raise unless `count` items can follow a length at `offset`."""
    left = len(buffer) - offset - 4
    if count < 0:
        raise HazelcastSerializationError(f"{kind} at offset {offset} has the negative length {count}")
    if count * item_size > left:
        raise HazelcastSerializationError(
            f"{kind} at offset {offset} has {count} items of at least {item_size} bytes,"
            f" but only {left} bytes are left"
        )
