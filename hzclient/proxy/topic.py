"""Topic: messages for whoever listens when they are published."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Sequence
from typing import Any, Generic
from uuid import UUID

from hzclient._codec import topic as codec
from hzclient._protocol.message import Request
from hzclient._runtime.faces import AsyncioFace, BlockingFace, operation, stream
from hzclient.proxy._arguments import list_of
from hzclient.proxy._event_streams import EventStreamOperations
from hzclient.proxy.base import PartitionSpecificOperations, PartitionSpecificProxy, TopicMessage
from hzclient.types import MessageType
from hzclient.util import check_not_none

__all__ = ("AsyncTopic", "BlockingTopic", "Topic", "TopicOperations")

_NO_MESSAGE = "a message must not be None"


class TopicOperations(PartitionSpecificOperations, EventStreamOperations, Generic[MessageType]):
    """A distributed topic.

    Messages of one publisher arrive in their order. A listener that is not there when a message is
    published never gets it, and while its connection is away it misses some; a reliable topic
    tells of that.
    """

    @operation
    async def publish(self, message: MessageType) -> None:
        """Publishes a message."""
        request = codec.PUBLISH.encode(self.name, self._encode_message(message))
        await self._invoke(request, partition_id=self._partition)

    @operation
    async def publish_all(self, messages: Sequence[MessageType]) -> None:
        """Publishes messages, in their order and in one request."""
        messages = list_of(messages, "messages")
        request = codec.PUBLISH_ALL.encode(self.name, list(map(self._encode_message, messages)))
        await self._invoke(request, partition_id=self._partition)

    def _encode_message(self, message: MessageType) -> bytes:
        check_not_none(message, _NO_MESSAGE)
        return self._encode(message)

    @operation
    async def add_listener(
        self,
        on_message: Callable[[TopicMessage[MessageType]], Awaitable[object] | object] | None = None,
    ) -> str:
        """Calls a function with each message from now on.

        The function runs away from the network's path, with one message after the other.

        Args:
            on_message: The function, which may be a coroutine function. It must be given.

        Returns:
            The registration id, for `remove_listener`.
        """
        check_not_none(on_message, "a listener must not be None")
        assert on_message is not None

        def tell(event: Any) -> object:
            return on_message(self._message(event))

        return await self._listen(
            self._listener_request(), self._remove_listener_request, "a message listener", tell
        )

    def _listener_request(self) -> Request[UUID]:
        return codec.ADD_MESSAGE_LISTENER.encode(self.name, self._context.invocations.router.smart)

    def _remove_listener_request(self, registration_id: UUID) -> Request[bool]:
        return codec.REMOVE_MESSAGE_LISTENER.encode(self.name, registration_id)

    def _message(self, event: codec.TopicEvent) -> TopicMessage[Any]:
        member = None if event.uuid is None else self._context.members.members.get(event.uuid)
        return TopicMessage(self.name, self._decode(event.item), event.publish_time / 1000, member)

    @operation
    async def remove_listener(self, registration_id: str) -> bool:
        """Removes a listener.

        Returns:
            False where there is none with this id.
        """
        return await self._unlisten(registration_id)

    @stream
    def messages(self, capacity: int = 10_000) -> AsyncGenerator[TopicMessage[MessageType], None]:
        """Gives the messages one by one: `async for message in topic.messages():`.

        It listens from when the first message is asked for, until the iterator is closed, the topic
        is destroyed or the client shut down. Where messages come faster than they are taken, they
        wait; where `capacity` messages wait, the oldest is dropped for each new one, and the log
        says so.

        Args:
            capacity: How many messages may wait.

        Raises:
            ValueError: `capacity` is less than 1.
        """
        return self._event_stream(
            self._listener_request(), self._remove_listener_request, "a stream", capacity, self._message
        )


class AsyncTopic(TopicOperations[MessageType], AsyncioFace):
    """A distributed topic; its operations are coroutine methods."""

    def __aiter__(self) -> AsyncIterator[TopicMessage[MessageType]]:
        """What is published from now on, as `messages()` gives it."""
        return self.messages()


class Topic(PartitionSpecificProxy["BlockingTopic[MessageType]"], TopicOperations[MessageType]):
    """A distributed topic; its operations each give a `Future`."""

    def __aiter__(self) -> AsyncIterator[TopicMessage[MessageType]]:
        """What is published from now on, as `messages()` gives it."""
        return self.messages()


class BlockingTopic(BlockingFace, Topic[MessageType]):
    """A distributed topic; its operations return when they are done."""

    def __iter__(self) -> Iterator[TopicMessage[MessageType]]:
        """What is published from now on, as `messages()` gives it."""
        return self.messages()
