"""The formats of all kinds of values, once for each byte order."""

import datetime
import decimal
import uuid
from typing import Any, Final

from hzclient.serialization import _composites as composites
from hzclient.serialization import _primitives as primitives
from hzclient.serialization._primitives import Prefix, ValueFormat


class ByteOrder:
    """Formats of one byte order. There are two objects: `BIG_ENDIAN` and `LITTLE_ENDIAN`."""

    def __init__(self, name: str, prefix: Prefix) -> None:
        self.name: Final = name
        """As `ObjectDataOutput.get_byte_order` says it."""
        self.prefix: Final[Prefix] = prefix
        """As the struct module says it."""
        self.boolean: ValueFormat[bool] = primitives.scalar(prefix, "boolean", "?")
        self.byte: ValueFormat[int] = primitives.byte(prefix)
        self.unsigned_byte: ValueFormat[int] = primitives.scalar(prefix, "unsigned byte", "B")
        self.char: ValueFormat[str] = primitives.char(prefix)
        self.short: ValueFormat[int] = primitives.scalar(prefix, "short", "h")
        self.unsigned_short: ValueFormat[int] = primitives.scalar(prefix, "unsigned short", "H")
        self.int: ValueFormat[int] = primitives.scalar(prefix, "int", "i")
        self.long: ValueFormat[int] = primitives.scalar(prefix, "long", "q")
        self.float: ValueFormat[float] = primitives.floating(prefix, "float", "f")
        self.double: ValueFormat[float] = primitives.floating(prefix, "double", "d")
        self.string: ValueFormat[str | None] = primitives.string(prefix)
        self.byte_array: ValueFormat[Any] = primitives.byte_array(prefix)
        self.boolean_array = primitives.boolean_array(prefix)
        self.char_array = primitives.char_array(prefix)
        self.short_array = primitives.number_array(prefix, "short array", "h")
        self.int_array = primitives.number_array(prefix, "int array", "i")
        self.long_array = primitives.number_array(prefix, "long array", "q")
        self.float_array = primitives.number_array(prefix, "float array", "f")
        self.double_array = primitives.number_array(prefix, "double array", "d")
        self.string_array = primitives.string_array(prefix)
        self.uuid: ValueFormat[uuid.UUID] = composites.uuid_format(prefix)
        self.big_integer: ValueFormat[int] = composites.big_integer(prefix)
        self.decimal: ValueFormat[decimal.Decimal] = composites.decimal_format(prefix)
        self.date: ValueFormat[datetime.date] = composites.date_format(prefix, "i")
        self.time: ValueFormat[datetime.time] = composites.time_format(prefix)
        self.timestamp: ValueFormat[datetime.datetime] = composites.timestamp_format(prefix, "i")
        self.offset_timestamp: ValueFormat[datetime.datetime] = composites.offset_timestamp_format(
            prefix, "i"
        )
        self.instant: ValueFormat[datetime.datetime] = composites.instant_format(prefix)
        self.portable_date: ValueFormat[datetime.date] = composites.date_format(prefix, "h")
        self.portable_timestamp: ValueFormat[datetime.datetime] = composites.timestamp_format(prefix, "h")
        self.portable_offset_timestamp: ValueFormat[datetime.datetime] = composites.offset_timestamp_format(
            prefix, "h"
        )

    def stream_formats(self) -> dict[str, ValueFormat[Any]]:
        """Return the formats of `write_<name>` and `read_<name>` of streams, by name."""
        formats: dict[str, ValueFormat[Any]] = {name: getattr(self, name) for name in _STREAM_KINDS}
        return formats | {"utf": self.string, "utf_array": self.string_array}


_STREAM_SCALARS = ("boolean", "byte", "char", "short", "int", "long", "float", "double", "string")
_STREAM_KINDS = (*_STREAM_SCALARS, *(f"{kind}_array" for kind in _STREAM_SCALARS))

BIG_ENDIAN: Final = ByteOrder("BIG_ENDIAN", ">")
LITTLE_ENDIAN: Final = ByteOrder("LITTLE_ENDIAN", "<")
