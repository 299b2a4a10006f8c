"""Circuit breaker: calls fail at once while the cluster is away."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from hzclient._locks import new_lock
from hzclient.errors import (
    AuthenticationError,
    ClientNotAllowedInClusterError,
    ClientOfflineError,
    HazelcastClientNotActiveError,
    HazelcastInstanceNotActiveError,
    HazelcastIOError,
    HazelcastTimeoutError,
    IndeterminateOperationStateError,
    MemberLeftError,
    OperationTimeoutError,
    SocketError,
    SplitBrainProtectionError,
    TargetDisconnectedError,
    TargetNotMemberError,
)

"""Errors that say that the cluster is away, and not that the call was wrong."""

_logger = logging.getLogger("hzclient.contrib")

UNAVAILABLE = (
    OSError,  # `TimeoutError` too
    AuthenticationError,
    ClientNotAllowedInClusterError,
    ClientOfflineError,
    HazelcastClientNotActiveError,
    HazelcastIOError,
    HazelcastInstanceNotActiveError,
    HazelcastTimeoutError,
    IndeterminateOperationStateError,
    MemberLeftError,
    OperationTimeoutError,
    SocketError,
    SplitBrainProtectionError,
    TargetDisconnectedError,
    TargetNotMemberError,
)


class CircuitOpenError(ClientOfflineError):
    """The call was not sent, because the last calls found the cluster unavailable.

    Args:
        seconds: Time until the next call is let through.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.args = (f"Hazelcast is unavailable; the next attempt is in {seconds:.1f} s", None)


def is_unavailable(error: BaseException | None) -> bool:
    """Return whether an error says that the cluster is away, and not that the call was wrong."""
    return isinstance(error, UNAVAILABLE)


class CircuitBreaker:
    """Stops calls to a cluster that is away, and lets one call through from time to time to find it again.

    It opens after `failures` consecutive calls that found the cluster unavailable. While it is open, calls
    fail at once with `CircuitOpenError`, except for one probe after each `pause`. The first probe that
    succeeds closes it. Opening and closing are logged once each. May be used by any number of threads.

    Args:
        name: What it guards, for the log.
        failures: Number of consecutive failures that open it.
        pause: Seconds between probes.
        clock: Returns monotonic seconds.

    Raises:
        ValueError: `failures` is less than 1, or `pause` is negative.
    """

    def __init__(
        self,
        name: str,
        *,
        failures: int = 5,
        pause: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if failures < 1:
            raise ValueError(f"failures must be at least 1, not {failures!r}")
        if pause < 0:
            raise ValueError(f"pause must not be negative, but is {pause!r}")
        self.name = name
        self._limit = failures
        self._pause = pause
        self._clock = clock
        self._lock = new_lock()
        self._consecutive = 0
        self._opened_at: float | None = None
        self._next_probe = 0.0
        self._probing = False
        self._calls = self._failed = self._refused = self._opened = 0

    @property
    def is_open(self) -> bool:
        """Whether calls are refused."""
        return self._opened_at is not None

    def statistics(self) -> dict[str, Any]:
        """Return its state and what it has counted so far.

        Returns:
            `state` ("closed" or "open"), and the numbers of `calls`, of calls that `failed` because the
            cluster was unavailable, of calls that were `refused` while it was open, and of times that it
            `opened`.
        """
        with self._lock:
            return {
                "state": "open" if self.is_open else "closed",
                "calls": self._calls,
                "failed": self._failed,
                "refused": self._refused,
                "opened": self._opened,
            }

    def admit(self) -> bool:
        """Admit a call, whose outcome must then be given to `settle()`.

        Returns:
            True if the call is a probe.

        Raises:
            CircuitOpenError: The call must not be made.
        """
        with self._lock:
            self._calls += 1
            if self._opened_at is None:
                return False
            now = self._clock()
            if self._probing or now < self._next_probe:
                self._refused += 1
                raise CircuitOpenError(max(self._next_probe - now, 0.0))
            self._probing = True
            return True

    def settle(self, probe: bool, error: BaseException | None, *, answered: bool = True) -> None:
        """Note the outcome of a call that was admitted.

        Args:
            probe: What `admit()` returned.
            error: Why the call failed; None if it did not.
            answered: Whether the cluster took part in the outcome. It did not if the call failed before
                anything was sent.
        """
        if is_unavailable(error):
            self._note_failure(probe, error)
        elif answered:
            self._note_success(probe)
        elif probe:
            with self._lock:
                self._probing = False  # the next call may try

    def _note_failure(self, probe: bool, error: BaseException | None) -> None:
        with self._lock:
            self._failed += 1
            self._consecutive += 1
            opens = self._opened_at is None and self._consecutive >= self._limit
            if opens:
                self._opened_at = self._clock()
                self._opened += 1
            if opens or probe:
                self._probing = False
                self._next_probe = self._clock() + self._pause
        if opens:
            _logger.error(
                "%s is unavailable, calls fail at once until it is back; last error: %r", self.name, error
            )

    def _note_success(self, probe: bool) -> None:
        with self._lock:
            if self._opened_at is not None and not probe:
                return  # a call that was sent before it opened
            self._consecutive = 0
            opened_at, self._opened_at = self._opened_at, None
            self._probing = False
            refused = self._refused
        if opened_at is not None:
            seconds = self._clock() - opened_at
            _logger.warning(
                "%s is available again after %.1f s; %d calls were refused so far",
                self.name,
                seconds,
                refused,
            )
