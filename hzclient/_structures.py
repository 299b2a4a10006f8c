"""Kinds of structures, with the names of the services that hold them on the members."""

from __future__ import annotations

from typing import Any

from hzclient.proxy._manager import Structure
from hzclient.proxy._map_near_cache import make_map
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


def by_service() -> dict[str, Structure[Any, Any]]:
    """Return all kinds of structures by the name of their service."""
    return {kind.service_name: kind for kind in globals().values() if isinstance(kind, Structure)}


MAP: Structure[AsyncMap[Any, Any], Map[Any, Any]] = Structure("hz:impl:mapService", make_map, Map)
QUEUE: Structure[AsyncQueue[Any], Queue[Any]] = Structure("hz:impl:queueService", AsyncQueue, Queue)
LIST: Structure[AsyncList[Any], List[Any]] = Structure("hz:impl:listService", AsyncList, List)
SET: Structure[AsyncSet[Any], Set[Any]] = Structure("hz:impl:setService", AsyncSet, Set)
REPLICATED_MAP: Structure[AsyncReplicatedMap[Any, Any], ReplicatedMap[Any, Any]] = Structure(
    "hz:impl:replicatedMapService", AsyncReplicatedMap, ReplicatedMap
)
RINGBUFFER: Structure[AsyncRingbuffer[Any], Ringbuffer[Any]] = Structure(
    "hz:impl:ringbufferService", AsyncRingbuffer, Ringbuffer
)
TOPIC: Structure[AsyncTopic[Any], Topic[Any]] = Structure("hz:impl:topicService", AsyncTopic, Topic)
MULTI_MAP: Structure[AsyncMultiMap[Any, Any], MultiMap[Any, Any]] = Structure(
    "hz:impl:multiMapService", AsyncMultiMap, MultiMap
)
PN_COUNTER: Structure[AsyncPNCounter, PNCounter] = Structure(
    "hz:impl:PNCounterService", AsyncPNCounter, PNCounter
)
FLAKE_ID_GENERATOR: Structure[AsyncFlakeIdGenerator, FlakeIdGenerator] = Structure(
    "hz:impl:flakeIdGeneratorService", AsyncFlakeIdGenerator, FlakeIdGenerator
)
EXECUTOR: Structure[AsyncExecutor, Executor] = Structure("hz:impl:executorService", AsyncExecutor, Executor)
RELIABLE_TOPIC: Structure[AsyncReliableTopic[Any], ReliableTopic[Any]] = Structure(
    "hz:impl:reliableTopicService", AsyncReliableTopic, ReliableTopic
)
VECTOR_COLLECTION: Structure[AsyncVectorCollection, VectorCollection] = Structure(
    "hz:service:vector", AsyncVectorCollection, VectorCollection
)
CARDINALITY_ESTIMATOR: Structure[AsyncCardinalityEstimator, CardinalityEstimator] = Structure(
    "hz:impl:cardinalityEstimatorService", AsyncCardinalityEstimator, CardinalityEstimator
)
DURABLE_EXECUTOR: Structure[AsyncDurableExecutor, DurableExecutor] = Structure(
    "hz:impl:durableExecutorService", AsyncDurableExecutor, DurableExecutor
)
SCHEDULED_EXECUTOR: Structure[AsyncScheduledExecutor, ScheduledExecutor] = Structure(
    "hz:impl:scheduledExecutorService", AsyncScheduledExecutor, ScheduledExecutor
)
