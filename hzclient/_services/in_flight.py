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
class Ticket:
    """A call that has a place, or waits for one.

    Attributes:
        waiter: Set when it is given a place; None if the call need not wait or may not.
        granted: It has a place.
    """

    waiter: Waiter[None] | None = None
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
        self._waiting: dict[_Key, deque[Ticket]] = {}
        self._closed = False

    async def enter(self, key: _Key, name: str, ticket: Ticket) -> None:
        """Take a place; an operation.

        A thread that may block is blocked here, in the Future face too. Otherwise it would pile up
        further calls, which is what the limit has to prevent.

        Args:
            key: The member that the call is for.
            name: Name of the method, for messages.
            ticket: A new ticket, which holds the place until `leave`, whatever this method raises.

        Raises:
            HazelcastOverloadError: There is no free place, and calls may not wait.
            OperationTimeoutError: No place became free in time.
            HazelcastClientNotActiveError: The client was shut down meanwhile.
        """
        if self._take(key, ticket):
            return
        if self._wait_seconds is None:
            raise HazelcastOverloadError(
                f"{name}: {self._limit} calls (max_in_flight_invocations) to its member are in flight"
            )
        ticket.waiter = self._runtime.pending()
        if self._take(key, ticket):
            return
        try:
            await self._wait(ticket.waiter, name)
        except BaseException:
            self.leave(key, ticket)
            raise

    def _take(self, key: _Key, ticket: Ticket) -> bool:
        """Take a free place. If there is none, queue `ticket`, unless it has nothing to wait for."""
        with self._lock:
            count = self._counts.get(key, 0)
            free = count < self._limit or self._closed
            if free:
                # No call in between: an interrupt cannot separate the two.
                self._counts[key] = count + 1
                ticket.granted = True
            elif ticket.waiter is not None:
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

    def leave(self, key: _Key, ticket: Ticket) -> None:
        """Give back the place that a ticket holds or waits for, to the ticket that has waited longest.

        Args:
            key: The member that the call was for.
            ticket: The ticket. Nothing happens if it has no place.
        """
        with self._lock:
            waiting = self._waiting.get(key)
            if not ticket.granted:
                self._withdraw(key, ticket)
                return
            if not waiting:
                count = self._counts[key] - 1
                self._counts[key] = count
                ticket.granted = False
                if not count:  # members come and go
                    del self._counts[key]
                return
            following = waiting[0]
            following.granted, ticket.granted = True, False
            waiting.popleft()
            if not waiting:
                del self._waiting[key]
        # Outside the lock: the waiting operation continues here.
        assert following.waiter is not None
        resolve(following.waiter, None)

    def _withdraw(self, key: _Key, ticket: Ticket) -> None:
        waiting = self._waiting.get(key)
        if waiting is not None and ticket in waiting:
            waiting.remove(ticket)
            if not waiting:
                del self._waiting[key]

    def close(self) -> None:
        """Fail all waiting calls. Called on the loop."""
        self._closed = True
        with self._lock:
            tickets = [ticket for waiting in self._waiting.values() for ticket in waiting]
        for ticket in tickets:
            if ticket.waiter is not None:
                fail(ticket.waiter, HazelcastClientNotActiveError())
