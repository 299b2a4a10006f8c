"""Lifecycle states of a client, and their listeners."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable

from hzclient._services.events import EventDispatcher, EventQueue

_logger = logging.getLogger("hzclient.lifecycle")


class Lifecycle:
    """Reports each state to the listeners, in order.

    Attributes:
        running: True from STARTED until SHUTTING_DOWN.
        user: Returns what a listener that is added now keeps alive while it is registered.

    Args:
        dispatcher: Runs the callbacks.
        client_name: Name of the client, for the log.
        version: Version of this package, for the log.
    """

    def __init__(self, dispatcher: EventDispatcher, client_name: str, version: str) -> None:
        self.running = False
        self._dispatcher = dispatcher
        self._client_name = client_name
        self._version = version
        self._listeners: dict[str, EventQueue] = {}
        self.user: Callable[[], object] = object
        self._users: dict[str, object] = {}

    def add_listener(self, callback: Callable[[str], object]) -> str:
        """Register a callback and return its registration id."""
        registration_id = str(uuid.uuid4())
        self._users[registration_id] = self.user()
        self._listeners[registration_id] = self._dispatcher.queue("a lifecycle listener", callback)
        return registration_id

    def remove_listener(self, registration_id: str) -> bool:
        """Remove a callback. Return False if no listener has this id."""
        self._users.pop(registration_id, None)
        return self._listeners.pop(registration_id, None) is not None

    def unlink(self) -> None:
        """Keep nothing alive any more: the client has been shut down."""
        self.user = object
        self._users.clear()
        for queue in self._listeners.values():
            queue.unlink()

    def fire(self, state: str) -> None:
        """Log a state and report it to the listeners."""
        _logger.info("HazelcastClient %s (hzclient %s) is %s", self._client_name, self._version, state)
        for queue in tuple(self._listeners.values()):
            queue.put(state)

    async def drained(self) -> None:
        """Wait until the listeners have handled all states so far."""
        for queue in tuple(self._listeners.values()):
            await queue.drained()
