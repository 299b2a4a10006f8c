"""The queue inside a transaction."""

from __future__ import annotations

from typing import Generic

from hzclient._codec import transactional_queue as codec
from hzclient._runtime.faces import AsyncioFace, operation
from hzclient.proxy._transactional import TransactionalOperations
from hzclient.proxy.base import TransactionalProxy
from hzclient.types import ItemType
from hzclient.util import check_not_none, to_millis

__all__ = ("AsyncTransactionalQueue", "TransactionalQueue", "TransactionalQueueOperations")


class TransactionalQueueOperations(TransactionalOperations, Generic[ItemType]):
    """A distributed queue inside a transaction. A rollback puts back the items that were taken."""

    @operation
    async def offer(self, item: ItemType, timeout: float = 0) -> bool:
        """Add an item at the tail, if there is room in time.

        Args:
            item: The item.
            timeout: Maximum time to wait for room, in seconds.

        Returns:
            False if the queue stayed full.
        """
        check_not_none(item, "an item must not be None")
        return await self._call(codec.OFFER, self._encode(item), to_millis(timeout))

    @operation
    async def take(self) -> ItemType:
        """Remove and return the item at the head; wait for one until the transaction's time is over."""
        return await self._call(codec.TAKE, result=self._decode)

    @operation
    async def poll(self, timeout: float = 0) -> ItemType | None:
        """Remove and return the item at the head, if there is one in time.

        Args:
            timeout: Maximum time to wait for an item, in seconds.

        Returns:
            The item, or None if the queue stayed empty.
        """
        return await self._call(codec.POLL, to_millis(timeout), result=self._decode)

    @operation
    async def peek(self, timeout: float = 0) -> ItemType | None:
        """Return the item at the head without removing it.

        Args:
            timeout: Maximum time to wait for an item, in seconds.

        Returns:
            The item, or None if the queue stayed empty.
        """
        return await self._call(codec.PEEK, to_millis(timeout), result=self._decode)

    @operation
    async def size(self) -> int:
        """Return the number of items, as the transaction sees them."""
        return await self._call(codec.SIZE)


class AsyncTransactionalQueue(TransactionalQueueOperations[ItemType], AsyncioFace):
    """A queue within a transaction whose operations are coroutine methods."""


class TransactionalQueue(TransactionalProxy, TransactionalQueueOperations[ItemType]):
    """A queue within a transaction whose operations block until they are done."""
