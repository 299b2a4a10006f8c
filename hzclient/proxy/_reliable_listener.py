"""The listeners of reliable topics, and what feeds them."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import Any, Generic

from hzclient._runtime.base import Runtime
from hzclient._runtime.pending import Waiter
from hzclient.errors import HazelcastClientNotActiveError
from hzclient.proxy._ringbuffer_reader import NOTHING_FOLLOWS, Batch, ReadingCancelledError, RingbufferReader
from hzclient.proxy.base import TopicMessage
from hzclient.types import MessageType

_logger = logging.getLogger("hzclient.proxy.reliable_topic")


class ReliableMessageListener(Generic[MessageType]):
    """Listens to a reliable topic; derive from it. One class serves both clients.

    Its methods are called away from the network's path, one after the other. All of them may keep
    the next call waiting; `on_message`, `store_sequence` and `on_cancel` may be coroutine functions.
    """

    def on_message(self, message: TopicMessage[MessageType]) -> Any:
        """Called with each message, in the order of the topic.

        Args:
            message: The message.
        """
        raise NotImplementedError

    def retrieve_initial_sequence(self) -> int:
        """Called once, when the listener is added.

        Returns:
            Sequence number of the first message to get: one more than the last that was stored, to
            go on after a restart; -1 for what is published from now on; 0 for all there has been.
        """
        raise NotImplementedError

    def store_sequence(self, sequence: int) -> Any:
        """Called before each message, so that a later listener can go on from there.

        Args:
            sequence: Sequence number of the message.
        """
        raise NotImplementedError

    def is_loss_tolerant(self) -> bool:
        """Called where messages gave way to newer ones before they were read.

        Returns:
            Whether to go on with those that are left; else the listener ends.
        """
        raise NotImplementedError

    def is_terminal(self, error: Exception) -> bool:
        """Called with what `on_message` or `store_sequence` raised, or why a message cannot be read.

        Args:
            error: The error.

        Returns:
            Whether the listener ends; else it gets the next message. It ends too where this raises.
        """
        raise NotImplementedError

    def on_cancel(self) -> Any:
        """Called once when the listener ends, for whatever reason. Nothing follows."""


class PlainListener(ReliableMessageListener[MessageType]):
    """A function as a listener: gets what is published from now on, and ends where messages are lost."""

    def __init__(self, function: Callable[[TopicMessage[MessageType]], Awaitable[object] | object]) -> None:
        """Args:
        function: Called with each message.
        """
        self._function = function

    def on_message(self, message: TopicMessage[MessageType]) -> Any:
        """Calls the function."""
        return self._function(message)

    def retrieve_initial_sequence(self) -> int:
        """From now on."""
        return -1

    def store_sequence(self, sequence: int) -> None:
        """Stores nothing."""

    def is_loss_tolerant(self) -> bool:
        """It is not."""
        return False

    def is_terminal(self, error: Exception) -> bool:
        """Goes on, and logs the error."""
        _logger.error("A listener of a reliable topic raised", exc_info=error)
        return False


class MessageRunner:
    """Reads messages and feeds one listener, as an operation of its own."""

    def __init__(
        self,
        runtime: Runtime,
        name: str,
        listener: ReliableMessageListener[Any],
        reader: RingbufferReader[TopicMessage[Any] | Exception],
        forget: Callable[[], object],
    ) -> None:
        """Args:
        runtime: Where the listener is called.
        name: What it listens to, for the log.
        listener: The listener.
        reader: Gives the messages, or why one cannot be read.
        forget: Called when the listener ends, before it is told.
        """
        self._runtime = runtime
        self._name = name
        self._listener = listener
        self._reader = reader
        self._forget = forget
        self._lock = runtime.lock
        self._cancelled = False
        self._calling = False
        self._ended = False
        self._stopping: list[Waiter[None]] = []
        reader.loss_tolerant = listener.is_loss_tolerant

    async def run(self) -> None:
        """Runs until the listener ends."""
        try:
            await self._feed_all()
        finally:  # an exit that the listener raises ends it too, and whoever waits for its end must be told
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
        """Hands the messages over; False where the listener ends."""
        for sequence, message in enumerate(batch.items, batch.first):
            with self._lock:
                if self._cancelled:
                    return False
                self._calling = True
            try:
                await self._hand_over(sequence, message)
            except HazelcastClientNotActiveError:
                return False
            except Exception as error:
                if self._listener.is_terminal(error):
                    _logger.warning("A listener of %s ends, since it raised %r", self._name, error)
                    return False
            finally:
                self._calling = False
        return not self._cancelled

    async def _hand_over(self, sequence: int, message: TopicMessage[Any] | Exception) -> None:
        await self._call(self._listener.store_sequence, sequence)
        if isinstance(message, Exception):
            raise message
        await self._call(self._listener.on_message, message)

    async def _call(self, function: Callable[..., Any], *args: Any) -> None:
        result = function(*args)
        if isawaitable(result):
            await self._runtime.await_foreign(result)

    def cancel(self) -> None:
        """Lets the listener end soon. May be called from any thread."""
        self._cancelled = True
        self._reader.cancel()

    async def stop(self) -> None:
        """Lets the listener end, and waits for it unless it is being called right now.

        To be awaited inside an operation. A listener may remove itself, and must not wait for itself.
        """
        waiter: Waiter[None] | None = None
        with self._lock:
            self._cancelled = True
            if not self._calling and not self._ended:
                waiter = self._runtime.pending()
                self._stopping.append(waiter)
        self._reader.cancel()
        if waiter is not None:
            await waiter

    def _tell_end(self) -> None:
        with self._lock:
            self._ended = True
            stopping, self._stopping = self._stopping, []
        for waiter in stopping:
            if not waiter.done():
                waiter.set_result(None)
