"""CountDownLatch: waits until something has been counted down."""

from __future__ import annotations

import time
import uuid

from hzclient._codec import count_down_latch as codec
from hzclient._runtime.faces import AsyncioFace, BlockingFace, operation
from hzclient.errors import OperationTimeoutError
from hzclient.protocol import RaftGroupId
from hzclient.proxy._releases import terms_of
from hzclient.proxy.cp._base import BaseCPProxy, CPContext, CPOperations
from hzclient.util import check_is_int, check_is_number, check_true, to_millis

__all__ = ("AsyncCountDownLatch", "BlockingCountDownLatch", "CountDownLatch", "CountDownLatchOperations")


class CountDownLatchOperations(CPOperations):
    """A count that callers lower one by one, and that others wait to be 0.

    It begins at 0. When it is there again, it can be set anew, which begins another round.
    """

    service_name = "hz:raft:countDownLatchService"

    def __init__(self, context: CPContext, group_id: RaftGroupId, name: str) -> None:
        super().__init__(context, group_id, name)
        self._patience = context.client.config.invocation_timeout

    @operation
    async def await_latch(self, timeout: float) -> bool:
        """Waits until the count is 0.

        Args:
            timeout: Seconds to wait; 0 or less does not wait.

        Returns:
            False where the time was over first.
        """
        check_is_number(timeout)
        request = codec.AWAIT.encode(
            self._group_id, self._object_name, uuid.uuid4(), to_millis(max(timeout, 0))
        )
        call = self._invoke(request, terms=terms_of(self._client, timeout))
        return await self._tried(call, timeout)

    @operation
    async def count_down(self) -> None:
        """Lowers the count by one; does nothing where it is 0.

        The call counts once, however often it has to be sent.
        """
        deadline = time.monotonic() + (self._time_limit or self._patience)
        round_ = await self._invoke(codec.GET_ROUND.encode(self._group_id, self._object_name))
        request = codec.COUNT_DOWN.encode(self._group_id, self._object_name, uuid.uuid4(), round_)
        while True:
            try:
                return await self._invoke(request)
            except OperationTimeoutError:
                if time.monotonic() >= deadline:
                    raise

    @operation
    async def get_count(self) -> int:
        """The count."""
        return await self._invoke(codec.GET_COUNT.encode(self._group_id, self._object_name))

    @operation
    async def try_set_count(self, count: int) -> bool:
        """Sets the count if it is 0.

        Args:
            count: More than 0.

        Returns:
            False where it was not 0, and stays.
        """
        check_is_int(count)
        check_true(count > 0, "a count must be more than 0")
        return await self._invoke(codec.TRY_SET_COUNT.encode(self._group_id, self._object_name, count))


class AsyncCountDownLatch(CountDownLatchOperations, AsyncioFace):
    """A latch; its operations are coroutine methods."""


class CountDownLatch(BaseCPProxy["BlockingCountDownLatch"], CountDownLatchOperations):
    """A latch; its operations each give a `Future`."""


class BlockingCountDownLatch(BlockingFace, CountDownLatch):
    """A latch; its operations return when they are done."""
