"""CountDownLatch: callers wait until a count reaches zero."""

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
    """A count that some callers lower one by one while others wait for it to reach 0.

    The count is initially 0. Each time it is 0 it can be set again, which starts another round.
    """

    service_name = "hz:raft:countDownLatchService"

    def __init__(self, context: CPContext, group_id: RaftGroupId, name: str) -> None:
        super().__init__(context, group_id, name)
        self._patience = context.client.config.invocation_timeout

    @operation
    async def await_latch(self, timeout: float) -> bool:
        """Wait until the count is 0.

        Args:
            timeout: Maximum time to wait, in seconds; 0 or less does not wait.

        Returns:
            True if the count reached 0 in time.

        Raises:
            OperationTimeoutError: No member answered within the timeout and the invocation timeout.
        """
        check_is_number(timeout)
        request = codec.AWAIT.encode(
            self._group_id, self._object_name, uuid.uuid4(), to_millis(max(timeout, 0))
        )
        call = self._invoke(request, terms=terms_of(self._client, timeout))
        return await self._tried(call, timeout)

    @operation
    async def count_down(self) -> None:
        """Lower the count by one, unless it is 0.

        The call counts once, even if it has to be sent several times.
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
        """Return the count."""
        return await self._invoke(codec.GET_COUNT.encode(self._group_id, self._object_name))

    @operation
    async def try_set_count(self, count: int) -> bool:
        """Set the count if it is 0.

        If the leader of the CP group fails during the call, the call is repeated. It may then return False
        although it has set the count itself: `get_count` returns what the count is.

        Args:
            count: The new count, more than 0.

        Returns:
            True if the count was set.
        """
        check_is_int(count)
        check_true(count > 0, "a count must be more than 0")
        return await self._invoke(codec.TRY_SET_COUNT.encode(self._group_id, self._object_name, count))


class AsyncCountDownLatch(CountDownLatchOperations, AsyncioFace):
    """A latch whose operations are coroutine methods."""


class CountDownLatch(BaseCPProxy["BlockingCountDownLatch"], CountDownLatchOperations):
    """A latch whose operations return a `Future`."""


class BlockingCountDownLatch(BlockingFace, CountDownLatch):
    """A latch whose operations block until they are done."""
