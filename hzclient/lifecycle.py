"""The states of a client's life."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from hzclient._runtime.uncopied import Uncopied

if TYPE_CHECKING:
    from hzclient._services.lifecycle import Lifecycle

__all__ = ("LifecycleService", "LifecycleState")


class LifecycleState:
    """What lifecycle listeners are told."""

    STARTING: Final = "STARTING"
    """The client is being started."""

    STARTED: Final = "STARTED"
    """The client has been started; it need not be connected yet."""

    CONNECTED: Final = "CONNECTED"
    """The client is connected to a cluster, for the first time or again."""

    SHUTTING_DOWN: Final = "SHUTTING_DOWN"
    """The client is being shut down."""

    DISCONNECTED: Final = "DISCONNECTED"
    """The last connection to the cluster is gone."""

    SHUTDOWN: Final = "SHUTDOWN"
    """The client has been shut down."""


class LifecycleService(Uncopied):
    """Tells whether the client runs, and tells listeners when that changes."""

    def __init__(self, lifecycle: Lifecycle) -> None:
        self._lifecycle = lifecycle

    def is_running(self) -> bool:
        """True from STARTED until the client begins to shut down."""
        return self._lifecycle.running

    def add_listener(self, on_state_change: Callable[[str], object]) -> str:
        """Registers a listener.

        Args:
            on_state_change: Called with each new state, one of `LifecycleState`, away from the
                network's path; it may be a coroutine function.

        Returns:
            The registration id.
        """
        return self._lifecycle.add_listener(on_state_change)

    def remove_listener(self, registration_id: str) -> bool:
        """Removes a listener.

        Returns:
            False where there is none with this id.
        """
        return self._lifecycle.remove_listener(registration_id)
