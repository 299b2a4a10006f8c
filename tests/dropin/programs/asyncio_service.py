"""An asyncio service: tasks in a TaskGroup share maps, a queue and events."""

import asyncio
import sys

from hazelcast.asyncio import HazelcastClient

members, prefix = sys.argv[1].split(","), sys.argv[2]


async def main():
    client = await HazelcastClient.create_and_start(cluster_members=members)
    visits = await client.get_map(prefix + "visits")
    print(visits)
    added = asyncio.Queue()
    registration = await visits.add_entry_listener(
        include_value=True, added_func=lambda event: added.put_nowait((event.key, event.value))
    )

    async def visit(page, times):
        for _ in range(times):
            while True:
                before = await visits.get(page)
                if before is None:
                    if await visits.put_if_absent(page, 1) is None:
                        break
                elif await visits.replace_if_same(page, before, before + 1):
                    break

    async with asyncio.TaskGroup() as group:
        for worker in range(4):
            group.create_task(visit("/home", 5))
            group.create_task(visit(f"/page-{worker}", worker + 1))
    print(sorted(await visits.entry_set()))
    print(sorted([await added.get() for _ in range(5)]))
    print(await visits.remove_entry_listener(registration))

    queue = await client.get_queue(prefix + "jobs")

    async def produce():
        for number in range(5):
            await queue.put(number)

    async def consume():
        return [await queue.take() for _ in range(5)]

    async with asyncio.TaskGroup() as group:
        consumer = group.create_task(consume())
        group.create_task(produce())
    print(consumer.result())
    print(await asyncio.gather(*(visits.get(key) for key in ["/home", "/nothing"])))
    try:
        async with asyncio.timeout(0.05):
            await queue.take()
    except TimeoutError:
        print("nothing left")
    multi = await client.get_multi_map(prefix + "tags")
    await multi.put("a", 1)
    await multi.put("a", 2)
    print(sorted(await multi.get("a")), await multi.value_count("a"))
    replicated = await client.get_replicated_map(prefix + "settings")
    print(await replicated.put("k", "v"))
    while await replicated.get("k") is None or await replicated.size() == 0:
        await asyncio.sleep(0.01)
    print(await replicated.get("k"), await replicated.size())
    print(await (await client.get_pn_counter(prefix + "hits")).add_and_get(3))
    await client.shutdown()
    print(client.lifecycle_service.is_running())


asyncio.run(main())
