"""ReliableTopic: messages in a ringbuffer, so that listeners notice every loss."""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Sequence
from typing import Any, Final, Generic

from hzclient._codec import client as client_codec
from hzclient._codec import ringbuffer as codec
from hzclient._pauses import Pauses
from hzclient._runtime.faces import AsyncioFace, BlockingFace, blocking_operation, operation, stream
from hzclient.config import ReliableTopicConfig, TopicOverloadPolicy
from hzclient.errors import TopicOverloadError
from hzclient.partition import string_partition_strategy
from hzclient.proxy._arguments import list_of
from hzclient.proxy._reliable_listener import MessageRunner, PlainListener, ReliableMessageListener
from hzclient.proxy._ringbuffer_reader import NOTHING_FOLLOWS, RingbufferReader
from hzclient.proxy.base import Proxy, ProxyContext, ProxyOperations, TopicMessage
from hzclient.proxy.ringbuffer import MAX_BATCH_SIZE, OVERFLOW_POLICY_FAIL, OVERFLOW_POLICY_OVERWRITE
from hzclient.serialization.compact import SchemaNotFoundError
from hzclient.serialization.data import Data
from hzclient.serialization.objects import ReliableTopicMessage
from hzclient.types import MessageType
from hzclient.util import check_not_none, check_true, current_time

__all__ = (
    "AsyncReliableTopic",
    "BlockingReliableTopic",
    "ReliableMessageListener",
    "ReliableTopic",
    "ReliableTopicOperations",
)

_RINGBUFFER_SERVICE: Final = "hz:impl:ringbufferService"
_RINGBUFFER_PREFIX: Final = "_hz_rb_"
_NO_MESSAGE: Final = "a message must not be None"
_PAUSES: Final = Pauses(0.1, 2.0)


