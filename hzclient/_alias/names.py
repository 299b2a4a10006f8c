"""Names that modules of the official package carry along from other modules.

Applications import them from there, `from hazelcast.proxy.map import EntryEventType` for example. hzclient's
own modules do not have them: they can be found only after `install_as_hazelcast()`.
"""

from __future__ import annotations

__all__ = ("CARRIED", "CONSTANTS", "RENAMED")

CARRIED = {
    "aggregator": {
        "serialization.api": "IdentifiedDataSerializable",
        "types": "KeyType ValueType",
    },
    "client": {
        "cluster": "ClusterService",
        "core": "DistributedObjectEvent DistributedObjectInfo",
        "discovery": "HazelcastCloudAddressProvider",
        "errors": "IllegalStateError",
        "future": "Future",
        "lifecycle": "LifecycleService LifecycleState",
        "near_cache": "NearCacheManager",
        "partition": "PartitionService",
        "proxy.map": "Map",
        "proxy.vector_collection": "VectorCollection",
        "serialization": "SerializationServiceV1",
        "statistics": "Statistics",
        "types": "ItemType KeyType MessageType ValueType",
        "util": "AtomicInteger RoundRobinLB",
        "vector": "IndexConfig",
    },
    "cluster": {
        "core": "EndpointQualifier ProtocolType",
        "errors": "IllegalStateError TargetDisconnectedError",
        "util": "check_not_none",
    },
    "config": {
        "util": "check_not_none number_types try_to_get_enum_value",
    },
    "cp": {
        "errors": "CPGroupDestroyedError HazelcastClientNotActiveError SessionExpiredError",
        "future": "ImmediateExceptionFuture ImmediateFuture combine_futures",
        "util": "AtomicInteger check_true thread_id",
    },
    "db": {
        "": "HazelcastClient",
        "config": "Config",
        "sql": "HazelcastSqlError SqlColumnType SqlExpectedResultType SqlResult SqlRow SqlRowMetadata",
    },
    "future": {
        "util": "AtomicInteger re_raise",
    },
    "near_cache": {
        "util": "current_time",
    },
    "partition": {
        "errors": "ClientOfflineError",
        "serialization.compact": "SchemaNotReplicatedError",
    },
    "predicate": {
        "serialization.api": "IdentifiedDataSerializable",
        "util": "get_attr_name",
    },
    "projection": {
        "serialization.api": "IdentifiedDataSerializable",
        "types": "KeyType ValueType",
    },
    "proxy": {
        "proxy.base": "Proxy",
        "proxy.executor": "Executor",
        "proxy.flake_id_generator": "FlakeIdGenerator",
        "proxy.list": "List",
        "proxy.multi_map": "MultiMap",
        "proxy.pn_counter": "PNCounter",
        "proxy.queue": "Queue",
        "proxy.reliable_topic": "ReliableTopic",
        "proxy.replicated_map": "ReplicatedMap",
        "proxy.ringbuffer": "Ringbuffer",
        "proxy.set": "Set",
        "proxy.topic": "Topic",
        "proxy.vector_collection": "VectorCollection",
        "util": "to_list",
    },
    "proxy.base": {
        "util": "get_attr_name",
    },
    "proxy.cp": {
        "future": "Future",
        "protocol": "RaftGroupId",
        "types": "BlockingProxyType",
    },
    "proxy.cp.atomic_long": {
        "future": "Future",
        "serialization.compact": "SchemaNotReplicatedError",
    },
    "proxy.cp.atomic_reference": {
        "future": "Future",
        "serialization.compact": "SchemaNotReplicatedError",
    },
    "proxy.cp.count_down_latch": {
        "future": "Future",
    },
    "proxy.cp.fenced_lock": {
        "future": "Future ImmediateExceptionFuture",
        "util": "thread_id",
    },
    "proxy.cp.semaphore": {
        "future": "Future ImmediateExceptionFuture ImmediateFuture",
        "proxy.cp": "BaseCPProxy",
        "util": "check_not_negative thread_id",
    },
    "proxy.executor": {
        "": "future",
        "future": "Future",
        "serialization.compact": "SchemaNotReplicatedError",
    },
    "proxy.flake_id_generator": {
        "future": "Future ImmediateFuture",
        "proxy.base": "MAX_SIZE",
        "util": "current_time",
    },
    "proxy.list": {
        "future": "Future",
        "proxy.base": "ItemEvent ItemEventType",
        "serialization.compact": "SchemaNotReplicatedError",
        "util": "check_not_none deserialize_list_in_place",
    },
    "proxy.map": {
        "aggregator": "Aggregator",
        "config": "IndexConfig IndexType IndexUtil",
        "core": "SimpleEntryView",
        "future": "Future ImmediateFuture combine_futures",
        "predicate": "Predicate",
        "projection": "Projection",
        "proxy.base": "EntryEvent EntryEventType MAX_SIZE get_entry_listener_flags",
        "serialization.compact": "SchemaNotReplicatedError",
        "serialization.data": "Data",
        "types": "AggregatorResultType ProjectionType",
        "util": (
            "IterationType check_not_none deserialize_entry_list_in_place "
            "deserialize_list_in_place thread_id to_millis"
        ),
    },
    "proxy.multi_map": {
        "future": "Future ImmediateFuture combine_futures",
        "proxy.base": "EntryEvent",
        "serialization.compact": "SchemaNotReplicatedError",
        "serialization.data": "Data",
        "util": "deserialize_entry_list_in_place deserialize_list_in_place thread_id to_millis",
    },
    "proxy.pn_counter": {
        "future": "Future",
    },
    "proxy.queue": {
        "future": "Future",
        "proxy.base": "ItemEvent ItemEventType",
        "serialization.compact": "SchemaNotReplicatedError",
        "util": "deserialize_list_in_place",
    },
    "proxy.reliable_topic": {
        "core": "EndpointQualifier MemberInfo MemberVersion ProtocolType",
        "errors": (
            "ClientOfflineError DistributedObjectDestroyedError HazelcastClientNotActiveError"
            " HazelcastInstanceNotActiveError IllegalArgumentError OperationTimeoutError"
        ),
        "future": "Future ImmediateFuture",
        "serialization.compact": "SchemaNotReplicatedError",
    },
    "proxy.replicated_map": {
        "future": "Future",
        "proxy.base": "EntryEvent",
        "serialization.compact": "SchemaNotReplicatedError",
        "util": "deserialize_entry_list_in_place deserialize_list_in_place",
    },
    "proxy.ringbuffer": {
        "future": "Future ImmediateFuture",
        "serialization.compact": "SchemaNotReplicatedError",
        "util": "deserialize_list_in_place",
    },
    "proxy.set": {
        "future": "Future",
        "proxy.base": "ItemEvent ItemEventType",
        "serialization.compact": "SchemaNotReplicatedError",
        "util": "check_not_none deserialize_list_in_place",
    },
    "proxy.topic": {
        "future": "Future",
        "serialization.compact": "SchemaNotReplicatedError",
    },
    "proxy.transactional_list": {
        "serialization.compact": "SchemaNotReplicatedError",
        "util": "check_not_none thread_id",
    },
    "proxy.transactional_map": {
        "serialization.compact": "SchemaNotReplicatedError",
        "util": "deserialize_list_in_place thread_id",
    },
    "proxy.transactional_multi_map": {
        "serialization.compact": "SchemaNotReplicatedError",
        "util": "deserialize_list_in_place thread_id",
    },
    "proxy.transactional_queue": {
        "serialization.compact": "SchemaNotReplicatedError",
        "util": "thread_id",
    },
    "proxy.transactional_set": {
        "serialization.compact": "SchemaNotReplicatedError",
        "util": "check_not_none thread_id",
    },
    "proxy.vector_collection": {
        "future": "Future ImmediateFuture combine_futures",
        "serialization.compact": "SchemaNotReplicatedError",
        "serialization.data": "Data",
        "vector": "VectorSearchOptions VectorType",
    },
    "serialization.compact": {
        "errors": "HazelcastError HazelcastSerializationError IllegalStateError",
        "serialization": (
            "BYTE_SIZE_IN_BYTES DOUBLE_SIZE_IN_BYTES FLOAT_SIZE_IN_BYTES INT_SIZE_IN_BYTES "
            "LONG_SIZE_IN_BYTES MAX_BYTE MAX_SHORT MIN_BYTE MIN_SHORT SHORT_SIZE_IN_BYTES"
        ),
        "serialization.api": "CompactReader CompactSerializer CompactWriter ObjectDataInput ObjectDataOutput",
        "serialization.serialization_const": "TYPE_COMPACT",
    },
    "serialization.data": {
        "serialization": "BE_INT",
    },
    "serialization.objects": {
        "serialization.api": "IdentifiedDataSerializable",
        "util": "to_millis",
    },
    "serialization.service": {
        "config": "Config IntType",
        "errors": "HazelcastInstanceNotActiveError IllegalArgumentError",
        "serialization.api": "IdentifiedDataSerializable Portable",
        "serialization.compact": "SchemaNotFoundError SchemaNotReplicatedError",
        "serialization.data": "DATA_OFFSET",
        "serialization.objects": (
            "CanonicalizingHashSet IdentifiedAddress IdentifiedMapEntry ReliableTopicMessage"
        ),
        "serialization.portable.classdef": "FieldType",
        "util": "re_raise",
    },
    "sql": {
        "future": "ImmediateExceptionFuture ImmediateFuture",
        "serialization.compact": "SchemaNotFoundError SchemaNotReplicatedError",
        "util": (
            "UUIDUtil check_is_int check_is_number check_true get_attr_name to_millis "
            "try_to_get_enum_value try_to_get_error_message"
        ),
    },
    "statistics": {
        "util": "current_time current_time_in_millis to_nanos",
    },
    "transaction": {
        "util": "thread_id",
    },
    "util": {
        "serialization": "UUID_LSB_MASK UUID_MSB_MASK UUID_MSB_SHIFT",
    },
}
"""By module: the module that defines them, and their names. The root package is the empty text."""

CONSTANTS = {
    "proxy": {
        "EXECUTOR_SERVICE": "EXECUTOR",
        "FLAKE_ID_GENERATOR_SERVICE": "FLAKE_ID_GENERATOR",
        "LIST_SERVICE": "LIST",
        "MAP_SERVICE": "MAP",
        "MULTI_MAP_SERVICE": "MULTI_MAP",
        "PN_COUNTER_SERVICE": "PN_COUNTER",
        "QUEUE_SERVICE": "QUEUE",
        "RELIABLE_TOPIC_SERVICE": "RELIABLE_TOPIC",
        "REPLICATED_MAP_SERVICE": "REPLICATED_MAP",
        "RINGBUFFER_SERVICE": "RINGBUFFER",
        "SET_SERVICE": "SET",
        "TOPIC_SERVICE": "TOPIC",
        "VECTOR_SERVICE": "VECTOR_COLLECTION",
    },
}
"""By module: service names of structures, and the attribute of `hzclient._structures` that has each."""

RENAMED = {
    "util": {"_AbstractLoadBalancer": "_MemberListLB"},
}
"""By module: names that applications use although they are private, and what they are called here."""
