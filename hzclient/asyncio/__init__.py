"""The client for services on an event loop.

The same structures, as coroutine methods: `await m.get(key)`.
"""

from hzclient.asyncio.client import HazelcastClient
from hzclient.proxy.list import AsyncList as List
from hzclient.proxy.map import AsyncMap as Map
from hzclient.proxy.map import EntryEventCallable
from hzclient.proxy.queue import AsyncQueue as Queue
from hzclient.proxy.replicated_map import AsyncReplicatedMap as ReplicatedMap
from hzclient.proxy.ringbuffer import AsyncRingbuffer as Ringbuffer
from hzclient.proxy.set import AsyncSet as Set
from hzclient.proxy.topic import AsyncTopic as Topic
from hzclient.sql import AsyncSqlResult as SqlResult
from hzclient.sql import AsyncSqlService as SqlService

__all__ = (
    "EntryEventCallable",
    "HazelcastClient",
    "List",
    "Map",
    "Queue",
    "ReplicatedMap",
    "Ringbuffer",
    "Set",
    "SqlResult",
    "SqlService",
    "Topic",
)