class ReliableTopicOperations(ProxyOperations, Generic[MessageType]):
    """A distributed topic that keeps its messages for a while, in a ringbuffer of the same name.

    All listeners receive all messages in the same order, continue where they were after a reconnect, and
    notice if messages were overwritten before they were read. After a restart of the whole cluster, those
    that tolerate losses continue at the head of the new ringbuffer, and the others end.
    `ReliableTopicConfig` sets how many messages a listener reads at once, and what happens to a message if
    the ringbuffer is full: messages with a time to live are not overwritten before it has passed.

    Args:
        service_name: The service of the members that holds the topic.
        name: Name of the topic.
        context: What the topic uses of the client.
    """

    def __init__(self, service_name: str, name: str, context: ProxyContext) -> None:
        super().__init__(service_name, name, context)
        self._config = context.config.reliable_topics.get(name) or ReliableTopicConfig()
        self._buffer = _RINGBUFFER_PREFIX + name
        self._partition = context.partitions.partition_id(
            self._encode(string_partition_strategy(self._buffer))
        )
        self._runners: dict[str, MessageRunner] = {}

    async def on_created(self) -> None:
        """Create the ringbuffer in the cluster, too."""
        await self._invoke(client_codec.CREATE_PROXY.encode(self._buffer, _RINGBUFFER_SERVICE))

    async def on_destroyed(self) -> None:
        """End the listeners."""
        for runner in list(self._runners.values()):
            runner.cancel()

    @blocking_operation
    async def destroy(self) -> bool:
        """Destroy the topic and its messages in the whole cluster. Listeners of this client end.

        Returns:
            False if this client did not know the topic (any more).
        """
        return await self._in_time(self._context.runtime.to_the_end(self._destroy()))

    async def _destroy(self) -> bool:
        destroyed = await self._context.destroy(self.service_name, self.name)
        if destroyed:
            request = client_codec.DESTROY_PROXY.encode(self._buffer, _RINGBUFFER_SERVICE)
            await self._context.invocations.invoke(request)
        return destroyed

    # ------------------------------------------------------------------------------------ publishing

    @operation
    async def publish(self, message: MessageType) -> None:
        """Publish a message.

        Args:
            message: The message.

        Raises:
            TopicOverloadError: The ringbuffer is full, and the overload policy is ERROR.
        """
        check_not_none(message, _NO_MESSAGE)
        await self._in_time(self._add([self._wrapped(message)]))

    @operation
    async def publish_all(self, messages: Sequence[MessageType]) -> None:
        """Publish messages, in the given order: all of them, or none if there is not enough room.

        Args:
            messages: At most `hzclient.proxy.ringbuffer.MAX_BATCH_SIZE` messages.

        Raises:
            TopicOverloadError: The ringbuffer is full, and the overload policy is ERROR.
        """
        messages = list_of(messages, "messages")
        check_true(len(messages) <= MAX_BATCH_SIZE, f"there may be {MAX_BATCH_SIZE} messages at most")
        for message in messages:
            check_not_none(message, _NO_MESSAGE)
        if messages:
            await self._in_time(self._add(list(map(self._wrapped, messages))))

    def _wrapped(self, message: MessageType) -> bytes:
        return self._encode(ReliableTopicMessage(current_time(), None, Data(self._encode(message))))

    async def _add(self, items: list[bytes]) -> None:
        policy = self._config.overload_policy
        if policy == TopicOverloadPolicy.DISCARD_OLDEST:
            await self._add_once(items, OVERFLOW_POLICY_OVERWRITE)
            return
        attempts = 0
        while await self._add_once(items, OVERFLOW_POLICY_FAIL) == -1:
            if policy == TopicOverloadPolicy.DISCARD_NEWEST:
                return
            if policy == TopicOverloadPolicy.ERROR:
                raise TopicOverloadError(
                    f"reliable topic {self.name!r} has no room for {len(items)} messages"
                )
            attempts += 1
            await self._context.runtime.sleep(_PAUSES.after(attempts))

    async def _add_once(self, items: list[bytes], overflow_policy: int) -> int:
        if len(items) == 1:
            request = codec.ADD.encode(self._buffer, overflow_policy, items[0])
        else:
            request = codec.ADD_ALL.encode(self._buffer, items, overflow_policy)
        return await self._invoke(request, partition_id=self._partition)

    # ------------------------------------------------------------------------------------- listening

    @operation
    async def add_listener(
        self,
        listener: ReliableMessageListener[MessageType]
        | Callable[[TopicMessage[MessageType]], Awaitable[object] | object],
    ) -> str:
        """Add a listener for the messages.

        Args:
            listener: A function, which may be a coroutine function: it receives messages published from now
                on, and ends if messages are lost. Or a `ReliableMessageListener`, which decides where to
                start and when to end.

        Returns:
            The registration id, for `remove_listener`.

        Raises:
            TypeError: The listener is neither.
        """
        check_not_none(listener, "a listener must not be None")
        receiver = _listener_of(listener)
        context = self._context
        registration_id = str(uuid.uuid4())
        reader = self._reader(receiver.is_loss_tolerant)
        runner = MessageRunner(
            context.runtime,
            repr(self),
            listener=receiver,
            reader=reader,
            forget=lambda: self._runners.pop(registration_id, None),
            handler=self._observed(f"a listener of {self!r}", receiver.on_message),
        )
        await self._in_time(reader.start(receiver.retrieve_initial_sequence()))
        self._runners[registration_id] = runner
        context.runtime.run_detached(runner.run)
        return registration_id

    @operation
    async def remove_listener(self, registration_id: str) -> bool:
        """Remove a listener. When this returns, the listener has ended.

        This waits 5 seconds at most for a callback that runs. A callback may remove its own listener: that
        does not wait.

        Args:
            registration_id: Id that the registration returned.

        Returns:
            False if no listener has this id, or it has ended.
        """
        check_not_none(registration_id, "a registration id must not be None")
        runner = self._runners.pop(registration_id, None)
        if runner is None:
            return False
        await runner.stop()
        return True

    @stream
    async def messages(
        self, sequence: int = -1, loss_tolerant: bool = False
    ) -> AsyncGenerator[TopicMessage[MessageType], None]:
        """Yield the messages one by one: `async for message in topic.messages():`.

        At most one batch is read ahead. The iteration ends when the topic is destroyed or the client shut
        down.

        Args:
            sequence: Sequence number of the first message; -1 for messages published after the first one is
                requested, 0 for all messages that are still there.
            loss_tolerant: Whether to go on with the oldest message left if messages were lost: overwritten
                before they were read, or gone in a restart of the whole cluster.

        Yields:
            Messages in the order of the topic.

        Raises:
            StaleSequenceError: Messages were lost or may be lost, and that is not tolerated.
        """
        reader = self._reader(lambda: loss_tolerant)
        try:
            await self._in_time(reader.start(sequence))
            while True:
                for message in (await reader.read()).items:
                    if isinstance(message, Exception):
                        raise message
                    yield message
        except NOTHING_FOLLOWS:
            return

    def _reader(
        self, is_loss_tolerant: Callable[[], bool]
    ) -> RingbufferReader[TopicMessage[Any] | Exception]:
        return RingbufferReader(
            self._context,
            self._buffer,
            self._partition,
            batch_size=self._config.read_batch_size,
            decode=self._message,
            is_loss_tolerant=is_loss_tolerant,
        )

    def _message(self, item: bytes) -> TopicMessage[Any] | Exception:
        """Return the message of an item, or why it cannot be deserialized: it must not stop later ones."""
        try:
            wrapped: ReliableTopicMessage = self._decode(item)
            payload = None if wrapped.payload is None else self._decode(wrapped.payload.buffer)
        except SchemaNotFoundError:
            raise  # the caller fetches the schema and tries again
        except Exception as error:
            return error
        assert wrapped.publish_time is not None
        address = wrapped.publisher_address
        members = self._context.members.members.values()
        member = next((member for member in members if member.address == address), None)
        return TopicMessage(self.name, payload, wrapped.publish_time, member)


def _listener_of(listener: Any) -> ReliableMessageListener[Any]:
    if isinstance(listener, ReliableMessageListener):
        return listener  # pyright: ignore[reportUnknownVariableType]
    if not callable(listener):
        raise TypeError(f"a listener is a function or a ReliableMessageListener, not {listener!r}")
    return PlainListener(listener)


class AsyncReliableTopic(ReliableTopicOperations[MessageType], AsyncioFace):
    """A reliable topic whose operations are coroutine methods."""

    def __aiter__(self) -> AsyncIterator[TopicMessage[MessageType]]:
        """Yield messages published from now on, as `messages()` does."""
        return self.messages()


class ReliableTopic(Proxy["BlockingReliableTopic[MessageType]"], ReliableTopicOperations[MessageType]):
    """A reliable topic whose operations return a `Future`."""

    def __aiter__(self) -> AsyncIterator[TopicMessage[MessageType]]:
        """Yield messages published from now on, as `messages()` does."""
        return self.messages()


class BlockingReliableTopic(BlockingFace, ReliableTopic[MessageType]):
    """A reliable topic whose operations block until they are done."""

    def __iter__(self) -> Iterator[TopicMessage[MessageType]]:
        """Yield messages published from now on, as `messages()` does."""
        return self.messages()
