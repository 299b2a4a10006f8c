"""The stream that values are written to."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Protocol, TypeAlias, cast

from hzclient.errors import HazelcastSerializationError
from hzclient.serialization._buffer import MAX_DEPTH, BytesLike, unfit
from hzclient.serialization._declare import implemented
from hzclient.serialization._order import BIG_ENDIAN, LITTLE_ENDIAN, ByteOrder
from hzclient.serialization._primitives import PACK_ERRORS, ValueFormat
from hzclient.serialization.api import ObjectDataOutput

ObjectWriter: TypeAlias = "Callable[[Output, Any], None]"
"""Appends the type id and the payload of an object."""


class ObjectWriters(Protocol):
    """Source of the writers of objects."""

    @property
    def writers(self) -> Mapping[type[Any], ObjectWriter]:
        """Writer by exact type; it finds (and remembers) that of any type, or raises."""
        ...


class Output(ObjectDataOutput):
    """Stream over one growing bytearray.

    Serializers of this package may append to `buffer` themselves, and overwrite what they reserved.
    A writer of nested objects that does not use `write_object` calls `descend` and `ascend` around each.

    Args:
        objects: Source of the writers of nested objects.
        head: First bytes of the buffer. Offsets in the data count from its start.
    """

    __slots__ = ("_depth", "_objects", "buffer")

    order: ClassVar[ByteOrder]

    def __init__(self, objects: ObjectWriters, head: bytes = b"") -> None:
        self._objects = objects
        self._depth = 0
        self.buffer = bytearray(head)

    def write_from(self, buff: BytesLike, offset: int | None = None, length: int | None = None) -> None:
        """Append a range of raw bytes."""
        start = offset or 0
        end = len(buff) if length is None else start + length
        if not 0 <= start <= end <= len(buff):
            raise IndexError(f"bytes {start} to {end} of a buffer of {len(buff)}")
        self.buffer += buff[start:end]

    def write_bytes(self, val: str) -> None:
        """Append one byte for each character."""
        self.buffer += val.encode("latin-1")

    def write_chars(self, val: str) -> None:
        """Append the UTF-16 code units of a text."""
        encoding = "utf-16-be" if self.order is BIG_ENDIAN else "utf-16-le"
        self.buffer += val.encode(encoding, "surrogatepass")

    def write_object(self, val: Any) -> None:
        """Append the type id and the payload of a value of any kind."""
        self.descend()
        try:
            self._objects.writers[type(val)](self, val)
        finally:
            self._depth -= 1

    def descend(self) -> None:
        """Note that an object within an object begins.

        Raises:
            HazelcastSerializationError: If it is nested too deep: in a cycle, most likely.
        """
        if self._depth >= MAX_DEPTH:
            raise HazelcastSerializationError(f"objects are nested more than {MAX_DEPTH} levels deep")
        self._depth += 1

    def ascend(self) -> None:
        """Note that an object within an object ended."""
        self._depth -= 1

    def to_byte_array(self) -> bytearray:
        """Return a copy of the buffer."""
        return bytearray(self.buffer)

    def get_byte_order(self) -> str:
        """Return the name of the byte order."""
        return self.order.name

    def detached(self) -> "Output":
        """Return an empty output of the same kind, which starts at offset 0."""
        return type(self)(self._objects)


def format_writer(value_format: ValueFormat[Any], head: bytes = b"") -> ObjectWriter:
    """Return a function that appends `head` and a value of a format."""
    kind, pack = value_format.kind, value_format.pack

    def write(self: Output, val: Any) -> None:
        try:
            self.buffer += head + pack(val)
        except PACK_ERRORS as error:
            raise unfit(kind, val, error) from error

    return write


def _methods(order: ByteOrder) -> dict[str, Callable[..., Any]]:
    return {
        f"write_{name}": format_writer(value_format) for name, value_format in order.stream_formats().items()
    }


@implemented(_methods(BIG_ENDIAN))
class BigEndianOutput(Output):
    """Output of the usual byte order."""

    __slots__ = ()
    order = BIG_ENDIAN


@implemented(_methods(LITTLE_ENDIAN))
class LittleEndianOutput(Output):
    """Output of the other byte order."""

    __slots__ = ()
    order = LITTLE_ENDIAN


def output_class(order: ByteOrder) -> type[Output]:
    """Return the class of outputs of a byte order."""
    return cast("type[Output]", BigEndianOutput if order is BIG_ENDIAN else LittleEndianOutput)
