"""Warns of clients that nobody has shut down."""

from __future__ import annotations

import atexit
import warnings
import weakref
from abc import ABC, abstractmethod


class WarnsIfUnclosed(ABC):
    """Warns if it is dropped, or the interpreter exits, while it is open."""

    _warned = False

    def _watch(self) -> None:
        """Begin to watch; call this once it is open."""
        _watched.add(self)

    @abstractmethod
    def _open_name(self) -> str | None:
        """Return its name; None if there is nothing to shut down, no longer or not yet."""

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
    # The client's own thread refers to listeners of the application, and their modules may refer to the
    # client, so it may never have been dropped.
    for client in list(_watched):
        client._warn_if_open()  # pyright: ignore[reportPrivateUsage]
