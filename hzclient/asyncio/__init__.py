"""The client for services on an event loop.

The same structures, as coroutine methods: `await m.get(key)`.
"""

from hzclient.asyncio.client import HazelcastClient
from hzclient.proxy.list import AsyncList as List
from hzclient.proxy.map import AsyncMap as Map
from hzclient.proxy.map import EntryEventCallable
from hzclient.proxy.queue import AsyncQueue as Queue
from hzclient.proxy.set import AsyncSet as Set

__all__ = (
    "EntryEventCallable",
    "HazelcastClient",
    "List",
    "Map",
    "Queue",
    "Set",
)
