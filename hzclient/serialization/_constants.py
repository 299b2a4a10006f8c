"""Types whose format is fixed: which type id has which format, and which Python type is written as which."""

import datetime
import decimal
import uuid
from collections.abc import Mapping
from typing import Any, Final

from hzclient.core import HazelcastJsonValue
from hzclient.errors import HazelcastSerializationError
from hzclient.serialization import serialization_const as ids
from hzclient.serialization._buffer import Buffer
from hzclient.serialization._options import IntType
from hzclient.serialization._order import ByteOrder
from hzclient.serialization._primitives import ValueFormat
from hzclient.serialization._primitives import byte_array as byte_array_format

TYPE_IDS: Final[Mapping[type[Any], int]] = {
    bool: ids.CONSTANT_TYPE_BOOLEAN,
    float: ids.CONSTANT_TYPE_DOUBLE,
    str: ids.CONSTANT_TYPE_STRING,
    bytearray: ids.CONSTANT_TYPE_BYTE_ARRAY,
    uuid.UUID: ids.CONSTANT_TYPE_UUID,
    decimal.Decimal: ids.JAVA_DEFAULT_TYPE_BIG_DECIMAL,
    datetime.date: ids.JAVA_DEFAULT_TYPE_LOCAL_DATE,
    datetime.time: ids.JAVA_DEFAULT_TYPE_LOCAL_TIME,
    datetime.datetime: ids.JAVA_DEFAULT_TYPE_OFFSET_DATE_TIME,
    HazelcastJsonValue: ids.JAVASCRIPT_JSON_SERIALIZATION_TYPE,
}
"""Type id by exact Python type, for the types that are written as a format says."""

INT_TYPE_IDS: Final[Mapping[int, int]] = {
    IntType.BYTE: ids.CONSTANT_TYPE_BYTE,
    IntType.SHORT: ids.CONSTANT_TYPE_SHORT,
    IntType.INT: ids.CONSTANT_TYPE_INTEGER,
    IntType.LONG: ids.CONSTANT_TYPE_LONG,
    IntType.BIG_INT: ids.JAVA_DEFAULT_TYPE_BIG_INTEGER,
}
"""Type id of an int by how ints are written; for `IntType.VAR` the value decides (`smallest_int`)."""

CONSTANT_TYPES: Final = frozenset({*TYPE_IDS, int, list, type(None)})
"""Python types whose serializer nobody can replace."""

RESERVED_IDS: Final = frozenset(
    {
        *range(ids.TYPE_COMPACT_WITH_SCHEMA, 1),
        ids.JAVA_DEFAULT_TYPE_BYTE_BUFFER,
        ids.PYTHON_TYPE_PICKLE,
        ids.JAVASCRIPT_JSON_SERIALIZATION_TYPE,
        ids.JET_TYPE_LONG_ACCUMULATOR,
        *ids.JET_TYPE_TUPLES,
        ids.JET_TYPE_TIMESTAMPED_ITEM,
    }
)
"""Type ids that a serializer of an application cannot have, because data of that id is read otherwise."""


def constant_formats(
    order: ByteOrder, bytes_class: type[bytes | bytearray] = bytearray
) -> dict[int, ValueFormat[Any]]:
    """Return the format of each type id whose data is one value without nested objects.

    Args:
        order: Byte order.
        bytes_class: Class that Java's byte[] is read as.

    Returns:
        The formats by type id.
    """
    byte_array = order.byte_array if bytes_class is bytearray else byte_array_format(order.prefix, bytes)
    return {
        ids.CONSTANT_TYPE_BYTE: order.byte,
        ids.CONSTANT_TYPE_BOOLEAN: order.boolean,
        ids.CONSTANT_TYPE_CHAR: order.char,
        ids.CONSTANT_TYPE_SHORT: order.short,
        ids.CONSTANT_TYPE_INTEGER: order.int,
        ids.CONSTANT_TYPE_LONG: order.long,
        ids.CONSTANT_TYPE_FLOAT: order.float,
        ids.CONSTANT_TYPE_DOUBLE: order.double,
        ids.CONSTANT_TYPE_STRING: order.string,
        ids.CONSTANT_TYPE_BYTE_ARRAY: byte_array,
        ids.CONSTANT_TYPE_BOOLEAN_ARRAY: order.boolean_array,
        ids.CONSTANT_TYPE_CHAR_ARRAY: order.char_array,
        ids.CONSTANT_TYPE_SHORT_ARRAY: order.short_array,
        ids.CONSTANT_TYPE_INTEGER_ARRAY: order.int_array,
        ids.CONSTANT_TYPE_LONG_ARRAY: order.long_array,
        ids.CONSTANT_TYPE_FLOAT_ARRAY: order.float_array,
        ids.CONSTANT_TYPE_DOUBLE_ARRAY: order.double_array,
        ids.CONSTANT_TYPE_STRING_ARRAY: order.string_array,
        ids.CONSTANT_TYPE_UUID: order.uuid,
        ids.JAVA_DEFAULT_TYPE_CLASS: order.string,
        ids.JAVA_DEFAULT_TYPE_DATE: order.instant,
        ids.JAVA_DEFAULT_TYPE_BIG_INTEGER: order.big_integer,
        ids.JAVA_DEFAULT_TYPE_BIG_DECIMAL: order.decimal,
        ids.JAVA_DEFAULT_TYPE_LOCAL_DATE: order.date,
        ids.JAVA_DEFAULT_TYPE_LOCAL_TIME: order.time,
        ids.JAVA_DEFAULT_TYPE_LOCAL_DATE_TIME: order.timestamp,
        ids.JAVA_DEFAULT_TYPE_OFFSET_DATE_TIME: order.offset_timestamp,
        ids.JAVA_DEFAULT_TYPE_BYTE_BUFFER: order.byte_array,
        ids.JAVASCRIPT_JSON_SERIALIZATION_TYPE: _json(order),
        ids.JET_TYPE_LONG_ACCUMULATOR: order.long,
    }


def smallest_int(value: int) -> int:
    """Return the type id of the smallest type that holds an int."""
    bits = (value if value >= 0 else ~value).bit_length()
    if bits < 8:
        return ids.CONSTANT_TYPE_BYTE
    if bits < 16:
        return ids.CONSTANT_TYPE_SHORT
    if bits < 32:
        return ids.CONSTANT_TYPE_INTEGER
    return ids.CONSTANT_TYPE_LONG if bits < 64 else ids.JAVA_DEFAULT_TYPE_BIG_INTEGER


def _json(order: ByteOrder) -> ValueFormat[HazelcastJsonValue]:
    pack_text, unpack_text = order.string.pack, order.string.unpack

    def pack(value: HazelcastJsonValue) -> bytes:
        return pack_text(value.to_string())

    def unpack(buffer: Buffer, offset: int) -> tuple[HazelcastJsonValue, int]:
        text, end = unpack_text(buffer, offset)
        if text is None:
            raise HazelcastSerializationError(f"JSON value at offset {offset} is null")
        return HazelcastJsonValue(text), end

    return ValueFormat("JSON value", pack, unpack)
