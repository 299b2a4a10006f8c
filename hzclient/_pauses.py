"""Growing pauses between attempts."""

from __future__ import annotations

from typing import NamedTuple


class Pauses(NamedTuple):
    """Pauses that grow by a factor from one attempt to the next.

    Attributes:
        first: Seconds after the first failure.
        longest: Seconds up to which pauses grow.
        factor: How many times longer each pause is than the one before.
    """

    first: float
    longest: float
    factor: float = 2.0

    def after(self, failures: int) -> float:
        """Return the seconds to wait after a number of failures.

        Args:
            failures: Failures in a row, from 1.

        Returns:
            The seconds.
        """
        try:
            return min(self.first * float(self.factor) ** (failures - 1), self.longest)
        except OverflowError:
            return self.longest
