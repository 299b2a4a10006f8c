"""Interfaces that applications implement for serialization, and the streams that they are given.

Implement `IdentifiedDataSerializable`, `Portable`, `CompactSerializer` or `StreamSerializer`; read
and write through `ObjectDataInput` / `ObjectDataOutput`, `PortableReader` / `PortableWriter` or
`CompactReader` / `CompactWriter`.
"""

import abc
import datetime
import decimal
import enum
from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from hzclient.serialization._declare import (
    FieldArrayWriter,
    FieldReader,
    FieldWriter,
    ValueReader,
    ValueWriter,
    declared,
)
from hzclient.serialization.portable.classdef import FieldType

__all__ = [
    "CompactReader",
    "CompactSerializableType",
    "CompactSerializer",
    "CompactWriter",
    "FieldKind",
    "FieldType",
    "IdentifiedDataSerializable",
    "ObjectDataInput",
    "ObjectDataOutput",
    "Portable",
    "PortableReader",
    "PortableWriter",
    "StreamSerializer",
]

CompactSerializableType = TypeVar("CompactSerializableType")


@declared
class ObjectDataOutput:
    """Stream of values in the byte order of the client. Arrays may be None, which readers see as None."""

    write_boolean: ValueWriter[bool]
    write_byte: ValueWriter[int]
    write_short: ValueWriter[int]
    write_char: ValueWriter[str]
    write_int: ValueWriter[int]
    write_long: ValueWriter[int]
    write_float: ValueWriter[float]
    write_double: ValueWriter[float]
    write_string: ValueWriter[str | None]
    write_utf: ValueWriter[str | None]
    write_byte_array: ValueWriter[bytes | bytearray | memoryview | None]
    write_boolean_array: ValueWriter[Sequence[bool] | None]
    write_char_array: ValueWriter[Sequence[str] | None]
    write_short_array: ValueWriter[Sequence[int] | None]
    write_int_array: ValueWriter[Sequence[int] | None]
    write_long_array: ValueWriter[Sequence[int] | None]
    write_float_array: ValueWriter[Sequence[float] | None]
    write_double_array: ValueWriter[Sequence[float] | None]
    write_string_array: ValueWriter[Sequence[str | None] | None]
    write_utf_array: ValueWriter[Sequence[str | None] | None]

    def write_from(
        self, buff: bytes | bytearray | memoryview, offset: int | None = None, length: int | None = None
    ) -> None:
        """Append raw bytes, without a length.

        Args:
            buff: The buffer with the bytes.
            offset: Index of the first byte; the start if None.
            length: Number of bytes; all from the offset on if None.

        Raises:
            IndexError: If the range does not lie within the buffer.
        """
        raise NotImplementedError

    def write_bytes(self, val: str) -> None:
        """Append the low byte of each character, without a length.

        Args:
            val: Text of characters up to U+00FF.

        Raises:
            ValueError: If a character is above U+00FF.
        """
        raise NotImplementedError

    def write_chars(self, val: str) -> None:
        """Append the UTF-16 code units of a text, without a length."""
        raise NotImplementedError

    def write_object(self, val: Any) -> None:
        """Append a value of any kind that the client can serialize, None included.

        Args:
            val: The value.

        Raises:
            HazelcastSerializationError: If there is no serializer for it.
        """
        raise NotImplementedError

    def to_byte_array(self) -> bytearray:
        """Return a copy of what was written so far."""
        raise NotImplementedError

    def get_byte_order(self) -> str:
        """Return `BIG_ENDIAN` or `LITTLE_ENDIAN`."""
        raise NotImplementedError


