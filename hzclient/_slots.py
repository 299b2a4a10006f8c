"""Helpers for value classes: pickling with slots, and the text of a value."""

from __future__ import annotations

__all__ = ("Slotted", "fields_text")


class Slotted:
    """Base of values with slots, which pickle refuses in its oldest protocols otherwise.

    A value within a tuple, a dict or a set is stored in the cluster by such a protocol.
    """

    __slots__ = ()

    def __getstate__(self) -> object:
        return super().__getstate__()


def fields_text(value: object, *names: str, **named: object) -> str:
    """Return `Class(name=value, ...)` with the `str()` of each attribute.

    This is how the official client prints most values, so programs print the same.

    Args:
        value: The object to describe.
        *names: The attributes, in the order in which they are printed.
        **named: What to print instead of the value of an attribute.

    Returns:
        The text.
    """
    fields = [f"{name}={named[name] if name in named else getattr(value, name)}" for name in names]
    return f"{type(value).__name__}({', '.join(fields)})"
