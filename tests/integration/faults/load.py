"""Callers that never stop, and check each answer against its key."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import Counter
from collections.abc import AsyncIterator
from concurrent.futures import Future
from contextlib import asynccontextmanager
from typing import Any

from tests.integration.faces import Face

VALUE = "value of {}"
KEYS = 200


class Load:
    """Some callers of one map, each on keys of its own.

    Attributes:
        answers: How many answers each caller has had.
        errors: The errors that calls failed with, by class.
        wrong: Answers that belong to another key.

    Args:
        face: How calls are made.
        target: The map in this face.
        callers: Number of concurrent callers.
    """

    def __init__(self, face: Face, target: Any, callers: int = 8) -> None:
        self.answers: Counter[int] = Counter()
        self.errors: Counter[type[BaseException]] = Counter()
        self.wrong: list[tuple[str, Any]] = []
        self.writes = 0
        self._face = face
        self._map = target
        self._callers = callers
        self._stopped = threading.Event()
        self._running: list[Any] = []

    def start(self) -> None:
        """Start the callers: tasks, or threads if calls block."""
        for caller in range(self._callers):
            if self._face.name == "blocking":
                ended: Future[None] = Future()
                threading.Thread(target=self._call_in_thread, args=(caller, ended), daemon=True).start()
                self._running.append(asyncio.wrap_future(ended))
            else:
                self._running.append(asyncio.ensure_future(self._call(caller)))

    async def stop(self) -> None:
        """End the callers. Raise TimeoutError if a call hangs."""
        self._stopped.set()
        async with asyncio.timeout(60):
            await asyncio.gather(*self._running)

    async def has_gone_on(self, more: int = 20) -> None:
        """Wait until each caller has received more responses."""
        before = Counter(self.answers)
        async with asyncio.timeout(90):
            while any(self.answers[caller] < before[caller] + more for caller in range(self._callers)):
                await asyncio.sleep(0.01)

    def _keys(self, caller: int) -> list[str]:
        return [f"key-{n}" for n in range(caller, KEYS, self._callers)]

    async def _call(self, caller: int) -> None:
        while not self._stopped.is_set():
            for key in self._keys(caller):
                await asyncio.sleep(0)
                try:
                    if self.answers[caller] % 5 == 4:
                        await self._map.set(key, VALUE.format(key))
                        self.writes += 1
                    else:
                        self._check(key, await self._map.get(key))
                except Exception as error:
                    self.errors[type(error)] += 1
                self.answers[caller] += 1

    def _call_in_thread(self, caller: int, ended: Future[None]) -> None:
        self._call_until_stopped(caller)
        ended.set_result(None)

    def _call_until_stopped(self, caller: int) -> None:
        while not self._stopped.is_set():
            for key in self._keys(caller):
                try:
                    if self.answers[caller] % 5 == 4:
                        self._map.set(key, VALUE.format(key))
                        self.writes += 1
                    else:
                        self._check(key, self._map.get(key))
                except Exception as error:
                    self.errors[type(error)] += 1
                self.answers[caller] += 1

    def _check(self, key: str, answer: Any) -> None:
        if answer != VALUE.format(key):
            self.wrong.append((key, answer))


@asynccontextmanager
async def load_on(face: Face, m: Any) -> AsyncIterator[Load]:
    """Run callers during the block. Afterwards none hangs, and each response was the caller's own.

    Args:
        face: How calls are made.
        m: A map, as `Face.get` returns it.

    Yields:
        The callers.
    """
    await m.put_all({f"key-{n}": VALUE.format(f"key-{n}") for n in range(KEYS)})
    load = Load(face, m.target)
    load.start()
    try:
        await load.has_gone_on()
        yield load
    except BaseException:
        with contextlib.suppress(TimeoutError):
            await load.stop()
        raise
    await load.stop()
    assert not load.wrong, load.wrong[:10]
