"""One class for each kind of structure. What a worker checks is what Hazelcast promises, and no more."""

from benchmarks.soak.workers.base import Worker
from benchmarks.soak.workers.collections import Lists, MultiMaps, Sets
from benchmarks.soak.workers.counters import FlakeIds, PNCounters
from benchmarks.soak.workers.maps import Maps, NearCachedMaps, Processors, ReplicatedMaps, Transactions
from benchmarks.soak.workers.queries import Queries
from benchmarks.soak.workers.streams import Listeners, Queues, ReliableTopics, Ringbuffers, Topics
from benchmarks.soak.workers.tasks import Executors, Locks

__all__ = ("KINDS", "Worker")

KINDS: tuple[type[Worker], ...] = (
    Maps,
    NearCachedMaps,
    Processors,
    Transactions,
    ReplicatedMaps,
    MultiMaps,
    Lists,
    Sets,
    Queues,
    Topics,
    ReliableTopics,
    Ringbuffers,
    Listeners,
    PNCounters,
    FlakeIds,
    Queries,
    Executors,
    Locks,
)
"""All kinds; each works in all faces."""
