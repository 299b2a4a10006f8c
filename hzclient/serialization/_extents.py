"""Where values that lie behind offsets may end."""

from bisect import bisect_left
from collections.abc import Iterable


class Extents:
    """Keeps values behind offsets from sharing bytes.

    Data that leads to the same bytes again and again could take any time to read.

    Args:
        starts: Where the values start, in any order.
        end: Where the data ends that they lie in.
    """

    __slots__ = ("_end", "_starts")

    def __init__(self, starts: Iterable[int], end: int) -> None:
        self._starts = sorted(starts)
        self._end = end

    def end(self, start: int) -> int:
        """Return where the value that starts there must end: where the next one starts, or with the data."""
        place = bisect_left(self._starts, start) + 1
        return self._starts[place] if place < len(self._starts) else self._end
