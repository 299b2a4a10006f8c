"""Outgoing requests, incoming messages, and the methods that both belong to."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from struct import Struct
from typing import Any, Final, Generic, ParamSpec, TypeVar

from hzclient._protocol.frames import (
    BACKUP_AWARE,
    BACKUP_EVENT,
    BEGIN_BYTE,
    END,
    END_BYTE,
    EVENT,
    NULL,
    NULL_BYTE,
    REQUEST_HEAD_SIZE,
    RESPONSE_HEAD_SIZE,
    STRUCTURE,
    UNFRAGMENTED,
    unpack_header,
)
from hzclient._speed import hot
from hzclient.errors import ProtocolError

P = ParamSpec("P")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)
E = TypeVar("E")

_HEAD: Final = Struct("<iHiqi")
_pack_head: Final = _HEAD.pack
_unpack_start: Final = Struct("<iHiq").unpack_from
_unpack_partition: Final = Struct("<i").unpack_from

_KIND: Final = UNFRAGMENTED | EVENT | BACKUP_EVENT
"""Flags of the first frame that distinguish a response from anything else."""

_names: Final[dict[int, str]] = {}
"""Method names by request type, for error texts."""


@dataclass(frozen=True, slots=True)
class Method(Generic[P, R]):
    """A method of the protocol, with the codec of its request and response.

    Attributes:
        name: Service and method, such as `Map.get`.
        request_type: Message type of the request.
        retryable: True if the request may be repeated when its connection is lost.
        encode: Makes a request of the parameters, which are given in their order and without names.
        decode: Reads the result from a response.
        request_layout: A letter for each parameter of the request, in their order, for the compiled path:
            b boolean, y byte, i int, q long, f float, u UUID, s text, d data, l list of data, e entries of
            data and data, c composite; capitals may be null. The fixed-size ones (b y i q f u) come first
            on the wire. None if one has another type.
        response_layout: The same for the one value in the response; "" if it holds none, None if it holds
            another type or several values.
        writers: For each c of the request, the function that appends the frames of the composite.
    """

    name: str
    request_type: int
    retryable: bool
    encode: Callable[P, "Request[R]"]
    decode: "Callable[[Message], R]"
    request_layout: str | None
    response_layout: str | None
    writers: tuple[Callable[[list[bytes], Any, bool], None], ...] = field(default=(), kw_only=True)

    def __post_init__(self) -> None:
        _names[self.request_type] = self.name
        if hot is not None:
            compiled = hot.encoder_of(self, self.encode)
            if compiled is not None:
                object.__setattr__(self, "encode", compiled)

    @property
    def response_type(self) -> int:
        """Message type of the response."""
        return self.request_type + 1


@dataclass(frozen=True, slots=True)
class ListenerMethod(Method[P, R], Generic[P, R, E]):
    """A method that registers a listener.

    Attributes:
        decode_event: Reads one of the method's events. Returns None for an event of an unknown type.
    """

    decode_event: "Callable[[Message], E | None]"


class Request(Generic[R_co]):
    """A request without the parts that differ from send to send. Immutable, so a retry encodes nothing.

    Attributes:
        method: The called method.
        body: All bytes after the head of the first frame.

    Args:
        method: As the attribute.
        first_frame: Length of the first frame in bytes, header included.
        flags: Flags of the first frame.
        body: As the attribute.
    """

    __slots__ = ("_first_frame", "_flags", "body", "method")

    def __init__(self, method: Method[Any, R_co], first_frame: int, flags: int, body: bytes) -> None:
        self.method = method
        self.body = body
        self._first_frame = first_frame
        self._flags = flags

    @property
    def size(self) -> int:
        """Number of bytes on the wire, head included."""
        return REQUEST_HEAD_SIZE + len(self.body)

    def head(self, correlation_id: int, partition_id: int = -1, backup_aware: bool = False) -> bytes:
        """Return the 22 bytes that go before `body`.

        Args:
            correlation_id: Number that is unique among the outstanding calls of the client.
            partition_id: Partition that the request is bound to; -1 if none.
            backup_aware: True if backup members confirm to the client itself.

        Returns:
            The head.
        """
        return _pack_head(
            self._first_frame,
            self._flags | BACKUP_AWARE if backup_aware else self._flags,
            self.method.request_type,
            correlation_id,
            partition_id,
        )

    def undecoded(self) -> "Request[Message]":
        """Return the same request with the undecoded response as its result, to be decoded elsewhere."""
        return Request(_leaving_undecoded(self.method), self._first_frame, self._flags, self.body)

    def __repr__(self) -> str:
        return f"<Request {self.method.name}, {self.size} bytes>"


def _undecoded(message: "Message") -> "Message":
    return message


@cache
def _leaving_undecoded(method: Method[..., Any]) -> "Method[..., Message]":
    """Return a method that decodes no responses, always the same one: each has a compiled encoder."""
    return replace(method, decode=_undecoded)


def breach(error: Exception) -> str:
    """Return the reason for which a connection is closed, if what the member sent cannot be read."""
    return f"the member broke the protocol: {error}"


class Message:
    """A complete message, with a cursor over its frames.

    The frames must fill the buffer exactly, which the reader guarantees. The cursor moves by whole frames,
    so it is always at a frame or at the end.

    Attributes:
        buffer: The frames, one after the other.
        first: Length of the first frame, and so the offset of the second.
        flags: Flags of the first frame.
        type: Message type.
        correlation_id: Number of the call or registration that the message belongs to.
        pos: The cursor: offset of the next frame to read.

    Args:
        buffer: A complete message. FINAL bits in the middle are allowed.

    Raises:
        ProtocolError: The first frame is not that of a response or an event.
    """

    __slots__ = ("buffer", "correlation_id", "first", "flags", "pos", "type")

    first: int
    flags: int
    type: int
    correlation_id: int

    def __init__(self, buffer: bytes) -> None:
        self.buffer = buffer
        if len(buffer) < RESPONSE_HEAD_SIZE:
            raise ProtocolError(f"a message of {len(buffer)} bytes is too short to have a first frame")
        self.first, self.flags, self.type, self.correlation_id = _unpack_start(buffer)
        self.pos = self.first
        if self.first < RESPONSE_HEAD_SIZE or self.flags & _KIND != UNFRAGMENTED:
            self._check_first_frame()

    def _check_first_frame(self) -> None:
        needed = REQUEST_HEAD_SIZE if self.is_event else RESPONSE_HEAD_SIZE
        if self.first < needed:
            raise ProtocolError(f"{self}: first frame has {self.first} bytes, needs at least {needed}")
        if self.flags & UNFRAGMENTED != UNFRAGMENTED:
            raise ProtocolError(f"{self}: first frame has the flags of a fragment, {self.flags:#06x}")

    @property
    def backup_acks(self) -> int:
        """Number of backup acks that the call has to wait for (responses only)."""
        return self.buffer[18]

    @property
    def partition_id(self) -> int:
        """Partition that the message is about, or -1 (events and requests only)."""
        partition_id: int = _unpack_partition(self.buffer, 18)[0]
        return partition_id

    @property
    def is_event(self) -> bool:
        """True if this is an event of a listener, including backup acks."""
        return self.flags & (EVENT | BACKUP_EVENT) != 0

    @property
    def is_backup_event(self) -> bool:
        """True if this is a backup ack."""
        return self.flags & BACKUP_EVENT != 0

    @property
    def method_name(self) -> str:
        """Service and method that the message type belongs to, for error texts."""
        if self.type == 0:
            return "error response"
        return _names.get(self.type & ~0xFF, f"message type {self.type:#08x}")

    def __repr__(self) -> str:
        kind = self.type & 0xFF
        part = {0: "", 1: " response"}.get(kind, f" event {kind}") if self.type else ""
        return f"{self.method_name}{part}"

    # ------------------------------------------------------------------------------- for decoders

    def data(self, field: str) -> bytes:
        """Return the content of the data frame at the cursor, and move past it.

        Args:
            field: Name of what is read, for the error.

        Returns:
            The content.

        Raises:
            ProtocolError: There is no frame left, or it is not a data frame.
        """
        pos = self.pos
        buffer = self.buffer
        if pos == len(buffer):
            raise self.no_frame(field)
        length, flags = unpack_header(buffer, pos)
        if flags & STRUCTURE:
            raise self.unexpected(field, "a data frame")
        self.pos = end = pos + length
        return buffer[pos + 6 : end]

    def nullable_data(self, field: str) -> bytes | None:
        """Return the content of the data frame at the cursor, or None for a NULL frame, and move past it."""
        pos = self.pos
        buffer = self.buffer
        if pos == len(buffer):
            raise self.no_frame(field)
        length, flags = unpack_header(buffer, pos)
        if flags & STRUCTURE:
            if flags & STRUCTURE != NULL:
                raise self.unexpected(field, "a data or NULL frame")
            self.pos = pos + length
            return None
        self.pos = end = pos + length
        return buffer[pos + 6 : end]

    def nullable_data_list(self, field: str) -> list[bytes | None]:
        """Return the contents of the data and NULL frames of a list, and move past it."""
        if hot is not None and (found := hot.data_list(self, True)) is not None:
            return found  # type: ignore[no-any-return]
        self.begin(field)
        pos, buffer = self.pos, self.buffer
        size = len(buffer)
        contents: list[bytes | None] = []
        while pos != size:
            length, flags = unpack_header(buffer, pos)
            end = pos + length
            if not flags & STRUCTURE:
                contents.append(buffer[pos + 6 : end])
            elif flags & STRUCTURE == NULL:
                contents.append(None)
            elif flags & STRUCTURE == END:
                self.pos = end
                return contents
            else:
                self.pos = pos
                raise self.unexpected(field, "a data, NULL or END frame")
            pos = end
        self.pos = pos
        raise self.no_frame(field)

    def take_null(self, field: str) -> bool:
        """Move past a NULL frame, if there is one at the cursor."""
        return self._take(NULL_BYTE, field)

    def take_end(self, field: str) -> bool:
        """Move past an END frame, if there is one at the cursor."""
        return self._take(END_BYTE, field)

    def at_end(self, field: str) -> bool:
        """Return whether an END frame is at the cursor, which does not move."""
        pos = self.pos
        if pos == len(self.buffer):
            raise self.no_frame(field)
        return self.buffer[pos + 5] & END_BYTE != 0

    def begin(self, field: str) -> None:
        """Move past the BEGIN frame of a list, map or composite."""
        if not self._take(BEGIN_BYTE, field):
            raise self.unexpected(field, "a BEGIN frame")

    def finish(self, field: str) -> None:
        """Move past the END frame of the current composite, and past unknown fields before it."""
        depth = 1
        while depth:
            if self._take(END_BYTE, field):
                depth -= 1
            elif self._take(BEGIN_BYTE, field):
                depth += 1
            else:
                self.pos += unpack_header(self.buffer, self.pos)[0]

    def fixed(self, size: int, field: str) -> int:
        """Move past the frame that holds the fixed-size fields of a composite.

        Args:
            size: Bytes that the frame must have at least.
            field: Name of what is read, for the error.

        Returns:
            Offset of its content.
        """
        pos = self.pos
        if pos == len(self.buffer):
            raise self.no_frame(field)
        length, flags = unpack_header(self.buffer, pos)
        if flags & STRUCTURE:
            raise self.unexpected(field, "a data frame")
        if length < size + 6:
            raise ProtocolError(f"{self}: {field}: {length - 6} bytes at offset {pos + 6}, needs {size}")
        self.pos = pos + length
        return pos + 6

    @property
    def has_more(self) -> bool:
        """True if a frame is left, which shows whether the peer sent a field newer than the method."""
        return self.pos < len(self.buffer)

    def _take(self, bit: int, field: str) -> bool:
        pos = self.pos
        buffer = self.buffer
        if pos == len(buffer):
            raise self.no_frame(field)
        if buffer[pos + 5] & bit:
            self.pos = pos + unpack_header(buffer, pos)[0]
            return True
        return False

    def no_frame(self, field: str) -> ProtocolError:
        """Return the error for a message that ends before a field."""
        return ProtocolError(f"{self}: {field}: the message ends at offset {self.pos}, a frame is missing")

    def unexpected(self, field: str, expected: str) -> ProtocolError:
        """Return the error for a frame of the wrong kind at the cursor."""
        flags = unpack_header(self.buffer, self.pos)[1]
        return ProtocolError(
            f"{self}: {field}: expected {expected} at offset {self.pos}, found flags {flags:#06x}"
        )

    def too_short(self, field: str, needed: int) -> ProtocolError:
        """Return the error for a first frame that lacks a fixed-size field."""
        return ProtocolError(f"{self}: {field}: first frame has {self.first} bytes, needs at least {needed}")

    def malformed(self, field: str, what: str) -> ProtocolError:
        """Return the error for invalid content before the cursor."""
        return ProtocolError(f"{self}: {field}: {what} before offset {self.pos}")


def decode_nothing(message: Message) -> None:
    """Read a response that carries nothing."""


if hot is not None:
    hot.use_messages(Message, Request)
