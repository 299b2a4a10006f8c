"""ScheduledExecutor: tasks that members run later, once or periodically."""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from hzclient._codec import scheduled_executor as codec
from hzclient._codec.custom import ScheduledTaskHandler
from hzclient._protocol.message import Method, Request
from hzclient._runtime.faces import AsyncioFace, BlockingFace, operation
from hzclient.core import MemberInfo
from hzclient.proxy._arguments import check_at_least, check_instance, check_member, check_task, list_of
from hzclient.proxy.base import Proxy, ProxyOperations
from hzclient.util import NANOSECONDS_IN_SECONDS, check_not_none, check_true, to_millis

__all__ = (
    "AsyncScheduledExecutor",
    "BlockingScheduledExecutor",
    "ScheduledExecutor",
    "ScheduledExecutorOperations",
    "ScheduledTask",
    "ScheduledTaskStatistics",
)

R = TypeVar("R")

_SINGLE_RUN: Final = 0
_AT_FIXED_RATE: Final = 1


@dataclass(frozen=True, slots=True)
class ScheduledTask:
    """Identifies a scheduled task. A plain value, which may be stored and used by other clients.

    Attributes:
        scheduler: Name of the scheduled executor.
        name: Name of the task.
        partition_id: The partition that the task belongs to; -1 if it belongs to a member.
        member: The member that the task belongs to; None if it belongs to a partition.
    """

    scheduler: str
    name: str
    partition_id: int
    member: uuid.UUID | None


@dataclass(frozen=True, slots=True)
class ScheduledTaskStatistics:
    """Statistics of a task. Times are in seconds.

    Attributes:
        total_runs: Number of runs.
        total_run_time: Duration of all runs.
        last_run_time: Duration of the last run.
        total_idle_time: Duration of all waits between runs.
        last_idle_time: Duration of the last wait.
    """

    total_runs: int
    total_run_time: float
    last_run_time: float
    total_idle_time: float
    last_idle_time: float


