"""Listeners of reliable topics, and the loop that feeds them."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import Any, Generic

from hzclient._runtime.base import IN_CALLBACK, Runtime
from hzclient._runtime.pending import Waiter, resolve
from hzclient._services.events import LONGEST_WAIT
from hzclient.errors import HazelcastClientNotActiveError
from hzclient.proxy._ringbuffer_reader import NOTHING_FOLLOWS, Batch, ReadingCancelledError, RingbufferReader
from hzclient.proxy.base import TopicMessage
from hzclient.types import MessageType

_logger = logging.getLogger("hzclient.proxy.reliable_topic")


class ReliableMessageListener(Generic[MessageType]):
    """Base class of listeners of reliable topics, for both clients.

    The methods run one after the other, outside the network thread. `on_message`, `store_sequence` and
    `on_cancel` may be coroutine functions. The next call waits until a method has ended.
    """

    def on_message(self, message: TopicMessage[MessageType]) -> Any:
        """Receive a message. Messages arrive in the order of the topic.

        Args:
            message: The message.

        Returns:
            Nothing, or something to await.
        """
        raise NotImplementedError

    def retrieve_initial_sequence(self) -> int:
        """Return where to start. Called once, when the listener is added.

        Returns:
            Sequence number of the first message to receive. To continue after a restart, return the last
            stored number plus one. -1 means messages published from now on, 0 all messages that are still
            there.
        """
        raise NotImplementedError

    def store_sequence(self, sequence: int) -> Any:
        """Store a sequence number, so that a later listener can continue there. Called before each message.

        Args:
            sequence: Sequence number of the message.

        Returns:
            Nothing, or something to await.
        """
        raise NotImplementedError

    def is_loss_tolerant(self) -> bool:
        """Decide what happens if messages are lost: overwritten before they were read, or gone in a restart.

        Returns:
            True to go on with the oldest message that is left, False to end the listener.
        """
        raise NotImplementedError

    def is_terminal(self, error: Exception) -> bool:
        """Decide what happens after an error.

        Args:
            error: What `on_message` or `store_sequence` raised, or why a message cannot be deserialized.

        Returns:
            True to end the listener, False to go on with the next message. If this method raises, the
            listener ends.
        """
        raise NotImplementedError

    def on_cancel(self) -> Any:
        """Note that the listener has ended, for whatever reason. Called once, last."""


class PlainListener(ReliableMessageListener[MessageType]):
    """Listener that calls a function. It receives messages published from now on, and ends if any are lost.

    Args:
        function: Receives each message.
    """

    def __init__(self, function: Callable[[TopicMessage[MessageType]], Awaitable[object] | object]) -> None:
        self._function = function

    def on_message(self, message: TopicMessage[MessageType]) -> Any:
        """Call the function."""
        return self._function(message)

    def retrieve_initial_sequence(self) -> int:
        """Start with messages published from now on."""
        return -1

    def store_sequence(self, sequence: int) -> None:
        """Store nothing."""

    def is_loss_tolerant(self) -> bool:
        """Return False."""
        return False

    def is_terminal(self, error: Exception) -> bool:
        """Log the error and go on."""
        _logger.error("A listener of a reliable topic raised", exc_info=error)
        return False


class MessageRunner:
    """Reads messages and feeds one listener, as an operation of its own.

    Args:
        runtime: Where the listener runs.
        name: What it listens to, for the log.
        listener: The listener.
        reader: Reads the messages; an item is an error if it cannot be deserialized.
        forget: Called when the listener ends, before its `on_cancel`.
        handler: Receives each message: the listener's `on_message`, or what calls it.
    """

    def __init__(
        self,
        runtime: Runtime,
        name: str,
        *,
        listener: ReliableMessageListener[Any],
        reader: RingbufferReader[TopicMessage[Any] | Exception],
        forget: Callable[[], object],
        handler: Callable[[Any], Any],
    ) -> None:
        self._runtime = runtime
        self._name = name
        self._listener = listener
        self._reader = reader
        self._forget = forget
        self._handler = handler
        self._lock = runtime.lock
        self._cancelled = False
        self._ended = False
        self._stopping: list[Waiter[None]] = []

    async def run(self) -> None:
        """Run until the listener ends."""
        inside = IN_CALLBACK.set(True)
        try:
            await self._run()
        finally:
            IN_CALLBACK.reset(inside)

    async def _run(self) -> None:
        try:
            await self._feed_all()
        finally:  # SystemExit ends the listener, too, and whoever waits for its end must learn it
            self._forget()
            try:
                await self._call(self._listener.on_cancel)
            except Exception:
                _logger.exception("on_cancel of a listener of %s raised", self._name)
            finally:
                self._tell_end()

    async def _feed_all(self) -> None:
        try:
            while await self._feed(await self._reader.read()):
                pass
        except ReadingCancelledError:
            pass
        except NOTHING_FOLLOWS as error:
            _logger.debug("A listener of %s ends: %r", self._name, error)
        except Exception as error:
            _logger.warning("A listener of %s ends: %r", self._name, error)

    async def _feed(self, batch: Batch[TopicMessage[Any] | Exception]) -> bool:
        """Pass the messages to the listener; False if it ends."""
        for sequence, message in enumerate(batch.items, batch.first):
            if self._cancelled:
                return False
            try:
                await self._hand_over(sequence, message)
            except HazelcastClientNotActiveError:
                return False
            except Exception as error:
                if self._listener.is_terminal(error):
                    _logger.warning("A listener of %s ends, since it raised %r", self._name, error)
                    return False
        return not self._cancelled

    async def _hand_over(self, sequence: int, message: TopicMessage[Any] | Exception) -> None:
        await self._call(self._listener.store_sequence, sequence)
        if isinstance(message, Exception):
            raise message
        await self._call(self._handler, message)

    async def _call(self, function: Callable[..., Any], *args: Any) -> None:
        result = function(*args)
        if isawaitable(result):
            await self._runtime.await_foreign(result)

    def cancel(self) -> None:
        """Make the listener end soon. May be called from any thread."""
        self._cancelled = True
        self._reader.cancel()

    async def stop(self) -> None:
        """End the listener, and wait until it has ended, but not for a callback that blocks; an operation.

        A callback does not wait: it would wait for itself, or for another one that waits for it.
        """
        self.cancel()
        if IN_CALLBACK.get():
            return
        try:
            await self._runtime.within(LONGEST_WAIT, self._end(), _BlocksError)
        except _BlocksError:
            _logger.warning(
                "The callback of a listener of %s still runs; its removal waits no longer", self._name
            )

    async def _end(self) -> None:
        waiter: Waiter[None] = self._runtime.pending()
        with self._lock:
            if self._ended:
                return
            self._stopping.append(waiter)
        await waiter

    def _tell_end(self) -> None:
        with self._lock:
            self._ended = True
            stopping, self._stopping = self._stopping, []
        for waiter in stopping:
            resolve(waiter, None)


class _BlocksError(Exception):
    """A callback takes longer than the removal of its listener waits."""