@declared
class ObjectDataInput:
    """Stream of values to read in the order in which they were written."""

    read_boolean: ValueReader[bool]
    read_byte: ValueReader[int]
    read_unsigned_byte: ValueReader[int]
    read_short: ValueReader[int]
    read_unsigned_short: ValueReader[int]
    read_char: ValueReader[str]
    read_int: ValueReader[int]
    read_long: ValueReader[int]
    read_float: ValueReader[float]
    read_double: ValueReader[float]
    read_string: ValueReader[str | None]
    read_utf: ValueReader[str | None]
    read_byte_array: ValueReader[bytearray | None]
    read_boolean_array: ValueReader[list[bool] | None]
    read_char_array: ValueReader[list[str] | None]
    read_short_array: ValueReader[list[int] | None]
    read_int_array: ValueReader[list[int] | None]
    read_long_array: ValueReader[list[int] | None]
    read_float_array: ValueReader[list[float] | None]
    read_double_array: ValueReader[list[float] | None]
    read_string_array: ValueReader[list[str | None] | None]
    read_utf_array: ValueReader[list[str | None] | None]

    def read_into(self, buff: bytearray, offset: int | None = None, length: int | None = None) -> bytearray:
        """Copy the next bytes into a buffer.

        Args:
            buff: The buffer to fill.
            offset: Index of the first byte to replace; the start if None.
            length: Number of bytes; up to the end of the buffer if None.

        Returns:
            The same buffer.

        Raises:
            IndexError: If the range does not lie within the buffer.
            HazelcastSerializationError: If there are not so many bytes left.
        """
        raise NotImplementedError

    def skip_bytes(self, count: int) -> int:
        """Pass over bytes, and return how many: fewer than `count` at the end of the data."""
        raise NotImplementedError

    def read_object(self) -> Any:
        """Read a value that `ObjectDataOutput.write_object` wrote.

        Returns:
            The value.

        Raises:
            HazelcastSerializationError: If it cannot be read.
        """
        raise NotImplementedError

    def get_byte_order(self) -> str:
        """Return `BIG_ENDIAN` or `LITTLE_ENDIAN`."""
        raise NotImplementedError

    def position(self) -> int:
        """Return the offset of the next byte in the whole of the data."""
        raise NotImplementedError

    def size(self) -> int:
        """Return the number of bytes of the whole of the data."""
        raise NotImplementedError


class IdentifiedDataSerializable:
    """Object that writes and reads its own fields, and that two numbers identify everywhere.

    Register the class in `Config.data_serializable_factories`; it is built without arguments before
    `read_data` is called.
    """

    def write_data(self, object_data_output: ObjectDataOutput) -> None:
        """Write the fields."""
        raise NotImplementedError

    def read_data(self, object_data_input: ObjectDataInput) -> None:
        """Read the fields in the order in which `write_data` writes them."""
        raise NotImplementedError

    def get_factory_id(self) -> int:
        """Return the number of the factory that makes such objects."""
        raise NotImplementedError

    def get_class_id(self) -> int:
        """Return the number of the class within its factory."""
        raise NotImplementedError


class Portable:
    """Object whose fields have names and types. Members can query it without the class.

    Register the class in `Config.portable_factories`; it is built without arguments before
    `read_portable` is called. A class may have a `get_class_version()` of its own.
    """

    def write_portable(self, writer: "PortableWriter") -> None:
        """Write the fields, always the same ones in the same order."""
        raise NotImplementedError

    def read_portable(self, reader: "PortableReader") -> None:
        """Read the fields, in any order."""
        raise NotImplementedError

    def get_factory_id(self) -> int:
        """Return the number of the factory that makes such objects."""
        raise NotImplementedError

    def get_class_id(self) -> int:
        """Return the number of the class within its factory; never 0."""
        raise NotImplementedError


class StreamSerializer:
    """Serializer of a class that cannot serialize itself, or (as global serializer) of all such classes."""

    def write(self, out: ObjectDataOutput, obj: Any) -> None:
        """Write an object."""
        raise NotImplementedError

    def read(self, inp: ObjectDataInput) -> Any:
        """Read an object."""
        raise NotImplementedError

    def get_type_id(self) -> int:
        """Return the number that marks data of this serializer; above 0, and the same everywhere."""
        raise NotImplementedError

    def destroy(self) -> None:
        """Release what the serializer holds. Called once, when the client shuts down."""


