"""The one way for tests to look behind the public names of the package.

A test should say what a user sees. Some facts show only inside: that nothing is left behind, or which
member a call went to. `test_internals.py` refuses private names of the package anywhere else.
"""

from __future__ import annotations

from typing import Any


def engine_of(client: Any) -> Any:
    """Return the engine of a client."""
    return client._engine


def async_face_of(thing: Any) -> Any:
    """Return the asyncio face of a structure or service, which has its state, if this is another face."""
    return getattr(thing, "_async_face", thing)


def private(thing: Any, *names: str) -> Any:
    """Return `thing._a`, or `thing._a._b` if there are several names."""
    for name in names:
        thing = getattr(thing, name)
    return thing


def set_private(thing: Any, name: str, value: object) -> None:
    """Replace a private attribute of an object that lives no longer than the test."""
    setattr(thing, name, value)
