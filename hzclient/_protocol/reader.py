"""Reader that cuts a byte stream into messages, with bounded memory."""

from typing import Final, NamedTuple

from hzclient._protocol.fragments import FragmentTable
from hzclient._protocol.frames import FINAL, HEADER_SIZE, unpack_header
from hzclient._protocol.message import Message
from hzclient._speed import hot
from hzclient.errors import ProtocolError

_INITIAL_SIZE: Final = 128 * 1024
_CALM_READS: Final = 64


class Limits(NamedTuple):
    """Limits on what a peer may send. Exceeding one is a protocol error.

    Attributes:
        frame: Bytes of one frame.
        message: Bytes of one message, or of one fragment and of the message joined from fragments.
        assemblies: Number of messages whose fragments are being collected at the same time.
        assembly_bytes: Bytes of all fragments being collected.
    """

    frame: int = 512 * 1024 * 1024
    message: int = 1024 * 1024 * 1024
    assemblies: int = 1024
    assembly_bytes: int = 1024 * 1024 * 1024


class MessageReader:
    """Cuts what a connection receives into messages.

    Bytes are received into a reused buffer. It is scanned by offset, each scan continues where the last one
    stopped, and consumed bytes are only moved out when room is needed. A large message makes the buffer
    grow as its bytes arrive, never because a length announces them, and the buffer shrinks afterwards.

    Args:
        limits: Limits on what the peer may send.
    """

    __slots__ = ("_buffer", "_calm", "_end", "_error", "_fragments", "_limits", "_scan", "_start", "_view")

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._fragments = FragmentTable(
            self._limits.assemblies, self._limits.assembly_bytes, self._limits.message
        )
        self._buffer = bytearray(_INITIAL_SIZE)
        self._view = memoryview(self._buffer)
        self._start = 0  # of the message that is not complete yet
        self._scan = 0  # where its next frame begins
        self._end = 0  # of what was received
        self._calm = 0  # reads in a row that would have fitted the initial buffer
        self._error: ProtocolError | None = None

    @property
    def error(self) -> ProtocolError | None:
        """The error of the peer. Nothing is read any more once this is set."""
        return self._error

    @property
    def buffered(self) -> int:
        """Bytes of memory held: the receive buffer and the fragments being collected."""
        return len(self._buffer) + self._fragments.size

    def allow(self, limits: Limits) -> None:
        """Use other limits from now on."""
        self._limits = limits
        self._fragments.allow(limits.assemblies, limits.assembly_bytes, limits.message)

    @property
    def unfinished(self) -> int:
        """Bytes received of messages that are not complete."""
        return self._end - self._start + self._fragments.size

    @property
    def missing(self) -> int:
        """Bytes that the frame being received still lacks. 0 if its length is not known yet."""
        present = self._end - self._scan
        if self._error is not None or present < HEADER_SIZE:
            return 0
        length: int = unpack_header(self._view, self._scan)[0]
        return max(length - present, 0)

    def get_buffer(self, size_hint: int = -1) -> memoryview:
        """Return room for the next bytes, valid until `received` is called.

        Args:
            size_hint: Number of bytes wanted, as `asyncio.BufferedProtocol` passes it. Only a hint.

        Returns:
            The free part of the buffer.

        Raises:
            ProtocolError: The peer has broken the protocol before.
        """
        if self._error is not None:
            raise self._error
        if self._start == self._end:
            self._start = self._scan = self._end = 0
        size = len(self._buffer)
        pending = self._end - self._start
        if size > _INITIAL_SIZE:
            self._calm = self._calm + 1 if pending < _INITIAL_SIZE // 2 else 0
            if self._calm >= _CALM_READS:
                self._move(_INITIAL_SIZE)
                return self._view[self._end :]
        if size - self._end < size // 4:
            # Moving is paid for by what was consumed: at most half of the buffer is moved, and at least a
            # quarter of it arrives before the next move.
            self._move(size if pending <= size // 2 else size * 2)
        return self._view[self._end :]

    def accept(self, count: int) -> bool:
        """Count bytes written into the buffer. Return False if the peer broke the protocol before."""
        if self._error is not None:
            return False
        self._end += count
        return True

    def received(self, count: int) -> list[Message]:
        """Take note of bytes written into the buffer.

        Args:
            count: How many bytes were written.

        Returns:
            The messages that they complete. If the peer broke the protocol after these, they are still
            returned and `error` is set.

        Raises:
            ProtocolError: The peer broke the protocol. Each later call raises the same error.
        """
        if self._error is not None:
            raise self._error
        self._end += count
        messages: list[Message] = []
        try:
            self._read(messages)
        except ProtocolError as error:
            self._error = error
            self._release()
            if not messages:
                raise
        return messages

    def feed(self, data: bytes | bytearray | memoryview) -> list[Message]:
        """Read bytes at hand, with `get_buffer` and `received` as often as needed.

        Args:
            data: What the peer sent.

        Returns:
            As `received`.

        Raises:
            ProtocolError: As `received`.
        """
        messages: list[Message] = []
        source = memoryview(data)
        while source and self._error is None:
            room = self.get_buffer(len(source))
            count = min(len(room), len(source))
            room[:count] = source[:count]
            source = source[count:]
            try:
                messages += self.received(count)
            except ProtocolError:
                if not messages:
                    raise
                return messages
        if self._error is not None and not messages:
            raise self._error
        return messages

    def _read(self, messages: list[Message]) -> None:
        view = self._view
        start, scan, end = self._start, self._scan, self._end
        frame_limit, message_limit = self._limits.frame, self._limits.message
        try:
            while end - scan >= HEADER_SIZE:
                length, flags = unpack_header(view, scan)
                if not HEADER_SIZE <= length <= frame_limit or scan + length - start > message_limit:
                    raise self._bad_length(length, scan - start)
                if scan + length > end:
                    break
                scan += length
                if hot is not None and not flags & FINAL:
                    scan = hot.last_whole_frame(self._buffer, scan, end, frame_limit, start + message_limit)
                if flags & FINAL:
                    content = view[start:scan].tobytes()
                    start = scan
                    if content[5] & 0xC0 == 0xC0:
                        messages.append(Message(content))
                    else:
                        joined = self._fragments.add(content)
                        if joined is not None:
                            messages.append(Message(joined))
        finally:
            self._start, self._scan = start, scan

    def _bad_length(self, length: int, offset: int) -> ProtocolError:
        if length < HEADER_SIZE:
            return ProtocolError(f"frame at offset {offset} of a message has length {length}, below 6")
        if length > self._limits.frame:
            return ProtocolError(
                f"frame at offset {offset} of a message has {length} bytes, limit {self._limits.frame}"
            )
        return ProtocolError(f"message has at least {offset + length} bytes, limit {self._limits.message}")

    def _move(self, size: int) -> None:
        """Move pending bytes to the front of the buffer, or of a new one of another size."""
        pending = self._end - self._start
        if size == len(self._buffer):
            self._view[:pending] = self._view[self._start : self._end]
        else:
            buffer = bytearray(size)
            view = memoryview(buffer)
            view[:pending] = self._view[self._start : self._end]
            self._buffer, self._view = buffer, view
            self._calm = 0
        self._scan -= self._start
        self._start, self._end = 0, pending

    def _release(self) -> None:
        self._start = self._scan = self._end = 0
        self._fragments.clear()
        self._buffer = bytearray()
        self._view = memoryview(self._buffer)