@declared
class PortableReader:
    """Access to the fields of a portable object by name.

    A dotted name (`"a.b"`) reads a field of a nested object.
    """

    read_byte: FieldReader[int]
    read_boolean: FieldReader[bool]
    read_char: FieldReader[str]
    read_short: FieldReader[int]
    read_int: FieldReader[int]
    read_long: FieldReader[int]
    read_float: FieldReader[float]
    read_double: FieldReader[float]
    read_string: FieldReader[str | None]
    read_utf: FieldReader[str | None]
    read_portable: FieldReader[Any]
    read_decimal: FieldReader[decimal.Decimal | None]
    read_time: FieldReader[datetime.time | None]
    read_date: FieldReader[datetime.date | None]
    read_timestamp: FieldReader[datetime.datetime | None]
    read_timestamp_with_timezone: FieldReader[datetime.datetime | None]
    read_byte_array: FieldReader[bytearray | None]
    read_boolean_array: FieldReader[list[bool] | None]
    read_char_array: FieldReader[list[str] | None]
    read_short_array: FieldReader[list[int] | None]
    read_int_array: FieldReader[list[int] | None]
    read_long_array: FieldReader[list[int] | None]
    read_float_array: FieldReader[list[float] | None]
    read_double_array: FieldReader[list[float] | None]
    read_string_array: FieldReader[list[str | None] | None]
    read_utf_array: FieldReader[list[str | None] | None]
    read_portable_array: FieldReader[list[Any] | None]
    read_decimal_array: FieldReader[list[decimal.Decimal] | None]
    read_time_array: FieldReader[list[datetime.time] | None]
    read_date_array: FieldReader[list[datetime.date] | None]
    read_timestamp_array: FieldReader[list[datetime.datetime] | None]
    read_timestamp_with_timezone_array: FieldReader[list[datetime.datetime] | None]

    def get_version(self) -> int:
        """Return the class version that the object was written with."""
        raise NotImplementedError

    def has_field(self, field_name: str) -> bool:
        """Return whether the object was written with this field."""
        raise NotImplementedError

    def get_field_names(self) -> set[str]:
        """Return the names of the fields that the object was written with."""
        raise NotImplementedError

    def get_field_type(self, field_name: str) -> int:
        """Return the type of a field, one of the constants of `FieldType`."""
        raise NotImplementedError

    def get_field_class_id(self, field_name: str) -> int:
        """Return the class number of the portable objects in a field, 0 for other fields."""
        raise NotImplementedError

    def get_raw_data_input(self) -> ObjectDataInput:
        """Return what was written after the named fields; no named field may be read after it."""
        raise NotImplementedError


@declared
class PortableWriter:
    """Takes the fields of a portable object by name."""

    write_byte: FieldWriter[int]
    write_boolean: FieldWriter[bool]
    write_char: FieldWriter[str]
    write_short: FieldWriter[int]
    write_int: FieldWriter[int]
    write_long: FieldWriter[int]
    write_float: FieldWriter[float]
    write_double: FieldWriter[float]
    write_string: FieldWriter[str | None]
    write_utf: FieldWriter[str | None]
    write_decimal: FieldWriter[decimal.Decimal | None]
    write_time: FieldWriter[datetime.time | None]
    write_date: FieldWriter[datetime.date | None]
    write_timestamp: FieldWriter[datetime.datetime | None]
    write_timestamp_with_timezone: FieldWriter[datetime.datetime | None]
    write_boolean_array: FieldArrayWriter[bool]
    write_char_array: FieldArrayWriter[str]
    write_short_array: FieldArrayWriter[int]
    write_int_array: FieldArrayWriter[int]
    write_long_array: FieldArrayWriter[int]
    write_float_array: FieldArrayWriter[float]
    write_double_array: FieldArrayWriter[float]
    write_string_array: FieldArrayWriter[str | None]
    write_utf_array: FieldArrayWriter[str | None]
    write_portable_array: FieldArrayWriter[Any]
    write_decimal_array: FieldArrayWriter[decimal.Decimal]
    write_time_array: FieldArrayWriter[datetime.time]
    write_date_array: FieldArrayWriter[datetime.date]
    write_timestamp_array: FieldArrayWriter[datetime.datetime]
    write_timestamp_with_timezone_array: FieldArrayWriter[datetime.datetime]

    def write_byte_array(self, field_name: str, values: bytes | bytearray | memoryview | None) -> None:
        """Write a field of bytes.

        Args:
            field_name: Name of the field, once in each object.
            values: The bytes, or None for a null array.
        """
        raise NotImplementedError

    def write_portable(self, field_name: str, portable: Any) -> None:
        """Write a nested portable object.

        Args:
            field_name: Name of the field, once in each object.
            portable: The object; None needs a class definition that names the class of the field.
        """
        raise NotImplementedError

    def write_null_portable(self, field_name: str, factory_id: int, class_id: int) -> None:
        """Write the absence of a nested portable object of a known class.

        Args:
            field_name: Name of the field, once in each object.
            factory_id: Factory number of the class that the field would hold.
            class_id: Its class number.
        """
        raise NotImplementedError

    def get_raw_data_output(self) -> ObjectDataOutput:
        """Return a stream for data without names; no named field may be written after it."""
        raise NotImplementedError


