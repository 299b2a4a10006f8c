"""Locks of the keys of maps and multimaps."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from functools import partial
from typing import Any, ClassVar, Generic, TypeVar

from hzclient._codec import map as codec
from hzclient._protocol.message import Request
from hzclient._runtime.faces import operation, scope
from hzclient._services.call import BLOCKING, Terms
from hzclient.errors import HazelcastError, OperationTimeoutError
from hzclient.future import OperationFuture
from hzclient.proxy._map_entries import NO_KEY
from hzclient.proxy._releases import limit_of, parted, released, terms_of
from hzclient.proxy.base import ProxyOperations
from hzclient.types import KeyType, ValueType
from hzclient.util import check_not_none, to_millis

T = TypeVar("T")


class LockOperations(ProxyOperations, Generic[KeyType, ValueType]):
    """A lock for each key. It keeps others from writing the entry; everybody may read it.

    A lock belongs to the calling thread, in the asyncio client to the calling task. It can be taken
    again by its owner, and must be given back as often. The key need not exist.

    A lock that comes when its caller is cancelled, or out of time, is given back.
    """

    _lock_codec: ClassVar[Any] = codec
    """The module of the service, whose methods of locks have the same names and parameters in all maps."""

    @operation
    async def lock(self, key: KeyType, lease_time: float | None = None) -> None:
        """Takes the lock of a key; waits as long as somebody else has it.

        Args:
            key: The key.
            lease_time: Seconds after which the lock goes by itself; None for never.
        """
        check_not_none(key, NO_KEY)
        key_data = self._encode(key)
        caller = self._caller_number()
        request: Request[None] = self._lock_codec.LOCK.encode(
            self.name, key_data, caller, to_millis(lease_time), self._context.next_reference_id()
        )
        await self._take(request, key_data, caller)

    @operation
    async def try_lock(self, key: KeyType, lease_time: float | None = None, timeout: float = 0) -> bool:
        """Takes the lock of a key, unless somebody else has it for too long.

        Args:
            key: The key.
            lease_time: Seconds after which the lock goes by itself; None for never.
            timeout: Seconds to wait for it; 0 for not at all.

        Returns:
            Whether the caller has the lock now.
        """
        check_not_none(key, NO_KEY)
        key_data = self._encode(key)
        caller = self._caller_number()
        request: Request[bool] = self._lock_codec.TRY_LOCK.encode(
            self.name,
            key_data,
            caller,
            to_millis(lease_time),
            to_millis(timeout),
            self._context.next_reference_id(),
        )
        context = self._context
        return await context.runtime.within(
            limit_of(context, timeout),
            self._take(request, key_data, caller, terms_of(context, timeout)),
            lambda: OperationTimeoutError(
                f"try_lock of {self!r} took longer than its timeout and the invocation timeout"
            ),
        )

    async def _take(self, request: Request[T], key_data: bytes, caller: int, terms: Terms = BLOCKING) -> T:
        """Takes a lock. Where it comes when the caller waits for it no longer, it is given back."""
        invocations, runtime = self._context.invocations, self._context.runtime
        taking = invocations.invoke(request, partition_id=self._partition_id(key_data), terms=terms)
        return await self._in_time(runtime.to_the_end(taking, partial(self._abandon, key_data, caller)))

    def _abandon(self, key_data: bytes, caller: int, taking: OperationFuture[Any]) -> None:
        def ended(_: object) -> None:
            if taking.is_success() and taking.outcome() is not False:
                self._context.runtime.run_detached(partial(self._give_back, key_data, caller))

        taking.add_done_callback(ended)

    async def _give_back(self, key_data: bytes, caller: int) -> None:
        try:
            await self._release(self._unlock_request(key_data, caller), key_data)
        except HazelcastError:
            pass  # it is gone already, as its lease is over or the client is

    def _unlock_request(self, key_data: bytes, caller: int) -> Request[None]:
        request: Request[None] = self._lock_codec.UNLOCK.encode(
            self.name, key_data, caller, self._context.next_reference_id()
        )
        return request

    @operation
    async def unlock(self, key: KeyType) -> None:
        """Gives the lock of a key back.

        Raises:
            IllegalMonitorStateError: The caller does not have it.
        """
        check_not_none(key, NO_KEY)
        key_data = self._encode(key)
        request = self._unlock_request(key_data, self._caller_number())
        release = self._release(request, key_data)
        await released(self._context, release, f"unlock of {self!r}", self._time_limit)

    async def _release(self, request: Request[None], key_data: bytes) -> None:
        context = self._context
        await context.invocations.invoke(
            request, partition_id=self._partition_id(key_data), terms=terms_of(context)
        )

    @operation
    async def force_unlock(self, key: KeyType) -> None:
        """Takes the lock of a key away from whoever has it."""
        check_not_none(key, NO_KEY)
        key_data = self._encode(key)
        request: Request[None] = self._lock_codec.FORCE_UNLOCK.encode(
            self.name, key_data, self._context.next_reference_id()
        )
        release = self._release(request, key_data)
        await released(self._context, release, f"force_unlock of {self!r}", self._time_limit)

    @operation
    async def is_locked(self, key: KeyType) -> bool:
        """Whether anybody has the lock of a key."""
        check_not_none(key, NO_KEY)
        key_data = self._encode(key)
        request: Request[bool] = self._lock_codec.IS_LOCKED.encode(self.name, key_data)
        return await self._invoke(request, partition_id=self._partition_id(key_data))

    @scope
    async def lock_context(self, key: KeyType, lease_time: float | None = None) -> AsyncGenerator[None, None]:
        """The lock of a key for a block: `async with m.lock_context(k):`, `with` in the blocking face.

        Args:
            key: The key.
            lease_time: Seconds after which the lock goes by itself; None for never. Where it went
                before the block ended, the end raises `IllegalMonitorStateError`.
        """
        await self.lock(key, lease_time)
        try:
            yield
        except BaseException:
            await parted(self._context, self.unlock(key), f"unlock of {self!r}")
            raise
        else:
            await self.unlock(key)