class ScheduledExecutorOperations(ProxyOperations):
    """Runs tasks on members after a delay.

    A task is an object whose class on the members is a `Callable`. A task that belongs to a partition has
    backups and moves with the partition; one that belongs to a member is lost with the member. Tasks need
    memory after they have run, until they are disposed of. An operation on a task that is gone raises
    `StaleTaskError`.
    """

    # ------------------------------------------------------------------------------------ scheduling

    @operation
    async def schedule(
        self,
        task: Any,
        delay: float,
        period: float | None = None,
        name: str | None = None,
        auto_disposable: bool = False,
    ) -> ScheduledTask:
        """Schedule a task on any member.

        Args:
            task: The task.
            delay: Seconds before the first run.
            period: Seconds from the start of one run to the start of the next; None for a single run. A run
                that takes longer delays the next one, and a run that fails is the last one.
            name: Name of the task, unique in its partition; None for a generated name.
            auto_disposable: Whether to dispose of the task when it is done.

        Returns:
            The scheduled task.

        Raises:
            DuplicateTaskError: There is a task with this name.
            TypeError: The task is a Python function, which members cannot run.
        """
        partition_id = random.choice(self._context.partitions.ids())
        return await self._schedule(partition_id, None, task, delay, period, name, auto_disposable)

    @operation
    async def schedule_on_key_owner(
        self,
        key: Any,
        task: Any,
        delay: float,
        period: float | None = None,
        name: str | None = None,
        auto_disposable: bool = False,
    ) -> ScheduledTask:
        """Schedule a task on the member that owns a key.

        Args:
            key: The key.
            task: The task.
            delay: As in `schedule`.
            period: As in `schedule`.
            name: As in `schedule`.
            auto_disposable: As in `schedule`.

        Returns:
            The scheduled task.

        Raises:
            DuplicateTaskError: There is a task with this name.
            TypeError: The task is a Python function, which members cannot run.
        """
        check_not_none(key, "a key must not be None")
        partition_id = self._partition_id(self._encode(key))
        return await self._schedule(partition_id, None, task, delay, period, name, auto_disposable)

    @operation
    async def schedule_on_member(
        self,
        member: MemberInfo,
        task: Any,
        delay: float,
        period: float | None = None,
        name: str | None = None,
        auto_disposable: bool = False,
    ) -> ScheduledTask:
        """Schedule a task on a member.

        Args:
            member: The member.
            task: The task.
            delay: As in `schedule`.
            period: As in `schedule`.
            name: As in `schedule`.
            auto_disposable: As in `schedule`.

        Returns:
            The scheduled task.

        Raises:
            DuplicateTaskError: There is a task with this name.
            TypeError: The task is a Python function, which members cannot run.
        """
        check_member(member)
        return await self._schedule(-1, member.uuid, task, delay, period, name, auto_disposable)

    @operation
    async def schedule_on_members(
        self,
        members: Sequence[MemberInfo],
        task: Any,
        delay: float,
        period: float | None = None,
        name: str | None = None,
        auto_disposable: bool = False,
    ) -> list[ScheduledTask]:
        """Schedule a task on several members.

        Args:
            members: The members.
            task: The task.
            delay: As in `schedule`.
            period: As in `schedule`.
            name: As in `schedule`.
            auto_disposable: As in `schedule`.

        Returns:
            A scheduled task for each member, in the given order.

        Raises:
            DuplicateTaskError: There is a task with this name.
            TypeError: The task is a Python function, which members cannot run.
        """
        members = list_of(members, "members")
        for member in members:
            check_member(member)
        return await self._context.runtime.gather(
            self._schedule(-1, member.uuid, task, delay, period, name, auto_disposable) for member in members
        )

    async def _schedule(
        self,
        partition_id: int,
        member: uuid.UUID | None,
        task: Any,
        delay: float,
        period: float | None,
        name: str | None,
        auto_disposable: bool,
    ) -> ScheduledTask:
        check_task(task)
        check_at_least(delay, 0, "a delay")
        if period is not None:
            check_at_least(period, 0, "a period")
            check_true(period > 0, "a period must be more than 0")
        scheduled = ScheduledTask(self.name, name or str(uuid.uuid4()), partition_id, member)
        kind = _SINGLE_RUN if period is None else _AT_FIXED_RATE
        # Parameters that both requests share; the one to a member has the member's id before them.
        rest = (kind, scheduled.name, self._encode(task), to_millis(delay), to_millis(period or 0))
        if member is None:
            request = codec.SUBMIT_TO_PARTITION.encode(self.name, *rest, auto_disposable)
            await self._invoke(request, partition_id=partition_id)
        else:
            request = codec.SUBMIT_TO_MEMBER.encode(self.name, member, *rest, auto_disposable)
            await self._invoke(request, member=member)
        return scheduled

    # ----------------------------------------------------------------------------------- single tasks

    @operation
    async def get_result(self, task: ScheduledTask) -> Any:
        """Return the result of a task; wait for it.

        Args:
            task: The task.

        Returns:
            The result.

        Raises:
            CancellationError: The task was cancelled.
            StaleTaskError: The task was disposed of.
            Exception: What the task raised.
        """
        request = _request(task, codec.GET_RESULT_FROM_PARTITION, codec.GET_RESULT_FROM_MEMBER)
        return await self._invoke(request, self._decode, partition_id=task.partition_id, member=task.member)

    @operation
    async def cancel(self, task: ScheduledTask) -> bool:
        """Cancel a task: it will not run again. A run in progress goes on.

        Args:
            task: The task.

        Returns:
            False if the task is done or cancelled already.
        """
        check_instance(task, ScheduledTask, "a task")
        request: Request[bool]
        if task.member is None:
            request = codec.CANCEL_FROM_PARTITION.encode(task.scheduler, task.name, False)
        else:
            request = codec.CANCEL_FROM_MEMBER.encode(task.scheduler, task.name, task.member, False)
        return await self._invoke(request, partition_id=task.partition_id, member=task.member)

    @operation
    async def is_done(self, task: ScheduledTask) -> bool:
        """Return True if a task will not run again."""
        request = _request(task, codec.IS_DONE_FROM_PARTITION, codec.IS_DONE_FROM_MEMBER)
        return await self._invoke(request, partition_id=task.partition_id, member=task.member)

    @operation
    async def is_cancelled(self, task: ScheduledTask) -> bool:
        """Return True if a task was cancelled."""
        request = _request(task, codec.IS_CANCELLED_FROM_PARTITION, codec.IS_CANCELLED_FROM_MEMBER)
        return await self._invoke(request, partition_id=task.partition_id, member=task.member)

    @operation
    async def get_delay(self, task: ScheduledTask) -> float:
        """Return the seconds until the next run of a task; negative if that time has passed."""
        request = _request(task, codec.GET_DELAY_FROM_PARTITION, codec.GET_DELAY_FROM_MEMBER)
        nanos = await self._invoke(request, partition_id=task.partition_id, member=task.member)
        return nanos / NANOSECONDS_IN_SECONDS

    @operation
    async def get_statistics(self, task: ScheduledTask) -> ScheduledTaskStatistics:
        """Return the statistics of a task."""
        check_instance(task, ScheduledTask, "a task")
        request: Any
        if task.member is None:
            request = codec.GET_STATS_FROM_PARTITION.encode(task.scheduler, task.name)
        else:
            request = codec.GET_STATS_FROM_MEMBER.encode(task.scheduler, task.name, task.member)
        stats = await self._invoke(request, partition_id=task.partition_id, member=task.member)
        return ScheduledTaskStatistics(
            stats.total_runs,
            stats.total_run_time_nanos / NANOSECONDS_IN_SECONDS,
            stats.last_run_duration_nanos / NANOSECONDS_IN_SECONDS,
            stats.total_idle_time_nanos / NANOSECONDS_IN_SECONDS,
            stats.last_idle_time_nanos / NANOSECONDS_IN_SECONDS,
        )

    @operation
    async def dispose(self, task: ScheduledTask) -> None:
        """Cancel a task and remove it with its result.

        Args:
            task: The task.

        Raises:
            StaleTaskError: The task was disposed of already.
        """
        request = _request(task, codec.DISPOSE_FROM_PARTITION, codec.DISPOSE_FROM_MEMBER)
        await self._invoke(request, partition_id=task.partition_id, member=task.member)

    # -------------------------------------------------------------------------------------- all tasks

    @operation
    async def get_all_scheduled_tasks(self) -> list[ScheduledTask]:
        """Return all tasks that have not been disposed of, including those of other clients."""
        handlers = await self._invoke(codec.GET_ALL_SCHEDULED_FUTURES.encode(self.name))
        return list(map(_task_of, handlers))

    @operation
    async def shutdown(self) -> None:
        """Shut the executor down: it accepts no more tasks, and cancels waiting ones."""
        await self._context.runtime.gather(
            self._invoke(codec.SHUTDOWN.encode(self.name, member), member=member)
            for member in list(self._context.members.members)
        )


def _request(
    task: ScheduledTask,
    from_partition: Method[[str, str], R],
    from_member: Method[[str, str, uuid.UUID], R],
) -> Request[R]:
    check_instance(task, ScheduledTask, "a task")
    if task.member is None:
        return from_partition.encode(task.scheduler, task.name)
    return from_member.encode(task.scheduler, task.name, task.member)


def _task_of(handler: ScheduledTaskHandler) -> ScheduledTask:
    in_partition = handler.partition_id >= 0
    return ScheduledTask(
        handler.scheduler_name,
        handler.task_name,
        handler.partition_id,
        None if in_partition else handler.uuid,
    )


class AsyncScheduledExecutor(ScheduledExecutorOperations, AsyncioFace):
    """A scheduled executor whose operations are coroutine methods."""


class ScheduledExecutor(Proxy["BlockingScheduledExecutor"], ScheduledExecutorOperations):
    """A scheduled executor whose operations return a `Future`."""


class BlockingScheduledExecutor(BlockingFace, ScheduledExecutor):
    """A scheduled executor whose operations block until they are done."""
