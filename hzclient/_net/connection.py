"""A connection to one member: bytes in and out, and the calls that wait for its responses."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import time
from collections.abc import Callable
from typing import Any, Final, NamedTuple, cast
from uuid import UUID

from hzclient._locks import new_lock
from hzclient._net.turns import Turns
from hzclient._protocol.frames import BACKUP_EVENT, EVENT
from hzclient._protocol.message import Message, breach
from hzclient._protocol.reader import Limits, MessageReader
from hzclient._runtime.base import Runtime
from hzclient._runtime.fork import release
from hzclient._runtime.identity import calling
from hzclient._runtime.pending import Waiter, fail
from hzclient._speed import BackupState, Link
from hzclient.core import Address
from hzclient.errors import ProtocolError, TargetDisconnectedError

_logger = logging.getLogger("hzclient.connection")

PREAMBLE = b"CP2"
"""The first bytes that a client sends: it uses client protocol 2."""

_JOIN_UP_TO = 64 * 1024
"""Larger pieces are written on their own: copying them costs more than another write."""

_EVENT_FLAGS = EVENT | BACKUP_EVENT

_WRITE_HIGH = 1024 * 1024
_WRITE_LOW = 256 * 1024
"""Bytes in the transport's buffer above which callers wait, and below which they continue."""


_FLUSH_SECONDS = 0.005
"""Seconds for which the loop waits if a thread is writing, before it tries again in a later turn."""

_NOTABLE: Final = 64 * 1024
"""Bytes that a message must have advanced by before that counts as progress: pongs and events stay below."""


