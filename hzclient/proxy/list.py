"""List: items in an order of their own, reached by index."""

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
    """A distributed list. Where there is no item at an index, members answer `IndexOutOfBoundsError`."""

    _codec: ClassVar[Any] = codec

    # --------------------------------------------------------------------------------------- adding

    @operation
    async def add(self, item: ItemType) -> bool:
        """Adds an item at the end.

        Returns:
            Whether the list changed: False where it is full.
        """
        request = codec.ADD.encode(self.name, self._encode_item(item))
        return await self._invoke(request, partition_id=self._partition)

    @operation
    async def add_at(self, index: int, item: ItemType) -> None:
        """Adds an item at an index; those from there on move by one."""
        request = codec.ADD_WITH_INDEX.encode(self.name, index, self._encode_item(item))
        await self._invoke(request, partition_id=self._partition)

    @operation
    async def add_all_at(self, index: int, items: Sequence[ItemType]) -> bool:
        """Adds items at an index, in their order; those from there on move.

        Returns:
            Whether the list changed.
        """
        request = codec.ADD_ALL_WITH_INDEX.encode(self.name, index, self._encode_items(items))
        return await self._invoke(request, partition_id=self._partition)

    @operation
    async def set_at(self, index: int, item: ItemType) -> ItemType:
        """Puts an item in the place of another.

        Returns:
            The item before.
        """
        request = codec.SET.encode(self.name, index, self._encode_item(item))
        before: ItemType = await self._invoke(request, self._decode, partition_id=self._partition)
        return before

    @operation
    async def remove_at(self, index: int) -> ItemType:
        """Removes the item at an index; those after it move by one.

        Returns:
            The item.
        """
        request = codec.REMOVE_WITH_INDEX.encode(self.name, index)
        removed: ItemType = await self._invoke(request, self._decode, partition_id=self._partition)
        return removed

    # -------------------------------------------------------------------------------------- looking

    @operation
    async def get(self, index: int) -> ItemType:
        """The item at an index."""
        request = codec.GET.encode(self.name, index)
        item: ItemType = await self._invoke(request, self._decode, partition_id=self._partition)
        return item

    @operation
    async def get_all(self) -> builtins.list[ItemType]:
        """All items, as they are now."""
        return await self._invoke(codec.GET_ALL.encode(self.name), self._items, partition_id=self._partition)

    @operation
    async def iterator(self) -> builtins.list[ItemType]:
        """All items, as they are now."""
        return await self._invoke(codec.ITERATOR.encode(self.name), self._items, partition_id=self._partition)

    @operation
    async def list_iterator(self, index: int = 0) -> builtins.list[ItemType]:
        """The items from an index on, as they are now."""
        return await self._invoke(
            codec.LIST_ITERATOR.encode(self.name, index), self._items, partition_id=self._partition
        )

    @operation
    async def sub_list(self, from_index: int, to_index: int) -> builtins.list[ItemType]:
        """A part of the list, as it is now.

        Args:
            from_index: Index of the first item.
            to_index: Index after the last item.
        """
        return await self._invoke(
            codec.SUB.encode(self.name, from_index, to_index),
            self._items,
            partition_id=self._partition,
        )

    @operation
    async def index_of(self, item: ItemType) -> int:
        """Index of the first item like this; -1 where there is none."""
        request = codec.INDEX_OF.encode(self.name, self._encode_item(item))
        return await self._invoke(request, partition_id=self._partition)

    @operation
    async def last_index_of(self, item: ItemType) -> int:
        """Index of the last item like this; -1 where there is none."""
        request = codec.LAST_INDEX_OF.encode(self.name, self._encode_item(item))
        return await self._invoke(request, partition_id=self._partition)


class AsyncList(ListOperations[ItemType], AsyncioFace):
    """A distributed list; its operations are coroutine methods."""


class List(PartitionSpecificProxy["BlockingList[ItemType]"], ListOperations[ItemType]):
    """A distributed list; its operations each give a `Future`."""


class BlockingList(BlockingFace, List[ItemType]):
    """A distributed list; its operations return when they are done."""
