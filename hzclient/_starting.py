"""Reminds of a client that waits for its first member, since it would otherwise do so in silence."""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Callable, Mapping

from hzclient._unseen import is_shown
from hzclient.config import Config
from hzclient.core import Address

_FIRST_SECONDS = 5.0
_NEXT_SECONDS = 60.0
_MOST_ADDRESSES = 5

_logger = logging.getLogger("hzclient.connection")


class Reminder:
    """Warns after 5 seconds and then every minute that no member has responded yet.

    Args:
        name: Name of the client.
        config: Its options.
        failures: Gives the addresses that were tried, and why each failed.
    """

    def __init__(self, name: str, config: Config, failures: Callable[[], Mapping[Address, str]]) -> None:
        self._name = name
        self._config = config
        self._failures = failures
        self._started = time.monotonic()
        self._next = self._started + _FIRST_SECONDS

    def seconds(self) -> float:
        """Return the time until the next reminder."""
        return max(0.0, self._next - time.monotonic())

    def remind(self, stacklevel: int) -> None:
        """Warn, unless the application's logging has shown the failed attempts.

        Args:
            stacklevel: 1 stands for the caller.
        """
        self._next = time.monotonic() + _NEXT_SECONDS
        if not is_shown(_logger, logging.WARNING):
            warnings.warn(self.text(), RuntimeWarning, stacklevel=stacklevel + 1)

    def text(self) -> str:
        """Return what the client waits for and how long it has."""
        waited = round(time.monotonic() - self._started)
        limit = self._config.cluster_connect_timeout
        return (
            f"no Hazelcast member has responded to client {self._name!r} of cluster "
            f"{self._config.cluster_name!r} for {waited} s, {self._reasons()}; "
            f"cluster_connect_timeout is {limit}, so the client "
            + ("never stops trying" if limit == -1 else f"stops trying after {limit} s")
        )

    def _reasons(self) -> str:
        failures = list(self._failures().items())
        if not failures:
            return "the address provider has given no address that could be tried"
        shown = [f"{address.to_string()} ({reason})" for address, reason in failures[:_MOST_ADDRESSES]]
        more = len(failures) - len(shown)
        return "tried " + ", ".join(shown) + (f" and {more} more" if more else "")
