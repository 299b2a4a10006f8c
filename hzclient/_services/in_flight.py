"""Back-pressure: at most so many calls on their way to one member."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from uuid import UUID

from hzclient._runtime.base import Runtime
from hzclient._runtime.pending import Pending, Waiter
from hzclient.errors import (
    HazelcastClientNotActiveError,
    HazelcastOverloadError,
    OperationTimeoutError,
)

_Key = UUID | None
"""The member that a call is for; None for calls that may go to any."""


@dataclass(slots=True, eq=False)
class _Ticket:
    """A call that waits for a place."""

    waiter: Waiter[None]
    granted: bool = False


class InFlight:
    """Counts calls by member, and lets those beyond the limit wait or fail.

    Counted by member, so that one that does not answer leaves the calls to the others alone.
    """

    def __init__(self, runtime: Runtime, limit: int, wait_seconds: float | None) -> None:
        """Args:
        runtime: Makes what calls wait for.
        limit: How many calls to a member may be on their way.
        wait_seconds: How long a call beyond it waits; None lets it fail at once.
        """
        self._runtime = runtime
        self._lock = runtime.lock
        self._limit = limit
        self._wait_seconds = wait_seconds
        self._counts: dict[_Key, int] = {}
        self._waiting: dict[_Key, deque[_Ticket]] = {}
        self._closed = False

    async def enter(self, key: _Key, name: str) -> None:
        """Takes a place; to be awaited inside an operation.

        A thread that may block is held here, in the Future face too: otherwise it would go on to
        pile up calls, which is what the limit is there to prevent.

        Args:
            key: The member that the call is for.
            name: Of the method, for messages.

        Raises:
            HazelcastOverloadError: There is no place, and calls may not wait.
            OperationTimeoutError: None became free in time.
            HazelcastClientNotActiveError: The client is shut down meanwhile.
        """
        if self._take(key, None):
            return
        if self._wait_seconds is None:
            raise HazelcastOverloadError(
                f"{name}: {self._limit} calls (max_in_flight_invocations) to its member are on their way"
            )
        ticket = _Ticket(self._runtime.pending())
        if self._take(key, ticket):
            return
        try:
            await self._wait(ticket.waiter, name)
        except BaseException:
            self._give_up(key, ticket)
            raise

    def _take(self, key: _Key, ticket: _Ticket | None) -> bool:
        """Takes a place where one is free; else `ticket`, if there is one, waits for one."""
        with self._lock:
            count = self._counts.get(key, 0)
            free = count < self._limit or self._closed
            if free:
                self._counts[key] = count + 1
            elif ticket is not None:
                self._waiting.setdefault(key, deque()).append(ticket)
        return free

    async def _wait(self, waiter: Waiter[None], name: str) -> None:
        assert self._wait_seconds is not None
        timer = self._runtime.sleep(self._wait_seconds)

        def time_out(_: object) -> None:
            if not waiter.done():
                waiter.set_exception(self._too_late(name))

        timer.add_done_callback(time_out)
        try:
            if isinstance(waiter, Pending) and not self._runtime.on_loop():
                waiter.wait()
            await waiter
        finally:
            timer.cancel()

    def _too_late(self, name: str) -> Exception:
        if self._closed:
            return HazelcastClientNotActiveError()
        return OperationTimeoutError(
            f"{name}: {self._limit} calls (max_in_flight_invocations) to its member were on their way "
            f"for {self._wait_seconds} s"
        )

    def _give_up(self, key: _Key, ticket: _Ticket) -> None:
        with self._lock:
            if not ticket.granted:
                waiting = self._waiting[key]
                waiting.remove(ticket)
                if not waiting:
                    del self._waiting[key]
                return
        self.leave(key)  # it was given a place that it does not want any more

    def leave(self, key: _Key) -> None:
        """Gives a place back, to the call that has waited longest if there is one."""
        with self._lock:
            waiting = self._waiting.get(key)
            if waiting is None:
                self._counts[key] -= 1
                if not self._counts[key]:  # members come and go
                    del self._counts[key]
                return
            ticket = waiting.popleft()
            ticket.granted = True
            if not waiting:
                del self._waiting[key]
        # Without the lock: what waits for the result goes on here.
        if not ticket.waiter.done():
            ticket.waiter.set_result(None)

    def close(self) -> None:
        """Fails all calls that wait. Called on the loop."""
        self._closed = True
        with self._lock:
            tickets = [ticket for waiting in self._waiting.values() for ticket in waiting]
        for ticket in tickets:
            if not ticket.waiter.done():
                ticket.waiter.set_exception(HazelcastClientNotActiveError())
