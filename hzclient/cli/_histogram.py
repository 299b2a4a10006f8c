"""Histogram of durations in bounded memory, with percentiles and bars for a terminal."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

_PER_DOUBLING: Final = 32
"""Buckets per doubling of the duration: a percentile is wrong by 2.2 % at most."""

_SHORTEST: Final = 1e-6
_BUCKETS: Final = 30 * _PER_DOUBLING  # up to 18 minutes


class Histogram:
    """Counts durations in buckets whose widths grow with the duration."""

    def __init__(self) -> None:
        self.count = 0
        self.total = 0.0
        self.longest = 0.0
        self._counts = [0] * _BUCKETS

    def record(self, seconds: float) -> None:
        """Count one duration."""
        self.count += 1
        self.total += seconds
        if seconds > self.longest:
            self.longest = seconds
        bucket = int(math.log2(seconds / _SHORTEST) * _PER_DOUBLING) if seconds > _SHORTEST else 0
        self._counts[min(bucket, _BUCKETS - 1)] += 1

    def add(self, other: Histogram) -> None:
        """Add the durations of another histogram."""
        self.count += other.count
        self.total += other.total
        self.longest = max(self.longest, other.longest)
        self._counts = [one + two for one, two in zip(self._counts, other._counts, strict=True)]

    @property
    def mean(self) -> float | None:
        """Mean duration in seconds; None if there is no duration."""
        return self.total / self.count if self.count else None

    def percentile(self, percent: float) -> float | None:
        """Return the duration that so many percent of the durations do not exceed.

        Args:
            percent: Between 0 and 100.

        Returns:
            Seconds; None if there is no duration.
        """
        if not self.count:
            return None
        wanted = max(1, math.ceil(self.count * percent / 100))
        seen = 0
        for bucket, number in enumerate(self._counts):
            seen += number
            if seen >= wanted:
                return min(self.longest, _upper_bound(bucket))
        return self.longest

    def steps(self) -> Iterator[tuple[float, int]]:
        """Yield two steps per doubling, from the first one that is not empty to the last.

        Yields:
            Seconds and the number of durations up to it.
        """
        width = _PER_DOUBLING // 2
        counts = [sum(self._counts[start : start + width]) for start in range(0, _BUCKETS, width)]
        filled = [index for index, number in enumerate(counts) if number]
        for index in range(filled[0], filled[-1] + 1) if filled else ():
            yield _upper_bound(index * width + width - 1), counts[index]


def _upper_bound(bucket: int) -> float:
    return _SHORTEST * math.exp2((bucket + 1) / _PER_DOUBLING)
