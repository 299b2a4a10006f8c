"""A bounded queue that drops the oldest elements if its reader is too slow."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Generic, TypeVar

E = TypeVar("E")


class DropOldest(Generic[E]):
    """Elements that wait to be taken. If too many wait, the oldest are dropped.

    Not safe for several threads: its users hold a lock of their own.

    Args:
        capacity: Number of elements that may wait.
    """

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self._elements: deque[E] = deque()
        self._dropped = 0

    def __len__(self) -> int:
        return len(self._elements)

    def put(self, element: E) -> bool:
        """Add an element.

        Args:
            element: The element.

        Returns:
            True if this dropped the first element since `caught_up`.
        """
        full = len(self._elements) >= self.capacity
        if full:
            self._elements.popleft()
            self._dropped += 1
        self._elements.append(element)
        return full and self._dropped == 1

    def put_back(self, elements: Sequence[E]) -> None:
        """Add elements in front of all others, whatever the capacity.

        Args:
            elements: The elements, oldest first.
        """
        self._elements.extendleft(reversed(elements))

    def take(self) -> E:
        """Remove and return the oldest element. The queue must not be empty."""
        return self._elements.popleft()

    def caught_up(self) -> int:
        """Return the number of elements dropped since the last time, and start counting anew."""
        dropped, self._dropped = self._dropped, 0
        return dropped
