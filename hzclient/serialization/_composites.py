"""Values that consist of several primitives: UUIDs, big numbers, dates and times.

The formats follow the same rules as those of `_primitives`.
"""

import decimal
import functools
import struct
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Any, TypeVar

from hzclient._decimals import decimal_from_wire, decimal_to_wire
from hzclient.serialization._buffer import Buffer, invalid, short
from hzclient.serialization._primitives import Prefix, ValueFormat, read_length
from hzclient.util import int_from_bytes, int_to_bytes

T = TypeVar("T")

MAX_DECIMAL_BYTES = 32 * 1024
"""Largest unscaled value of a decimal (about 79,000 digits): the conversion takes quadratic time."""


def uuid_format(prefix: Prefix) -> ValueFormat[uuid.UUID]:
    """Return the format of a UUID: its high and its low half."""
    layout = struct.Struct(prefix + "QQ")
    low_half = (1 << 64) - 1

    def pack(value: uuid.UUID) -> bytes:
        return layout.pack(value.int >> 64, value.int & low_half)

    def make(high: int, low: int) -> uuid.UUID:
        return uuid.UUID(int=high << 64 | low)

    return _structured("UUID", layout, pack, make)


def big_integer(prefix: Prefix) -> ValueFormat[int]:
    """Return the format of an integer of any size: length, then big-endian two's complement."""
    length = struct.Struct(prefix + "i")
    pack_length = length.pack

    def pack(value: int) -> bytes:
        content = int_to_bytes(value)
        return pack_length(len(content)) + content

    def unpack(buffer: Buffer, offset: int) -> tuple[int, int]:
        size, start = read_length(length, buffer, offset, "big integer", 1)
        if size <= 0:
            raise invalid(offset, "big integer", "it has no bytes")
        end = start + size
        return int_from_bytes(buffer[start:end]), end

    return ValueFormat("big integer", pack, unpack)


def decimal_format(prefix: Prefix) -> ValueFormat[decimal.Decimal]:
    """Return the format of a decimal: unscaled value, then scale (minus the exponent)."""
    number = struct.Struct(prefix + "i")

    def pack(value: decimal.Decimal) -> bytes:
        digits, scale = decimal_to_wire(value)
        if len(digits) > MAX_DECIMAL_BYTES:
            raise ValueError(f"its digits take more than {MAX_DECIMAL_BYTES} bytes")
        return number.pack(len(digits)) + digits + number.pack(scale)

    def unpack(buffer: Buffer, offset: int) -> tuple[decimal.Decimal, int]:
        size, start = read_length(number, buffer, offset, "decimal", 1)
        if size <= 0:
            raise invalid(offset, "decimal", "it has no digits")
        if size > MAX_DECIMAL_BYTES:
            raise invalid(offset, "decimal", f"its digits take more than {MAX_DECIMAL_BYTES} bytes")
        end = start + size
        try:
            (scale,) = number.unpack_from(buffer, end)
        except struct.error:
            raise short(buffer, end, "scale of a decimal", 4) from None
        return decimal_from_wire(buffer[start:end], scale), end + 4

    return ValueFormat("decimal", pack, unpack)


def date_format(prefix: Prefix, year: str) -> ValueFormat[date]:
    """Return the format of a date; `year` is the struct code of the year."""
    layout = struct.Struct(f"{prefix}{year}bb")

    def pack(value: date) -> bytes:
        return layout.pack(value.year, value.month, value.day)

    return _structured("date", layout, pack, date)


def time_format(prefix: Prefix) -> ValueFormat[time]:
    """Return the format of a time of day. Nanoseconds are cut to microseconds when read."""
    layout = struct.Struct(prefix + "bbbi")

    def pack(value: time) -> bytes:
        return layout.pack(value.hour, value.minute, value.second, value.microsecond * 1000)

    def make(hour: int, minute: int, second: int, nanos: int) -> time:
        return time(hour, minute, second, nanos // 1000)

    return _structured("time", layout, pack, make)


def timestamp_format(prefix: Prefix, year: str) -> ValueFormat[datetime]:
    """Return the format of a date and time without an offset; `year` is the struct code of the year."""
    layout = struct.Struct(f"{prefix}{year}bbbbbi")

    def pack(value: datetime) -> bytes:
        return layout.pack(*_parts(value))

    def make(year: int, month: int, day: int, hour: int, minute: int, second: int, nanos: int) -> datetime:
        return datetime(year, month, day, hour, minute, second, nanos // 1000)

    return _structured("timestamp", layout, pack, make)


def offset_timestamp_format(prefix: Prefix, year: str) -> ValueFormat[datetime]:
    """Return the format of a date and time with its offset from UTC in seconds.

    A value without time zone is taken as UTC.
    """
    layout = struct.Struct(f"{prefix}{year}bbbbbii")

    def pack(value: datetime) -> bytes:
        offset = value.utcoffset()
        return layout.pack(*_parts(value), 0 if offset is None else int(offset.total_seconds()))

    def make(*parts: int) -> datetime:
        *day, hour, minute, second, nanos, offset = parts
        return datetime(day[0], day[1], day[2], hour, minute, second, nanos // 1000, _zone(offset))

    return _structured("timestamp with timezone", layout, pack, make)


def instant_format(prefix: Prefix) -> ValueFormat[datetime]:
    """Return the format of an instant in milliseconds since 1970, which is read as UTC."""
    layout = struct.Struct(prefix + "q")
    epoch = datetime(1970, 1, 1, tzinfo=UTC)

    def pack(value: datetime) -> bytes:
        aware = value if value.tzinfo is not None else value.replace(tzinfo=UTC)
        return layout.pack((aware - epoch) // timedelta(milliseconds=1))

    def make(millis: int) -> datetime:
        return epoch + timedelta(milliseconds=millis)

    return _structured("instant", layout, pack, make)


def _parts(value: datetime) -> tuple[int, int, int, int, int, int, int]:
    nanos = value.microsecond * 1000
    return value.year, value.month, value.day, value.hour, value.minute, value.second, nanos


@functools.lru_cache(maxsize=256)
def _zone(offset: int) -> tzinfo:
    return timezone(timedelta(seconds=offset)) if offset else UTC


def _structured(
    kind: str, layout: struct.Struct, pack: Callable[[T], bytes], make: Callable[..., T]
) -> ValueFormat[T]:
    """Return the format of a value that is built from the items of a struct."""
    unpack_from, size = layout.unpack_from, layout.size

    def unpack(buffer: Buffer, offset: int) -> tuple[Any, int]:
        try:
            return make(*unpack_from(buffer, offset)), offset + size
        except struct.error:
            raise short(buffer, offset, kind, size) from None
        except (ValueError, OverflowError) as error:
            raise invalid(offset, kind, error) from error

    return ValueFormat(kind, pack, unpack)
