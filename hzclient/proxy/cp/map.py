"""CPMap: keys and values that all clients see the same."""

from __future__ import annotations

from typing import Generic

from hzclient._codec import cp_map as codec
from hzclient._runtime.faces import AsyncioFace, BlockingFace, operation
from hzclient.proxy.cp._base import BaseCPProxy, CPOperations
from hzclient.types import KeyType, ValueType
from hzclient.util import check_not_none

__all__ = ("AsyncCPMap", "BlockingCPMap", "CPMap", "CPMapOperations")

_NO_KEY = "a key must not be None"
_NO_VALUE = "a value must not be None"


class CPMapOperations(CPOperations, Generic[KeyType, ValueType]):
    """A small map whose every operation is one step of its group's common log.

    Members since 5.4 have it, in Enterprise Edition. Keys and values are compared by their
    serialized form, and neither may be None.
    """

    service_name = "hz:raft:mapService"

    @operation
    async def get(self, key: KeyType) -> ValueType | None:
        """The value of a key; None where the map has no such key."""
        check_not_none(key, _NO_KEY)
        request = codec.GET.encode(self._group_id, self._object_name, self._encode(key))
        return await self._invoke(request, self._decode)

    @operation
    async def put(self, key: KeyType, value: ValueType) -> ValueType | None:
        """Stores a value. `set` is quicker where the one before is not needed.

        Returns:
            The value before; None where there was none.
        """
        check_not_none(key, _NO_KEY)
        check_not_none(value, _NO_VALUE)
        request = codec.PUT.encode(self._group_id, self._object_name, self._encode(key), self._encode(value))
        return await self._invoke(request, self._decode)

    @operation
    async def put_if_absent(self, key: KeyType, value: ValueType) -> ValueType | None:
        """Stores a value where the key has none.

        Returns:
            The value that was there, which stays; None where there was none.
        """
        check_not_none(key, _NO_KEY)
        check_not_none(value, _NO_VALUE)
        request = codec.PUT_IF_ABSENT.encode(
            self._group_id, self._object_name, self._encode(key), self._encode(value)
        )
        return await self._invoke(request, self._decode)

    @operation
    async def set(self, key: KeyType, value: ValueType) -> None:
        """Stores a value."""
        check_not_none(key, _NO_KEY)
        check_not_none(value, _NO_VALUE)
        await self._invoke(
            codec.SET.encode(self._group_id, self._object_name, self._encode(key), self._encode(value))
        )

    @operation
    async def remove(self, key: KeyType) -> ValueType | None:
        """Removes a key and returns its value. `delete` is quicker where that is not needed.

        Returns:
            The value; None where there was none.
        """
        check_not_none(key, _NO_KEY)
        request = codec.REMOVE.encode(self._group_id, self._object_name, self._encode(key))
        return await self._invoke(request, self._decode)

    @operation
    async def delete(self, key: KeyType) -> None:
        """Removes a key."""
        check_not_none(key, _NO_KEY)
        await self._invoke(codec.DELETE.encode(self._group_id, self._object_name, self._encode(key)))

    @operation
    async def compare_and_set(self, key: KeyType, expected_value: ValueType, new_value: ValueType) -> bool:
        """Stores a value where the key has the expected one.

        Returns:
            False where it has another or none, which stays.
        """
        check_not_none(key, _NO_KEY)
        check_not_none(expected_value, _NO_VALUE)
        check_not_none(new_value, _NO_VALUE)
        return await self._invoke(
            codec.COMPARE_AND_SET.encode(
                self._group_id,
                self._object_name,
                self._encode(key),
                self._encode(expected_value),
                self._encode(new_value),
            )
        )


class AsyncCPMap(CPMapOperations[KeyType, ValueType], AsyncioFace):
    """A map of the CP subsystem; its operations are coroutine methods."""


class CPMap(BaseCPProxy["BlockingCPMap[KeyType, ValueType]"], CPMapOperations[KeyType, ValueType]):
    """A map of the CP subsystem; its operations each give a `Future`."""


class BlockingCPMap(BlockingFace, CPMap[KeyType, ValueType]):
    """A map of the CP subsystem; its operations return when they are done."""
