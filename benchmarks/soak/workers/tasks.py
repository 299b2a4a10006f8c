"""Executors, and locks of maps."""

from __future__ import annotations

import asyncio
import time

from benchmarks.soak.ledger import CallFailed
from benchmarks.soak.workers.base import Worker
from benchmarks.twins import Echo


class Executors(Worker):
    """Tasks on members: each result belongs to its own task."""

    kind = "executor"

    async def prepare(self) -> None:
        self._executor = await self.get("executor")

    async def step(self) -> None:
        text = f"{self.name}={self.steps}"
        found = await self.call(lambda: self._executor.execute_on_key_owner(text, Echo(text)))
        self.expect(found == text, f"the task {text!r} returned {found!r}")


class Locks(Worker):
    """A lock that the workers of all faces compete for. No two of them hold it."""

    kind = "locks"
    LEASE = 10.0
    REST = 60.0
    """Seconds after a failed call in which a member may still carry it out."""

    stale_for = 3.0
    """Seconds in which a read may be stale: the old owner of a partition that moves still serves reads."""

    holder: tuple[str, float] | None = None

    async def prepare(self) -> None:
        self._map = await self.get("map", "soak locks")
        self._rest_until = 0.0

    async def step(self) -> None:
        if time.monotonic() < self._rest_until:
            return
        try:
            await self._take_and_release()
        except CallFailed:
            self._rest_until = time.monotonic() + self.REST
            raise

    async def _take_and_release(self) -> None:
        began = time.monotonic()
        if not await self.call(lambda: self._map.try_lock("l", self.LEASE, 0.2)):
            return
        holder = Locks.holder
        if holder is not None and time.monotonic() < holder[1]:
            self.expect(False, f"got the lock that {holder[0]!r} holds")
        Locks.holder = self.name, began + self.LEASE
        locked = await self._is_locked(time.monotonic() + self.stale_for)
        self.expect(locked or time.monotonic() > began + self.LEASE, "the lock that was taken is free")
        Locks.holder = None
        await self.call(lambda: self._map.unlock("l"))

    async def _is_locked(self, until: float) -> bool:
        while not (locked := await self.call(lambda: self._map.is_locked("l"))):
            if time.monotonic() > until:
                break
            self.ledger.count("locks: reads that were stale at first")
            await asyncio.sleep(0.1)
        return bool(locked)

    async def check(self) -> None:
        async def is_free() -> bool:
            return not await self.insist(lambda: self._map.is_locked("l"))

        await self.finally_true("the lock is free", is_free)
