"""The thread that renews leases and repairs queues while a transport consumes."""

from __future__ import annotations

import atexit
import logging
import threading
import weakref
from collections.abc import Sequence
from typing import Protocol

from hzclient.contrib._shared import is_unavailable
from hzclient.contrib.kombu._store import MessageStore

_logger = logging.getLogger("hzclient.contrib.kombu")


class Holder(Protocol):
    """A channel that holds messages."""

    def renew(self) -> None: ...
    def renew_queues(self) -> None: ...
    def shortest_expiry(self) -> float: ...
    def consumed_queues(self) -> list[str]: ...


class Holders(Protocol):
    """A transport with its channels."""

    @property
    def channels(self) -> Sequence[Holder]: ...


class Keeper:
    """Renews leases and repairs queues, in a thread that runs from the first `start()` until `stop()`.

    Args:
        transport: The transport, whose channels hold messages.
        store: Where the messages are.
    """

    def __init__(self, transport: Holders, store: MessageStore) -> None:
        self._transport = weakref.ref(transport)
        self._store = store
        self._pause = min(store.lease / 3, 10.0)
        self._lock = threading.Lock()
        self._stop: threading.Event | None = None
        self._failing = False

    def start(self) -> None:
        """Start the thread, if it does not run yet."""
        with self._lock:
            if self._stop is None:
                self._stop = threading.Event()
                arguments = (self._stop,)
                threading.Thread(target=self._run, args=arguments, name="hzclient-kombu", daemon=True).start()
                _running.add(self)

    def stop(self) -> None:
        """Let the thread end."""
        with self._lock:
            if self._stop is not None:
                self._stop.set()
                self._stop = None
            _running.discard(self)

    def _run(self, stop: threading.Event) -> None:
        pause = self._pause
        while not stop.wait(pause):
            transport = self._transport()
            if transport is None:
                return
            channels = list(transport.channels)
            pause = min([self._pause, *(channel.shortest_expiry() / 3 for channel in channels)])
            try:
                self._keep(channels)
            except Exception as error:
                if not is_unavailable(error):
                    _logger.exception("a repair of queues failed")
                elif not self._failing:
                    _logger.warning("leases are not renewed while the cluster is unavailable: %r", error)
                    self._failing = True
            else:
                self._failing = False

    def _keep(self, channels: list[Holder]) -> None:
        for channel in channels:
            channel.renew()
            channel.renew_queues()
        if self._store.take_turn("expired", self._pause * 0.9):
            restored = self._store.restore_expired()
            if restored:
                _logger.warning("%d messages are delivered again: their consumers are gone", restored)
        for queue in {queue for channel in channels for queue in channel.consumed_queues()}:
            if self._store.take_turn(f"unhinted/{queue}", self._pause * 0.9):
                restored = self._store.restore_unhinted(queue)
                if restored:
                    _logger.info("%d messages of queue %r were offered anew", restored, queue)


_running: weakref.WeakSet[Keeper] = weakref.WeakSet()


def _stop_all() -> None:
    """Stop before the shared clients are closed: a call would make a new one."""
    for keeper in list(_running):
        keeper.stop()


atexit.register(_stop_all)
