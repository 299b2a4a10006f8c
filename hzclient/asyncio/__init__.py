"""The client for services on an event loop, whose structures have coroutine methods: `await m.get(key)`."""

# The classes are imported when they are first used: most programs use few of them.

from contextlib import AbstractAsyncContextManager as LockContext
from typing import TYPE_CHECKING

from hzclient._lazy import on_first_use
from hzclient.asyncio.client import HazelcastClient

if TYPE_CHECKING:
    from hzclient.cp import AsyncCPSubsystem as CPSubsystem
    from hzclient.partition import AsyncPartitionService as PartitionService
    from hzclient.proxy.base import EntryEvent, EntryEventType, ItemEvent, ItemEventType, TopicMessage
    from hzclient.proxy.cardinality_estimator import AsyncCardinalityEstimator as CardinalityEstimator
    from hzclient.proxy.cp.atomic_long import AsyncAtomicLong as AtomicLong
    from hzclient.proxy.cp.atomic_reference import AsyncAtomicReference as AtomicReference
    from hzclient.proxy.cp.count_down_latch import AsyncCountDownLatch as CountDownLatch
    from hzclient.proxy.cp.fenced_lock import AsyncFencedLock as FencedLock
    from hzclient.proxy.cp.map import AsyncCPMap as CPMap
    from hzclient.proxy.cp.semaphore import AsyncSemaphore as Semaphore
    from hzclient.proxy.durable_executor import AsyncDurableExecutor as DurableExecutor
    from hzclient.proxy.executor import AsyncExecutor as Executor
    from hzclient.proxy.flake_id_generator import AsyncFlakeIdGenerator as FlakeIdGenerator
    from hzclient.proxy.list import AsyncList as List
    from hzclient.proxy.map import AsyncMap as Map
    from hzclient.proxy.map import EntryEventCallable
    from hzclient.proxy.multi_map import AsyncMultiMap as MultiMap
    from hzclient.proxy.pn_counter import AsyncPNCounter as PNCounter
    from hzclient.proxy.queue import AsyncQueue as Queue
    from hzclient.proxy.reliable_topic import AsyncReliableTopic as ReliableTopic
    from hzclient.proxy.reliable_topic import ReliableMessageListener
    from hzclient.proxy.replicated_map import AsyncReplicatedMap as ReplicatedMap
    from hzclient.proxy.ringbuffer import AsyncRingbuffer as Ringbuffer
    from hzclient.proxy.scheduled_executor import AsyncScheduledExecutor as ScheduledExecutor
    from hzclient.proxy.set import AsyncSet as Set
    from hzclient.proxy.topic import AsyncTopic as Topic
    from hzclient.proxy.vector_collection import AsyncVectorCollection as VectorCollection
    from hzclient.sql import AsyncSqlResult as SqlResult
    from hzclient.sql import AsyncSqlService as SqlService
    from hzclient.transaction import AsyncTransaction as Transaction

__all__ = (
    "AtomicLong",
    "AtomicReference",
    "CPMap",
    "CPSubsystem",
    "CardinalityEstimator",
    "CountDownLatch",
    "DurableExecutor",
    "EntryEvent",
    "EntryEventCallable",
    "EntryEventType",
    "Executor",
    "FencedLock",
    "FlakeIdGenerator",
    "HazelcastClient",
    "ItemEvent",
    "ItemEventType",
    "List",
    "LockContext",
    "Map",
    "MultiMap",
    "PNCounter",
    "PartitionService",
    "Queue",
    "ReliableMessageListener",
    "ReliableTopic",
    "ReplicatedMap",
    "Ringbuffer",
    "ScheduledExecutor",
    "Semaphore",
    "Set",
    "SqlResult",
    "SqlService",
    "Topic",
    "TopicMessage",
    "Transaction",
    "VectorCollection",
)

if not TYPE_CHECKING:
    _HOMES = {
        "AtomicLong": ("hzclient.proxy.cp.atomic_long", "AsyncAtomicLong"),
        "AtomicReference": ("hzclient.proxy.cp.atomic_reference", "AsyncAtomicReference"),
        "CPMap": ("hzclient.proxy.cp.map", "AsyncCPMap"),
        "CPSubsystem": ("hzclient.cp", "AsyncCPSubsystem"),
        "CardinalityEstimator": ("hzclient.proxy.cardinality_estimator", "AsyncCardinalityEstimator"),
        "CountDownLatch": ("hzclient.proxy.cp.count_down_latch", "AsyncCountDownLatch"),
        "DurableExecutor": ("hzclient.proxy.durable_executor", "AsyncDurableExecutor"),
        "EntryEvent": ("hzclient.proxy.base", "EntryEvent"),
        "EntryEventCallable": ("hzclient.proxy.map", "EntryEventCallable"),
        "EntryEventType": ("hzclient.proxy.base", "EntryEventType"),
        "Executor": ("hzclient.proxy.executor", "AsyncExecutor"),
        "FencedLock": ("hzclient.proxy.cp.fenced_lock", "AsyncFencedLock"),
        "FlakeIdGenerator": ("hzclient.proxy.flake_id_generator", "AsyncFlakeIdGenerator"),
        "ItemEvent": ("hzclient.proxy.base", "ItemEvent"),
        "ItemEventType": ("hzclient.proxy.base", "ItemEventType"),
        "List": ("hzclient.proxy.list", "AsyncList"),
        "Map": ("hzclient.proxy.map", "AsyncMap"),
        "MultiMap": ("hzclient.proxy.multi_map", "AsyncMultiMap"),
        "PNCounter": ("hzclient.proxy.pn_counter", "AsyncPNCounter"),
        "PartitionService": ("hzclient.partition", "AsyncPartitionService"),
        "Queue": ("hzclient.proxy.queue", "AsyncQueue"),
        "ReliableMessageListener": ("hzclient.proxy.reliable_topic", "ReliableMessageListener"),
        "ReliableTopic": ("hzclient.proxy.reliable_topic", "AsyncReliableTopic"),
        "ReplicatedMap": ("hzclient.proxy.replicated_map", "AsyncReplicatedMap"),
        "Ringbuffer": ("hzclient.proxy.ringbuffer", "AsyncRingbuffer"),
        "ScheduledExecutor": ("hzclient.proxy.scheduled_executor", "AsyncScheduledExecutor"),
        "Semaphore": ("hzclient.proxy.cp.semaphore", "AsyncSemaphore"),
        "Set": ("hzclient.proxy.set", "AsyncSet"),
        "SqlResult": ("hzclient.sql", "AsyncSqlResult"),
        "SqlService": ("hzclient.sql", "AsyncSqlService"),
        "Topic": ("hzclient.proxy.topic", "AsyncTopic"),
        "TopicMessage": ("hzclient.proxy.base", "TopicMessage"),
        "Transaction": ("hzclient.transaction", "AsyncTransaction"),
        "VectorCollection": ("hzclient.proxy.vector_collection", "AsyncVectorCollection"),
    }
    """Module and name there of each class."""
    __getattr__, __dir__ = on_first_use(globals(), names=_HOMES)
