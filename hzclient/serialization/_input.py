"""The stream that values are read from."""

import struct
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Protocol, TypeAlias, cast

from hzclient.errors import HazelcastSerializationError
from hzclient.serialization._buffer import MAX_DEPTH, Buffer, BytesLike, short
from hzclient.serialization._declare import implemented
from hzclient.serialization._order import BIG_ENDIAN, LITTLE_ENDIAN, ByteOrder
from hzclient.serialization._primitives import ValueFormat
from hzclient.serialization.api import ObjectDataInput

ObjectReader: TypeAlias = "Callable[[Input], Any]"
"""Reads the payload of an object, whose type id is read already."""


class ObjectReaders(Protocol):
    """Source of the readers of objects."""

    @property
    def readers(self) -> Mapping[int, ObjectReader]:
        """Reader by type id; it raises for an id that nobody knows."""
        ...


class Input(ObjectDataInput):
    """Stream over a buffer that is not trusted.

    Serializers of this package may read `buffer` and move `pos` themselves. A reader of
    nested objects that does not use `read_object` calls `descend` and `ascend` around each.

    Args:
        objects: Source of the readers of nested objects.
        buffer: The data. A memoryview is copied.
        pos: Offset of the first byte to read.
    """

    __slots__ = ("_depth", "_objects", "_seen", "buffer", "pos")

    order: ClassVar[ByteOrder]

    def __init__(self, objects: ObjectReaders, buffer: BytesLike, pos: int = 0) -> None:
        self._objects = objects
        self._depth = 0
        self._seen = 0
        self.buffer: Buffer = bytes(buffer) if isinstance(buffer, memoryview) else buffer
        self.pos = pos

    def read_into(self, buff: bytearray, offset: int | None = None, length: int | None = None) -> bytearray:
        """Copy the next bytes into a range of a buffer."""
        start = offset or 0
        end = len(buff) if length is None else start + length
        if not 0 <= start <= end <= len(buff):
            raise IndexError(f"bytes {start} to {end} of a buffer of {len(buff)}")
        buff[start:end] = self.take(end - start, "bytes")
        return buff

    def take(self, size: int, kind: str) -> Buffer:
        """Return the next `size` bytes; `kind` is what they are, for the error if there are fewer."""
        start = self.pos
        end = start + size
        if end > len(self.buffer):
            raise short(self.buffer, start, kind, size)
        self.pos = end
        return self.buffer[start:end]

    def skip_bytes(self, count: int) -> int:
        """Pass over up to `count` bytes."""
        skipped = max(0, min(count, len(self.buffer) - self.pos))
        self.pos += skipped
        return skipped

    def read_object(self) -> Any:
        """Read a type id and the value that follows it."""
        type_id = self.read_int()
        self.descend()
        try:
            return self._objects.readers[type_id](self)
        finally:
            self._depth -= 1

    def descend(self) -> None:
        """Note that an object within an object begins.

        Raises:
            HazelcastSerializationError: If it is nested too deep, or if more objects were read than
                the data has bytes: then offsets lead to the same bytes again and again.
        """
        self._depth += 1
        self._seen += 1
        if self._depth > MAX_DEPTH:
            raise HazelcastSerializationError(
                f"the object at offset {self.pos} is nested more than {MAX_DEPTH} levels deep"
            )
        if self._seen > len(self.buffer):
            raise HazelcastSerializationError(f"more objects than the {len(self.buffer)} bytes can hold")

    def ascend(self) -> None:
        """Note that an object within an object ended."""
        self._depth -= 1

    def get_byte_order(self) -> str:
        """Return the name of the byte order."""
        return self.order.name

    def position(self) -> int:
        """Return the offset of the next byte."""
        return self.pos

    def size(self) -> int:
        """Return the length of the whole buffer."""
        return len(self.buffer)


def format_reader(value_format: ValueFormat[Any]) -> ObjectReader:
    """Return a function that reads one value of a format."""
    if value_format.layout is not None:
        return _scalar_reader(value_format, value_format.layout)
    unpack = value_format.unpack

    def read(self: Input) -> Any:
        value, self.pos = unpack(self.buffer, self.pos)
        return value

    return read


def _scalar_reader(value_format: ValueFormat[Any], layout: struct.Struct) -> ObjectReader:
    kind, unpack_from, size = value_format.kind, layout.unpack_from, layout.size

    def read(self: Input) -> Any:
        pos = self.pos
        try:
            (value,) = unpack_from(self.buffer, pos)
        except struct.error:
            raise short(self.buffer, pos, kind, size) from None
        self.pos = pos + size
        return value

    return read


def _methods(order: ByteOrder) -> dict[str, Callable[..., Any]]:
    unsigned = {"unsigned_byte": order.unsigned_byte, "unsigned_short": order.unsigned_short}
    return {
        f"read_{name}": format_reader(value_format)
        for name, value_format in (order.stream_formats() | unsigned).items()
    }


@implemented(_methods(BIG_ENDIAN))
class BigEndianInput(Input):
    """Input of the usual byte order."""

    __slots__ = ()
    order = BIG_ENDIAN


@implemented(_methods(LITTLE_ENDIAN))
class LittleEndianInput(Input):
    """Input of the other byte order."""

    __slots__ = ()
    order = LITTLE_ENDIAN


def input_class(order: ByteOrder) -> type[Input]:
    """Return the class of inputs of a byte order."""
    return cast("type[Input]", BigEndianInput if order is BIG_ENDIAN else LittleEndianInput)