class FieldKind(enum.IntEnum):
    """Kinds of compact fields."""

    NOT_AVAILABLE = 0
    BOOLEAN = 1
    ARRAY_OF_BOOLEAN = 2
    INT8 = 3
    ARRAY_OF_INT8 = 4
    CHAR = 5
    ARRAY_OF_CHAR = 6
    INT16 = 7
    ARRAY_OF_INT16 = 8
    INT32 = 9
    ARRAY_OF_INT32 = 10
    INT64 = 11
    ARRAY_OF_INT64 = 12
    FLOAT32 = 13
    ARRAY_OF_FLOAT32 = 14
    FLOAT64 = 15
    ARRAY_OF_FLOAT64 = 16
    STRING = 17
    ARRAY_OF_STRING = 18
    DECIMAL = 19
    ARRAY_OF_DECIMAL = 20
    TIME = 21
    ARRAY_OF_TIME = 22
    DATE = 23
    ARRAY_OF_DATE = 24
    TIMESTAMP = 25
    ARRAY_OF_TIMESTAMP = 26
    TIMESTAMP_WITH_TIMEZONE = 27
    ARRAY_OF_TIMESTAMP_WITH_TIMEZONE = 28
    COMPACT = 29
    ARRAY_OF_COMPACT = 30
    PORTABLE = 31
    ARRAY_OF_PORTABLE = 32
    NULLABLE_BOOLEAN = 33
    ARRAY_OF_NULLABLE_BOOLEAN = 34
    NULLABLE_INT8 = 35
    ARRAY_OF_NULLABLE_INT8 = 36
    NULLABLE_INT16 = 37
    ARRAY_OF_NULLABLE_INT16 = 38
    NULLABLE_INT32 = 39
    ARRAY_OF_NULLABLE_INT32 = 40
    NULLABLE_INT64 = 41
    ARRAY_OF_NULLABLE_INT64 = 42
    NULLABLE_FLOAT32 = 43
    ARRAY_OF_NULLABLE_FLOAT32 = 44
    NULLABLE_FLOAT64 = 45
    ARRAY_OF_NULLABLE_FLOAT64 = 46


@declared
class CompactReader:
    """Access to the fields of a compact object by name, in any order."""

    read_boolean: FieldReader[bool]
    read_nullable_boolean: FieldReader[bool | None]
    read_int8: FieldReader[int]
    read_nullable_int8: FieldReader[int | None]
    read_int16: FieldReader[int]
    read_nullable_int16: FieldReader[int | None]
    read_int32: FieldReader[int]
    read_nullable_int32: FieldReader[int | None]
    read_int64: FieldReader[int]
    read_nullable_int64: FieldReader[int | None]
    read_float32: FieldReader[float]
    read_nullable_float32: FieldReader[float | None]
    read_float64: FieldReader[float]
    read_nullable_float64: FieldReader[float | None]
    read_string: FieldReader[str | None]
    read_decimal: FieldReader[decimal.Decimal | None]
    read_time: FieldReader[datetime.time | None]
    read_date: FieldReader[datetime.date | None]
    read_timestamp: FieldReader[datetime.datetime | None]
    read_timestamp_with_timezone: FieldReader[datetime.datetime | None]
    read_compact: FieldReader[Any]
    read_array_of_boolean: FieldReader[list[bool] | None]
    read_array_of_nullable_boolean: FieldReader[list[bool | None] | None]
    read_array_of_int8: FieldReader[list[int] | None]
    read_array_of_nullable_int8: FieldReader[list[int | None] | None]
    read_array_of_int16: FieldReader[list[int] | None]
    read_array_of_nullable_int16: FieldReader[list[int | None] | None]
    read_array_of_int32: FieldReader[list[int] | None]
    read_array_of_nullable_int32: FieldReader[list[int | None] | None]
    read_array_of_int64: FieldReader[list[int] | None]
    read_array_of_nullable_int64: FieldReader[list[int | None] | None]
    read_array_of_float32: FieldReader[list[float] | None]
    read_array_of_nullable_float32: FieldReader[list[float | None] | None]
    read_array_of_float64: FieldReader[list[float] | None]
    read_array_of_nullable_float64: FieldReader[list[float | None] | None]
    read_array_of_string: FieldReader[list[str | None] | None]
    read_array_of_decimal: FieldReader[list[decimal.Decimal | None] | None]
    read_array_of_time: FieldReader[list[datetime.time | None] | None]
    read_array_of_date: FieldReader[list[datetime.date | None] | None]
    read_array_of_timestamp: FieldReader[list[datetime.datetime | None] | None]
    read_array_of_timestamp_with_timezone: FieldReader[list[datetime.datetime | None] | None]
    read_array_of_compact: FieldReader[list[Any] | None]

    def get_field_kind(self, field_name: str) -> FieldKind:
        """Return the kind of a field, `FieldKind.NOT_AVAILABLE` if the object has none of this name."""
        raise NotImplementedError


