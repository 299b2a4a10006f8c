"""A connection over a transport of the test's own: what is written when, and who learns of what."""

from __future__ import annotations

import itertools
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest

from hzclient._codec import client as codec
from hzclient._net.connection import PREAMBLE, MemberConnection
from hzclient._net.heartbeat import Heartbeat
from hzclient._protocol.message import Message
from hzclient._protocol.reader import Limits
from hzclient._runtime.identity import calling
from hzclient._runtime.pending import Pending
from hzclient._speed import BackupState
from hzclient.core import Address
from hzclient.errors import ProtocolError, TargetDisconnectedError
from tests.internals import set_private
from tests.member.outgoing import Outgoing


class Turns:
    """A runtime whose loop turns when the test says so."""

    def __init__(self, *, owned: bool = False) -> None:
        self.owned = owned
        self.posted: list[tuple[Callable[..., object], tuple[Any, ...]]] = []
        self.spawned: list[str] = []

    def post(self, callback: Callable[..., object], *args: Any) -> bool:
        self.posted.append((callback, args))
        return True

    def pending(self) -> Pending[Any]:
        return Pending()

    def spawn(self, service: Any, name: str) -> None:
        service.close()
        self.spawned.append(name)

    def turn(self) -> None:
        posted, self.posted = self.posted, []
        for callback, args in posted:
            callback(*args)


class Transport:
    """Takes what is written."""

    def __init__(self, sock: socket.socket | None = None) -> None:
        self.writes: list[bytes] = []
        self.aborted = False
        self.buffered = 0
        self._socket = sock

    def set_write_buffer_limits(self, high: int, low: int) -> None:
        self.limits = high, low

    def get_write_buffer_size(self) -> int:
        return self.buffered

    def get_extra_info(self, name: str) -> Any:
        return self._socket if name == "socket" else None

    def write(self, data: bytes) -> None:
        self.writes.append(bytes(data))

    def abort(self) -> None:
        self.aborted = True


class Bench:
    """One connection, and what it reported."""

    def __init__(self, *, sock: socket.socket | None = None, limits: Limits | None = None) -> None:
        self.runtime = cast(Any, Turns(owned=sock is not None))
        self.closed: list[MemberConnection] = []
        self._ids = itertools.count(1000)
        self.with_acks: list[int] = []
        self.connection = MemberConnection(
            self.runtime,
            1,
            Address("h", 5701),
            backups=BackupState(),
            on_response_with_acks=lambda message, waiter: self.with_acks.append(message.backup_acks),
            on_close=self.closed.append,
            limits=limits,
        )
        self.transport = Transport(sock)
        self.connection.connection_made(self.transport)  # type: ignore[arg-type]

    def call(self, correlation_id: int) -> Pending[Message]:
        return self.send(b"", b"", correlation_id)

    def send(self, head: bytes, body: bytes, correlation_id: int | None = None) -> Pending[Message]:
        waiter: Pending[Message] = Pending()
        self.connection.send(
            next(self._ids) if correlation_id is None else correlation_id, waiter, head, body
        )
        return waiter

    def receive(self, data: bytes) -> None:
        while data:
            buffer = self.connection.get_buffer(len(data))
            count = min(len(data), len(buffer))
            buffer[:count] = data[:count]
            self.connection.buffer_updated(count)
            data = data[count:]


def response(correlation_id: int, backup_acks: int = 0) -> bytes:
    return Outgoing(codec.PING.response_type, 19, True, b"").as_response(correlation_id, backup_acks)


# ------------------------------------------------------------------------------------------------ writing


def test_one_write_per_turn() -> None:
    bench = Bench()
    assert bench.transport.writes == [PREAMBLE]
    bench.send(b"a", b"b")
    bench.send(b"c", b"d")
    assert bench.transport.writes == [PREAMBLE]
    assert len(bench.runtime.posted) == 1
    bench.runtime.turn()
    assert bench.transport.writes == [PREAMBLE, b"abcd"]
    bench.send(b"e", b"")
    bench.runtime.turn()
    assert bench.transport.writes[-1] == b"e"
    assert bench.connection.bytes_written == 5


def test_large_pieces_are_not_copied_together() -> None:
    bench = Bench()
    large = b"x" * 100_000
    bench.send(b"a", b"b")
    bench.send(b"c", large)
    bench.send(b"d", b"e")
    bench.runtime.turn()
    assert bench.transport.writes[1:] == [b"abc", large, b"de"]


def test_nothing_is_written_while_the_member_does_not_read() -> None:
    bench = Bench()
    bench.connection.pause_writing()
    waiting = bench.connection.turn()
    bench.send(b"a", b"b")
    bench.runtime.turn()
    assert bench.transport.writes == [PREAMBLE]
    assert not waiting.done()
    bench.connection.resume_writing()
    assert waiting.done()
    assert bench.transport.writes == [PREAMBLE, b"ab"]
    newcomer = bench.connection.turn()
    assert not newcomer.done()  # the one that was woken may not have sent yet
    bench.runtime.turn()
    assert newcomer.done()
    bench.runtime.turn()
    assert not bench.connection.congested
    assert bench.connection.turn().done()


