"""What clients of both kinds offer, defined once."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from hzclient import _structures as structures
from hzclient._engine import Engine
from hzclient._runtime.faces import blocking_operation, operation
from hzclient._runtime.getters import Faces, getter
from hzclient.cluster import ClusterService
from hzclient.config import ClientOptions, Config
from hzclient.core import DistributedObjectEvent
from hzclient.errors import InvalidConfigurationError
from hzclient.health import ClientHealth
from hzclient.lifecycle import LifecycleService

if TYPE_CHECKING:
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
    from hzclient.transaction import TransactionManager
    from hzclient.vector import IndexConfig

T = TypeVar("T")

_MOVED = {
    "get_atomic_long": "cp_subsystem.get_atomic_long(name)",
    "get_atomic_reference": "cp_subsystem.get_atomic_reference(name)",
    "get_count_down_latch": "cp_subsystem.get_count_down_latch(name)",
    "get_id_generator": "get_flake_id_generator(name)",
    "get_lock": "cp_subsystem.get_lock(name)",
    "get_semaphore": "cp_subsystem.get_semaphore(name)",
}
"""Methods that clients had before Hazelcast 4, and what replaces them."""


def make_config(config: Config | None, options: ClientOptions) -> Config:
    """Return the configuration of a client, which is given as an object or as options.

    Args:
        config: Configuration as an object, or None.
        options: Options as keyword arguments.

    Returns:
        `config`, or a configuration made from the options.

    Raises:
        InvalidConfigurationError: Both were given, or an option is unknown.
        TypeError: `config` is something else, or an option has a value of the wrong type.
    """
    if config is None:
        return Config.from_dict(options)
    if not isinstance(config, Config):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(_not_a_config(config))
    if options:
        raise InvalidConfigurationError(
            f"give either a Config or options as keyword arguments, not both: {', '.join(sorted(options))}"
        )
    return config


ConfigSource = str | os.PathLike[str] | Mapping[str, Any] | None
"""What `Config.load()` loads: path, URL, dict, or None for the usual places."""


def load_config(source: ConfigSource, overrides: ClientOptions) -> Config:
    """Load a configuration.

    Args:
        source: Path, URL or dict, or None.
        overrides: Options that take precedence.

    Returns:
        The configuration.

    Raises:
        InvalidConfigurationError: It is invalid, or an option is unknown.
    """
    config = Config.load(source)
    given = Config.from_dict(overrides)
    for name in overrides:
        setattr(config, name, getattr(given, name))
    return config


def make_transactions(engine: Engine) -> TransactionManager:
    """Return what makes the transactions of a client."""
    from hzclient.transaction import TransactionManager

    return TransactionManager(engine.context)


def _not_a_config(given: object) -> str:
    if isinstance(given, str):
        advice = f"; give addresses as cluster_members=[{given!r}]"
    elif isinstance(given, (list, tuple, set)):
        advice = "; give addresses as cluster_members=[...]"
    elif isinstance(given, dict):
        advice = "; give options as keyword arguments, HazelcastClient(**options)"
    else:
        advice = ", or give options as keyword arguments"
    return f"config must be a Config, not {given!r}{advice}"


class ClientOperations:
    """What clients of both kinds offer, except starting, ending, and what has another type in each kind."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._services: dict[str, Any] = {}

    def _service(self, name: str, make: Callable[[Engine], T]) -> T:
        """Return a service that is made on first use. All threads get the same object."""
        service = self._services.get(name)
        return self._services.setdefault(name, make(self._engine)) if service is None else service  # type: ignore[no-any-return]

    if not TYPE_CHECKING:  # type checkers shall report unknown attributes

        def __getattr__(self, name: str) -> Any:
            moved = f"; use client.{_MOVED[name]}" if name in _MOVED else ""
            text = f"{type(self).__name__!r} object has no attribute {name!r}{moved}"
            raise AttributeError(text, name=name, obj=self)

    # ----------------------------------------------------------------------------------------- services

    @property
    def name(self) -> str:
        """Name of the client."""
        return self._engine.name

    @property
    def lifecycle_service(self) -> LifecycleService:
        """Lifecycle state of the client."""
        return self._engine.lifecycle_service

    @property
    def cluster_service(self) -> ClusterService:
        """Members of the cluster."""
        return self._engine.cluster_service

    def health(self) -> ClientHealth:
        """Return how the client is, for readiness probes: nothing is sent, and it never blocks.

        Returns:
            State, members, connections, the oldest missing heartbeat, and requests in flight.
        """
        return self._engine.health()

    # --------------------------------------------------------------------------------------- structures

    @getter
    async def get_map(self, name: str) -> Faces[AsyncMap[Any, Any], Map[Any, Any]]:
        """Return the map with this name."""
        return await self._engine.structure(structures.MAP, name)

    @getter
    async def get_queue(self, name: str) -> Faces[AsyncQueue[Any], Queue[Any]]:
        """Return the queue with this name."""
        return await self._engine.structure(structures.QUEUE, name)

    @getter
    async def get_list(self, name: str) -> Faces[AsyncList[Any], List[Any]]:
        """Return the list with this name."""
        return await self._engine.structure(structures.LIST, name)

    @getter
    async def get_set(self, name: str) -> Faces[AsyncSet[Any], Set[Any]]:
        """Return the set with this name."""
        return await self._engine.structure(structures.SET, name)

    @getter
    async def get_replicated_map(
        self, name: str
    ) -> Faces[AsyncReplicatedMap[Any, Any], ReplicatedMap[Any, Any]]:
        """Return the replicated map with this name."""
        return await self._engine.structure(structures.REPLICATED_MAP, name)

    @getter
    async def get_ringbuffer(self, name: str) -> Faces[AsyncRingbuffer[Any], Ringbuffer[Any]]:
        """Return the ringbuffer with this name."""
        return await self._engine.structure(structures.RINGBUFFER, name)

    @getter
    async def get_topic(self, name: str) -> Faces[AsyncTopic[Any], Topic[Any]]:
        """Return the topic with this name."""
        return await self._engine.structure(structures.TOPIC, name)

    @getter
    async def get_multi_map(self, name: str) -> Faces[AsyncMultiMap[Any, Any], MultiMap[Any, Any]]:
        """Return the multimap with this name."""
        return await self._engine.structure(structures.MULTI_MAP, name)

    @getter
    async def get_pn_counter(self, name: str) -> Faces[AsyncPNCounter, PNCounter]:
        """Return the PN counter with this name."""
        return await self._engine.structure(structures.PN_COUNTER, name)

    @getter
    async def get_flake_id_generator(self, name: str) -> Faces[AsyncFlakeIdGenerator, FlakeIdGenerator]:
        """Return the flake id generator with this name."""
        return await self._engine.structure(structures.FLAKE_ID_GENERATOR, name)

    @getter
    async def get_executor(self, name: str) -> Faces[AsyncExecutor, Executor]:
        """Return the executor with this name."""
        return await self._engine.structure(structures.EXECUTOR, name)

    @getter
    async def get_reliable_topic(self, name: str) -> Faces[AsyncReliableTopic[Any], ReliableTopic[Any]]:
        """Return the reliable topic with this name."""
        return await self._engine.structure(structures.RELIABLE_TOPIC, name)

    @getter
    async def get_cardinality_estimator(
        self, name: str
    ) -> Faces[AsyncCardinalityEstimator, CardinalityEstimator]:
        """Return the cardinality estimator with this name."""
        return await self._engine.structure(structures.CARDINALITY_ESTIMATOR, name)

    @getter
    async def get_durable_executor(self, name: str) -> Faces[AsyncDurableExecutor, DurableExecutor]:
        """Return the durable executor with this name."""
        return await self._engine.structure(structures.DURABLE_EXECUTOR, name)

    @getter
    async def get_scheduled_executor(self, name: str) -> Faces[AsyncScheduledExecutor, ScheduledExecutor]:
        """Return the scheduled executor with this name."""
        return await self._engine.structure(structures.SCHEDULED_EXECUTOR, name)

    @getter
    async def get_vector_collection(self, name: str) -> Faces[AsyncVectorCollection, VectorCollection]:
        """Return the vector collection with this name (Hazelcast Enterprise only)."""
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
        """Add the configuration of a vector collection to the cluster (Hazelcast Enterprise only).

        Args:
            name: Name of the collection.
            indexes: Indexes of the collection.
            backup_count: Number of synchronous backups.
            async_backup_count: Number of asynchronous backups.
            split_brain_protection_name: Name of a split-brain protection that the members define.
            merge_policy: Policy for merging entries that differ after a split brain.
            merge_batch_size: Number of entries merged at a time.

        Raises:
            AssertionError: There is no index, or two indexes have the same name.
        """
        from hzclient.proxy._vector_config import add_vector_collection_config

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
        """Register a listener that is notified when a structure is created or destroyed anywhere.

        Args:
            listener_func: Called with each event. It may be a coroutine function.

        Returns:
            The registration id.
        """
        return await self._engine.add_distributed_object_listener(listener_func)

    @operation
    async def remove_distributed_object_listener(self, registration_id: str) -> bool:
        """Remove a listener.

        Args:
            registration_id: What `add_distributed_object_listener()` returned.

        Returns:
            False if no listener has this id.
        """
        return await self._engine.remove_distributed_object_listener(registration_id)