@declared
class CompactWriter:
    """Takes the fields of a compact object by name."""

    write_boolean: FieldWriter[bool]
    write_nullable_boolean: FieldWriter[bool | None]
    write_int8: FieldWriter[int]
    write_nullable_int8: FieldWriter[int | None]
    write_int16: FieldWriter[int]
    write_nullable_int16: FieldWriter[int | None]
    write_int32: FieldWriter[int]
    write_nullable_int32: FieldWriter[int | None]
    write_int64: FieldWriter[int]
    write_nullable_int64: FieldWriter[int | None]
    write_float32: FieldWriter[float]
    write_nullable_float32: FieldWriter[float | None]
    write_float64: FieldWriter[float]
    write_nullable_float64: FieldWriter[float | None]
    write_string: FieldWriter[str | None]
    write_decimal: FieldWriter[decimal.Decimal | None]
    write_time: FieldWriter[datetime.time | None]
    write_date: FieldWriter[datetime.date | None]
    write_timestamp: FieldWriter[datetime.datetime | None]
    write_timestamp_with_timezone: FieldWriter[datetime.datetime | None]
    write_compact: FieldWriter[Any]
    write_array_of_boolean: FieldWriter[Sequence[bool] | None]
    write_array_of_nullable_boolean: FieldWriter[Sequence[bool | None] | None]
    write_array_of_int8: FieldWriter[Sequence[int] | None]
    write_array_of_nullable_int8: FieldWriter[Sequence[int | None] | None]
    write_array_of_int16: FieldWriter[Sequence[int] | None]
    write_array_of_nullable_int16: FieldWriter[Sequence[int | None] | None]
    write_array_of_int32: FieldWriter[Sequence[int] | None]
    write_array_of_nullable_int32: FieldWriter[Sequence[int | None] | None]
    write_array_of_int64: FieldWriter[Sequence[int] | None]
    write_array_of_nullable_int64: FieldWriter[Sequence[int | None] | None]
    write_array_of_float32: FieldWriter[Sequence[float] | None]
    write_array_of_nullable_float32: FieldWriter[Sequence[float | None] | None]
    write_array_of_float64: FieldWriter[Sequence[float] | None]
    write_array_of_nullable_float64: FieldWriter[Sequence[float | None] | None]
    write_array_of_string: FieldWriter[Sequence[str | None] | None]
    write_array_of_decimal: FieldWriter[Sequence[decimal.Decimal | None] | None]
    write_array_of_time: FieldWriter[Sequence[datetime.time | None] | None]
    write_array_of_date: FieldWriter[Sequence[datetime.date | None] | None]
    write_array_of_timestamp: FieldWriter[Sequence[datetime.datetime | None] | None]
    write_array_of_timestamp_with_timezone: FieldWriter[Sequence[datetime.datetime | None] | None]
    write_array_of_compact: FieldWriter[Sequence[Any] | None]


class CompactSerializer(abc.ABC, Generic[CompactSerializableType]):
    """Turns objects of one class into named fields and back.

    Give an instance to `Config.compact_serializers`.
    """

    @abc.abstractmethod
    def read(self, reader: CompactReader) -> CompactSerializableType:
        """Build an object from the fields of the reader, which may come from another schema version."""

    @abc.abstractmethod
    def write(self, writer: CompactWriter, obj: CompactSerializableType) -> None:
        """Write the fields of an object, the same ones for every object."""

    @abc.abstractmethod
    def get_class(self) -> type[CompactSerializableType]:
        """Return the class; objects of its subclasses do not count."""

    @abc.abstractmethod
    def get_type_name(self) -> str:
        """Return the name of the type, which serializers in other languages share."""
