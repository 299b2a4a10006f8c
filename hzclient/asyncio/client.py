"""The client that lives on the caller's event loop."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Any, Self, TypeVar

from hzclient import _structures as structures
from hzclient._engine import Engine
from hzclient._runtime.attached import AttachedRuntime
from hzclient._runtime.unclosed import WarnsIfUnclosed
from hzclient.client import make_config
from hzclient.cluster import ClusterService
from hzclient.config import Config
from hzclient.core import DistributedObjectEvent
from hzclient.cp import AsyncCPSubsystem
from hzclient.lifecycle import LifecycleService
from hzclient.partition import PartitionService
from hzclient.proxy._manager import Structure
from hzclient.proxy._vector_config import add_vector_collection_config
from hzclient.proxy.base import ProxyOperations
from hzclient.proxy.cardinality_estimator import AsyncCardinalityEstimator
from hzclient.proxy.durable_executor import AsyncDurableExecutor
from hzclient.proxy.executor import AsyncExecutor
from hzclient.proxy.flake_id_generator import AsyncFlakeIdGenerator
from hzclient.proxy.list import AsyncList
from hzclient.proxy.map import AsyncMap
from hzclient.proxy.multi_map import AsyncMultiMap
from hzclient.proxy.pn_counter import AsyncPNCounter
from hzclient.proxy.queue import AsyncQueue
from hzclient.proxy.reliable_topic import AsyncReliableTopic
from hzclient.proxy.replicated_map import AsyncReplicatedMap
from hzclient.proxy.ringbuffer import AsyncRingbuffer
from hzclient.proxy.scheduled_executor import AsyncScheduledExecutor
from hzclient.proxy.set import AsyncSet
from hzclient.proxy.topic import AsyncTopic
from hzclient.proxy.vector_collection import AsyncVectorCollection
from hzclient.sql import AsyncSqlResult, AsyncSqlService
from hzclient.transaction import TWO_PHASE, AsyncTransaction, TransactionManager
from hzclient.vector import IndexConfig

__all__ = ("HazelcastClient",)

A = TypeVar("A", bound=ProxyOperations)


class HazelcastClient(WarnsIfUnclosed):
    """A client whose structures have coroutine methods.

    Make it by `await HazelcastClient.create_and_start(...)`, or `async with HazelcastClient(...)`.
    Everything happens on the loop that runs then: no thread, no lock.

    Args:
        config: The options; or give them as keyword arguments, by the names that `Config` has.
        **kwargs: Options.

    Raises:
        InvalidConfigurationError: Both are given, or an option is not known.
        RuntimeError: No loop runs.
    """

    def __init__(self, config: Config | None = None, **kwargs: Any) -> None:
        self._engine = Engine(make_config(config, kwargs), lambda _: AttachedRuntime())
        self._cp_subsystem = AsyncCPSubsystem(self._engine.cp_proxies)
        self._transactions = TransactionManager(self._engine.context)
        self._sql = AsyncSqlService(self._engine.context, self._engine.uuid, lambda result: result)
        self._started = False

    def _open_name(self) -> str | None:
        return self._engine.name if getattr(self, "_started", False) and not self._engine.ended else None

    @classmethod
    async def create_and_start(cls, config: Config | None = None, **kwargs: Any) -> Self:
        """Makes a client and connects it; with `async_start` it connects later.

        Args:
            config: The options; or give them as keyword arguments.
            **kwargs: Options.

        Raises:
            InvalidConfigurationError: Both are given, or an option is not known.
            IllegalStateError: No member could be reached in time.
            AuthenticationError: The members refused the client.
        """
        client = cls(config, **kwargs)
        await client._start()
        return client

    async def _start(self) -> None:
        if not self._started:
            self._started = True
            self._watch()
            await self._engine.start()

    async def shutdown(self) -> None:
        """Ends the client. Calls that wait for an answer fail; twice does nothing."""
        await self._engine.shutdown()

    async def __aenter__(self) -> Self:
        await self._start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.shutdown()

    def __repr__(self) -> str:
        return f"HazelcastClient(name={self.name!r})"

    # ----------------------------------------------------------------------------------------- services

    @property
    def name(self) -> str:
        """Name of the client."""
        return self._engine.name

    @property
    def lifecycle_service(self) -> LifecycleService:
        """Tells whether the client runs."""
        return self._engine.lifecycle_service

    @property
    def partition_service(self) -> PartitionService:
        """Tells which member holds which key."""
        return self._engine.partition_service

    @property
    def cluster_service(self) -> ClusterService:
        """Tells about the members."""
        return self._engine.cluster_service

    @property
    def cp_subsystem(self) -> AsyncCPSubsystem:
        """Gives the structures that stay consistent whatever fails."""
        return self._cp_subsystem

    @property
    def sql(self) -> AsyncSqlService[AsyncSqlResult]:
        """Executes SQL statements."""
        return self._sql

    # --------------------------------------------------------------------------------------- structures

    async def get_map(self, name: str) -> AsyncMap[Any, Any]:
        """The map of this name."""
        return await self._structure(structures.MAP, name)

    async def get_queue(self, name: str) -> AsyncQueue[Any]:
        """The queue of this name."""
        return await self._structure(structures.QUEUE, name)

    async def get_list(self, name: str) -> AsyncList[Any]:
        """The list of this name."""
        return await self._structure(structures.LIST, name)

    async def get_set(self, name: str) -> AsyncSet[Any]:
        """The set of this name."""
        return await self._structure(structures.SET, name)

    async def get_replicated_map(self, name: str) -> AsyncReplicatedMap[Any, Any]:
        """The replicated map of this name."""
        return await self._structure(structures.REPLICATED_MAP, name)

    async def get_ringbuffer(self, name: str) -> AsyncRingbuffer[Any]:
        """The ringbuffer of this name."""
        return await self._structure(structures.RINGBUFFER, name)

    async def get_topic(self, name: str) -> AsyncTopic[Any]:
        """The topic of this name."""
        return await self._structure(structures.TOPIC, name)

    async def get_multi_map(self, name: str) -> AsyncMultiMap[Any, Any]:
        """The multimap of this name."""
        return await self._structure(structures.MULTI_MAP, name)

    async def get_pn_counter(self, name: str) -> AsyncPNCounter:
        """The PN counter of this name."""
        return await self._structure(structures.PN_COUNTER, name)

    async def get_flake_id_generator(self, name: str) -> AsyncFlakeIdGenerator:
        """The generator of ids of this name."""
        return await self._structure(structures.FLAKE_ID_GENERATOR, name)

    async def get_executor(self, name: str) -> AsyncExecutor:
        """The executor of this name."""
        return await self._structure(structures.EXECUTOR, name)

    async def get_reliable_topic(self, name: str) -> AsyncReliableTopic[Any]:
        """The reliable topic of this name."""
        return await self._structure(structures.RELIABLE_TOPIC, name)

    async def get_cardinality_estimator(self, name: str) -> AsyncCardinalityEstimator:
        """The cardinality estimator of this name."""
        return await self._structure(structures.CARDINALITY_ESTIMATOR, name)

    async def get_durable_executor(self, name: str) -> AsyncDurableExecutor:
        """The durable executor of this name."""
        return await self._structure(structures.DURABLE_EXECUTOR, name)

    async def get_scheduled_executor(self, name: str) -> AsyncScheduledExecutor:
        """The scheduled executor of this name."""
        return await self._structure(structures.SCHEDULED_EXECUTOR, name)

    async def _structure(self, structure: Structure[A, Any], name: str) -> A:
        return await self._engine.operations_of(structure, name)

    async def get_vector_collection(self, name: str) -> AsyncVectorCollection:
        """The vector collection of this name; Hazelcast Enterprise only."""
        return await self._structure(structures.VECTOR_COLLECTION, name)

    async def create_vector_collection_config(
        self,
        name: str,
        indexes: list[IndexConfig],
        backup_count: int = 1,
        async_backup_count: int = 0,
        split_brain_protection_name: str | None = None,
        merge_policy: str = "PutIfAbsentMergePolicy",
        merge_batch_size: int = 100,
    ) -> None:
        """Adds the configuration of a vector collection to the cluster; Hazelcast Enterprise only.

        Args:
            name: Name of the collection.
            indexes: Its indexes.
            backup_count: Number of backups that a change waits for.
            async_backup_count: Number of backups that it does not wait for.
            split_brain_protection_name: Name of a split brain protection of the members.
            merge_policy: What becomes of entries that differ after a split brain.
            merge_batch_size: Entries that are merged at once.

        Raises:
            AssertionError: There is no index, or two have one name.
        """
        request = add_vector_collection_config(
            name,
            indexes,
            backup_count,
            async_backup_count,
            split_brain_protection_name,
            merge_policy,
            merge_batch_size,
        )
        await self._engine.invocations.invoke(request)

    def new_transaction(
        self, timeout: float = 120, durability: int = 1, type: int = TWO_PHASE
    ) -> AsyncTransaction:
        """A transaction that has not begun: use it in an `async with` statement.

        Args:
            timeout: Seconds after which it can't be committed any more.
            durability: On how many members its log is backed up.
            type: `hzclient.transaction.TWO_PHASE` or `ONE_PHASE`.

        Raises:
            IllegalStateError: The client is not connected.
        """
        return self._transactions.new_async_transaction(timeout, durability, type)

    async def get_distributed_objects(self) -> list[ProxyOperations]:
        """All structures that exist in the cluster, of the kinds that this client has."""
        known = await self._engine.distributed_objects(structures.by_service())
        return [each.operations for each in known]

    async def add_distributed_object_listener(
        self, listener_func: Callable[[DistributedObjectEvent], object]
    ) -> str:
        """Calls a function when a structure is created or destroyed anywhere.

        Args:
            listener_func: Called with each event; it may be a coroutine function.

        Returns:
            The registration id.
        """
        return await self._engine.add_distributed_object_listener(listener_func)

    async def remove_distributed_object_listener(self, registration_id: str) -> bool:
        """Removes a listener.

        Returns:
            False where there is none with this id.
        """
        return await self._engine.remove_distributed_object_listener(registration_id)
