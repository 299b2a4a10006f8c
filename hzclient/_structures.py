"""Kinds of structures, with the names of the services that hold them on the members.

A kind imports its classes when a program first gets such a structure: most programs use few of them, and
importing all would take half of the time that `import hzclient` takes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hzclient.proxy._manager import Kind, Structure

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


def by_service() -> dict[str, Structure[Any, Any]]:
    """Return all kinds of structures by the name of their service."""
    return {kind.service_name: kind for kind in globals().values() if isinstance(kind, Structure)}


def _map() -> Kind[AsyncMap[Any, Any], Map[Any, Any]]:
    from hzclient.proxy._map_near_cache import make_map
    from hzclient.proxy.map import Map

    return make_map, Map


def _queue() -> Kind[AsyncQueue[Any], Queue[Any]]:
    from hzclient.proxy.queue import AsyncQueue, Queue

    return AsyncQueue, Queue


def _list() -> Kind[AsyncList[Any], List[Any]]:
    from hzclient.proxy.list import AsyncList, List

    return AsyncList, List


def _set() -> Kind[AsyncSet[Any], Set[Any]]:
    from hzclient.proxy.set import AsyncSet, Set

    return AsyncSet, Set


def _replicated_map() -> Kind[AsyncReplicatedMap[Any, Any], ReplicatedMap[Any, Any]]:
    from hzclient.proxy.replicated_map import AsyncReplicatedMap, ReplicatedMap

    return AsyncReplicatedMap, ReplicatedMap


def _ringbuffer() -> Kind[AsyncRingbuffer[Any], Ringbuffer[Any]]:
    from hzclient.proxy.ringbuffer import AsyncRingbuffer, Ringbuffer

    return AsyncRingbuffer, Ringbuffer


def _topic() -> Kind[AsyncTopic[Any], Topic[Any]]:
    from hzclient.proxy.topic import AsyncTopic, Topic

    return AsyncTopic, Topic


def _multi_map() -> Kind[AsyncMultiMap[Any, Any], MultiMap[Any, Any]]:
    from hzclient.proxy.multi_map import AsyncMultiMap, MultiMap

    return AsyncMultiMap, MultiMap


def _pn_counter() -> Kind[AsyncPNCounter, PNCounter]:
    from hzclient.proxy.pn_counter import AsyncPNCounter, PNCounter

    return AsyncPNCounter, PNCounter


def _flake_id_generator() -> Kind[AsyncFlakeIdGenerator, FlakeIdGenerator]:
    from hzclient.proxy.flake_id_generator import AsyncFlakeIdGenerator, FlakeIdGenerator

    return AsyncFlakeIdGenerator, FlakeIdGenerator


def _executor() -> Kind[AsyncExecutor, Executor]:
    from hzclient.proxy.executor import AsyncExecutor, Executor

    return AsyncExecutor, Executor


def _reliable_topic() -> Kind[AsyncReliableTopic[Any], ReliableTopic[Any]]:
    from hzclient.proxy.reliable_topic import AsyncReliableTopic, ReliableTopic

    return AsyncReliableTopic, ReliableTopic


def _vector_collection() -> Kind[AsyncVectorCollection, VectorCollection]:
    from hzclient.proxy.vector_collection import AsyncVectorCollection, VectorCollection

    return AsyncVectorCollection, VectorCollection


def _cardinality_estimator() -> Kind[AsyncCardinalityEstimator, CardinalityEstimator]:
    from hzclient.proxy.cardinality_estimator import AsyncCardinalityEstimator, CardinalityEstimator

    return AsyncCardinalityEstimator, CardinalityEstimator


def _durable_executor() -> Kind[AsyncDurableExecutor, DurableExecutor]:
    from hzclient.proxy.durable_executor import AsyncDurableExecutor, DurableExecutor

    return AsyncDurableExecutor, DurableExecutor


def _scheduled_executor() -> Kind[AsyncScheduledExecutor, ScheduledExecutor]:
    from hzclient.proxy.scheduled_executor import AsyncScheduledExecutor, ScheduledExecutor

    return AsyncScheduledExecutor, ScheduledExecutor


MAP = Structure("hz:impl:mapService", _map)
QUEUE = Structure("hz:impl:queueService", _queue)
LIST = Structure("hz:impl:listService", _list)
SET = Structure("hz:impl:setService", _set)
REPLICATED_MAP = Structure("hz:impl:replicatedMapService", _replicated_map)
RINGBUFFER = Structure("hz:impl:ringbufferService", _ringbuffer)
TOPIC = Structure("hz:impl:topicService", _topic)
MULTI_MAP = Structure("hz:impl:multiMapService", _multi_map)
PN_COUNTER = Structure("hz:impl:PNCounterService", _pn_counter)
FLAKE_ID_GENERATOR = Structure("hz:impl:flakeIdGeneratorService", _flake_id_generator)
EXECUTOR = Structure("hz:impl:executorService", _executor)
RELIABLE_TOPIC = Structure("hz:impl:reliableTopicService", _reliable_topic)
VECTOR_COLLECTION = Structure("hz:service:vector", _vector_collection)
CARDINALITY_ESTIMATOR = Structure("hz:impl:cardinalityEstimatorService", _cardinality_estimator)
DURABLE_EXECUTOR = Structure("hz:impl:durableExecutorService", _durable_executor)
SCHEDULED_EXECUTOR = Structure("hz:impl:scheduledExecutorService", _scheduled_executor)
