"""Backup acks: a response counts only once the backups have confirmed.

A member that executes a write answers at once and says how many backups it has asked. Each backup
member acknowledges to the client itself, over its own connection. So the acks and the response arrive
in any order:

* Response first: it is parked until the missing acks are there, or `backup_timeout` is over.
* Ack first: it is counted for the correlation id, but only if a call with that id is in flight. Acks of
  calls that were given up would otherwise pile up for ever.

Which members hold the backups of a partition is not known here. So when a member is gone that may hold
some, nobody can say whose acks will not come, and all parked responses wait only briefly: backups that live
acknowledge within milliseconds. The client asks for acks only while it is connected to all members that hold
data (`InvocationService.data_members_connected`). Otherwise the member that executes a write waits itself.

A correlation id is used once in the life of a client, so an ack can never count for another call.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from hzclient._protocol.message import Message
from hzclient._runtime.pending import Waiter, fail, resolve
from hzclient._speed import BackupState
from hzclient.errors import IndeterminateOperationStateError

_GRACE: Final = 0.25
"""Seconds to wait for acks after a member is gone that may owe some of them."""


@dataclass(slots=True)
class _Parked:
    """A response that waits for acks."""

    waiter: Waiter[Message]
    message: Message
    missing: int
    seconds: float
    deadline: float


class BackupAcks(BackupState):
    """Holds responses back until their backup acks are there, or their time is over.

    Used on the loop only.

    Args:
        timeout: Seconds to wait for the acks of one response.
        fail_when_late: True if the call fails then. Otherwise it gets the response as if they had come.
        clock: Returns the monotonic time in seconds.
        call_later: Starts a timer.
        in_flight: True if a correlation id belongs to a call that waits for its response.
    """

    def __init__(
        self,
        *,
        timeout: float,
        fail_when_late: bool,
        clock: Callable[[], float],
        call_later: Callable[[float, Callable[[], None]], object],
        in_flight: Callable[[int], bool],
    ) -> None:
        self._timeout = timeout
        self._fail_when_late = fail_when_late
        self._clock = clock
        self._call_later = call_later
        self._in_flight = in_flight
        self._parked: dict[int, _Parked] = {}
        self._early: dict[int, int] = {}
        self._timer = 0  # number of the timer that counts
        self._timer_runs = False
        self._hurry_until = clock()

    def __len__(self) -> int:
        return len(self._parked) + len(self._early)

    def responded(self, correlation_id: int, acks: int, waiter: Waiter[Message], message: Message) -> None:
        """Park a response that needs acks, or complete its call if they have all come.

        Args:
            correlation_id: Number of the call.
            acks: How many backups have to confirm.
            waiter: Receives the response.
            message: The response.
        """
        missing = acks - self._early.pop(correlation_id, 0)
        if missing <= 0:
            resolve(waiter, message)
            return
        self.park(correlation_id, missing, waiter, message)

    def park(self, correlation_id: int, missing: int, waiter: Waiter[Message], message: Message) -> None:
        """Hold a response back until its missing acks have arrived."""
        now = self._clock()
        seconds = min(_GRACE, self._timeout) if now < self._hurry_until else self._timeout
        self._parked[correlation_id] = _Parked(waiter, message, missing, seconds, now + seconds)
        self._start_timer()

    def hurry(self) -> None:
        """Wait only briefly for acks, also of requests in flight: a lost member may owe some of them."""
        now = self._clock()
        self._hurry_until = now + self._timeout
        for entry in self._parked.values():
            if entry.deadline > now + _GRACE:
                entry.seconds -= entry.deadline - (now + _GRACE)
                entry.deadline = now + _GRACE
        self._timer_runs = False
        self._start_timer()

    def acked(self, correlation_id: int) -> None:
        """Count one ack."""
        parked = self._parked.get(correlation_id)
        if parked is None:
            # Only for a call that is known: acks of calls that were given up must not pile up.
            if self._in_flight(correlation_id):
                self._early[correlation_id] = self._early.get(correlation_id, 0) + 1
            return
        parked.missing -= 1
        if parked.missing == 0:
            del self._parked[correlation_id]
            resolve(parked.waiter, parked.message)

    def forget(self, correlation_id: int) -> None:
        """Drop what is known of a call that has ended in another way."""
        self._parked.pop(correlation_id, None)
        self._early.pop(correlation_id, None)

    def fail_all(self, error: Exception) -> None:
        """Fail all parked responses: the client shuts down."""
        parked, self._parked = self._parked, {}
        for entry in parked.values():
            fail(entry.waiter, error)

    def _start_timer(self) -> None:
        if self._parked and not self._timer_runs:
            first = next(iter(self._parked.values()))
            self._timer_runs = True
            self._timer += 1
            self._call_later(max(first.deadline - self._clock(), 0.0), partial(self._expire, self._timer))

    def _expire(self, timer: int) -> None:
        if timer != self._timer:
            return  # `hurry` has started an earlier one
        # The timeout is the same for all, and `hurry` shortens it for all: the oldest entries expire first.
        self._timer_runs = False
        now = self._clock()
        while self._parked:
            correlation_id, entry = next(iter(self._parked.items()))
            if entry.deadline > now:
                break
            del self._parked[correlation_id]
            if self._fail_when_late:
                text = f"{entry.missing} backup acks are missing after {entry.seconds} s"
                fail(entry.waiter, IndeterminateOperationStateError(text))
            else:
                resolve(entry.waiter, entry.message)
        self._start_timer()
