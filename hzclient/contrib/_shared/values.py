"""How caches store values in a map.

`str` and `int` are stored as such, so other languages and SQL can read them; everything else as a pickle, or
as what another serializer makes of it.

Theory of counters. A member forgets an entry's time to live when the value is replaced. An atomic increment
would thus make the entry immortal, and restoring the time afterwards would race other increments. An `int`
with a time to live is therefore stored together with the time at which it ends, as a list of the two. An
increment is a compare-and-set of both, followed by a request that restores the entry's time to live in the
member. If a process dies between the two, the entry stays in memory, but readers treat it as expired by the
time it carries. The clocks of clients must agree as precisely as time-outs of counters shall be kept.
"""

from __future__ import annotations

import pickle
import time
from typing import Any, Final, NamedTuple, Protocol, TypeGuard, cast

_LONG = 1 << 63

MISSING: Final = object()
"""What stands for a key that the cache does not have; None is a value."""

NEVER: Final = 0.0
"""Time to live of what does not expire."""


class Serializer(Protocol):
    """Makes bytes of values, and values of bytes. Django's serializers are of this kind."""

    def dumps(self, obj: Any, /) -> bytes: ...
    def loads(self, data: bytes, /) -> Any: ...


class PickleSerializer:
    """Pickles values."""

    def dumps(self, obj: Any, /) -> bytes:
        """Return the pickle of a value."""
        return pickle.dumps(obj, pickle.HIGHEST_PROTOCOL)

    def loads(self, data: bytes, /) -> Any:
        """Return the value of a pickle."""
        return pickle.loads(data)  # noqa: S301 - as the frameworks do


class Counter(NamedTuple):
    """An `int` as it is stored.

    Attributes:
        number: The number.
        ends: Unix time in milliseconds at which it expires; None if it does not.
    """

    number: int
    ends: int | None

    def stored(self) -> Any:
        """Return what the map holds."""
        return self.number if self.ends is None else [self.number, self.ends]

    def ttl(self) -> float:
        """Return the seconds that are left, `NEVER` if it does not expire."""
        return NEVER if self.ends is None else self.ends / 1000 - time.time()

    @property
    def expired(self) -> bool:
        """Whether its time is over."""
        return self.ends is not None and self.ttl() <= 0


def is_counter(value: object) -> TypeGuard[int]:
    """Return whether a value is stored as a counter: an `int` of at most 64 bits."""
    return type(value) is int and -_LONG <= value < _LONG


def counter(number: int, ttl: float) -> Counter:
    """Return a counter that lives for `ttl` seconds from now, or for ever if that is `NEVER`."""
    return Counter(number, None if ttl == NEVER else int((time.time() + ttl) * 1000))


def as_counter(stored: object) -> Counter | None:
    """Return what the map holds as a counter; None if it is something else."""
    if isinstance(stored, int):
        return Counter(stored, None)
    if isinstance(stored, list):
        number, ends = cast("list[int]", stored)
        return Counter(number, ends)
    return None


def encode(value: Any, ttl: float, serializer: Serializer) -> Any:
    """Return what to store for a value.

    Args:
        value: The value.
        ttl: Its time to live in seconds, or `NEVER`.
        serializer: For values that are neither `str` nor `int`.

    Returns:
        The stored form.
    """
    if is_counter(value):
        return counter(value, ttl).stored()
    return value if type(value) is str else serializer.dumps(value)


def decode(stored: Any, serializer: Serializer) -> Any:
    """Return the value of a stored form.

    Args:
        stored: What the map holds; None if it does not have the key.
        serializer: That of `encode()`.

    Returns:
        The value, or `MISSING`.
    """
    if stored is None:
        return MISSING
    if isinstance(stored, bytes):
        return serializer.loads(stored)
    found = as_counter(stored)
    if found is None:
        return stored
    return MISSING if found.expired else found.number
