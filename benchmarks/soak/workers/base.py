"""What all workers have in common, and those that write keys of their own and read them back."""

from __future__ import annotations

import asyncio
import random
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar

from benchmarks.faces import Face, Seen
from benchmarks.soak.ledger import DEADLINE, CallFailed, Ledger

PAUSE = 0.4
"""Mean seconds between the steps of a worker: the load is moderate, so that members have time for faults."""

PATIENCE = 60.0
"""Seconds in which all must be right in the end, when no fault happens any more."""

_KEYS = 40
_RETIRED_FOR = 120.0
"""Seconds after which no member can still carry out a call that has failed."""


class Worker(ABC):
    """Calls of one kind in one face, in a task or thread of its own.

    Args:
        face: How calls are made.
        ledger: Collects the outcomes.

    Attributes:
        kind: Kind of structure.
        name: Kind and face.
        steps: Number of steps begun.
    """

    kind: ClassVar[str]
    pause: ClassVar[float] = PAUSE

    def __init__(self, face: Face, ledger: Ledger) -> None:
        self.face = face
        self.ledger = ledger
        self.name = f"{self.kind}/{face.name}"
        self.steps = 0

    async def run(self, go_on: Callable[[], bool]) -> None:
        """Work until `go_on()` is false, then check what must be true in the end."""
        while go_on():
            self.steps += 1
            try:
                await self.step()
            except CallFailed:
                pass
            else:
                self.ledger.step_was_good(self.name)
            await asyncio.sleep(self.pause * random.uniform(0.5, 1.5))
        await self.check()

    async def prepare(self) -> None:  # noqa: B027
        """Make the structures, before the first fault."""

    @abstractmethod
    async def step(self) -> None:
        """Make some calls, and check their results."""

    async def check(self) -> None:  # noqa: B027
        """Check what must be true in the end."""

    async def get(self, kind: str, name: str | None = None) -> Any:
        """Return a structure whose calls have a deadline."""
        found = await self.face.get(kind, name or f"soak {self.name}")
        return Seen(found.target.with_timeout(DEADLINE))

    async def call(self, make: Callable[[], Awaitable[Any]], limit: float = DEADLINE) -> Any:
        """Make a call as `Ledger.call` does."""
        return await self.ledger.call(self.name, make, limit)

    async def insist(self, make: Callable[[], Awaitable[Any]], limit: float = DEADLINE) -> Any:
        """Make a call until it succeeds, when no fault happens any more."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return await self.call(make, limit)
            except CallFailed:
                if time.monotonic() > until:
                    raise
                await asyncio.sleep(0.2)

    def expect(self, fact: bool, text: str) -> None:
        """Note a wrong result unless something is a fact."""
        if not fact:
            self.ledger.problem(self.name, text)

    async def finally_true(self, what: str, fact: Callable[[], Awaitable[bool]]) -> None:
        """Wait for something that must become true when no fault happens any more."""
        until = time.monotonic() + PATIENCE
        while not await fact():
            if time.monotonic() > until:
                self.expect(False, f"{what}: not true after {PATIENCE:g} s")
                return
            await asyncio.sleep(0.2)


class Entries(Worker):
    """A worker that owns its keys, and reads back every value that was acknowledged.

    A call that fails may be carried out later, by a member that was paused, and would then replace what was
    written after it. So its key is not used again: it is retired, and removed when that cannot happen any
    more.
    """

    stale_for: ClassVar[float] = 0.0
    """Seconds for which a read may still return an older value."""

    def __init__(self, face: Face, ledger: Ledger) -> None:
        super().__init__(face, ledger)
        self._known: dict[int, tuple[str, str]] = {}
        self._retired: deque[tuple[float, str, tuple[str, ...]]] = deque()

    @abstractmethod
    async def write(self, key: str, value: str, old: str | None) -> None:
        """Replace the value of a key.

        Args:
            key: The key.
            value: The new value.
            old: The old value; None if the key is new.
        """

    @abstractmethod
    async def read(self, key: str, value: str) -> str | None:
        """Return the value of a key.

        Args:
            key: The key.
            value: The right value, for structures that only say whether they have it.

        Returns:
            The value; None if there is none.
        """

    @abstractmethod
    async def remove(self, key: str, values: tuple[str, ...]) -> None:
        """Remove a key, which may have any of some values."""

    async def step(self) -> None:
        slot = self.steps % _KEYS
        if slot in self._known:
            await self._read_back(slot)  # written many steps ago
        key, old = self._known.pop(slot, (f"{self.name}-{self.steps}", None))
        value = f"{key}={self.steps}"
        try:
            await self.write(key, value, old)
        except CallFailed:
            self._retired.append((time.monotonic(), key, (value,) if old is None else (value, old)))
            raise
        self._known[slot] = key, value
        await self._read_back(slot)
        await self._remove_retired(_RETIRED_FOR)

    async def _read_back(self, slot: int) -> None:
        key, value = self._known[slot]
        found = await self.call(lambda: self.read(key, value))
        if found != value and self.stale_for:
            self.ledger.count(f"{self.kind}: reads that were stale at first")
            found = await self._read_until_right(key, value)
        self.compare(key, value, found)

    async def _read_until_right(self, key: str, value: str) -> str | None:
        until = time.monotonic() + self.stale_for
        while True:
            found: str | None = await self.call(lambda: self.read(key, value))
            if found == value or time.monotonic() > until:
                return found
            await asyncio.sleep(0.1)

    def compare(self, key: str, value: str, found: str | None) -> None:
        """Check a value that was read.

        Args:
            key: The key.
            value: The value that was acknowledged last.
            found: The value that was read.
        """
        self.expect(found == value, f"{key!r} has {found!r}, not {value!r}")

    async def _remove_retired(self, age: float) -> None:
        if self._retired and self._retired[0][0] < time.monotonic() - age:
            _, key, values = self._retired[0]
            await self.call(lambda: self.remove(key, values))
            self._retired.popleft()

    async def check(self) -> None:
        for key, value in self._known.values():
            found = await self.insist(lambda key=key, value=value: self.read(key, value))  # type: ignore[misc]
            self.compare(key, value, found)
        self.expect(bool(self._known), "nothing was acknowledged in the last steps")
