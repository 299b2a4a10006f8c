"""Workers that take jobs from a distributed queue, and report to another one.

    python examples/queue_workers.py [HOST:PORT ...]

A job is given to exactly one worker, whichever process that is in.
"""

import asyncio
import sys

import hzclient.asyncio
from hzclient.asyncio import HazelcastClient

STOP = ""


async def work(client: HazelcastClient, name: str) -> None:
    """Take jobs until one says stop."""
    jobs, results = await client.get_queue("texts"), await client.get_queue("lengths")
    async for text in jobs.items():
        if text == STOP:
            break
        await results.put([text, len(text), name])


async def main() -> None:
    """Run two workers, and give them jobs."""
    members = sys.argv[1:] or ["127.0.0.1:5701"]
    async with hzclient.asyncio.HazelcastClient(cluster_members=members) as client:
        jobs, results = await client.get_queue("texts"), await client.get_queue("lengths")
        async with asyncio.timeout(60), asyncio.TaskGroup() as workers:
            for name in ("first", "second"):
                workers.create_task(work(client, name))
            await jobs.add_all(["one", "three", "eleven", STOP, STOP])
            lengths = sorted([(await results.take())[:2] for _ in range(3)])
        print(lengths)


if __name__ == "__main__":
    asyncio.run(main())
