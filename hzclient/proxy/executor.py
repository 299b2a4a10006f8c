"""Executor: tasks that members run."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from hzclient._codec import executor_service as codec
from hzclient._runtime.faces import AsyncioFace, BlockingFace, operation
from hzclient.core import MemberInfo
from hzclient.proxy._arguments import check_member, check_task, list_of
from hzclient.proxy.base import Proxy, ProxyOperations
from hzclient.util import check_not_none

__all__ = ("AsyncExecutor", "BlockingExecutor", "Executor", "ExecutorOperations")


class ExecutorOperations(ProxyOperations):
    """Runs tasks on members.

    A task is an object whose class on the members is a `Callable` or `Runnable`, serialized as an identified,
    portable or compact object. If the connection is lost, a task is not submitted again. A call waits for the
    result as long as the task takes.
    """

    @operation
    async def execute_on_key_owner(self, key: Any, task: Any) -> Any:
        """Run a task on the member that owns a key.

        Args:
            key: The key.
            task: The task.

        Returns:
            The result of the task.

        Raises:
            TypeError: The task is a Python function, which members cannot run.
        """
        check_not_none(key, "a key must not be None")
        check_task(task)
        request = codec.SUBMIT_TO_PARTITION.encode(self.name, uuid.uuid4(), self._encode(task))
        partition_id = self._partition_id(self._encode(key))
        return await self._invoke(request, self._decode, partition_id=partition_id)

    @operation
    async def execute_on_member(self, member: MemberInfo, task: Any) -> Any:
        """Run a task on a member.

        Args:
            member: The member.
            task: The task.

        Returns:
            The result of the task.

        Raises:
            TypeError: The task is a Python function, which members cannot run.
        """
        check_member(member)
        check_task(task)
        return await self._run(member, self._encode(task))

    @operation
    async def execute_on_members(self, members: Sequence[MemberInfo], task: Any) -> list[Any]:
        """Run a task on several members at the same time.

        Args:
            members: The members.
            task: The task.

        Returns:
            The result on each member, in the given order. If some fail, the first one's error is raised after
            all have ended.

        Raises:
            TypeError: The task is a Python function, which members cannot run.
        """
        members = list_of(members, "members")
        check_task(task)
        for member in members:
            check_member(member)
        task_data = self._encode(task)
        return await self._context.runtime.gather(self._run(member, task_data) for member in members)

    @operation
    async def execute_on_all_members(self, task: Any) -> list[Any]:
        """Run a task on all members that are known now, lite members included.

        Args:
            task: The task.

        Returns:
            As in `execute_on_members`.

        Raises:
            TypeError: The task is a Python function, which members cannot run.
        """
        check_task(task)
        task_data = self._encode(task)
        members = list(self._context.members.members.values())
        return await self._context.runtime.gather(self._run(member, task_data) for member in members)

    async def _run(self, member: MemberInfo, task_data: bytes) -> Any:
        assert member.uuid is not None
        request = codec.SUBMIT_TO_MEMBER.encode(self.name, uuid.uuid4(), task_data, member.uuid)
        return await self._invoke(request, self._decode, member=member.uuid)

    @operation
    async def is_shutdown(self) -> bool:
        """Return True if the executor has been shut down."""
        return await self._invoke(codec.IS_SHUTDOWN.encode(self.name))

    @operation
    async def shutdown(self) -> None:
        """Shut the executor down. Members notify each other in the background, and running tasks go on.

        Members of version 5.7 still accept tasks of clients.
        """
        await self._invoke(codec.SHUTDOWN.encode(self.name))


class AsyncExecutor(ExecutorOperations, AsyncioFace):
    """An executor whose operations are coroutine methods."""


class Executor(Proxy["BlockingExecutor"], ExecutorOperations):
    """An executor whose operations return a `Future`."""


class BlockingExecutor(BlockingFace, Executor):
    """An executor whose operations block until they are done."""
