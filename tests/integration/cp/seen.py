"""The CP subsystem of a client, through one of its faces."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import pytest

from hzclient import _speed
from hzclient._codec import cp_session
from hzclient._runtime import faces
from hzclient._runtime.pending import Pending
from hzclient.future import OperationFuture
from tests.integration.faces import Face, Seen, eventually
from tests.internals import engine_of


def _waits(frame: FrameType) -> bool:
    """Return whether a thread waits for a call; the compiled path has a frame for its caller alone."""
    if _speed.hot is None:
        return frame.f_code is Pending.wait.__code__
    return frame.f_code.co_filename == faces.__file__


class CPFace(Face):
    """Same as `Face`, for structures of the CP subsystem.

    Args:
        name: Name of the face.
        owner: The client.

    Attributes:
        owner: The client.
    """

    def __init__(self, name: str, owner: Any) -> None:
        super().__init__(name, owner.cp_subsystem)
        self.owner = owner

    def sessions_in_use(self, structure: Seen) -> int:
        """Return how many uses the client's session with a structure's group counts."""
        return self._sessions.in_use(structure.target.get_group_id())

    async def lose_session(self, structure: Seen) -> None:
        """End the client's session with a structure's group, as if it had expired there."""
        group_id = structure.target.get_group_id()
        request = cp_session.CLOSE_SESSION.encode(group_id, self._sessions.session_id(group_id))
        call = engine_of(self.owner).invocations.invoke(request)
        assert await (call if self.name == "asyncio" else OperationFuture(call))

    async def leave_nothing(self, structure: Seen) -> None:
        """End the client's session with a structure's group if it is still in use."""
        group_id = structure.target.get_group_id()
        if self.sessions_in_use(structure):
            await self.lose_session(structure)
            self._sessions.invalidate(group_id, self._sessions.session_id(group_id))

    async def interrupt_inside(self, block: Any) -> None:
        """Enter a context manager and get cancelled inside, or interrupted if it is a blocking one."""
        if not hasattr(block, "__aenter__"):
            with pytest.raises(KeyboardInterrupt), block:
                raise KeyboardInterrupt
            return
        inside = asyncio.Event()
        task = asyncio.create_task(_stay(block, inside))
        await inside.wait()
        await _cancel(task)

    async def interrupt_entry(self, block: Any, waits: Callable[[], bool]) -> None:
        """Get cancelled, or interrupted, while waiting to enter a context manager.

        Args:
            block: The context manager.
            waits: Returns whether the call has come as far as this side can see.
        """
        inside = asyncio.Event()
        if hasattr(block, "__aenter__"):
            task = asyncio.create_task(_stay(block, inside))
            await asyncio.sleep(0)  # lets the task begin
            await eventually(waits)
            await _cancel(task)
        else:
            with pytest.raises(KeyboardInterrupt), _interrupted_when(waits), block:
                inside.set()
        assert not inside.is_set()

    @property
    def _sessions(self) -> Any:
        return engine_of(self.owner).cp_proxies.context.sessions


async def _stay(block: Any, inside: asyncio.Event) -> None:
    async with block:
        inside.set()
        await asyncio.Event().wait()


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@contextmanager
def _interrupted_when(ready: Callable[[], bool]) -> Iterator[None]:
    """Interrupt this thread, as Ctrl-C does, while it waits for a call after `ready()` has become true."""
    over = threading.Event()

    def interrupt(_: int, frame: FrameType | None) -> None:
        if frame is not None and _waits(frame) and not over.is_set():
            over.set()
            raise KeyboardInterrupt

    def send(thread: int) -> None:
        while not over.wait(0.01):
            if ready():
                signal.pthread_kill(thread, signal.SIGUSR1)

    before = signal.signal(signal.SIGUSR1, interrupt)
    sender = threading.Thread(target=send, args=(threading.get_ident(),))
    sender.start()
    try:
        yield
    finally:
        over.set()
        sender.join()
        signal.signal(signal.SIGUSR1, before)
