"""Topic: messages for all who listen when they are published."""

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

    Messages of one publisher arrive in order. A listener does not receive messages that were published before
    it was added or while its connection was lost. A reliable topic notices such losses.
    """

    @operation
    async def publish(self, message: MessageType) -> None:
        """Publish a message."""
        request = codec.PUBLISH.encode(self.name, self._encode_message(message))
        await self._invoke(request, partition_id=self._partition)

    @operation
    async def publish_all(self, messages: Sequence[MessageType]) -> None:
        """Publish messages, in the given order and in one request."""
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
        """Call a function with each message from now on.

        The function runs for one message after the other, outside the network thread.

        Args:
            on_message: The function, required; may be a coroutine function.

        Returns:
            The registration id, for `remove_listener`.
        """
        check_not_none(on_message, "a listener must not be None")
        assert on_message is not None

        def notify(event: Any) -> object:
            return on_message(self._message(event))

        return await self._listen(
            self._listener_request(), self._remove_listener_request, "a message listener", notify
        )

    def _listener_request(self) -> Request[UUID]:
        return codec.ADD_MESSAGE_LISTENER.encode(self.name, self._context.invocations.router.all_members)

    def _remove_listener_request(self, registration_id: UUID) -> Request[bool]:
        return codec.REMOVE_MESSAGE_LISTENER.encode(self.name, registration_id)

    def _message(self, event: codec.TopicEvent) -> TopicMessage[Any]:
        member = None if event.uuid is None else self._context.members.members.get(event.uuid)
        return TopicMessage(self.name, self._decode(event.item), event.publish_time / 1000, member)

    @operation
    async def remove_listener(self, registration_id: str) -> bool:
        """Remove a listener.

        Args:
            registration_id: Id that the registration returned.

        Returns:
            False if no listener has this id.
        """
        return await self._unlisten(registration_id)

    @stream
    def messages(self, capacity: int = 10_000) -> AsyncGenerator[TopicMessage[MessageType], None]:
        """Yield the messages one by one: `async for message in topic.messages():`.

        The stream listens from the first request for a message until the iterator is closed, the topic is
        destroyed or the client shut down. Messages that arrive faster than they are taken wait. When
        `capacity` messages wait, the oldest is dropped for each new one, and a warning is logged.

        Args:
            capacity: Maximum number of waiting messages.

        Returns:
            An iterator over the messages.

        Raises:
            ValueError: `capacity` is less than 1.
        """
        return self._event_stream(
            self._listener_request(), self._remove_listener_request, "a stream", capacity, self._message
        )


class AsyncTopic(TopicOperations[MessageType], AsyncioFace):
    """A distributed topic whose operations are coroutine methods."""

    def __aiter__(self) -> AsyncIterator[TopicMessage[MessageType]]:
        """Yield messages published from now on, as `messages()` does."""
        return self.messages()


class Topic(PartitionSpecificProxy["BlockingTopic[MessageType]"], TopicOperations[MessageType]):
    """A distributed topic whose operations return a `Future`."""

    def __aiter__(self) -> AsyncIterator[TopicMessage[MessageType]]:
        """Yield messages published from now on, as `messages()` does."""
        return self.messages()


class BlockingTopic(BlockingFace, Topic[MessageType]):
    """A distributed topic whose operations block until they are done."""

    def __iter__(self) -> Iterator[TopicMessage[MessageType]]:
        """Yield messages published from now on, as `messages()` does."""
        return self.messages()
