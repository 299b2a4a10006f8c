"""Makes, uses and closes clients, and checks that none of them waits for the garbage collector.

Usage: python closed_clients.py ADDRESS CLUSTER_NAME
"""

from __future__ import annotations

import asyncio
import faulthandler
import gc
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import hzclient
import hzclient.asyncio

faulthandler.dump_traceback_later(100, exit=True)
options: dict[str, Any] = {
    "cluster_members": [sys.argv[1]],
    "cluster_name": sys.argv[2],
    "near_caches": {"n": {}},
    "lifecycle_listeners": [lambda _: None],
    "membership_listeners": [(lambda _: None, None)],
}

ROUNDS = 6
"""What is collected in one round may be due to an error that came by chance; a cycle is there in each."""


def ignore(client: object, event: object) -> None:
    """Handle an event in a program whose listeners refer to the client."""


@dataclass
class Point:
    """A class that is written as compact data."""

    x: int


def threaded() -> None:
    client = hzclient.HazelcastClient(**options)
    client.lifecycle_service.add_listener(partial(ignore, client))
    client.cluster_service.add_listener(partial(ignore, client))
    mine = client.get_map("n").blocking()
    mine.put(1, Point(1))
    assert mine.get(1) == Point(1)
    mine.remove_entry_listener(mine.add_entry_listener(added_func=print))
    mine.add_entry_listener(added_func=partial(ignore, client))
    with client.new_transaction() as transaction:
        transaction.get_map("in-transaction").get(1)
    with client.sql.execute("SELECT v FROM TABLE(generate_series(1, 30))").result() as rows:
        assert len(list(rows)) == 30
    client.shutdown()


async def attached() -> None:
    client = await hzclient.asyncio.HazelcastClient.create_and_start(**options)
    client.lifecycle_service.add_listener(partial(ignore, client))
    client.cluster_service.add_listener(partial(ignore, client))
    mine = await client.get_map("n")
    await mine.put(1, Point(1))
    assert await mine.get(1) == Point(1)
    await mine.remove_entry_listener(await mine.add_entry_listener(added_func=print))
    await mine.add_entry_listener(added_func=partial(ignore, client))
    async with await client.sql.execute("SELECT v FROM TABLE(generate_series(1, 30))") as rows:
        assert len([row async for row in rows]) == 30
    await client.shutdown()


def collected_after(use: Callable[[], object]) -> Counter[str]:
    """Return what the collector finds after a client has been used, by class."""
    gc.collect()
    gc.set_debug(gc.DEBUG_SAVEALL)
    use()
    gc.collect()
    gc.set_debug(0)
    found = Counter(f"{type(each).__module__}.{type(each).__qualname__}" for each in gc.garbage)
    gc.garbage.clear()
    return found


def check(use: Callable[[], object]) -> None:
    for _ in range(2):  # loads what is loaded on demand
        use()
    rounds = [collected_after(use) for _ in range(ROUNDS)]
    least = min(rounds, key=Counter.total)
    # A transport of asyncio is a cycle of its own when it is closed, with its protocol's buffer.
    ours = [name for name in least if name.startswith("hzclient.")]
    assert not ours, least
    assert least.total() < 20, least
    print([each.total() for each in rounds])


gc.disable()
check(threaded)
check(lambda: asyncio.run(attached()))
print("ok")
