"""AtomicLong: a 64-bit integer that all clients see the same."""

from __future__ import annotations

from typing import Any, Final

from hzclient._codec import atomic_long as codec
from hzclient._runtime.faces import AsyncioFace, BlockingFace, operation
from hzclient.proxy.cp._base import BaseCPProxy, CPOperations
from hzclient.util import check_is_int, check_not_none

__all__ = ("AsyncAtomicLong", "AtomicLong", "AtomicLongOperations", "BlockingAtomicLong")

_OLD: Final = 0
_NEW: Final = 1


class AtomicLongOperations(CPOperations):
    """A 64-bit integer, 0 at first, whose every operation is one step of its group's common log.

    Reads see all that was written before. An operation that changes the value is not sent again
    when its connection is lost, since it may have been carried out: the caller gets the error.
    `compare_and_set` on a value that says who wrote it makes sure.
    """

    service_name = "hz:raft:atomicLongService"

    @operation
    async def add_and_get(self, delta: int) -> int:
        """Adds a number.

        Args:
            delta: May be negative.

        Returns:
            The value after.
        """
        check_is_int(delta)
        return await self._invoke(codec.ADD_AND_GET.encode(self._group_id, self._object_name, delta))

    @operation
    async def compare_and_set(self, expect: int, update: int) -> bool:
        """Sets the value if it is the expected one.

        Args:
            expect: The expected value.
            update: The new value.

        Returns:
            False where the value was another, and stays.
        """
        check_is_int(expect)
        check_is_int(update)
        return await self._invoke(
            codec.COMPARE_AND_SET.encode(self._group_id, self._object_name, expect, update)
        )

    @operation
    async def decrement_and_get(self) -> int:
        """Subtracts one, and returns the value after."""
        return await self.add_and_get(-1)

    @operation
    async def get_and_decrement(self) -> int:
        """Subtracts one, and returns the value before."""
        return await self.get_and_add(-1)

    @operation
    async def get(self) -> int:
        """The value."""
        return await self._invoke(codec.GET.encode(self._group_id, self._object_name))

    @operation
    async def get_and_add(self, delta: int) -> int:
        """Adds a number.

        Args:
            delta: May be negative.

        Returns:
            The value before.
        """
        check_is_int(delta)
        return await self._invoke(codec.GET_AND_ADD.encode(self._group_id, self._object_name, delta))

    @operation
    async def get_and_set(self, new_value: int) -> int:
        """Sets the value, and returns the one before."""
        check_is_int(new_value)
        return await self._invoke(codec.GET_AND_SET.encode(self._group_id, self._object_name, new_value))

    @operation
    async def increment_and_get(self) -> int:
        """Adds one, and returns the value after."""
        return await self.add_and_get(1)

    @operation
    async def get_and_increment(self) -> int:
        """Adds one, and returns the value before."""
        return await self.get_and_add(1)

    @operation
    async def set(self, new_value: int) -> None:
        """Sets the value."""
        await self.get_and_set(new_value)

    @operation
    async def alter(self, function: Any) -> None:
        """Sets the value to what a function makes of it.

        Args:
            function: Serializable; its Java twin on the members implements `IFunction<Long, Long>`.
        """
        await self._alter(function, _NEW)

    @operation
    async def alter_and_get(self, function: Any) -> int:
        """As `alter`, and returns the value after."""
        return await self._alter(function, _NEW)

    @operation
    async def get_and_alter(self, function: Any) -> int:
        """As `alter`, and returns the value before."""
        return await self._alter(function, _OLD)

    @operation
    async def apply(self, function: Any) -> Any:
        """Runs a function on the value, which stays as it is.

        Args:
            function: Serializable; its Java twin on the members implements `IFunction<Long, R>`.

        Returns:
            What the function returns.
        """
        check_not_none(function, "a function must not be None")
        request = codec.APPLY.encode(self._group_id, self._object_name, self._encode(function))
        return await self._invoke(request, self._decode)

    async def _alter(self, function: Any, return_value: int) -> int:
        check_not_none(function, "a function must not be None")
        return await self._invoke(
            codec.ALTER.encode(self._group_id, self._object_name, self._encode(function), return_value)
        )


class AsyncAtomicLong(AtomicLongOperations, AsyncioFace):
    """A 64-bit integer; its operations are coroutine methods."""


class AtomicLong(BaseCPProxy["BlockingAtomicLong"], AtomicLongOperations):
    """A 64-bit integer; its operations each give a `Future`."""


class BlockingAtomicLong(BlockingFace, AtomicLong):
    """A 64-bit integer; its operations return when they are done."""
