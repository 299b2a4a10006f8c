"""Bytes to read from, and the errors for bytes that do not hold what they should."""

import reprlib
from typing import Any, TypeAlias

from hzclient.errors import HazelcastSerializationError

Buffer: TypeAlias = bytes | bytearray
"""What values are read from. It can decode its parts as text, which a memoryview cannot."""

BytesLike: TypeAlias = Buffer | memoryview

MAX_DEPTH = 200
"""Levels of objects within objects that are read or written before it counts as an attack or a cycle."""

_repr = reprlib.Repr()
_repr.maxstring = _repr.maxother = _repr.maxlong = 80


def clipped(value: Any) -> str:
    """Return a representation of a value that is short enough for an error message."""
    try:
        return _repr.repr(value)
    except Exception:  # a broken __repr__ must not replace the error that is being described
        return f"<{type(value).__name__}>"


def qualified_name(cls: type[Any]) -> str:
    """Return the name of a class with its module."""
    return f"{cls.__module__}.{cls.__qualname__}"


def short(buffer: Buffer, offset: int, kind: str, needed: int) -> HazelcastSerializationError:
    """Build the error for data that ends before a value does.

    Args:
        buffer: The data.
        offset: Offset of the value.
        kind: What was being read.
        needed: How many bytes it takes from there on.

    Returns:
        The error, to be raised.
    """
    left = max(len(buffer) - offset, 0)
    return HazelcastSerializationError(
        f"{kind} at offset {offset} takes {needed} bytes, but only {left} are left"
    )


def invalid(offset: int, kind: str, reason: object) -> HazelcastSerializationError:
    """Build the error for bytes that no value of a kind has."""
    return HazelcastSerializationError(f"invalid {kind} at offset {offset}: {reason}")


def unfit(kind: str, value: Any, reason: object) -> HazelcastSerializationError:
    """Build the error for a value that cannot be written as a kind."""
    return HazelcastSerializationError(f"cannot write {clipped(value)} as {kind}: {reason}")
