"""Tally of numbered messages or items: none comes twice, and none comes that was not sent."""

from __future__ import annotations

import threading

_KEPT = 2_000
"""How many messages may be missing before the oldest one is given up."""


class Deliveries:
    """Messages between being sent and being received. Used from several threads; its size is bounded.

    Attributes:
        lost: Number of messages whose sending was acknowledged, and which were given up.
    """

    def __init__(self) -> None:
        self.lost = 0
        self._lock = threading.Lock()
        self._next = 0
        self._acknowledged: dict[int, bool] = {}

    def send(self) -> int:
        """Return the number of the next message, which is about to be sent."""
        with self._lock:
            number = self._next
            self._next += 1
            self._acknowledged[number] = False
            if len(self._acknowledged) > _KEPT:
                self._give_up(min(self._acknowledged))
        return number

    def acknowledge(self, number: int) -> None:
        """Note that a message was sent. It may have been received already."""
        with self._lock:
            if number in self._acknowledged:
                self._acknowledged[number] = True

    def receive(self, number: int) -> bool:
        """Note that a message came.

        Args:
            number: Its number.

        Returns:
            True if it was expected; False if it came twice, or was never sent.
        """
        with self._lock:
            return self._acknowledged.pop(number, None) is not None

    def missing(self) -> int:
        """Return how many messages were acknowledged and have not come, including those given up."""
        with self._lock:
            return self.lost + sum(self._acknowledged.values())

    def _give_up(self, number: int) -> None:
        self.lost += self._acknowledged.pop(number)
