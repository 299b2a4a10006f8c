"""Tally of numbered messages or items: none comes twice, and none comes that was not sent."""

from __future__ import annotations

import threading
from enum import Enum

_KEPT = 2_000
"""How many messages may be missing before the oldest one is given up."""


class Sending(Enum):
    """What is known of the sending of a message."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    FAILED = "failed"
    """The message may come nevertheless: late, and after others that were sent later."""


class Deliveries:
    """Messages between being sent and being received. Used from several threads; its size is bounded.

    Attributes:
        lost: Number of messages whose sending was acknowledged, and which were given up.
    """

    def __init__(self) -> None:
        self.lost = 0
        self._lock = threading.Lock()
        self._next = 0
        self._waiting: dict[int, Sending] = {}

    def send(self) -> int:
        """Return the number of the next message, which is about to be sent."""
        with self._lock:
            number = self._next
            self._next += 1
            self._waiting[number] = Sending.OPEN
            if len(self._waiting) > _KEPT:
                self._give_up(min(self._waiting))
        return number

    def acknowledge(self, number: int) -> None:
        """Note that a message was sent. It may have been received already."""
        self._note(number, Sending.ACKNOWLEDGED)

    def fail(self, number: int) -> None:
        """Note that a message could not be sent, or that nobody knows. It may have been received already."""
        self._note(number, Sending.FAILED)

    def _note(self, number: int, sending: Sending) -> None:
        with self._lock:
            if number in self._waiting:
                self._waiting[number] = sending

    def receive(self, number: int) -> Sending | None:
        """Note that a message came.

        Args:
            number: Its number.

        Returns:
            What is known of its sending; None if the message came twice, or was never sent.
        """
        with self._lock:
            return self._waiting.pop(number, None)

    def missing(self) -> int:
        """Return how many messages were acknowledged and have not come, including those given up."""
        with self._lock:
            return self.lost + sum(each is Sending.ACKNOWLEDGED for each in self._waiting.values())

    def _give_up(self, number: int) -> None:
        self.lost += self._waiting.pop(number) is Sending.ACKNOWLEDGED
