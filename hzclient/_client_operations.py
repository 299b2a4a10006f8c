"""What clients of both kinds offer, defined once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hzclient import _structures as structures
from hzclient._engine import Engine
from hzclient._runtime.faces import blocking_operation, operation
from hzclient._runtime.providers import Faces, provider
from hzclient.cluster import ClusterService
from hzclient.core import DistributedObjectEvent
from hzclient.lifecycle import LifecycleService
from hzclient.proxy._vector_config import add_vector_collection_config
from hzclient.proxy.cardinality_estimator import AsyncCardinalityEstimator, CardinalityEstimator
from hzclient.proxy.durable_executor import AsyncDurableExecutor, DurableExecutor
from hzclient.proxy.executor import AsyncExecutor, Executor
from hzclient.proxy.flake_id_generator import AsyncFlakeIdGenerator, FlakeIdGenerator
from hzclient.proxy.list import AsyncList, List
from hzclient.proxy.map import AsyncMap, Map
from hzclient.proxy.multi_map import AsyncMultiMap, MultiMap
from hzclient.proxy.pn_counter import AsyncPNCounter, PNCounter
from hzclient.proxy.queue import AsyncQueue, Queue
from hzclient.proxy.reliable_topic import AsyncReliableTopic, ReliableTopic
from hzclient.proxy.replicated_map import AsyncReplicatedMap, ReplicatedMap
from hzclient.proxy.ringbuffer import AsyncRingbuffer, Ringbuffer
from hzclient.proxy.scheduled_executor import AsyncScheduledExecutor, ScheduledExecutor
from hzclient.proxy.set import AsyncSet, Set
from hzclient.proxy.topic import AsyncTopic, Topic
from hzclient.proxy.vector_collection import AsyncVectorCollection, VectorCollection
from hzclient.vector import IndexConfig


class ClientOperations:
    """What a client does but for its start and end, and for what has another type in each kind."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

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
    def cluster_service(self) -> ClusterService:
        """Tells about the members."""
        return self._engine.cluster_service

    # --------------------------------------------------------------------------------------- structures

    @provider
    async def get_map(self, name: str) -> Faces[AsyncMap[Any, Any], Map[Any, Any]]:
        """The map of this name."""
        return await self._engine.structure(structures.MAP, name)

    @provider
    async def get_queue(self, name: str) -> Faces[AsyncQueue[Any], Queue[Any]]:
        """The queue of this name."""
        return await self._engine.structure(structures.QUEUE, name)

    @provider
    async def get_list(self, name: str) -> Faces[AsyncList[Any], List[Any]]:
        """The list of this name."""
        return await self._engine.structure(structures.LIST, name)

    @provider
    async def get_set(self, name: str) -> Faces[AsyncSet[Any], Set[Any]]:
        """The set of this name."""
        return await self._engine.structure(structures.SET, name)

    @provider
    async def get_replicated_map(
        self, name: str
    ) -> Faces[AsyncReplicatedMap[Any, Any], ReplicatedMap[Any, Any]]:
        """The replicated map of this name."""
        return await self._engine.structure(structures.REPLICATED_MAP, name)

    @provider
    async def get_ringbuffer(self, name: str) -> Faces[AsyncRingbuffer[Any], Ringbuffer[Any]]:
        """The ringbuffer of this name."""
        return await self._engine.structure(structures.RINGBUFFER, name)

    @provider
    async def get_topic(self, name: str) -> Faces[AsyncTopic[Any], Topic[Any]]:
        """The topic of this name."""
        return await self._engine.structure(structures.TOPIC, name)

    @provider
    async def get_multi_map(self, name: str) -> Faces[AsyncMultiMap[Any, Any], MultiMap[Any, Any]]:
        """The multimap of this name."""
        return await self._engine.structure(structures.MULTI_MAP, name)

    @provider
    async def get_pn_counter(self, name: str) -> Faces[AsyncPNCounter, PNCounter]:
        """The PN counter of this name."""
        return await self._engine.structure(structures.PN_COUNTER, name)

    @provider
    async def get_flake_id_generator(self, name: str) -> Faces[AsyncFlakeIdGenerator, FlakeIdGenerator]:
        """The generator of ids of this name."""
        return await self._engine.structure(structures.FLAKE_ID_GENERATOR, name)

    @provider
    async def get_executor(self, name: str) -> Faces[AsyncExecutor, Executor]:
        """The executor of this name."""
        return await self._engine.structure(structures.EXECUTOR, name)

    @provider
    async def get_reliable_topic(self, name: str) -> Faces[AsyncReliableTopic[Any], ReliableTopic[Any]]:
        """The reliable topic of this name."""
        return await self._engine.structure(structures.RELIABLE_TOPIC, name)

    @provider
    async def get_cardinality_estimator(
        self, name: str
    ) -> Faces[AsyncCardinalityEstimator, CardinalityEstimator]:
        """The cardinality estimator of this name."""
        return await self._engine.structure(structures.CARDINALITY_ESTIMATOR, name)

    @provider
    async def get_durable_executor(self, name: str) -> Faces[AsyncDurableExecutor, DurableExecutor]:
        """The durable executor of this name."""
        return await self._engine.structure(structures.DURABLE_EXECUTOR, name)

    @provider
    async def get_scheduled_executor(self, name: str) -> Faces[AsyncScheduledExecutor, ScheduledExecutor]:
        """The scheduled executor of this name."""
        return await self._engine.structure(structures.SCHEDULED_EXECUTOR, name)

    @provider
    async def get_vector_collection(self, name: str) -> Faces[AsyncVectorCollection, VectorCollection]:
        """The vector collection of this name; Hazelcast Enterprise only."""
        return await self._engine.structure(structures.VECTOR_COLLECTION, name)

    @blocking_operation
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

    @operation
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

    @operation
    async def remove_distributed_object_listener(self, registration_id: str) -> bool:
        """Removes a listener.

        Returns:
            False where there is none with this id.
        """
        return await self._engine.remove_distributed_object_listener(registration_id)