class Progress(NamedTuple):
    """What a connection has done so far.

    Attributes:
        responses: Number of responses received.
        received: Bytes received of messages that are not complete.
        missing: Bytes that the frame being received still lacks.
        sent: Bytes that have left the transport's buffer.
        unsent: Bytes that are left in it.
    """

    responses: int
    received: int
    missing: int
    sent: int
    unsent: int

    def shows_life_since(self, before: Progress) -> bool:
        """Return whether requests and responses got through since an earlier moment.

        Args:
            before: What the connection had done by then.

        Returns:
            True if responses arrived, or if a large message visibly advanced in either direction. A frame
            that was announced as large must advance by a tenth of what it lacks.
        """
        return (
            self.responses > before.responses
            or self.received - before.received >= max(_NOTABLE, self.missing // 10)
            or (self.unsent > 0 and self.sent - before.sent >= _NOTABLE)
        )


class MemberConnection(Link, Turns, asyncio.BufferedProtocol):
    """One connection. Any thread may call `send`, `forget` and `turn`; the rest is for the loop.

    The direct write. Usually a thread appends its request to `_out` and wakes the loop, whose `_flush`
    writes all that is queued. A thread that blocks for the response anyway can save this switch to the
    loop's thread: it writes to a duplicate of the transport's socket itself. Requests must not interleave
    or overtake each other, so it may do so only if nothing is queued in `_out` and nothing is left in the
    transport's buffer, and it checks both while it holds `_write_lock`, which `_flush` takes too. If the
    socket accepts a part of the request only, the rest goes to the front of `_out` before the lock is
    released, so nothing can get between the two parts. TLS connections have no direct write, because the
    transport encrypts.

    Attributes:
        connection_id: Number of the connection in this client.
        address: Dialled address; after authentication the one that the member reports.
        member_uuid: The member at the other end; None before authentication.
        cluster_id: The cluster that the member belongs to; None before authentication.
        server_version: The member's version as text; empty before authentication.
        alive: False from the moment it is being closed.
        congested: True while a call must ask for its turn before it is sent.
        calls: The calls that wait for a response here, by correlation id. Only this class changes it.
        event_handlers: Handlers of the events of registrations made here, by correlation id.
        close_reason: Error for the calls that were waiting when it was closed; None while it is open.
        last_read: Monotonic time of the last bytes received.
        last_write: Monotonic time of the last bytes sent.
        responses: Number of responses received.
        opened_at: Wall clock time at which it was opened.

    Args:
        runtime: Its loop carries the connection.
        connection_id: As the attribute.
        address: As the attribute.
        backups: Responses of the client that wait for backups.
        on_response_with_acks: Receives responses that count only once backups have confirmed.
        on_close: Called once, when the connection is closed for whatever reason.
        limits: Sizes above which incoming data is an error.
    """

    def __init__(
        self,
        runtime: Runtime,
        connection_id: int,
        address: Address,
        *,
        backups: BackupState,
        on_response_with_acks: Callable[[Message, Waiter[Message]], None],
        on_close: Callable[[MemberConnection], None],
        limits: Limits | None = None,
    ) -> None:
        Turns.__init__(self, runtime)
        self.backups = backups
        self.connection_id = connection_id
        self.address = address
        self.member_uuid: UUID | None = None
        self.cluster_id: UUID | None = None
        self.server_version = ""
        self.alive = True
        self.calls: dict[int, Waiter[Message]] = {}
        self.event_handlers: dict[int, Callable[[Message], None]] = {}
        self.close_reason: Exception | None = None
        self.opened_at = time.time()
        self.last_read = self.last_write = time.monotonic()
        self.bytes_read = self.bytes_written = self.responses = 0
        self._on_response_with_acks = on_response_with_acks
        self._on_close = on_close
        self._reader = MessageReader(limits or Limits())
        self._transport: asyncio.Transport | None = None
        self._out: list[bytes] = []
        self._flush_due: object = None
        self._write_lock = new_lock()
        self._writing: tuple[list[int], int] | None = None
        self._direct: socket.socket | None = None

    # ------------------------------------------------------------------------- transport callbacks

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the preamble."""
        # A cast: the transports of uvloop do not derive from those of asyncio.
        self._transport = transport = cast(asyncio.Transport, transport)
        transport.set_write_buffer_limits(high=_WRITE_HIGH, low=_WRITE_LOW)
        transport.write(PREAMBLE)
        if not self.alive:  # closed while the transport was being made
            transport.abort()
        elif self._runtime.owned and transport.get_extra_info("sslcontext") is None:
            self._direct = _duplicate(transport)

    def get_buffer(self, sizehint: int) -> memoryview:
        """Return the buffer for the next bytes."""
        return self._reader.get_buffer(sizehint)

    def buffer_updated(self, nbytes: int) -> None:
        """Take received bytes, and deliver the messages that they complete."""
        self.last_read = time.monotonic()
        self.bytes_read += nbytes
        if self._reader.accept(nbytes) and self._dispatch(self._reader):
            return
        try:
            messages = self._reader.received(0)
        except ProtocolError:
            messages = []
        calls = self.calls
        for message in messages:
            if message.flags & _EVENT_FLAGS:
                self._handle_event(message)
                continue
            waiter = calls.pop(message.correlation_id, None)
            self.responses += 1
            if waiter is None:
                # Its call was cancelled or has timed out.
                _logger.debug("Dropped a late response for call %s", message.correlation_id)
            elif message.buffer[18]:
                self._on_response_with_acks(message, waiter)
            elif not waiter.done():  # resolve() inlined: it runs once per response
                waiter.set_result(message)
        if (error := self._reader.error) is not None:
            self.close(breach(error), error)

    def _handle_event(self, message: Message) -> None:
        handler = self.event_handlers.get(message.correlation_id)
        if handler is None:
            _logger.debug("Dropped an event for the unknown registration %s", message.correlation_id)
            return
        try:
            handler(message)
        except ProtocolError as error:  # it cannot be read
            self.close(breach(error), error)
        except Exception:
            _logger.exception("An event of type %#08x cannot be handled", message.type)

    def eof_received(self) -> bool:
        """Close the connection: the member will send nothing more."""
        self.close("the member closed the connection")
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Close the connection: the transport is gone."""
        self.close("the connection was lost" if exc is None else f"the connection was lost: {exc}", exc)

    def pause_writing(self) -> None:
        """Make callers wait: the member reads too slowly."""
        self._reader_is_slow()

    def resume_writing(self) -> None:
        """Let callers continue: the member has caught up."""
        self._reader_caught_up()
        if self._out:
            self._flush()

    def allow(self, limits: Limits) -> None:
        """Use other limits on incoming data from now on."""
        self._reader.allow(limits)

    # --------------------------------------------------------------------------------- for callers

    def send(
        self,
        correlation_id: int,
        waiter: Waiter[Message],
        head: bytes,
        body: bytes,
        on_event: Callable[[Message], None] | None = None,
        registers: bool = False,
    ) -> None:
        """Queue one request. The loop's next turn writes it together with all that is queued by then.

        A blocking thread that finds nothing queued writes the request to the socket itself, which
        saves the switch to the loop's thread.

        Args:
            correlation_id: Number of the call.
            waiter: Receives the response, or the error if the connection is closed.
            head: The first bytes of the request.
            body: The rest of it.
            on_event: Runs on the loop for each event of the registration that the request makes.
            registers: The request registers a listener of the user, so later calls wait for the response.
        """
        self.calls[correlation_id] = waiter
        if on_event is not None:  # before the write: events may come before the response
            self.event_handlers[correlation_id] = on_event
        if not (
            self._direct is not None
            and calling.thread.blocking
            and not self._out
            and self._send_directly(head + body)
        ):
            # One step, so that messages of several threads never mix.
            self._out.extend((head, body))
            if self._flush_due is not True:
                self._request_flush()
        if registers:  # not before it is sent: a signal handler may interrupt this, and wait for its own call
            self.hold_until(waiter)
        if not self.alive:
            # `close` fails every call that it finds in the table. This one may have come too late for that.
            self.event_handlers.pop(correlation_id, None)
            if self.calls.pop(correlation_id, None) is not None:
                self._fail(waiter)

    def _post_flush(self) -> None:
        self._runtime.post(self._flush)

    def forget(self, correlation_id: int) -> None:
        """Drop a call that its caller has given up, and the events of its registration."""
        self.calls.pop(correlation_id, None)
        self.event_handlers.pop(correlation_id, None)

    def drop_events(self, on_event: Callable[[Message], None]) -> None:
        """Drop the events of a registration that is removed."""
        for correlation_id, handler in list(self.event_handlers.items()):
            if handler is on_event:
                del self.event_handlers[correlation_id]

    def _send_directly(self, message: bytes) -> bool:
        with self._write_lock:
            outer = self._writing
            if outer is not None and outer[0] and outer[0][0] < outer[1]:
                return False  # this thread was interrupted in here, and the rest of that message comes first
            try:
                written = self._write_now(message)
            finally:
                self._writing = outer
        if not self.alive:  # closed meanwhile, which left the socket to this thread
            self._release_socket()
        return written

    def _write_now(self, message: bytes) -> bool:
        # A signal handler or finalizer may interrupt this after any call, and call it anew. The lock lets it
        # in, as it is the same thread, so its message must fit in between, and neither may be torn.
        transport, direct = self._transport, self._direct
        if transport is None or direct is None or transport.get_write_buffer_size():
            return False
        sent: list[int] = []
        sending = map(direct.send, (message,))
        self._writing = (sent, len(message))
        try:
            if self._out:
                return False
            # No call in between: what was interrupted leaves nothing in `_out` that this would overtake. And
            # none in the statement: `sent.append(direct.send(message))` could lose the number.
            sent.extend(sending)
        except OSError:
            return False  # it would block, or the transport finds out and closes the connection
        finally:
            if sent and sent[0] < len(message):
                # Holding the write lock, so `_flush` cannot overtake the unsent remainder.
                self._out.insert(0, message[sent[0] :])
                self._request_flush()
        self.last_write = time.monotonic()
        self.bytes_written += sent[0]
        return True

    def _request_flush(self) -> None:
        # True promises others that the loop will flush, so it is not set before the loop has been asked: an
        # interrupt may prevent that, and a signal handler may wait for it. See `OwnedRuntime.post`.
        claim = self._flush_due = object()
        self._runtime.post(self._flush)
        if self._flush_due is claim:
            self._flush_due = True

    def _flush(self) -> None:
        self._flush_due = None
        transport = self._transport
        if transport is None or self._full or not self.alive:
            return
        lock: Any = self._write_lock
        if not lock.acquire(timeout=_FLUSH_SECONDS):
            # A signal handler has interrupted the thread that writes, and may wait for the loop.
            self._runtime.loop.call_later(_FLUSH_SECONDS, self._flush)
            return
        try:
            self._writing = None  # an interrupt may have left it
            count = len(self._out)
            pieces = self._out[:count]
            del self._out[:count]
            if not pieces:
                return
            self.last_write = time.monotonic()
            for piece in _joined(pieces):
                self.bytes_written += len(piece)
                transport.write(piece)
        finally:
            lock.release()

    # ------------------------------------------------------------------------------------- closing

    def close(self, reason: str, cause: Exception | None = None) -> None:
        """Close the connection and fail the calls that wait for it. Closing twice does nothing.

        Args:
            reason: Reason for the log and for the errors of the calls.
            cause: Error that caused it.
        """
        if not self.alive:
            return
        self.alive = False
        self.close_reason = TargetDisconnectedError(f"{self}: {reason}", cause)
        if self._transport is not None:
            self._transport.abort()
        self._out.clear()
        self._release_socket()
        self.event_handlers.clear()
        self._fail_calls()
        self._end_turns()
        on_close, self._on_close = self._on_close, _ignore
        self._on_response_with_acks = _ignore
        on_close(self)

    def _release_socket(self) -> None:
        """Close the second handle of the socket if no thread writes to it. If one does, it closes it later.

        The loop does not wait for that thread. If a signal handler has interrupted it to shut the client
        down, the handler waits for the loop, and if the loop waited for the thread, both would wait for
        ever. If an interrupt keeps the thread from closing the handle, the garbage collector does.
        """
        lock: Any = self._write_lock
        if lock.acquire(blocking=False):
            try:
                direct, self._direct = self._direct, None
                if direct is not None:
                    direct.close()
            finally:
                lock.release()

    def abandon(self) -> None:
        """Release the socket in a child process: the connection belongs to the parent."""
        self.alive = False
        wrapped = self._transport.get_extra_info("socket") if self._transport is not None else None
        for sock in (wrapped, self._direct):
            if sock is not None and sock.fileno() >= 0:
                release(sock.fileno())

    def close_without_loop(self) -> None:
        """Close the socket although the loop, which the transport needs for that, is closed already."""
        self.abandon()
        # The part of closing a transport that asyncio leaves to the next turn of its loop.
        finish = getattr(self._transport, "_call_connection_lost", None)
        if finish is not None:
            finish(None)

    def _fail_calls(self) -> None:
        while self.calls:
            try:
                _, waiter = self.calls.popitem()
            except KeyError:  # its caller gave up just now, in another thread
                break
            self._fail(waiter)

    def _fail(self, waiter: Waiter[Message]) -> None:
        # An error of its own for each call: its traceback is written into it.
        reason = self.close_reason
        fail(waiter, TargetDisconnectedError(*(reason.args if reason is not None else ())))

    def progress(self) -> Progress:
        """Return what the connection has done so far. Called on the loop."""
        unsent = self._transport.get_write_buffer_size() if self._transport is not None else 0
        return Progress(
            self.responses, self._reader.unfinished, self._reader.missing, self.bytes_written - unsent, unsent
        )

    @property
    def local_address(self) -> Address | None:
        """Address of this end of the connection."""
        name = self._transport.get_extra_info("sockname") if self._transport is not None else None
        return Address(name[0], name[1]) if name else None

    def __repr__(self) -> str:
        return f"connection {self.connection_id} to {self.address.to_string()}"


def _ignore(*_: object) -> None:
    """Take the place of what a closed connection must not keep alive."""


def _duplicate(transport: asyncio.Transport) -> socket.socket | None:
    """Return a duplicate of the transport's socket, for writes that bypass the transport."""
    wrapped = transport.get_extra_info("socket")
    if wrapped is None:
        return None
    duplicate = socket.socket(fileno=os.dup(wrapped.fileno()))
    duplicate.setblocking(False)
    return duplicate


def _joined(pieces: list[bytes]) -> list[bytes]:
    """Return the pieces joined into few writes, except large ones."""
    if max(map(len, pieces)) <= _JOIN_UP_TO:
        return [b"".join(pieces)]
    joined: list[bytes] = []
    small: list[bytes] = []
    for piece in pieces:
        if len(piece) > _JOIN_UP_TO:
            joined.append(b"".join(small))
            joined.append(piece)
            small = []
        else:
            small.append(piece)
    joined.append(b"".join(small))
    return [piece for piece in joined if piece]
