"""The client for services on an event loop.

The same structures, as coroutine methods: `await m.get(key)`.
"""

from hzclient.asyncio.client import HazelcastClient
from hzclient.proxy.map import AsyncMap as Map
from hzclient.proxy.map import EntryEventCallable

__all__ = ("EntryEventCallable", "HazelcastClient", "Map")
