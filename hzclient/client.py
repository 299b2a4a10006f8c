"""The client for scripts and threads."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self, TypeVar

from hzclient import _structures as structures
from hzclient._engine import Engine
from hzclient._runtime.faces import run_blocking
from hzclient._runtime.identity import check_may_block
from hzclient._runtime.owned import OwnedRuntime
from hzclient._runtime.unclosed import WarnsIfUnclosed
from hzclient.cluster import ClusterService
from hzclient.config import Config
from hzclient.core import DistributedObjectEvent
from hzclient.cp import CPSubsystem
from hzclient.errors import InvalidConfigurationError
from hzclient.future import Future, OperationFuture
from hzclient.lifecycle import LifecycleService
from hzclient.partition import PartitionService
from hzclient.proxy._manager import Structure
from hzclient.proxy._vector_config import add_vector_collection_config
from hzclient.proxy.base import Proxy
from hzclient.proxy.cardinality_estimator import CardinalityEstimator
from hzclient.proxy.durable_executor import DurableExecutor
from hzclient.proxy.executor import Executor
from hzclient.proxy.flake_id_generator import FlakeIdGenerator
from hzclient.proxy.list import List
from hzclient.proxy.map import Map
from hzclient.proxy.multi_map import MultiMap
from hzclient.proxy.pn_counter import PNCounter
from hzclient.proxy.queue import Queue
from hzclient.proxy.reliable_topic import ReliableTopic
from hzclient.proxy.replicated_map import ReplicatedMap
from hzclient.proxy.ringbuffer import Ringbuffer
from hzclient.proxy.scheduled_executor import ScheduledExecutor
from hzclient.proxy.set import Set
from hzclient.proxy.topic import Topic
from hzclient.proxy.vector_collection import VectorCollection
from hzclient.sql import AsyncSqlService, SqlResult, SqlService
from hzclient.transaction import TWO_PHASE, Transaction, TransactionManager
from hzclient.vector import IndexConfig

__all__ = ("HazelcastClient",)

T = TypeVar("T")

_logger = logging.getLogger(__name__)


def make_config(config: Config | None, options: dict[str, Any]) -> Config:
    """The configuration that a client is given, as an object or as options.

    Raises:
        InvalidConfigurationError: Both are given, or an option is not known.
    """
    if config is None:
        return Config.from_dict(options)
    if options:
        raise InvalidConfigurationError(
            "give the client either a Config or options as keyword arguments, not both: "
            + ", ".join(sorted(options))
        )
    return config


class _Owner:
    """Holds what a client must end. It knows no client, so that one that is dropped can be noticed.

    Attributes:
        engine: What is behind the client.
        runtime: The thread it runs in.
    """

    engine: Engine
    runtime: OwnedRuntime

    def __init__(self) -> None:
        self._lock = threading.Lock()

    async def shut_down_elsewhere(self) -> None:
        """Ends the client from another thread: the loop's cannot wait for its own end."""
        threading.Thread(target=self.shut_down, name="hzclient-shutdown", daemon=True).start()

    def shut_down(self) -> None:
        """Ends the client, and then its thread."""
        with self._lock:
            if not self.runtime.closed:
                self.runtime.call(self.engine.shutdown())
                self.runtime.stop()


