"""DurableExecutor: tasks whose results stay on the members until they are retrieved."""

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
    """Runs tasks that have backups: if a member is lost, another one runs its tasks.

    A task is an object whose class on the members is a `Callable`. Submitting it returns a task id, with
    which this or any other client retrieves the result, even after a restart. Results need memory until they
    are disposed of.
    """

    @operation
    async def submit(self, task: Any) -> int:
        """Submit a task to any member.

        Args:
            task: The task.

        Returns:
            The task id.

        Raises:
            RejectedExecutionError: There are too many tasks and results.
            TypeError: The task is a Python function, which members cannot run.
        """
        check_task(task)
        return await self._submit(random.choice(self._context.partitions.ids()), task)

    @operation
    async def submit_to_key_owner(self, key: Any, task: Any) -> int:
        """Submit a task to the member that owns a key.

        Args:
            key: The key.
            task: The task.

        Returns:
            The task id.

        Raises:
            RejectedExecutionError: There are too many tasks and results.
            TypeError: The task is a Python function, which members cannot run.
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
        """Return the result of a task; wait for it. The result stays on the members.

        Args:
            task_id: The task id.

        Returns:
            The result; None if it was disposed of.

        Raises:
            StaleTaskIdError: There is no such task, or another one has replaced it.
            Exception: What the task raised.
        """
        partition_id, sequence = _parts(task_id)
        request = codec.RETRIEVE_RESULT.encode(self.name, sequence)
        return await self._invoke(request, self._decode, partition_id=partition_id)

    @operation
    async def dispose_result(self, task_id: int) -> None:
        """Remove a task with its result.

        Args:
            task_id: The task id.

        Raises:
            StaleTaskIdError: There is no such task, or another one has replaced it.
        """
        partition_id, sequence = _parts(task_id)
        request = codec.DISPOSE_RESULT.encode(self.name, sequence)
        await self._invoke(request, partition_id=partition_id)

    @operation
    async def retrieve_and_dispose_result(self, task_id: int) -> Any:
        """Return the result of a task, waiting for it, and remove the task.

        Args:
            task_id: The task id.

        Returns:
            The result.

        Raises:
            StaleTaskIdError: There is no such task, or another one has replaced it.
            Exception: What the task raised.
        """
        partition_id, sequence = _parts(task_id)
        request = codec.RETRIEVE_AND_DISPOSE_RESULT.encode(self.name, sequence)
        return await self._invoke(request, self._decode, partition_id=partition_id)

    @operation
    async def is_shutdown(self) -> bool:
        """Return True if the executor has been shut down."""
        return await self._invoke(codec.IS_SHUTDOWN.encode(self.name))

    @operation
    async def shutdown(self) -> None:
        """Shut the executor down: it accepts no more tasks. Running tasks go on."""
        await self._invoke(codec.SHUTDOWN.encode(self.name))


def _parts(task_id: int) -> tuple[int, int]:
    check_int(task_id, "a task id")
    check_true(0 <= task_id < 1 << 63, f"{shown(task_id)} is not the id of a task")
    return task_id >> _SEQUENCE_BITS, task_id & (1 << _SEQUENCE_BITS) - 1


class AsyncDurableExecutor(DurableExecutorOperations, AsyncioFace):
    """A durable executor whose operations are coroutine methods."""


class DurableExecutor(Proxy["BlockingDurableExecutor"], DurableExecutorOperations):
    """A durable executor whose operations return a `Future`."""


class BlockingDurableExecutor(BlockingFace, DurableExecutor):
    """A durable executor whose operations block until they are done."""
