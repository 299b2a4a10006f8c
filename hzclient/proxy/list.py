"""List: items in order, accessed by index."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from typing import Any, ClassVar, Generic

from hzclient._codec import list as codec
from hzclient._runtime.faces import AsyncioFace, BlockingFace, operation
from hzclient.proxy._collection import CollectionOperations
from hzclient.proxy.base import PartitionSpecificProxy
from hzclient.types import ItemType

__all__ = ("AsyncList", "BlockingList", "List", "ListOperations")


class ListOperations(CollectionOperations[ItemType], Generic[ItemType]):
    """A distributed list. If there is no item at an index, members respond with `IndexOutOfBoundsError`."""

    _codec: ClassVar[Any] = codec

    # --------------------------------------------------------------------------------------- adding

    @operation
    async def add(self, item: ItemType) -> bool:
        """Append an item.

        Args:
            item: The item.

        Returns:
            False if the list is full.
        """
        request = codec.ADD.encode(self.name, self._encode_item(item))
        return await self._invoke(request, partition_id=self._partition)

    @operation
    async def add_at(self, index: int, item: ItemType) -> None:
        """Insert an item at an index. Later items move by one."""
        request = codec.ADD_WITH_INDEX.encode(self.name, index, self._encode_item(item))
        await self._invoke(request, partition_id=self._partition)

    @operation
    async def add_all_at(self, index: int, items: Sequence[ItemType]) -> bool:
        """Insert items at an index, in the given order. Later items move.

        Args:
            index: Index of the first new item.
            items: The items.

        Returns:
            True if the list changed.
        """
        request = codec.ADD_ALL_WITH_INDEX.encode(self.name, index, self._encode_items(items))
        return await self._invoke(request, partition_id=self._partition)

    @operation
    async def set_at(self, index: int, item: ItemType) -> ItemType:
        """Replace the item at an index.

        Args:
            index: The index.
            item: The new item.

        Returns:
            The old item.
        """
        request = codec.SET.encode(self.name, index, self._encode_item(item))
        before: ItemType = await self._invoke(request, self._decode, partition_id=self._partition)
        return before

    @operation
    async def remove_at(self, index: int) -> ItemType:
        """Remove the item at an index. Later items move by one.

        Args:
            index: The index.

        Returns:
            The removed item.
        """
        request = codec.REMOVE_WITH_INDEX.encode(self.name, index)
        removed: ItemType = await self._invoke(request, self._decode, partition_id=self._partition)
        return removed

    # -------------------------------------------------------------------------------------- looking

    @operation
    async def get(self, index: int) -> ItemType:
        """Return the item at an index."""
        request = codec.GET.encode(self.name, index)
        item: ItemType = await self._invoke(request, self._decode, partition_id=self._partition)
        return item

    @operation
    async def get_all(self) -> builtins.list[ItemType]:
        """Return all items, as they are now."""
        return await self._invoke(codec.GET_ALL.encode(self.name), self._items, partition_id=self._partition)

    @operation
    async def iterator(self) -> builtins.list[ItemType]:
        """Return all items, as they are now."""
        return await self._invoke(codec.ITERATOR.encode(self.name), self._items, partition_id=self._partition)

    @operation
    async def list_iterator(self, index: int = 0) -> builtins.list[ItemType]:
        """Return the items from an index on, as they are now."""
        return await self._invoke(
            codec.LIST_ITERATOR.encode(self.name, index), self._items, partition_id=self._partition
        )

    @operation
    async def sub_list(self, from_index: int, to_index: int) -> builtins.list[ItemType]:
        """Return a part of the list, as it is now.

        Args:
            from_index: Index of the first item.
            to_index: Index after the last item.

        Returns:
            The items.
        """
        return await self._invoke(
            codec.SUB.encode(self.name, from_index, to_index),
            self._items,
            partition_id=self._partition,
        )

    @operation
    async def index_of(self, item: ItemType) -> int:
        """Return the index of the first equal item; -1 if there is none."""
        request = codec.INDEX_OF.encode(self.name, self._encode_item(item))
        return await self._invoke(request, partition_id=self._partition)

    @operation
    async def last_index_of(self, item: ItemType) -> int:
        """Return the index of the last equal item; -1 if there is none."""
        request = codec.LAST_INDEX_OF.encode(self.name, self._encode_item(item))
        return await self._invoke(request, partition_id=self._partition)


class AsyncList(ListOperations[ItemType], AsyncioFace):
    """A distributed list whose operations are coroutine methods."""


class List(PartitionSpecificProxy["BlockingList[ItemType]"], ListOperations[ItemType]):
    """A distributed list whose operations return a `Future`."""


class BlockingList(BlockingFace, List[ItemType]):
    """A distributed list whose operations block until they are done."""
