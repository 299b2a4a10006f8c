"""PN counters and flake ids."""

from __future__ import annotations

import threading
from collections import deque

from benchmarks.soak.ledger import CallFailed
from benchmarks.soak.workers.base import Worker
from hzclient.errors import ConsistencyLostError

_REMEMBERED = 3_000


class Recent:
    """The last ids of all workers. Used from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._order: deque[int] = deque()
        self._ids: set[int] = set()

    def add(self, number: int) -> bool:
        """Add an id. Return False if it is one of the last ones."""
        with self._lock:
            if number in self._ids:
                return False
            self._order.append(number)
            self._ids.add(number)
            if len(self._order) > _REMEMBERED:
                self._ids.discard(self._order.popleft())
            return True


class PNCounters(Worker):
    """A counter that only this worker increments: within a session, it never goes back.

    A member that is lost before it has passed on its state ends the session: `ConsistencyLostError`.
    """

    kind = "PN counter"

    async def prepare(self) -> None:
        self._counter = await self.get("pn_counter")
        self._last = 0

    async def step(self) -> None:
        try:
            value = await self.call(self._counter.increment_and_get)
            self.expect(value > self._last, f"{self._last} was incremented to {value}")
            self._last = value
            value = await self.call(self._counter.get)
            self.expect(value >= self._last, f"{self._last} became {value}")
            self._last = value
        except CallFailed as failure:
            if isinstance(failure.__cause__, ConsistencyLostError):
                self.ledger.count("PN counters: sessions lost")
                self._counter.target.reset()
                self._last = 0
            raise


class FlakeIds(Worker):
    """Ids that nobody else gets: compared with the last ones of all faces."""

    kind = "flake ids"
    recent = Recent()

    async def prepare(self) -> None:
        self._ids = await self.get("flake_id_generator", "soak ids")

    async def step(self) -> None:
        found = await self.call(self._ids.new_id)
        self.expect(self.recent.add(found), f"the id {found} came twice")
