"""Pauses between rounds of attempts to reach the cluster."""

from __future__ import annotations

import logging
import random
from typing import NamedTuple

from hzclient._pauses import Pauses

_logger = logging.getLogger("hzclient.connection")


class BackoffSettings(NamedTuple):
    """Pauses between rounds, and the time limit for all of them.

    Attributes:
        initial: Seconds before the second round.
        maximum: Seconds up to which pauses grow.
        multiplier: How many times longer each pause is than the one before.
        jitter: Fraction by which a pause varies at random.
        timeout: Seconds after which the client gives up; -1 for never.
    """

    initial: float
    maximum: float
    multiplier: float
    jitter: float
    timeout: float


class Backoff:
    """A series of rounds of attempts, from the first one to success or giving up.

    Args:
        settings: The pauses and the time limit.
        now: Monotonic time in seconds at which the series starts.
    """

    def __init__(self, settings: BackoffSettings, now: float) -> None:
        self._settings = settings
        self._started = now
        self._pauses = Pauses(settings.initial, settings.maximum, settings.multiplier)
        self._attempt = 0

    def next_pause(self, now: float) -> float | None:
        """Return the seconds to wait after a failed round, or None if the time is over.

        Args:
            now: Monotonic time in seconds.

        Returns:
            The pause in seconds, or None.
        """
        settings = self._settings
        self._attempt += 1
        pause = self._pauses.after(self._attempt) * (1 + settings.jitter * random.uniform(-1, 1))
        if settings.timeout >= 0:
            left = settings.timeout - (now - self._started)
            if left <= 0:
                _logger.warning(
                    "Unable to get a live cluster connection in %s s, after %s rounds of attempts: giving up",
                    settings.timeout,
                    self._attempt,
                )
                return None
            pause = min(pause, left)
        _logger.warning(
            "Unable to get a live cluster connection, next round in %.2f s (round %s, timeout %s)",
            pause,
            self._attempt,
            "infinite" if settings.timeout < 0 else f"{settings.timeout} s",
        )
        return pause
