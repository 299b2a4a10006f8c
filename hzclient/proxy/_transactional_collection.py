"""What lists and sets offer inside a transaction."""

from __future__ import annotations

from typing import Any, ClassVar, Generic

from hzclient._runtime.faces import operation
from hzclient.proxy._transactional import TransactionalOperations
from hzclient.types import ItemType
from hzclient.util import check_not_none

_NO_ITEM = "an item must not be None"


class TransactionalCollectionOperations(TransactionalOperations, Generic[ItemType]):
    """A list or a set inside a transaction."""

    _codec: ClassVar[Any]
    """The methods of the protocol."""

    @operation
    async def add(self, item: ItemType) -> bool:
        """Add an item.

        Args:
            item: The item.

        Returns:
            False if the structure is a set that has the item already.
        """
        check_not_none(item, _NO_ITEM)
        done: bool = await self._call(self._codec.ADD, self._encode(item))
        return done

    @operation
    async def remove(self, item: ItemType) -> bool:
        """Remove an item, the first of equal ones.

        Args:
            item: The item.

        Returns:
            True if there was one.
        """
        check_not_none(item, _NO_ITEM)
        done: bool = await self._call(self._codec.REMOVE, self._encode(item))
        return done

    @operation
    async def size(self) -> int:
        """Return the number of items, as the transaction sees them."""
        size: int = await self._call(self._codec.SIZE)
        return size
