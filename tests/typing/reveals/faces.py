"""One definition gives each face its exact types."""

from __future__ import annotations

from typing import Generic, TypeVar

from hzclient._runtime.faces import AsyncioFace, BlockingFace, FutureFace, operation
from hzclient.future import Future, combine_futures

K = TypeVar("K")
V = TypeVar("V")


class ToyOperations(Generic[K, V]):
    @operation
    async def put(self, key: K, value: V, ttl: float | None = None) -> V | None:
        raise NotImplementedError


class AsyncToy(ToyOperations[K, V], AsyncioFace): ...


class Toy(FutureFace, ToyOperations[K, V]): ...


class BlockingToy(BlockingFace, ToyOperations[K, V]): ...


async def calls(a: AsyncToy[str, int], f: Toy[str, int], b: BlockingToy[str, int]) -> None:
    reveal_type(a.put("a", 1))  # R: Coroutine[Any, Any, int | None]
    reveal_type(await a.put("a", 1, ttl=2.5))  # R: int | None
    reveal_type(f.put("a", 1))  # R: Future[int | None]
    reveal_type(f.put("a", 1).result())  # R: int | None
    reveal_type(await f.put("a", 1))  # R: int | None
    reveal_type(b.put("a", 1))  # R: int | None
    reveal_type(b.put)  # R: (key: str, value: int, ttl: float | None = ...) -> int | None


def wrong_calls(f: Toy[str, int], b: BlockingToy[str, int]) -> None:
    f.put(1, 1)  # E
    b.put("a", "1")  # E
    b.put("a")  # E
    b.put("a", 1, time_to_live=3)  # E


def futures(one: Future[int], two: Future[str]) -> None:
    reveal_type(one.result(timeout=1.0))  # R: int
    reveal_type(one.add_done_callback(print))  # R: None
    reveal_type(combine_futures([one, one]))  # R: Future[list[int]]
