"""The structures that clients give, and the map's calls in all three faces."""

from __future__ import annotations

import hzclient
import hzclient.asyncio
from hzclient.future import Future, ImmediateFuture, combine_futures
from hzclient.proxy.map import AsyncMap, BlockingMap, Map


def threaded(client: hzclient.HazelcastClient) -> None:
    reveal_type(client.get_map("m"))  # R: Map[Any, Any]
    reveal_type(client.get_map("m").blocking())  # R: BlockingMap[Any, Any]
    reveal_type(client.get_queue("q"))  # R: Queue[Any]
    reveal_type(client.name)  # R: str
    reveal_type(client.shutdown())  # R: None
    client.get_map(1)  # E


async def attached(client: hzclient.asyncio.HazelcastClient) -> None:
    reveal_type(await client.get_map("m"))  # R: AsyncMap[Any, Any]
    reveal_type(await client.get_queue("q"))  # R: AsyncQueue[Any]
    reveal_type(await client.shutdown())  # R: None
    async with client as entered:
        reveal_type(entered)  # R: HazelcastClient
    reveal_type(await hzclient.asyncio.HazelcastClient.create_and_start())  # R: HazelcastClient


async def in_asyncio(m: AsyncMap[str, int]) -> None:
    reveal_type(await m.get("a"))  # R: int | None
    reveal_type(await m.put("a", 1))  # R: int | None
    reveal_type(await m.set("a", 1))  # R: None
    reveal_type(await m.size())  # R: int
    reveal_type(await m.contains_key("a"))  # R: bool
    reveal_type(await m.get_all(["a"]))  # R: dict[str, int]
    reveal_type(await m.key_set())  # R: list[str]
    reveal_type(await m.entry_set())  # R: list[tuple[str, int]]
    reveal_type(await m.destroy())  # R: bool
    await m.get(1)  # E
    await m.put("a", "1")  # E


def in_futures(m: Map[str, int]) -> None:
    reveal_type(m.get("a"))  # R: Future[int | None]
    reveal_type(m.get("a").result())  # R: int | None
    reveal_type(m.size().result(timeout=1.5))  # R: int
    reveal_type(m.get_all(["a"]))  # R: Future[dict[str, int]]
    reveal_type(m.destroy())  # R: bool
    reveal_type(m.blocking())  # R: BlockingMap[str, int]
    reveal_type(m.with_timeout(1.0))  # R: Map[str, int]
    reveal_type(combine_futures([m.get("a"), m.get("b")]))  # R: Future[list[int | None]]
    m.get(1)  # E


def in_blocking(m: BlockingMap[str, int]) -> None:
    reveal_type(m.get("a"))  # R: int | None
    reveal_type(m.set("a", 1))  # R: None
    reveal_type(m.values())  # R: list[int]
    reveal_type(m.contains_key("a"))  # R: bool
    reveal_type(m.destroy())  # R: bool
    reveal_type(m.blocking())  # R: BlockingMap[str, int]
    m.set("a", "1")  # E


async def futures(one: Future[int]) -> None:
    reveal_type(await one)  # R: int
    reveal_type(one.cancel())  # R: bool
    reveal_type(one.exception())  # R: BaseException | None
    reveal_type(one.continue_with(lambda f: f.result()))  # R: Future[Any]
    reveal_type(ImmediateFuture("a").result())  # R: str
