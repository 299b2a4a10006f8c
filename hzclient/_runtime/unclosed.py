"""Warns of clients that nobody has shut down."""

from __future__ import annotations

import atexit
import warnings
import weakref
from abc import ABC, abstractmethod


class WarnsIfUnclosed(ABC):
    """Warns when it is dropped, or the interpreter ends, while it is still open."""

    _warned = False

    def _watch(self) -> None:
        """To be called once it is open."""
        _watched.add(self)

    @abstractmethod
    def _open_name(self) -> str | None:
        """Its name; None where there is nothing to shut down (any more, or yet)."""

    def _warn_if_open(self) -> None:
        if self._warned or (name := self._open_name()) is None:
            return
        self._warned = True
        warnings.warn(
            f"unclosed Hazelcast client {name}: call shutdown(), or use it in a with statement",
            ResourceWarning,
            stacklevel=2,
            source=self,
        )

    def __del__(self) -> None:
        self._warn_if_open()


_watched: weakref.WeakSet[WarnsIfUnclosed] = weakref.WeakSet()


@atexit.register
def _at_exit() -> None:
    # By listeners of the application, whose functions know the module they are from, the client's
    # own thread may keep a client from being dropped.
    for client in list(_watched):
        client._warn_if_open()  # pyright: ignore[reportPrivateUsage]
