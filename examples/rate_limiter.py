"""A rate limit that all processes share.

python examples/rate_limiter.py [HOST:PORT ...]
"""

import asyncio
import sys
import uuid

import hzclient.asyncio
from hzclient.proxy.map import AsyncMap


class RateLimiter:
    """Allows so many calls within a window of time, which begins with a caller's first call.

    Args:
        calls: Map from caller to number of calls.
        limit: Number of calls that are allowed in a window.
        seconds: Length of a window.
    """

    def __init__(self, calls: AsyncMap[str, int], limit: int, seconds: float) -> None:
        self._calls = calls
        self._limit = limit
        self._seconds = seconds

    async def allows(self, caller: str) -> bool:
        """Count a call, and return whether it is within the limit.

        Args:
            caller: Who calls.

        Returns:
            False if it should be refused.
        """
        async with self._calls.lock_context(caller, lease_time=10):
            view = await self._calls.get_entry_view(caller)
            if view is None:
                await self._calls.set(caller, 1, ttl=self._seconds)
                return True
            if view.value >= self._limit:
                return False
            # `replace` keeps the time at which the entry expires.
            await self._calls.replace(caller, view.value + 1)
            return True


async def main() -> None:
    """Make ten calls at the same time, of which three are allowed."""
    async with hzclient.asyncio.HazelcastClient(cluster_members=sys.argv[1:]) as client:
        limiter = RateLimiter(await client.get_map("calls"), limit=3, seconds=600)
        caller = str(uuid.uuid4())
        allowed = await asyncio.gather(*(limiter.allows(caller) for _ in range(10)))
        print(allowed.count(True), "of", len(allowed), "calls are allowed")


if __name__ == "__main__":
    asyncio.run(main())
