"""Python counterparts of the classes in `tests/java`."""

from __future__ import annotations

from benchmarks.twins import Echo, SetValue, Twin

__all__ = (
    "AppendSuffix",
    "DescendingOrder",
    "Echo",
    "Estimate",
    "Fail",
    "Offer",
    "Prefixed",
    "RemoveEntry",
    "SetValue",
    "StoredValue",
    "Twin",
    "WhereAmI",
)


class RemoveEntry(Twin):
    """Entry processor that removes the entry, and returns null."""

    CLASS_ID = 30


class StoredValue(Twin):
    """Entry processor that returns what the map store has for the entry's key."""

    CLASS_ID = 31


class AppendSuffix(Twin):
    """Interceptor that appends `fields[0]` to new values, and refuses removals."""

    CLASS_ID = 32


class DescendingOrder(Twin):
    """Comparator of entries that sorts the largest value first."""

    CLASS_ID = 33


class Prefixed(Twin):
    """Filter of a ringbuffer that accepts texts beginning with `fields[0]`."""

    CLASS_ID = 40


class WhereAmI(Twin):
    """Task that returns the UUID of the member that runs it."""

    CLASS_ID = 42


class Fail(Twin):
    """Task that fails with the message `fields[0]`."""

    CLASS_ID = 43


class Offer(Twin):
    """Task that offers `fields[1]` to the queue `fields[0]`, and returns it."""

    CLASS_ID = 44


class Estimate(Twin):
    """Task that adds the words of `fields[1]` to the cardinality estimator `fields[0]`."""

    CLASS_ID = 45
