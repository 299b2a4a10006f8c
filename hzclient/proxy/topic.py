"""Topic: messages for whoever listens when they are published."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic

from hzclient._codec import topic as codec
from hzclient._runtime.faces import AsyncioFace, BlockingFace, operation
from hzclient.proxy.base import PartitionSpecificOperations, PartitionSpecificProxy, TopicMessage
from hzclient.types import MessageType
from hzclient.util import check_not_none

__all__ = ("AsyncTopic", "BlockingTopic", "Topic", "TopicOperations")

_NO_MESSAGE = "a message must not be None"


class TopicOperations(PartitionSpecificOperations, Generic[MessageType]):
    """A distributed topic.

    Messages of one publisher arrive in their order. A listener that is not there when a message is
    published never gets it, and while its connection is away it misses some; a reliable topic
    tells of that.
    """

    @operation
    async def publish(self, message: MessageType) -> None:
        """Publishes a message."""
        check_not_none(message, _NO_MESSAGE)
        request = codec.PUBLISH.encode(self.name, self._encode(message))
        await self._invoke(request, partition_id=self._partition)

    @operation
    async def publish_all(self, messages: Sequence[MessageType]) -> None:
        """Publishes messages, in their order and in one request."""
        check_not_none(messages, "messages must not be None")
        for message in messages:
            check_not_none(message, _NO_MESSAGE)
        request = codec.PUBLISH_ALL.encode(self.name, list(map(self._encode, messages)))
        await self._invoke(request, partition_id=self._partition)

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
            codec.ADD_MESSAGE_LISTENER.encode(self.name, self._context.invocations.router.smart),
            lambda id_: codec.REMOVE_MESSAGE_LISTENER.encode(self.name, id_),
            "a message listener",
            tell,
        )

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


class AsyncTopic(TopicOperations[MessageType], AsyncioFace):
    """A distributed topic; its operations are coroutine methods."""


class Topic(PartitionSpecificProxy["BlockingTopic[MessageType]"], TopicOperations[MessageType]):
    """A distributed topic; its operations each give a `Future`."""


class BlockingTopic(BlockingFace, Topic[MessageType]):
    """A distributed topic; its operations return when they are done."""
