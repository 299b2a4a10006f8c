"""AtomicReference: a value that all clients see the same."""

from __future__ import annotations

from typing import Any, Final, Generic

from hzclient._codec import atomic_ref as codec
from hzclient._runtime.faces import AsyncioFace, BlockingFace, operation
from hzclient.proxy.cp._base import BaseCPProxy, CPOperations
from hzclient.types import ElementType
from hzclient.util import check_not_none

__all__ = ("AsyncAtomicReference", "AtomicReference", "AtomicReferenceOperations", "BlockingAtomicReference")

_NOTHING: Final = 0
_OLD: Final = 1
_NEW: Final = 2


class AtomicReferenceOperations(CPOperations, Generic[ElementType]):
    """A value, None at first, whose every operation is one step of its group's common log.

    Values are compared by their serialized form.
    """

    service_name = "hz:raft:atomicRefService"

    @operation
    async def compare_and_set(self, expect: ElementType | None, update: ElementType | None) -> bool:
        """Sets the value if it is the expected one.

        Args:
            expect: The expected value; may be None.
            update: The new value; may be None.

        Returns:
            False where the value was another, and stays.
        """
        expected, updated = self._encode_optional(expect), self._encode_optional(update)
        return await self._invoke(
            codec.COMPARE_AND_SET.encode(self._group_id, self._object_name, expected, updated)
        )

    @operation
    async def get(self) -> ElementType | None:
        """The value; None where there is none."""
        return await self._invoke(codec.GET.encode(self._group_id, self._object_name), self._decode)

    @operation
    async def set(self, new_value: ElementType | None) -> None:
        """Sets the value; None clears it."""
        value = self._encode_optional(new_value)
        await self._invoke(codec.SET.encode(self._group_id, self._object_name, value, False))

    @operation
    async def get_and_set(self, new_value: ElementType | None) -> ElementType | None:
        """Sets the value, and returns the one before."""
        request = codec.SET.encode(self._group_id, self._object_name, self._encode_optional(new_value), True)
        return await self._invoke(request, self._decode)

    @operation
    async def is_none(self) -> bool:
        """Whether there is no value."""
        return await self.contains(None)

    @operation
    async def clear(self) -> None:
        """Sets the value to None."""
        await self.set(None)

    @operation
    async def contains(self, value: ElementType | None) -> bool:
        """Whether the value is the given one.

        Args:
            value: May be None.
        """
        return await self._invoke(
            codec.CONTAINS.encode(self._group_id, self._object_name, self._encode_optional(value))
        )

    @operation
    async def alter(self, function: Any) -> None:
        """Sets the value to what a function makes of it.

        Args:
            function: Serializable; its Java twin on the members implements `IFunction<T, T>`.
        """
        await self._apply(function, _NOTHING, True)

    @operation
    async def alter_and_get(self, function: Any) -> ElementType | None:
        """As `alter`, and returns the value after."""
        return await self._apply(function, _NEW, True)  # type: ignore[no-any-return]

    @operation
    async def get_and_alter(self, function: Any) -> ElementType | None:
        """As `alter`, and returns the value before."""
        return await self._apply(function, _OLD, True)  # type: ignore[no-any-return]

    @operation
    async def apply(self, function: Any) -> ElementType | None:
        """Runs a function on the value, which stays as it is.

        Args:
            function: Serializable; its Java twin on the members implements `IFunction<T, R>`.

        Returns:
            What the function returns.
        """
        return await self._apply(function, _NEW, False)  # type: ignore[no-any-return]

    async def _apply(self, function: Any, return_value: int, alter: bool) -> Any:
        check_not_none(function, "a function must not be None")
        request = codec.APPLY.encode(
            self._group_id, self._object_name, self._encode(function), return_value, alter
        )
        return await self._invoke(request, self._decode)


class AsyncAtomicReference(AtomicReferenceOperations[ElementType], AsyncioFace):
    """A value; its operations are coroutine methods."""


class AtomicReference(
    BaseCPProxy["BlockingAtomicReference[ElementType]"], AtomicReferenceOperations[ElementType]
):
    """A value; its operations each give a `Future`."""


class BlockingAtomicReference(BlockingFace, AtomicReference[ElementType]):
    """A value; its operations return when they are done."""
