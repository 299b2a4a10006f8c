"""Turns: which calls may use a connection now, and which must wait."""

from __future__ import annotations

from collections import deque
from typing import Any

from hzclient._locks import new_lock
from hzclient._runtime.base import Runtime
from hzclient._runtime.pending import Waiter, resolve

# Calls wait for one of two reasons: the member reads too slowly (back-pressure), or the response to
# the registration of a listener is outstanding.
#
# The second is about order. A member handles a registration and a write on different threads, so that
# `topic.add_listener(f); topic.publish(m)` could lose the message although both requests arrive in
# this order. A member reports the events of the partitions that it owns, and the call that causes an
# event goes to the same member, so it is enough to hold back what leaves by the same connection.
#
# Calls leave in the order in which they asked for their turn. `congested` therefore stays True until
# every waiter has been woken *and* has had a turn of the loop to send: a newcomer that found it False
# earlier would overtake them. Registrations do not wait for each other (a client may have hundreds),
# but they do queue behind ordinary calls. Urgent calls (heartbeats, schemas) wait for the member's
# reading alone.

_LONGEST_HOLD = 5.0
"""Seconds after which calls no longer wait for a registration: a member that is this slow is unwell."""


class Turns:
    """Back-pressure and the order of calls of one connection.

    Any thread may ask for a turn. Turns are given on the loop.

    Args:
        runtime: Runtime of the connection.

    Attributes:
        congested: True while a call must ask for its turn before it is sent.
    """

    def __init__(self, runtime: Runtime) -> None:
        self.congested = False
        self._runtime = runtime
        self._turns_lock = new_lock()
        self._ended = False
        self._full = False
        self._registering: set[Waiter[Any]] = set()
        self._waiting: deque[tuple[Waiter[None], bool]] = deque()
        self._urgent: list[Waiter[None]] = []
        self._turns_due: object = None

    def turn(self, *, urgent: bool = False, registers: bool = False) -> Waiter[None]:
        """Return a result that is set when a call may be sent, or when the connection is closed.

        Args:
            urgent: The call waits only for the member to read.
            registers: The call registers a listener; then `urgent` has no effect.

        Returns:
            The result to await.
        """
        urgent = urgent and not registers
        waiter: Waiter[None] = self._runtime.pending()
        with self._turns_lock:
            # Re-check under the lock: the last waiter may just have been woken, stranding this one.
            if self._full if urgent else self._must_wait(registers):
                if urgent:
                    self._urgent.append(waiter)
                else:
                    self._waiting.append((waiter, registers))
                return waiter
        waiter.set_result(None)
        return waiter

    def _must_wait(self, registers: bool) -> bool:
        return (self._full or bool(self._waiting)) if registers else self.congested

    def hold_until(self, registered: Waiter[Any]) -> None:
        """Hold back the calls that follow until the response to a registration has arrived.

        Args:
            registered: The outcome of the registration.
        """
        # What ends the hold comes first, since an interrupt may keep the rest from happening.
        registered.add_done_callback(self._stop_holding)
        self._runtime.post(self._limit_holding, registered)
        with self._turns_lock:
            if not self._ended and not registered.done():
                self._registering.add(registered)
                self.congested = True

    def _limit_holding(self, registered: Waiter[Any]) -> None:
        self._runtime.loop.call_later(_LONGEST_HOLD, self._stop_holding, registered)

    def _stop_holding(self, registered: Waiter[Any]) -> None:
        with self._turns_lock:
            self._registering.discard(registered)
        self._schedule_turns()

    def _reader_is_slow(self) -> None:
        """Hold back all calls from now on."""
        with self._turns_lock:
            self._full = self.congested = not self._ended

    def _reader_caught_up(self) -> None:
        """Let calls go on, except those behind a registration."""
        with self._turns_lock:
            self._full = False
            urgent, self._urgent = self._urgent, []
        for waiter in urgent:
            resolve(waiter, None)
        self._give_turns()

    def _schedule_turns(self) -> None:
        if self._turns_due is not True:
            claim = self._turns_due = object()  # as in `OwnedRuntime.post`
            self._runtime.post(self._give_turns)
            if self._turns_due is claim:
                self._turns_due = True

    def _give_turns(self) -> None:
        self._turns_due = None
        woken = False
        while (entry := self._next_waiting(open_if_none=not woken)) is not None:
            waiter, registers = entry
            resolve(waiter, None)
            woken = True
            if registers:  # it must send, and hold back those behind it, before they are woken
                break
        if woken:
            self._schedule_turns()

    def _next_waiting(self, *, open_if_none: bool) -> tuple[Waiter[None], bool] | None:
        with self._turns_lock:
            if self._full or self._registering:
                return None
            if self._waiting:
                return self._waiting.popleft()
            if open_if_none:
                self.congested = False
        return None

    def _end_turns(self) -> None:
        """Let everybody go on: the connection is closed."""
        with self._turns_lock:
            self._ended = True
            self._full = self.congested = False
            waiting = [*self._urgent, *(waiter for waiter, _ in self._waiting)]
            self._urgent.clear()
            self._waiting.clear()
        for waiter in waiting:
            resolve(waiter, None)