def test_nobody_waits_for_ever_where_the_member_stalls_again_at_once() -> None:
    bench = Bench()
    connection = bench.connection

    def go_on_and_stall_again() -> None:
        connection.resume_writing()
        connection.pause_writing()

    loop_thread = threading.Thread(target=go_on_and_stall_again)

    class Interrupted(deque[Any]):
        """Lets the loop's thread run at the worst moment: before a caller is on the list."""

        def append(self, waiter: Any) -> None:
            loop_thread.start()
            loop_thread.join(0.2)
            super().append(waiter)

    connection.pause_writing()
    set_private(connection, "_waiting", Interrupted())
    waiting = connection.turn()
    loop_thread.join()
    connection.resume_writing()
    assert waiting.done()


@pytest.fixture
def sockets() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    theirs.setblocking(False)
    yield ours, theirs
    ours.close()
    theirs.close()


@pytest.fixture
def blocking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calling.thread, "blocking", True)


def received_by(sock: socket.socket) -> bytes:
    parts = []
    while True:
        try:
            parts.append(sock.recv(1 << 20))
        except BlockingIOError:
            return b"".join(parts)


@pytest.mark.usefixtures("blocking")
def test_a_caller_that_waits_writes_itself(sockets: tuple[socket.socket, socket.socket]) -> None:
    bench = Bench(sock=sockets[0])
    bench.send(b"head", b"body")
    assert received_by(sockets[1]) == b"headbody"
    assert not bench.runtime.posted
    bench.transport.buffered = 1  # the transport has something to write: behind it
    bench.send(b"later", b"")
    bench.transport.buffered = 0
    bench.send(b"last", b"")  # something is queued: behind it
    assert received_by(sockets[1]) == b""
    bench.runtime.turn()
    assert bench.transport.writes[1:] == [b"laterlast"]
    bench.connection.close("done")


@pytest.mark.usefixtures("blocking")
def test_what_the_socket_does_not_take_comes_next(sockets: tuple[socket.socket, socket.socket]) -> None:
    bench = Bench(sock=sockets[0])
    large = bytes(range(256)) * 20_000
    bench.send(b"", large)
    bench.send(b"next", b"")
    bench.runtime.turn()
    written = received_by(sockets[1])
    assert 0 < len(written) < len(large)
    assert written + b"".join(bench.transport.writes[1:]) == large + b"next"
    bench.connection.close("done")


def test_who_does_not_wait_leaves_writing_to_the_loop(sockets: tuple[socket.socket, socket.socket]) -> None:
    bench = Bench(sock=sockets[0])
    bench.send(b"a", b"b")
    assert received_by(sockets[1]) == b""
    bench.runtime.turn()
    assert bench.transport.writes[1:] == [b"ab"]
    bench.connection.close("done")


# ------------------------------------------------------------------------------------------------ reading


@pytest.mark.parametrize("size", [1, 2, 5, 22, 1000])
def test_answers_reach_their_calls_however_they_are_cut(size: int) -> None:
    bench = Bench()
    waiters = {number: bench.call(number) for number in range(20)}
    stream = b"".join(response(number) for number in reversed(waiters))
    for start in range(0, len(stream), size):
        bench.receive(stream[start : start + size])
    assert {number: waiter.outcome().correlation_id for number, waiter in waiters.items()} == {
        number: number for number in waiters
    }
    assert not bench.connection.calls
    assert bench.connection.bytes_read == len(stream)


def test_answers_to_nobody_are_dropped() -> None:
    bench = Bench()
    waiter = bench.call(1)
    bench.receive(response(2) + response(1) + response(1))
    assert waiter.outcome().correlation_id == 1
    assert bench.connection.alive


def test_answers_that_need_acks_are_handed_on() -> None:
    bench = Bench()
    waiter = bench.call(1)
    bench.receive(response(1, backup_acks=2))
    assert bench.with_acks == [2]
    assert not waiter.done()


def test_events_reach_their_handler_whatever_it_does(caplog: pytest.LogCaptureFixture) -> None:
    bench = Bench()
    seen: list[int] = []

    def handle(message: Message) -> None:
        seen.append(message.correlation_id)
        raise ValueError("mine")

    bench.connection.event_handlers[7] = handle
    event = Outgoing(0x000302, 22, True, b"")
    bench.receive(event.as_event(7) + event.as_event(8) + event.as_event(7))
    assert seen == [7, 7]
    assert bench.connection.alive
    assert "cannot be handled" in caplog.text


@pytest.mark.parametrize(
    ("data", "limits"),
    [
        (b"\x05\0\0\0\0\xc0" + b"\0" * 20, None),
        (b"\xff\xff\xff\x7f\0\xc0" + b"\0" * 20, None),
        (b"\0\0\x10\0\0\xc0" + b"\0" * 20, Limits(frame=1000)),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", None),
    ],
)
def test_nonsense_closes_the_connection(data: bytes, limits: Limits | None) -> None:
    bench = Bench(limits=limits)
    answered, waiting = bench.call(1), bench.call(2)
    bench.receive(response(1) + data)
    assert answered.done()
    assert answered.outcome().correlation_id == 1
    with pytest.raises(TargetDisconnectedError, match="broke the protocol") as caught:
        waiting.outcome()
    assert isinstance(caught.value.__cause__ or caught.value.args[1], ProtocolError)
    assert bench.transport.aborted


