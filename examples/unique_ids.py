"""Unique 64-bit ids, made without asking the cluster for each.

python examples/unique_ids.py [HOST:PORT ...]
"""

import asyncio
import sys

import hzclient.asyncio


async def main() -> None:
    """Make ids in two clients."""
    ids: list[int] = []
    for _ in range(2):
        async with hzclient.asyncio.HazelcastClient(
            cluster_members=sys.argv[1:], flake_id_generators={"orders": {"prefetch_count": 500}}
        ) as client:
            generator = await client.get_flake_id_generator("orders")
            ids += await asyncio.gather(*(generator.new_id() for _ in range(1000)))
    print(len(ids), "ids,", len(set(ids)), "different")


if __name__ == "__main__":
    asyncio.run(main())
