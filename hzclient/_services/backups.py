"""Backup acks: an answer counts when the backups have confirmed too.

Members that hold a backup tell the client directly, each over its own connection, so that an ack
may arrive before the answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hzclient._protocol.message import Message
from hzclient._runtime.pending import Waiter
from hzclient.errors import IndeterminateOperationStateError


@dataclass(slots=True)
class _Parked:
    """An answer that waits for acks."""

    waiter: Waiter[Message]
    message: Message
    missing: int
    deadline: float


class BackupAcks:
    """Holds answers back until their backup acks are there, or their time is over.

    Used on the loop only.
    """

    def __init__(
        self,
        timeout: float,
        fail_when_late: bool,
        clock: Callable[[], float],
        call_later: Callable[[float, Callable[[], None]], object],
        in_flight: Callable[[int], bool],
    ) -> None:
        """Args:
        timeout: Seconds to wait for the acks of one answer.
        fail_when_late: What happens then: an error, or the answer as if they had come.
        clock: Monotonic time in seconds.
        call_later: Starts a timer.
        in_flight: Whether a correlation id belongs to a call that waits for its answer.
        """
        self._timeout = timeout
        self._fail_when_late = fail_when_late
        self._clock = clock
        self._call_later = call_later
        self._in_flight = in_flight
        self._parked: dict[int, _Parked] = {}
        self._early: dict[int, int] = {}
        self._timer_runs = False

    def __len__(self) -> int:
        return len(self._parked) + len(self._early)

    def answered(self, correlation_id: int, acks: int, waiter: Waiter[Message], message: Message) -> None:
        """Takes an answer that needs acks, and completes its call when they are there."""
        missing = acks - self._early.pop(correlation_id, 0)
        if missing <= 0:
            _complete(waiter, message)
            return
        self._parked[correlation_id] = _Parked(waiter, message, missing, self._clock() + self._timeout)
        self._start_timer()

    def acked(self, correlation_id: int) -> None:
        """Takes one ack."""
        parked = self._parked.get(correlation_id)
        if parked is None:
            # Only for a call that is known: acks of calls that were given up must not pile up.
            if self._in_flight(correlation_id):
                self._early[correlation_id] = self._early.get(correlation_id, 0) + 1
            return
        parked.missing -= 1
        if parked.missing == 0:
            del self._parked[correlation_id]
            _complete(parked.waiter, parked.message)

    def forget(self, correlation_id: int) -> None:
        """Drops what is known of a call that ended otherwise."""
        self._parked.pop(correlation_id, None)
        self._early.pop(correlation_id, None)

    def fail_all(self, error: Exception) -> None:
        """Fails what is held back, since the client shuts down."""
        parked, self._parked = self._parked, {}
        for entry in parked.values():
            if not entry.waiter.done():
                entry.waiter.set_exception(error)

    def _start_timer(self) -> None:
        if self._parked and not self._timer_runs:
            first = next(iter(self._parked.values()))
            self._timer_runs = True
            self._call_later(max(first.deadline - self._clock(), 0.0), self._expire)

    def _expire(self) -> None:
        # The timeout is the same for all, so the oldest entries expire first.
        self._timer_runs = False
        now = self._clock()
        while self._parked:
            correlation_id, entry = next(iter(self._parked.items()))
            if entry.deadline > now:
                break
            del self._parked[correlation_id]
            if self._fail_when_late:
                self._fail(entry)
            else:
                _complete(entry.waiter, entry.message)
        self._start_timer()

    def _fail(self, entry: _Parked) -> None:
        if not entry.waiter.done():
            text = f"{entry.missing} backup acks are missing after {self._timeout} s"
            entry.waiter.set_exception(IndeterminateOperationStateError(text))


def _complete(waiter: Waiter[Message], message: Message) -> None:
    if not waiter.done():
        waiter.set_result(message)
