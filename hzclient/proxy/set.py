"""Set: items in no order, without duplicates."""

from __future__ import annotations

from typing import Any, ClassVar, Generic

from hzclient._codec import set as codec
from hzclient._runtime.faces import AsyncioFace, BlockingFace, operation
from hzclient.proxy._collection import CollectionOperations
from hzclient.proxy.base import PartitionSpecificProxy
from hzclient.types import ItemType

__all__ = ("AsyncSet", "BlockingSet", "Set", "SetOperations")


class SetOperations(CollectionOperations[ItemType], Generic[ItemType]):
    """A distributed set. Items are equal if their serialized forms are."""

    _codec: ClassVar[Any] = codec

    @operation
    async def add(self, item: ItemType) -> bool:
        """Add an item.

        Args:
            item: The item.

        Returns:
            False if it was there already.
        """
        request = codec.ADD.encode(self.name, self._encode_item(item))
        return await self._invoke(request, partition_id=self._partition)

    @operation
    async def get_all(self) -> list[ItemType]:
        """Return all items as they are now, in no particular order."""
        return await self._invoke(codec.GET_ALL.encode(self.name), self._items, partition_id=self._partition)


class AsyncSet(SetOperations[ItemType], AsyncioFace):
    """A distributed set whose operations are coroutine methods."""


class Set(PartitionSpecificProxy["BlockingSet[ItemType]"], SetOperations[ItemType]):
    """A distributed set whose operations return a `Future`."""


class BlockingSet(BlockingFace, Set[ItemType]):
    """A distributed set whose operations block until they are done."""
