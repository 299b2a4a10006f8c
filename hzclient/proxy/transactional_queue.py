"""The queue within a transaction."""

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
    """A distributed queue within a transaction. What it took goes back when it is rolled back."""

    @operation
    async def offer(self, item: ItemType, timeout: float = 0) -> bool:
        """Puts an item, where there is room.

        Args:
            item: The item.
            timeout: Seconds to wait for room.

        Returns:
            Whether there was room.
        """
        check_not_none(item, "an item must not be None")
        return await self._call(codec.OFFER, self._encode(item), to_millis(timeout))

    @operation
    async def take(self) -> ItemType:
        """Takes the first item; waits for one as long as the transaction may take."""
        return await self._call(codec.TAKE, result=self._decode)

    @operation
    async def poll(self, timeout: float = 0) -> ItemType | None:
        """Takes the first item.

        Args:
            timeout: Seconds to wait for one.

        Returns:
            The item; None where none came.
        """
        return await self._call(codec.POLL, to_millis(timeout), result=self._decode)

    @operation
    async def peek(self, timeout: float = 0) -> ItemType | None:
        """Looks at the first item, which stays.

        Args:
            timeout: Seconds to wait for one.

        Returns:
            The item; None where none came.
        """
        return await self._call(codec.PEEK, to_millis(timeout), result=self._decode)

    @operation
    async def size(self) -> int:
        """The number of items, as the transaction sees them."""
        return await self._call(codec.SIZE)


class AsyncTransactionalQueue(TransactionalQueueOperations[ItemType], AsyncioFace):
    """A queue within a transaction; its operations are coroutine methods."""


class TransactionalQueue(TransactionalProxy, TransactionalQueueOperations[ItemType]):
    """A queue within a transaction; its operations return when they are done."""
