"""Events that listeners receive, for a test to wait for."""

from __future__ import annotations

import asyncio
from typing import Any


class Told:
    """Collects the events of a callback, from any thread, for the test's loop.

    Its bound methods are callbacks: `item_added_func=told.add`, or `told.add_later` for a coroutine
    function.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._events: asyncio.Queue[Any] = asyncio.Queue()

    def add(self, event: Any) -> None:
        """Collect an event, as a callback that is a plain function."""
        self._loop.call_soon_threadsafe(self._events.put_nowait, event)

    async def add_later(self, event: Any) -> None:
        """Collect an event, as a callback that is a coroutine function."""
        await asyncio.sleep(0)
        self.add(event)

    async def next(self) -> Any:
        """Wait for the next event, and return it."""
        return await asyncio.wait_for(self._events.get(), 20)

    async def some(self, count: int) -> list[Any]:
        """Wait for the next events, and return them."""
        return [await self.next() for _ in range(count)]

    def empty(self) -> bool:
        """Return whether all events have been taken."""
        return self._events.empty()
