"""Changes of a map, as a stream in an asyncio program.

python examples/event_stream.py [HOST:PORT ...]
"""

import asyncio
import sys

import hzclient.asyncio
from hzclient.predicate import greater
from hzclient.proxy.map import AsyncMap


async def change(prices: AsyncMap[str, int]) -> None:
    """Change some prices."""
    await prices.set("tea", 20)
    await prices.set("milk", 1)  # too cheap for the listener
    for price in (25, 30):
        await prices.set("tea", price)


async def main() -> None:
    """Print the changes of expensive goods until tea costs 30."""
    async with hzclient.asyncio.HazelcastClient(cluster_members=sys.argv[1:]) as client:
        prices = await client.get_map("streamed-prices")
        events = prices.events(predicate=greater("this", 10))
        # The stream registers its listener when it is asked for the first event.
        first = asyncio.ensure_future(anext(events))
        while not first.done():
            await prices.set("probe", 11)
            await asyncio.wait([first], timeout=0.05)
        changing = asyncio.create_task(change(prices))
        async with asyncio.timeout(60):
            async for event in events:
                if event.key == "tea":
                    print("tea costs", event.value)
                    if event.value == 30:
                        break
        await changing
        await events.aclose()


if __name__ == "__main__":
    asyncio.run(main())
