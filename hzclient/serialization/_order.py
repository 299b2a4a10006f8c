"""The codecs of all kinds of values, once for each byte order."""

import datetime
import decimal
import uuid
from typing import Any, Final

from hzclient.serialization import _composites as composites
from hzclient.serialization import _primitives as primitives
from hzclient.serialization._primitives import Codec, Prefix


class ByteOrder:
    """Codecs of one byte order. There are two objects: `BIG_ENDIAN` and `LITTLE_ENDIAN`."""

    def __init__(self, name: str, prefix: Prefix) -> None:
        self.name: Final = name
        """As `ObjectDataOutput.get_byte_order` says it."""
        self.prefix: Final[Prefix] = prefix
        """As the struct module says it."""
        self.boolean: Codec[bool] = primitives.scalar(prefix, "boolean", "?")
        self.byte: Codec[int] = primitives.byte(prefix)
        self.unsigned_byte: Codec[int] = primitives.scalar(prefix, "unsigned byte", "B")
        self.char: Codec[str] = primitives.char(prefix)
        self.short: Codec[int] = primitives.scalar(prefix, "short", "h")
        self.unsigned_short: Codec[int] = primitives.scalar(prefix, "unsigned short", "H")
        self.int: Codec[int] = primitives.scalar(prefix, "int", "i")
        self.long: Codec[int] = primitives.scalar(prefix, "long", "q")
        self.float: Codec[float] = primitives.floating(prefix, "float", "f")
        self.double: Codec[float] = primitives.floating(prefix, "double", "d")
        self.string: Codec[str | None] = primitives.string(prefix)
        self.byte_array: Codec[Any] = primitives.byte_array(prefix)
        self.boolean_array = primitives.boolean_array(prefix)
        self.char_array = primitives.char_array(prefix)
        self.short_array = primitives.number_array(prefix, "short array", "h")
        self.int_array = primitives.number_array(prefix, "int array", "i")
        self.long_array = primitives.number_array(prefix, "long array", "q")
        self.float_array = primitives.number_array(prefix, "float array", "f")
        self.double_array = primitives.number_array(prefix, "double array", "d")
        self.string_array = primitives.string_array(prefix)
        self.uuid: Codec[uuid.UUID] = composites.uuid_codec(prefix)
        self.big_integer: Codec[int] = composites.big_integer(prefix)
        self.decimal: Codec[decimal.Decimal] = composites.decimal_codec(prefix)
        self.date: Codec[datetime.date] = composites.date_codec(prefix, "i")
        self.time: Codec[datetime.time] = composites.time_codec(prefix)
        self.timestamp: Codec[datetime.datetime] = composites.timestamp_codec(prefix, "i")
        self.offset_timestamp: Codec[datetime.datetime] = composites.offset_timestamp_codec(prefix, "i")
        self.instant: Codec[datetime.datetime] = composites.instant_codec(prefix)
        self.portable_date: Codec[datetime.date] = composites.date_codec(prefix, "h")
        self.portable_timestamp: Codec[datetime.datetime] = composites.timestamp_codec(prefix, "h")
        self.portable_offset_timestamp: Codec[datetime.datetime] = composites.offset_timestamp_codec(
            prefix, "h"
        )

    def stream_codecs(self) -> dict[str, Codec[Any]]:
        """Return the codecs of `write_<name>` and `read_<name>` of streams, by name."""
        codecs: dict[str, Codec[Any]] = {name: getattr(self, name) for name in _STREAM_KINDS}
        return codecs | {"utf": self.string, "utf_array": self.string_array}


_STREAM_SCALARS = ("boolean", "byte", "char", "short", "int", "long", "float", "double", "string")
_STREAM_KINDS = (*_STREAM_SCALARS, *(f"{kind}_array" for kind in _STREAM_SCALARS))

BIG_ENDIAN: Final = ByteOrder("BIG_ENDIAN", ">")
LITTLE_ENDIAN: Final = ByteOrder("LITTLE_ENDIAN", "<")
