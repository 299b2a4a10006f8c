"""Results of caches, written once for synchronous and asynchronous methods."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, Final, Generic, TypeVar

from hzclient.contrib._shared.breaker import is_unavailable
from hzclient.future import Future

T = TypeVar("T")

RAISE: Final[Any] = object()
"""In place of a fallback: the error is raised."""


class Reply(Generic[T]):
    """A result to wait for or to await. What the cluster sent is decoded by whoever waits.

    Args:
        future: What the cluster sends.
        finish: Makes the result of it.
        fallback: The result if the cluster is unavailable; `RAISE` raises the error.
    """

    __slots__ = ("_fallback", "_finish", "_future")

    def __init__(self, future: Future[Any], finish: Callable[[Any], T], fallback: T = RAISE) -> None:
        self._future = future
        self._finish = finish
        self._fallback = fallback

    def result(self) -> T:
        """Wait in this thread, and return the result."""
        try:
            value = self._future.result()
        except Exception as error:
            return self._fallen_back(error)
        return self._finish(value)

    def __await__(self) -> Generator[Any, Any, T]:
        try:
            value = yield from self._future.__await__()
        except Exception as error:
            return self._fallen_back(error)
        return self._finish(value)

    def _fallen_back(self, error: Exception) -> T:
        if self._fallback is RAISE or not is_unavailable(error):
            raise error
        return self._fallback
