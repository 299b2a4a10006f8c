"""Queue: each item goes to one taker, in the order in which items were put."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from typing import Any, ClassVar, Final, Generic, Self

from hzclient._codec import queue as codec
from hzclient._protocol.message import Request
from hzclient._runtime.faces import AsyncioFace, BlockingFace, operation, stream, view
from hzclient._runtime.uncopied import twin
from hzclient.errors import (
    DistributedObjectDestroyedError,
    HazelcastClientNotActiveError,
    HazelcastSerializationError,
    IllegalStateError,
)
from hzclient.proxy._collection import CollectionOperations
from hzclient.proxy._late_items import LateItems
from hzclient.proxy._reading import OnError, check_on_error
from hzclient.proxy.base import PartitionSpecificProxy, ProxyContext
from hzclient.types import ItemType
from hzclient.util import check_not_none, to_millis

__all__ = ("AsyncQueue", "BlockingQueue", "Queue", "QueueOperations")

_POLL_SECONDS: Final = 5.0
"""Seconds that one request of a stream waits for an item."""


class QueueOperations(CollectionOperations[ItemType], Generic[ItemType]):
    """A distributed queue. Its capacity is limited if its configuration on the members says so.

    If the connection is lost, calls that put or take are not sent again, because they might be carried out
    twice; a call that takes may then lose its item.

    Args:
        service_name: The service of the members that holds the queue.
        name: Name of the queue.
        context: What the queue uses of the client.
    """

    _codec: ClassVar[Any] = codec

    def __init__(self, service_name: str, name: str, context: ProxyContext) -> None:
        super().__init__(service_name, name, context)
        self._late = LateItems(context.runtime, self._put_back, name)
        self._keeps_late_items = False

    async def on_destroyed(self) -> None:
        """Put late items back."""
        await self._late.close()
        await super().on_destroyed()

    async def _put_back(self, item: bytes) -> bool:
        request = codec.OFFER.encode(self.name, item, 0)
        return await self._context.invocations.invoke(request, partition_id=self._partition)

    # -------------------------------------------------------------------------------------- putting

    @operation
    async def add(self, item: ItemType) -> bool:
        """Add an item at the tail.

        Args:
            item: The item.

        Returns:
            True.

        Raises:
            IllegalStateError: The queue is full.
        """
        request = codec.OFFER.encode(self.name, self._encode_item(item), 0)
        if not await self._invoke(request, partition_id=self._partition):
            raise IllegalStateError(f"queue {self.name!r} is full")
        return True

    @operation
    async def offer(self, item: ItemType, timeout: float = 0) -> bool:
        """Add an item at the tail, if there is room in time.

        Args:
            item: The item.
            timeout: Maximum time to wait for room, in seconds.

        Returns:
            False if the queue stayed full.
        """
        request = codec.OFFER.encode(self.name, self._encode_item(item), to_millis(timeout))
        return await self._invoke(request, partition_id=self._partition)

    @operation
    async def put(self, item: ItemType) -> None:
        """Add an item at the tail; wait for room as long as it takes."""
        request = codec.PUT.encode(self.name, self._encode_item(item))
        await self._invoke(request, partition_id=self._partition)

    # --------------------------------------------------------------------------------------- taking

    @operation
    async def poll(self, timeout: float = 0) -> ItemType | None:
        """Remove and return the item at the head, if there is one in time.

        Args:
            timeout: Maximum time to wait for an item, in seconds.

        Returns:
            The item, or None if the queue stayed empty.
        """
        request = codec.POLL.encode(self.name, to_millis(timeout))
        item: ItemType | None
        if self._keeps_late_items:
            item = await self._take_safely(request)
        else:
            item = await self._invoke(request, self._decode, partition_id=self._partition)
        return item

    @operation
    async def take(self) -> ItemType:
        """Remove and return the item at the head; wait for one as long as it takes.

        If the call is cancelled, the member goes on waiting and the next item is lost, unless this is the
        queue that `keeping_late_items()` returns.

        Returns:
            The item.
        """
        request = codec.TAKE.encode(self.name)
        item: ItemType
        if self._keeps_late_items:
            item = await self._take_safely(request)
        else:
            item = await self._invoke(request, self._decode, partition_id=self._partition)
        return item

    @view
    def keeping_late_items(self) -> Self:
        """Return the same queue, whose `take()` and `poll()` lose no item if they are given up.

        A member does not notice that a caller was cancelled, interrupted or too late, and still removes an
        item for it. The next such call of this client gets that item first; so does `items()`. If none
        comes within 5 seconds, or the client shuts down, the item goes back to the tail of the queue. It
        is lost only if the connection or the client is lost meanwhile.

        Returns:
            A view of the same queue.
        """
        safe = twin(self)
        safe._keeps_late_items = True
        return safe

    async def _take_safely(self, request: Request[bytes | None]) -> Any:
        context = self._context
        item = self._late.next()
        if item is None:
            call = self._invoker.invoke(request, partition_id=self._partition)
            item = await self._in_time(context.runtime.to_the_end(call, self._late.expect))
        return await context.invocations.with_schemas(lambda: self._decode(item))

    @operation
    async def peek(self) -> ItemType | None:
        """Return the item at the head without removing it, or None if the queue is empty."""
        return await self._invoke(codec.PEEK.encode(self.name), self._decode, partition_id=self._partition)

    @operation
    async def drain_to(self, target_list: list[ItemType], max_size: int = -1) -> int:
        """Move items from the head of the queue to the end of a list, in one step.

        Args:
            target_list: The list to append to.
            max_size: Maximum number of items; negative for all items.

        Returns:
            The number of items moved.
        """
        check_not_none(target_list, "a target list must not be None")
        items = await self._invoke(
            codec.DRAIN_TO_MAX_SIZE.encode(self.name, max_size),
            self._items,
            partition_id=self._partition,
        )
        target_list.extend(items)
        return len(items)

    @stream
    def items(self, on_error: OnError = "raise") -> AsyncGenerator[ItemType, None]:
        """Take items as they come: `async for item in queue:` does the same.

        Each item is taken when it is asked for, so leaving the loop loses none. If the waiting itself is
        cancelled, an item that arrives later goes to the next taker of this client or back to the tail of
        the queue, as with `keeping_late_items()`. The iteration ends when the queue is destroyed or the
        client shut down. If the connection is lost it raises an error, as `poll` does.

        Args:
            on_error: What to do about an item that cannot be deserialized: `"raise"` raises
                `HazelcastSerializationError`, whose `data` is the serialized item, `"skip"` leaves the item
                out, and `"raw"` returns its serialized form, a `hzclient.serialization.data.Data`.

        Returns:
            An iterator over the items.

        Raises:
            ValueError: `on_error` is not one of the choices.
        """
        check_on_error(on_error)
        return self._take_items(on_error)

    async def _take_items(self, on_error: OnError) -> AsyncGenerator[ItemType, None]:
        safe = self.keeping_late_items()
        while True:
            try:
                item = await safe.poll(_POLL_SECONDS)
            except (DistributedObjectDestroyedError, HazelcastClientNotActiveError):
                return
            except HazelcastSerializationError as error:
                if on_error == "raise" or error.data is None:
                    raise
                item = error.data if on_error == "raw" else None
            if item is not None:
                yield item

    # -------------------------------------------------------------------------------------- looking

    @operation
    async def iterator(self) -> list[ItemType]:
        """Return all items from head to tail, as they are now, without removing them."""
        return await self._invoke(codec.ITERATOR.encode(self.name), self._items, partition_id=self._partition)

    @operation
    async def remaining_capacity(self) -> int:
        """Return the number of items that there is room for."""
        return await self._invoke(codec.REMAINING_CAPACITY.encode(self.name), partition_id=self._partition)


class AsyncQueue(QueueOperations[ItemType], AsyncioFace):
    """A distributed queue whose operations are coroutine methods."""

    def __aiter__(self) -> AsyncIterator[ItemType]:
        """Take items as they come, as `items()` does."""
        return self.items()


class Queue(PartitionSpecificProxy["BlockingQueue[ItemType]"], QueueOperations[ItemType]):
    """A distributed queue whose operations return a `Future`."""

    def __aiter__(self) -> AsyncIterator[ItemType]:
        """Take items as they come, as `items()` does."""
        return self.items()


class BlockingQueue(BlockingFace, Queue[ItemType]):
    """A distributed queue whose operations block until they are done."""

    def __iter__(self) -> Iterator[ItemType]:
        """Take items as they come, as `items()` does."""
        return self.items()
