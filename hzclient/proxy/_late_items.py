"""Items that a queue hands out to takers who have given up."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, Final

from hzclient._runtime.base import Runtime
from hzclient.errors import HazelcastError
from hzclient.future import OperationFuture

_logger = logging.getLogger(__name__)

KEEP_SECONDS: Final = 5.0
"""Seconds that a late item waits for the next taker of this client before it is put back."""


class LateItems:
    """Late items of one queue: responses to `take` and `poll` calls that were cancelled or interrupted.

    A member does not notice that a caller has given up, and removes an item for it. The next taker of this
    client gets that item first, so the order stays the same. If none comes in time, or the client shuts
    down, the item goes back to the tail of the queue.

    Args:
        runtime: Where items wait.
        put_back: Offers a serialized item to the queue, and returns whether there was room.
        name: Name of the queue, for the log.
    """

    def __init__(
        self, runtime: Runtime, put_back: Callable[[bytes], Coroutine[Any, Any, bool]], name: str
    ) -> None:
        self._runtime = runtime
        self._put_back = put_back
        self._name = name
        # Appending and popping are atomic, so takers in other threads need no lock.
        self._items: deque[bytes] = deque()
        self._closed = False

    def next(self) -> bytes | None:
        """Return the oldest late item, serialized; None if there is none."""
        try:
            return self._items.popleft()
        except IndexError:
            return None

    def expect(self, call: OperationFuture[bytes | None]) -> None:
        """Keep the item of a call that nobody waits for any more, if it returns one."""
        call.add_done_callback(self._arrived)

    def _arrived(self, call: OperationFuture[bytes | None]) -> None:
        item = call.outcome() if call.is_success() else None
        if item is not None:
            self._items.append(item)
            self._runtime.launch(self._return_later(), f"putting a late item of queue {self._name!r} back")

    async def _return_later(self) -> None:
        """Put back as many items as have arrived, unless takers get them first."""
        if not self._closed:
            await self._runtime.sleep(KEEP_SECONDS)
        await self._return_one()

    async def _return_one(self) -> None:
        item = self.next()
        if item is None:
            return
        try:
            room = await self._put_back(item)
        except HazelcastError as error:
            _logger.warning("A late item of queue %r is lost, it cannot be put back: %s", self._name, error)
            return
        if not room:
            self._items.appendleft(item)
            self._runtime.launch(self._return_later(), f"putting a late item of queue {self._name!r} back")

    async def close(self) -> None:
        """Put all items back now, because the client shuts down."""
        self._closed = True
        for _ in range(len(self._items)):
            await self._return_one()
