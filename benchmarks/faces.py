"""One body for three faces, for tests and for the soak.

A body is a coroutine that awaits every call. In the asyncio face, it awaits the client's coroutines, and in
the Future face its futures. In the blocking face, the call has returned before it is awaited; it runs in the
body's thread, so that what belongs to a thread (a lock) belongs to the body.
"""

from __future__ import annotations

import asyncio
import inspect
import threading
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import hzclient
import hzclient.asyncio

T = TypeVar("T")

FACES = ("asyncio", "future", "blocking")


class Face:
    """A client in one of its faces.

    Args:
        name: One of `FACES`.
        client: The client.

    Attributes:
        name: One of `FACES`.
        client: The client itself, for what differs between the faces.
    """

    def __init__(self, name: str, client: Any) -> None:
        self.name = name
        self.client = client

    async def get(self, kind: str, name: str | None = None) -> Any:
        """Return a structure: `await face.get("map")` calls `get_map` with a name of its own."""
        getter = getattr(self.client, f"get_{kind}")
        found = getter(name or unique_name(kind))
        return self.of(await found if inspect.isawaitable(found) else found)

    def of(self, structure: Any) -> Any:
        """Return a structure of the client in this face."""
        if self.name == "blocking":
            structure = structure.blocking()
        return Seen(structure)

    async def result(self, outcome: Any) -> Any:
        """Return the result of a call in any face."""
        return await outcome if inspect.isawaitable(outcome) else outcome

    async def each(self, items: Any) -> AsyncIterator[Any]:
        """Iterate over a result with `async for` in any face."""
        async for item in _asynchronous(items) if self.name == "blocking" else items:
            yield item

    async def as_somebody_else(self, body: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Run `body` as another owner of locks: in a task or a thread of its own."""
        if self.name == "asyncio":
            return await asyncio.create_task(body())
        return await asyncio.wrap_future(self.start_elsewhere(body))

    def start_elsewhere(self, body: Callable[[], Coroutine[Any, Any, T]]) -> Any:
        """Start `body` in a thread with a loop of its own; return a `concurrent.futures.Future`."""
        import concurrent.futures

        future: concurrent.futures.Future[T] = concurrent.futures.Future()

        def run() -> None:
            try:
                future.set_result(asyncio.run(body()))
            except BaseException as error:
                future.set_exception(error)

        threading.Thread(target=run, daemon=True).start()
        return future

    def start(self, body: Callable[[], Coroutine[Any, Any, T]]) -> Awaitable[T]:
        """Start `body` concurrently, as another owner of locks; return an awaitable of its result."""
        if self.name == "asyncio":
            return asyncio.create_task(body())
        return asyncio.wrap_future(self.start_elsewhere(body))

    @asynccontextmanager
    async def entered(self, manager: Any) -> AsyncIterator[Any]:
        """Enter a context manager of either kind."""
        if hasattr(manager, "__aenter__"):
            async with manager as value:
                yield value
        else:
            with manager as value:
                yield value


class Seen:
    """A structure whose calls can all be awaited, and whose iterators all support `async for`.

    Args:
        target: The structure.
    """

    def __init__(self, target: Any) -> None:
        self.target = target

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.target, name)
        if not callable(value):
            return value

        def call(*args: Any, **kwargs: Any) -> Any:
            result = value(*args, **kwargs)
            if inspect.isawaitable(result) or hasattr(result, "__anext__") or hasattr(result, "__aenter__"):
                return result
            if inspect.isgenerator(result):
                return _asynchronous(result)
            return result if hasattr(result, "__enter__") else _returned(result)

        return call

    def __repr__(self) -> str:
        return repr(self.target)


async def _returned(value: T) -> T:
    return value


async def _asynchronous(items: Any) -> AsyncIterator[Any]:
    for item in items:
        yield item


def unique_name(kind: str) -> str:
    """Return a name of a structure that nobody else uses."""
    return f"{kind}-{uuid.uuid4().hex[:12]}"


async def make_client(face: str, **options: Any) -> Any:
    """Return a client for a face: `hzclient.HazelcastClient` or that of `hzclient.asyncio`."""
    if face == "asyncio":
        return await hzclient.asyncio.HazelcastClient.create_and_start(**options)
    return hzclient.HazelcastClient(**options)


async def end_client(client: Any) -> None:
    """Shut a client of either kind down."""
    ended = client.shutdown()
    if inspect.isawaitable(ended):
        await ended


async def eventually(check: Callable[[], Any], seconds: float = 15.0) -> Any:
    """Wait until `check()`, which may be a coroutine function, is true, and return its result.

    For facts that nothing announces. Wait for an event or a future as such.
    """
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        value = check()
        if inspect.isawaitable(value):
            value = await value
        if value:
            return value
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError(f"{check} did not become true in {seconds} s")
        await asyncio.sleep(0.01)
