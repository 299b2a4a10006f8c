"""Lifecycle of a client."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from hzclient._runtime.uncopied import Uncopied

if TYPE_CHECKING:
    from hzclient._services.lifecycle import Lifecycle

__all__ = ("LifecycleService", "LifecycleState")


class LifecycleState:
    """States of a client, as reported to lifecycle listeners."""

    STARTING: Final = "STARTING"
    """The client is starting."""

    STARTED: Final = "STARTED"
    """The client has started. It may not be connected yet."""

    CONNECTED: Final = "CONNECTED"
    """The client is connected to a cluster, for the first time or again."""

    CHANGED_CLUSTER: Final = "CHANGED_CLUSTER"
    """The client is connected to the next of its `failover` clusters. It follows `CONNECTED`."""

    SHUTTING_DOWN: Final = "SHUTTING_DOWN"
    """The client is shutting down."""

    DISCONNECTED: Final = "DISCONNECTED"
    """The client has lost its last connection to the cluster."""

    SHUTDOWN: Final = "SHUTDOWN"
    """The client has shut down."""


class LifecycleService(Uncopied):
    """Lifecycle state of the client, and the listeners that are notified when it changes."""

    def __init__(self, lifecycle: Lifecycle) -> None:
        self._lifecycle = lifecycle

    def is_running(self) -> bool:
        """Return whether the client has started and has not begun to shut down."""
        return self._lifecycle.running

    def add_listener(self, on_state_change: Callable[[str], object]) -> str:
        """Register a listener.

        Args:
            on_state_change: Called with each new state, one of `LifecycleState`. It may block, and it may be
                a coroutine function.

        Returns:
            The registration id.
        """
        return self._lifecycle.add_listener(on_state_change)

    def remove_listener(self, registration_id: str) -> bool:
        """Remove a listener.

        Args:
            registration_id: What `add_listener()` returned.

        Returns:
            False if no listener has this id.
        """
        return self._lifecycle.remove_listener(registration_id)