class HazelcastClient(WarnsIfUnclosed):
    """A client whose structures give futures, and block where `blocking()` is called on them.

    The constructor connects, and returns when the client is ready (with `async_start`, at once).
    Use it in a `with` statement, or call `shutdown()` at the end. All methods may be called from
    any thread.

    Args:
        config: The options; or give them as keyword arguments, by the names that `Config` has.
        **kwargs: Options.

    Raises:
        InvalidConfigurationError: Both are given, or an option is not known.
        IllegalStateError: No member could be reached in time.
        AuthenticationError: The members refused the client.
    """

    def __init__(self, config: Config | None = None, **kwargs: Any) -> None:
        self._owner = owner = _Owner()
        self._engine = owner.engine = Engine(
            make_config(config, kwargs), OwnedRuntime, owner.shut_down_elsewhere
        )
        self._cp_subsystem = CPSubsystem(self._engine.cp_proxies)
        self._transactions = TransactionManager(self._engine.context)
        self._sql = SqlService(AsyncSqlService(self._engine.context, self._engine.uuid, SqlResult))
        runtime = self._engine.runtime
        assert isinstance(runtime, OwnedRuntime)
        self._runtime = owner.runtime = runtime
        self._watch()
        try:
            runtime.call(self._engine.start())
        except BaseException:
            self.shutdown()
            raise

    def _open_name(self) -> str | None:
        runtime = getattr(self, "_runtime", None)
        return None if runtime is None or runtime.closed else self._engine.name

    def shutdown(self) -> None:
        """Ends the client. Calls that wait for an answer fail; twice does nothing.

        Raises:
            RuntimeError: Called on the client's own loop thread (in a callback of a future).
        """
        check_may_block()
        self._owner.shut_down()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shutdown()

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
    def cp_subsystem(self) -> CPSubsystem:
        """Gives the structures that stay consistent whatever fails."""
        return self._cp_subsystem

    @property
    def sql(self) -> SqlService:
        """Executes SQL statements."""
        return self._sql

    # --------------------------------------------------------------------------------------- structures

    def get_map(self, name: str) -> Map[Any, Any]:
        """The map of this name."""
        return self._structure(structures.MAP, name)

    def get_queue(self, name: str) -> Queue[Any]:
        """The queue of this name."""
        return self._structure(structures.QUEUE, name)

    def get_list(self, name: str) -> List[Any]:
        """The list of this name."""
        return self._structure(structures.LIST, name)

    def get_set(self, name: str) -> Set[Any]:
        """The set of this name."""
        return self._structure(structures.SET, name)

    def get_replicated_map(self, name: str) -> ReplicatedMap[Any, Any]:
        """The replicated map of this name."""
        return self._structure(structures.REPLICATED_MAP, name)

    def get_ringbuffer(self, name: str) -> Ringbuffer[Any]:
        """The ringbuffer of this name."""
        return self._structure(structures.RINGBUFFER, name)

    def get_topic(self, name: str) -> Topic[Any]:
        """The topic of this name."""
        return self._structure(structures.TOPIC, name)

    def get_multi_map(self, name: str) -> MultiMap[Any, Any]:
        """The multimap of this name."""
        return self._structure(structures.MULTI_MAP, name)

    def get_pn_counter(self, name: str) -> PNCounter:
        """The PN counter of this name."""
        return self._structure(structures.PN_COUNTER, name)

    def get_flake_id_generator(self, name: str) -> FlakeIdGenerator:
        """The generator of ids of this name."""
        return self._structure(structures.FLAKE_ID_GENERATOR, name)

    def get_executor(self, name: str) -> Executor:
        """The executor of this name."""
        return self._structure(structures.EXECUTOR, name)

    def get_reliable_topic(self, name: str) -> ReliableTopic[Any]:
        """The reliable topic of this name."""
        return self._structure(structures.RELIABLE_TOPIC, name)

    def get_cardinality_estimator(self, name: str) -> CardinalityEstimator:
        """The cardinality estimator of this name."""
        return self._structure(structures.CARDINALITY_ESTIMATOR, name)

    def get_durable_executor(self, name: str) -> DurableExecutor:
        """The durable executor of this name."""
        return self._structure(structures.DURABLE_EXECUTOR, name)

    def get_scheduled_executor(self, name: str) -> ScheduledExecutor:
        """The scheduled executor of this name."""
        return self._structure(structures.SCHEDULED_EXECUTOR, name)

    def _structure(self, structure: Structure[Any, T], name: str) -> T:
        return run_blocking(self._engine.future_face_of(structure, name))

    def get_vector_collection(self, name: str) -> VectorCollection:
        """The vector collection of this name; Hazelcast Enterprise only."""
        return self._structure(structures.VECTOR_COLLECTION, name)

    def create_vector_collection_config(
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
        run_blocking(self._engine.invocations.invoke(request))

    def new_transaction(
        self, timeout: float = 120, durability: int = 1, type: int = TWO_PHASE
    ) -> Transaction:
        """A transaction that has not begun: use it in a `with` statement.

        Args:
            timeout: Seconds after which it can't be committed any more.
            durability: On how many members its log is backed up.
            type: `hzclient.transaction.TWO_PHASE` or `ONE_PHASE`.

        Raises:
            IllegalStateError: The client is not connected.
        """
        return self._transactions.new_transaction(timeout, durability, type)

    def get_distributed_objects(self) -> list[Proxy[Any]]:
        """All structures that exist in the cluster, of the kinds that this client has."""
        known = run_blocking(self._engine.distributed_objects(structures.by_service()))
        return [each.future_face for each in known]

    def add_distributed_object_listener(
        self, listener_func: Callable[[DistributedObjectEvent], object]
    ) -> Future[str]:
        """Calls a function when a structure is created or destroyed anywhere.

        Args:
            listener_func: Called with each event; it may be a coroutine function.

        Returns:
            The registration id.
        """
        return OperationFuture(self._engine.add_distributed_object_listener(listener_func))

    def remove_distributed_object_listener(self, registration_id: str) -> Future[bool]:
        """Removes a listener.

        Returns:
            False where there is none with this id.
        """
        return OperationFuture(self._engine.remove_distributed_object_listener(registration_id))
