"""Limits of values that are found by offsets."""

from bisect import bisect_left
from collections.abc import Iterable


class Extents:
    """Keeps values that are found by offsets from sharing bytes.

    Otherwise hostile data could refer to the same bytes again and again, and take any time to read.

    Args:
        starts: Offsets of the values, in any order.
        end: Offset after the data that holds them.
    """

    __slots__ = ("_end", "_starts")

    def __init__(self, starts: Iterable[int], end: int) -> None:
        self._starts = sorted(starts)
        self._end = end

    def end(self, start: int) -> int:
        """Return the end of the value that starts there: the start of the next one or the end of the data."""
        place = bisect_left(self._starts, start) + 1
        return self._starts[place] if place < len(self._starts) else self._end
