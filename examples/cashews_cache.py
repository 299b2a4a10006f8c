"""cashews in Hazelcast: cached functions, tags, locks and rate limits. Needs the extra `cashews`.

python examples/cashews_cache.py [HOST:PORT ...]
"""

import asyncio
import sys

from cashews import Cache
from cashews.exceptions import RateLimitError

from hzclient.contrib.cashews import install

install()
cache = Cache()
cache.setup(f"hazelcast://{','.join(sys.argv[1:])}/", map_name="example-cashews", deadline=5)


@cache(ttl="10m", key="price:{item}", lock=True, tags=["prices"])
async def price(item: str) -> float:
    """Look up a price: one task of all processes does, and the others wait."""
    print("looking up the price of", item)
    return 9.5


@cache.rate_limit(limit=3, period="1m", key="search:{user}")
async def search(user: str) -> str:
    """Search, at most three times a minute for each user, in all processes together."""
    return f"found by {user}"


async def main() -> None:
    """Use the cache."""
    await cache.clear()
    print(set(await asyncio.gather(*(price("tea") for _ in range(5)))))
    await cache.delete_tags("prices")
    print("after the prices have changed:", await price("tea"))

    refused = 0
    for _ in range(5):
        try:
            await search("ann")
        except RateLimitError:
            refused += 1
    print(refused, "of 5 searches are refused")
    await cache.close()


if __name__ == "__main__":
    asyncio.run(main())
