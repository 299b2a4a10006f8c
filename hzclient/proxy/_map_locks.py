"""Locks on the keys of maps and multimaps."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Coroutine
from functools import partial
from typing import Any, ClassVar, Generic, TypeVar, cast

from hzclient._codec import map as codec
from hzclient._protocol.message import Request
from hzclient._runtime.faces import context_manager, operation
from hzclient._services.call import BLOCKING, Terms
from hzclient.errors import HazelcastError, OperationTimeoutError
from hzclient.proxy._map_entries import NO_KEY
from hzclient.proxy._releases import limit_of, parted, released, terms_of
from hzclient.proxy.base import ProxyOperations
from hzclient.types import KeyType, ValueType
from hzclient.util import check_not_none, to_millis

T = TypeVar("T")


class LockOperations(ProxyOperations, Generic[KeyType, ValueType]):
    """A reentrant lock for each key, which keeps others from writing the entry but not from reading it.

    A lock is owned by the calling thread, or in the asyncio client by the calling task. The owner may acquire
    it several times and must release it as often. The key need not exist in the map.

    If the caller is cancelled or times out while it waits for a lock, a lock that is granted later is
    released in the background.
    """

    _lock_codec: ClassVar[Any] = codec
    """Codec module of the service; its lock methods have the same names and parameters for all maps."""

    @operation
    async def lock(self, key: KeyType, lease_time: float | None = None) -> None:
        """Acquire the lock of a key, waiting as long as another caller holds it.

        Args:
            key: The key.
            lease_time: Seconds until the lock is released automatically; None for never.
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
        """Acquire the lock of a key unless another caller holds it.

        Args:
            key: The key.
            lease_time: Seconds until the lock is released automatically; None for never.
            timeout: Seconds to wait for the lock; 0 does not wait.

        Returns:
            True if the caller now holds the lock.
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
            limit_of(context, timeout or 0),
            self._take(request, key_data, caller, terms_of(context, timeout or 0)),
            lambda: OperationTimeoutError(
                f"try_lock of {self!r} took longer than its timeout and the invocation timeout"
            ),
        )

    async def _take(self, request: Request[T], key_data: bytes, caller: int, terms: Terms = BLOCKING) -> T:
        """Acquire a lock. If it is granted after the caller has stopped waiting, release it.

        The caller and the response meet in a list, and the first entry decides. Neither needs a reference to
        the other, which an interrupt could lose in the instant before it is stored.
        """
        outcomes: list[bool] = []  # whether the lock was granted to a caller who is still there
        taking = self._invoker.invoke(request, partition_id=self._partition_id(key_data), terms=terms)
        try:
            return await self._in_time(
                self._context.runtime.to_the_end(self._granted(taking, key_data, caller, outcomes))
            )
        except BaseException:
            outcomes.append(False)
            if outcomes[0]:
                self._context.runtime.run_detached(partial(self._give_back, key_data, caller))
            raise

    async def _granted(
        self, taking: Coroutine[Any, Any, T], key_data: bytes, caller: int, outcomes: list[bool]
    ) -> T:
        result = await taking
        if cast(object, result) is not False:  # True, or nothing from a `lock()` that waited
            outcomes.append(True)
            if not outcomes[0]:
                self._context.runtime.run_detached(partial(self._give_back, key_data, caller))
        return result

    async def _give_back(self, key_data: bytes, caller: int) -> None:
        await self._release_quietly(self._unlock_request(key_data, caller), key_data)

    async def _release_quietly(self, request: Request[None], key_data: bytes) -> None:
        try:
            await self._release(request, key_data)
        except HazelcastError:
            pass  # the lock is gone already: its lease expired, or the client was shut down

    def _unlock_request(self, key_data: bytes, caller: int) -> Request[None]:
        request: Request[None] = self._lock_codec.UNLOCK.encode(
            self.name, key_data, caller, self._context.next_reference_id()
        )
        return request

    @operation
    async def unlock(self, key: KeyType) -> None:
        """Release the lock of a key.

        Args:
            key: The key.

        Raises:
            IllegalMonitorStateError: The caller does not hold the lock.
        """
        check_not_none(key, NO_KEY)
        key_data = self._encode(key)
        await self._unlock(self._unlock_request(key_data, self._caller_number()), key_data)

    async def _unlock(self, request: Request[None], key_data: bytes) -> None:
        release = self._release(request, key_data)
        await released(self._context, release, f"unlock of {self!r}", self._time_limit)

    async def _release(self, request: Request[None], key_data: bytes) -> None:
        await self._invoker.invoke(
            request, partition_id=self._partition_id(key_data), terms=terms_of(self._context)
        )

    @operation
    async def force_unlock(self, key: KeyType) -> None:
        """Release the lock of a key, whoever holds it.

        Args:
            key: The key.
        """
        check_not_none(key, NO_KEY)
        key_data = self._encode(key)
        request: Request[None] = self._lock_codec.FORCE_UNLOCK.encode(
            self.name, key_data, self._context.next_reference_id()
        )
        release = self._release(request, key_data)
        await released(self._context, release, f"force_unlock of {self!r}", self._time_limit)

    @operation
    async def is_locked(self, key: KeyType) -> bool:
        """Return whether any caller holds the lock of a key.

        Args:
            key: The key.

        Returns:
            True if the key is locked.
        """
        check_not_none(key, NO_KEY)
        key_data = self._encode(key)
        request: Request[bool] = self._lock_codec.IS_LOCKED.encode(self.name, key_data)
        return await self._invoke(request, partition_id=self._partition_id(key_data))

    @context_manager
    async def lock_context(self, key: KeyType, lease_time: float | None = None) -> AsyncGenerator[None, None]:
        """Hold the lock of a key during a block: `async with m.lock_context(k):`, or `with` if blocking.

        Args:
            key: The key.
            lease_time: Seconds until the lock is released automatically; None for never. If it is released
                before the block ends, leaving the block raises `IllegalMonitorStateError`.

        Yields:
            Nothing, while the caller holds the lock.
        """
        check_not_none(key, NO_KEY)
        key_data = self._encode(key)
        # One request, and so one reference id: members carry it out once even if it is sent twice.
        request = self._unlock_request(key_data, self._caller_number())
        has_left = False
        await self.lock(key, lease_time)  # gives the lock back itself if it is interrupted
        try:
            try:
                yield
            except BaseException:
                await parted(self._context, self._unlock(request, key_data), f"unlock of {self!r}")
                has_left = True
                raise
            else:
                await self._unlock(request, key_data)
                has_left = True
        except Exception:
            raise
        except BaseException:
            if not has_left:  # an interrupt, perhaps before the request was sent; now it leaves in order
                self._context.runtime.launch(self._release_quietly(request, key_data), "an unlock")
            raise
