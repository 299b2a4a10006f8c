"""DurableExecutor: tasks whose results wait on the members until they are fetched."""

from __future__ import annotations

import random
from typing import Any

from hzclient._codec import durable_executor as codec
from hzclient._runtime.faces import AsyncioFace, BlockingFace, operation
from hzclient.proxy._arguments import check_int, check_task, shown
from hzclient.proxy.base import Proxy, ProxyOperations
from hzclient.util import check_not_none, check_true

__all__ = ("AsyncDurableExecutor", "BlockingDurableExecutor", "DurableExecutor", "DurableExecutorOperations")

_SEQUENCE_BITS = 32


class DurableExecutorOperations(ProxyOperations):
    """Runs tasks that have backups: when a member is lost, another runs its tasks.

    A task is an object whose class the members know as a `Callable`. Submitting it gives a task id,
    by which this or any other client fetches the result, also after a restart. Results take up room
    until they are disposed of.
    """

    @operation
    async def submit(self, task: Any) -> int:
        """Submits a task to some member.

        Args:
            task: The task.

        Returns:
            The task id.

        Raises:
            RejectedExecutionError: Too many tasks and results are there already.
        """
        check_task(task)
        return await self._submit(random.choice(self._context.partitions.ids()), task)

    @operation
    async def submit_to_key_owner(self, key: Any, task: Any) -> int:
        """Submits a task to the member that owns a key.

        Args:
            key: The key.
            task: The task.

        Returns:
            The task id.

        Raises:
            RejectedExecutionError: Too many tasks and results are there already.
        """
        check_not_none(key, "a key must not be None")
        check_task(task)
        return await self._submit(self._partition_id(self._encode(key)), task)

    async def _submit(self, partition_id: int, task: Any) -> int:
        request = codec.SUBMIT_TO_PARTITION.encode(self.name, self._encode(task))
        sequence = await self._invoke(request, partition_id=partition_id)
        return partition_id << _SEQUENCE_BITS | sequence

    @operation
    async def retrieve_result(self, task_id: int) -> Any:
        """The result of a task; waits for it. It stays, and can be fetched again.

        Returns:
            The result; None where it has been disposed of.

        Raises:
            StaleTaskIdError: There is no such task, or another has its place now.
            Exception: What the task raised.
        """
        partition_id, sequence = _parts(task_id)
        request = codec.RETRIEVE_RESULT.encode(self.name, sequence)
        return await self._invoke(request, self._decode, partition_id=partition_id)

    @operation
    async def dispose_result(self, task_id: int) -> None:
        """Removes a task with its result.

        Raises:
            StaleTaskIdError: There is no such task, or another has its place now.
        """
        partition_id, sequence = _parts(task_id)
        request = codec.DISPOSE_RESULT.encode(self.name, sequence)
        await self._invoke(request, partition_id=partition_id)

    @operation
    async def retrieve_and_dispose_result(self, task_id: int) -> Any:
        """The result of a task, which is removed then; waits for it.

        Raises:
            StaleTaskIdError: There is no such task, or another has its place now.
            Exception: What the task raised.
        """
        partition_id, sequence = _parts(task_id)
        request = codec.RETRIEVE_AND_DISPOSE_RESULT.encode(self.name, sequence)
        return await self._invoke(request, self._decode, partition_id=partition_id)

    @operation
    async def is_shutdown(self) -> bool:
        """Whether the executor has been shut down."""
        return await self._invoke(codec.IS_SHUTDOWN.encode(self.name))

    @operation
    async def shutdown(self) -> None:
        """Lets the executor take no more tasks. Those that run go on."""
        await self._invoke(codec.SHUTDOWN.encode(self.name))


def _parts(task_id: int) -> tuple[int, int]:
    check_int(task_id, "a task id")
    check_true(0 <= task_id < 1 << 63, f"{shown(task_id)} is not the id of a task")
    return task_id >> _SEQUENCE_BITS, task_id & (1 << _SEQUENCE_BITS) - 1


class AsyncDurableExecutor(DurableExecutorOperations, AsyncioFace):
    """A durable executor; its operations are coroutine methods."""


class DurableExecutor(Proxy["BlockingDurableExecutor"], DurableExecutorOperations):
    """A durable executor; its operations each give a `Future`."""


class BlockingDurableExecutor(BlockingFace, DurableExecutor):
    """A durable executor; its operations return when they are done."""
