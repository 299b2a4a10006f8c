"""Queues that are bound to fan-out exchanges: each is a listener of a topic, in this process only."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from typing import Final

from hzclient.contrib._shared import UNAVAILABLE
from hzclient.contrib.kombu._store import MessageStore

_logger = logging.getLogger("hzclient.contrib.kombu")

LIMIT: Final = 10_000
"""Number of messages that wait for a consumer; the oldest are dropped."""


class Subscription:
    """A queue that receives what is published to a fan-out exchange from now on.

    Args:
        store: Where exchanges are.
        exchange: Name of the exchange.
        queue: Name of the queue.
        wake: Called in another thread when there is a message.
    """

    def __init__(self, store: MessageStore, exchange: str, queue: str, wake: Callable[[], object]) -> None:
        self._queue = queue
        self._wake = wake
        self._received: deque[str] = deque(maxlen=LIMIT)
        self._dropping = False
        self._end = store.listen(exchange, self._notify)

    def _notify(self, content: str) -> None:
        full = len(self._received) == LIMIT
        if full and not self._dropping:
            _logger.warning("queue %r drops messages: %d wait for its consumer", self._queue, LIMIT)
        self._dropping = full
        self._received.append(content)
        self._wake()

    def next(self) -> str | None:
        """Return the next message; None if there is none."""
        return self._received.popleft() if self._received else None

    def __len__(self) -> int:
        return len(self._received)

    def purge(self) -> int:
        """Drop all messages; return their number."""
        size = len(self._received)
        self._received.clear()
        return size

    def close(self) -> None:
        """End the subscription."""
        end_quietly(self._end, self._queue)


def end_quietly(end: Callable[[], None], queue: str) -> None:
    """Remove a listener. If the cluster is unavailable, the members forget it when the client is gone."""
    try:
        end()
    except UNAVAILABLE as error:
        _logger.info("a listener of queue %r was not removed: %r", queue, error)
