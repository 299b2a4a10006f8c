"""aiocache in Hazelcast: cached functions, counters and a lock between tasks. Needs the extra `aiocache`.

python examples/aiocache_service.py [HOST:PORT ...]
"""

import asyncio
import sys
from typing import Any

from aiocache import cached
from aiocache.lock import RedLock

from hzclient.contrib.aiocache import HazelcastCache

OPTIONS: dict[str, Any] = {
    "members": sys.argv[1:] or ["127.0.0.1:5701"],
    "namespace": "example:",
    "deadline": 5.0,
}
cache: Any = HazelcastCache(**OPTIONS)


@cached(ttl=60, cache=HazelcastCache, key_builder=lambda function, name: f"greeting:{name}", **OPTIONS)
async def greeting(name: str) -> str:
    """Return a greeting that is made once and then cached."""
    print("greeting", name)
    return f"Hello, {name}"


async def report() -> str:
    """Return a report that one of many tasks makes while the others wait for it."""
    async with RedLock(cache, "report", lease=10):
        text = await cache.get("report")
        if text is None:
            print("making the report")
            text = {"visits": await cache.get("visits")}
            await cache.set("report", text, ttl=60)
    return str(text)


async def main() -> None:
    """Use the cache."""
    await cache.clear(namespace="example:")
    print(await greeting("Ann"), "-", await greeting("Ann"))
    await asyncio.gather(*(cache.increment("visits") for _ in range(100)))
    print(set(await asyncio.gather(*(report() for _ in range(5)))))


if __name__ == "__main__":
    asyncio.run(main())
