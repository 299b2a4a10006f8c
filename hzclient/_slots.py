"""What values with slots have in common."""

from __future__ import annotations

__all__ = ("Slotted",)


class Slotted:
    """Base of values with slots, which pickle refuses in its oldest protocols otherwise.

    A value within a tuple, a dict or a set is stored in the cluster by such a protocol.
    """

    __slots__ = ()

    def __getstate__(self) -> object:
        return super().__getstate__()
