"""What queues, lists and sets have in common: items that all live in the partition of the name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, ClassVar, Generic

from hzclient._protocol.message import Request
from hzclient._runtime.faces import operation
from hzclient.proxy._arguments import list_of
from hzclient.proxy.base import ItemEvent, ItemEventType, PartitionSpecificOperations
from hzclient.types import ItemType
from hzclient.util import check_not_none

ItemEventCallable = Callable[[ItemEvent[ItemType]], "Awaitable[object] | object"]

NO_ITEM = "an item must not be None"


class CollectionOperations(PartitionSpecificOperations, Generic[ItemType]):
    """Items in one partition. They are compared by their serialized form and must not be None."""

    _codec: ClassVar[Any]
    """The module of the service, whose methods have the same names and parameters in all collections."""

    def _encode_item(self, item: ItemType) -> bytes:
        check_not_none(item, NO_ITEM)
        return self._encode(item)

    def _encode_items(self, items: Iterable[ItemType]) -> list[bytes]:
        return list(map(self._encode_item, list_of(items, "items")))

    @operation
    async def add_all(self, items: Sequence[ItemType]) -> bool:
        """Add items, in the given order.

        Args:
            items: The items.

        Returns:
            True if the collection changed.
        """
        request: Request[bool] = self._codec.ADD_ALL.encode(self.name, self._encode_items(items))
        return await self._invoke(request, partition_id=self._partition)

    @operation
    async def clear(self) -> None:
        """Remove all items."""
        request: Request[None] = self._codec.CLEAR.encode(self.name)
        await self._invoke(request, partition_id=self._partition)

    @operation
    async def contains(self, item: ItemType) -> bool:
        """Return True if the collection contains an item."""
        request: Request[bool] = self._codec.CONTAINS.encode(self.name, self._encode_item(item))
        return await self._invoke(request, partition_id=self._partition)

    @operation
    async def contains_all(self, items: Sequence[ItemType]) -> bool:
        """Return True if the collection contains all the given items."""
        request: Request[bool] = self._codec.CONTAINS_ALL.encode(self.name, self._encode_items(items))
        return await self._invoke(request, partition_id=self._partition)

    @operation
    async def is_empty(self) -> bool:
        """Return True if there are no items."""
        request: Request[bool] = self._codec.IS_EMPTY.encode(self.name)
        return await self._invoke(request, partition_id=self._partition)

    @operation
    async def remove(self, item: ItemType) -> bool:
        """Remove an item. If it is there several times, one of them is removed.

        Args:
            item: The item.

        Returns:
            False if it was not there.
        """
        request: Request[bool] = self._codec.REMOVE.encode(self.name, self._encode_item(item))
        return await self._invoke(request, partition_id=self._partition)

    @operation
    async def remove_all(self, items: Sequence[ItemType]) -> bool:
        """Remove all items that are among the given ones.

        Args:
            items: The items to remove.

        Returns:
            True if the collection changed.
        """
        request: Request[bool] = self._codec.COMPARE_AND_REMOVE_ALL.encode(
            self.name, self._encode_items(items)
        )
        return await self._invoke(request, partition_id=self._partition)

    @operation
    async def retain_all(self, items: Sequence[ItemType]) -> bool:
        """Remove all items that are not among the given ones.

        Args:
            items: The items to keep.

        Returns:
            True if the collection changed.
        """
        request: Request[bool] = self._codec.COMPARE_AND_RETAIN_ALL.encode(
            self.name, self._encode_items(items)
        )
        return await self._invoke(request, partition_id=self._partition)

    @operation
    async def size(self) -> int:
        """Return the number of items."""
        request: Request[int] = self._codec.SIZE.encode(self.name)
        return await self._invoke(request, partition_id=self._partition)

    @operation
    async def add_listener(
        self,
        include_value: bool = False,
        item_added_func: ItemEventCallable[ItemType] | None = None,
        item_removed_func: ItemEventCallable[ItemType] | None = None,
    ) -> str:
        """Call functions when items are added or removed.

        For one listener, the functions run one after the other in the order of the events, outside the
        network thread. They may be coroutine functions.

        Args:
            include_value: True if events contain the items.
            item_added_func: Called when an item is added.
            item_removed_func: Called when an item is removed.

        Returns:
            The registration id, for `remove_listener`.
        """

        def notify(event: Any) -> object:
            added = event.event_type == ItemEventType.ADDED
            function = item_added_func if added else item_removed_func
            return None if function is None else function(self._item_event(event))

        request: Request[Any] = self._codec.ADD_LISTENER.encode(
            self.name, include_value, self._context.invocations.router.all_members
        )
        return await self._listen(
            request,
            lambda id_: self._codec.REMOVE_LISTENER.encode(self.name, id_),
            "an item listener",
            notify,
        )

    def _item_event(self, event: Any) -> ItemEvent[ItemType]:
        member = self._context.members.members.get(event.uuid)
        return ItemEvent(self.name, self._decode(event.item), event.event_type, member)

    @operation
    async def remove_listener(self, registration_id: str) -> bool:
        """Remove a listener.

        Args:
            registration_id: Id that the registration returned.

        Returns:
            False if no listener has this id.
        """
        return await self._unlisten(registration_id)
