"""Back-pressure: a limit on the calls in flight to one member."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from uuid import UUID

from hzclient._runtime.base import Runtime
from hzclient._runtime.pending import Pending, Waiter, fail, resolve
from hzclient.errors import (
    HazelcastClientNotActiveError,
    HazelcastOverloadError,
    OperationTimeoutError,
)

_Key = UUID | None
"""Member that a call is for; None for calls that may go to any member."""


@dataclass(slots=True, eq=False)
class _Ticket:
    """A call that waits for a place."""

    waiter: Waiter[None]
    granted: bool = False


class InFlight:
    """Counts calls by member. Calls beyond the limit wait or fail.

    Counting by member keeps a member that does not respond from blocking the calls to the others.

    Args:
        runtime: Makes what calls wait for.
        limit: Number of calls to a member that may be in flight.
        wait_seconds: Seconds that a call beyond the limit waits. None makes it fail at once.
    """

    def __init__(self, runtime: Runtime, limit: int, wait_seconds: float | None) -> None:
        self._runtime = runtime
        self._lock = runtime.lock
        self._limit = limit
        self._wait_seconds = wait_seconds
        self._counts: dict[_Key, int] = {}
        self._waiting: dict[_Key, deque[_Ticket]] = {}
        self._closed = False

    async def enter(self, key: _Key, name: str) -> None:
        """Take a place; an operation.

        A thread that may block is blocked here, in the Future face too. Otherwise it would pile up
        further calls, which is what the limit has to prevent.

        Args:
            key: The member that the call is for.
            name: Name of the method, for messages.

        Raises:
            HazelcastOverloadError: There is no free place, and calls may not wait.
            OperationTimeoutError: No place became free in time.
            HazelcastClientNotActiveError: The client was shut down meanwhile.
        """
        if self._take(key, None):
            return
        if self._wait_seconds is None:
            raise HazelcastOverloadError(
                f"{name}: {self._limit} calls (max_in_flight_invocations) to its member are in flight"
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
        """Take a free place. If there is none, queue `ticket`, unless it is None."""
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
            fail(waiter, self._too_late(name))

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
            f"{name}: {self._limit} calls (max_in_flight_invocations) to its member were in flight "
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
        self.leave(key)  # it was given a place that it no longer wants

    def leave(self, key: _Key) -> None:
        """Give a place back, to the call that has waited longest if there is one."""
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
        # Outside the lock: the waiting operation continues here.
        resolve(ticket.waiter, None)

    def close(self) -> None:
        """Fail all waiting calls. Called on the loop."""
        self._closed = True
        with self._lock:
            tickets = [ticket for waiting in self._waiting.values() for ticket in waiting]
        for ticket in tickets:
            fail(ticket.waiter, HazelcastClientNotActiveError())