# ------------------------------------------------------------------------------------------------ closing


def test_closing_fails_the_calls_that_wait() -> None:
    bench = Bench()
    waiters = [bench.call(number) for number in range(3)]
    congested = bench.connection.turn()
    bench.connection.pause_writing()
    late = bench.connection.turn()
    bench.connection.event_handlers[1] = lambda message: None
    bench.connection.close("a test says so", OSError("cause"))
    errors = []
    for waiter in waiters:
        with pytest.raises(TargetDisconnectedError, match="a test says so") as caught:
            waiter.outcome()
        errors.append(caught.value)
    assert len(set(map(id, errors))) == 3
    assert bench.closed == [bench.connection]
    assert bench.transport.aborted
    assert congested.done()
    assert late.done()
    assert not bench.connection.event_handlers
    bench.connection.close("again")
    assert bench.closed == [bench.connection]


def test_the_end_of_the_transport_closes() -> None:
    for end in (
        lambda c: c.eof_received(),
        lambda c: c.connection_lost(None),
        lambda c: c.connection_lost(OSError("gone")),
    ):
        bench = Bench()
        waiter = bench.call(1)
        end(bench.connection)
        assert not bench.connection.alive
        assert waiter.done()
        assert bench.closed == [bench.connection]


def test_nothing_is_written_after_the_end() -> None:
    bench = Bench()
    bench.send(b"a", b"b")
    bench.connection.close("done")
    bench.send(b"c", b"d")
    bench.runtime.turn()
    assert bench.transport.writes == [PREAMBLE]


def test_closed_while_it_is_being_made() -> None:
    runtime: Any = Turns()
    connection = MemberConnection(
        runtime,
        1,
        Address("h", 1),
        backups=BackupState(),
        on_response_with_acks=lambda *_: None,
        on_close=lambda _: None,
    )
    connection.close("too late")
    transport = Transport()
    connection.connection_made(transport)  # type: ignore[arg-type]
    assert transport.aborted


# --------------------------------------------------------------------------------------------- heartbeats


def heartbeat(bench: Bench) -> Heartbeat:
    invocations: Any = None

    class Invocations:
        async def invoke(self, *args: Any, **kwargs: Any) -> None: ...

    invocations = Invocations()
    return Heartbeat(
        runtime=bench.runtime,
        invocations=invocations,
        connections=lambda: [bench.connection],
        interval=5.0,
        timeout=60.0,
    )


def test_quiet_connections_are_pinged() -> None:
    bench = Bench()
    beat = heartbeat(bench)
    bench.connection.last_read = bench.connection.last_write = 100.0
    beat.look(104.9)
    assert not bench.runtime.spawned
    beat.look(105.0)
    assert bench.runtime.spawned == ["ping"]
    bench.connection.last_write = 105.0
    beat.look(109.9)
    assert bench.runtime.spawned == ["ping"]


def test_silent_connections_are_closed_even_if_they_are_written_to() -> None:
    bench = Bench()
    waiter = bench.call(1)
    bench.connection.last_read, bench.connection.last_write = 100.0, 160.0
    heartbeat(bench).look(160.0)
    assert bench.connection.alive
    heartbeat(bench).look(160.1)
    with pytest.raises(TargetDisconnectedError, match=r"the member has sent nothing for 60\.0 s"):
        waiter.outcome()


def test_a_ping_must_be_answered_even_if_bytes_arrive() -> None:
    bench, beat = pinged()
    for now in (110.0, 140.0, 165.0):
        bench.connection.last_read = bench.connection.last_write = now
        beat.look(now)
        assert bench.connection.alive
    assert bench.runtime.spawned == ["ping"]  # not a second one
    bench.connection.last_read = 166.0
    beat.look(166.0)
    with pytest.raises(TargetDisconnectedError, match=r"has not answered a ping for 60\.0 s"):
        raise bench.connection.close_reason or AssertionError("the connection is open")


def test_a_response_to_another_call_excuses_a_late_answer() -> None:
    bench, beat = pinged()
    bench.call(7)
    bench.receive(response(7))
    for now in (120.0, 150.0, 170.0):
        bench.connection.last_read = now
        beat.look(now)
    assert bench.connection.alive


def test_a_member_is_not_blamed_for_a_loop_that_was_blocked() -> None:
    bench, beat = pinged()
    beat.look(300.0)  # the next look was due at 110
    assert bench.connection.alive
    bench.connection.last_read = 301.0
    beat.look(305.0)
    assert bench.connection.alive
    beat.look(365.1)
    assert bench.connection.alive  # late again


def pinged() -> tuple[Bench, Heartbeat]:
    """Return a connection with an unanswered ping, sent at 105."""
    bench = Bench()
    bench.connection.last_read = bench.connection.last_write = 100.0
    beat = heartbeat(bench)
    beat.look(105.0)
    assert bench.runtime.spawned == ["ping"]
    return bench, beat
