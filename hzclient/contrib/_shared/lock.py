"""A lock between processes, for threads and for tasks."""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from hzclient.contrib._shared.guarded import Guarded
from hzclient.contrib._shared.steps import Steps, run_steps
from hzclient.errors import LockOwnershipLostError
from hzclient.proxy.map import Map

_SHORTEST_PAUSE = 0.01
_LONGEST_PAUSE = 0.25


class CacheLock:
    """A lock that at most one holder has at a time, in all processes. It is not re-entrant.

    The member releases it after `lease` seconds if its holder does not do so, because a process may die. The
    holder is the object, not a thread or task: use an object of its own for each holder. It supports `with`
    and `async with`.

    Args:
        locks: Map that holds the locks.
        key: Name of the lock.
        lease: Seconds after which the member releases it, more than 0.
        wait: Seconds that acquiring it may take; None waits without limit.

    Raises:
        ValueError: `lease` is not more than 0.
    """

    def __init__(self, locks: Guarded[Map[str, str]], key: str, lease: float, wait: float | None) -> None:
        if not lease > 0:
            raise ValueError(f"the lease of a lock must be more than 0 seconds, not {lease!r}")
        self._locks = locks
        self._key = key
        self._lease = lease
        self._wait = wait
        self._token: str | None = None

    def __repr__(self) -> str:
        return f"<CacheLock {self._key!r} {'held' if self._token else 'not held'}>"

    @run_steps
    def _try(self, token: str) -> Steps[bool]:
        present = yield self._locks.call(lambda m: m.put_if_absent(self._key, token, self._lease))
        # The request may have been sent twice: then the first one has stored the token.
        if present is None or present == token:
            self._token = token
            return True
        return False

    def _pauses(self, wait: float | None) -> Iterator[float]:
        """Yield pauses between attempts until the time is over."""
        ends = None if wait is None else time.monotonic() + wait
        pause = _SHORTEST_PAUSE
        while True:
            left = pause if ends is None else ends - time.monotonic()
            if left <= 0:
                return
            yield min(pause * random.uniform(0.5, 1), left)
            pause = min(pause * 1.5, _LONGEST_PAUSE)

    def acquire(self, wait: float | None = None) -> bool:
        """Acquire the lock.

        Args:
            wait: Seconds that it may take; None for the time given to the lock, 0 does not wait.

        Returns:
            False if another holder had it all the time.

        Raises:
            RuntimeError: This object holds it already.
            HazelcastError: The cluster is unavailable.
        """
        pauses, token = self._pauses(self._wait if wait is None else wait), uuid.uuid4().hex
        self._check_free()
        while not self._try(token).result():
            pause = next(pauses, None)
            if pause is None:
                return False
            time.sleep(pause)
        return True

    async def aacquire(self, wait: float | None = None) -> bool:
        """Acquire the lock, as `acquire()`, in a task."""
        pauses, token = self._pauses(self._wait if wait is None else wait), uuid.uuid4().hex
        self._check_free()
        while not await self._try(token):
            pause = next(pauses, None)
            if pause is None:
                return False
            await asyncio.sleep(pause)
        return True

    def _check_free(self) -> None:
        if self._token is not None:
            raise RuntimeError(f"{self!r} is held by this object already")

    @run_steps
    def _give_back(self) -> Steps[None]:
        token, self._token = self._held(), None
        if not (yield self._locks.call(lambda m: m.remove_if_same(self._key, token))):
            raise self._lost()

    @run_steps
    def _prolong(self) -> Steps[None]:
        token = self._held()
        present = yield self._locks.call(lambda m: m.get(self._key))
        if present != token or not (yield self._locks.call(lambda m: m.set_ttl(self._key, self._lease))):
            self._token = None
            raise self._lost()

    def _held(self) -> str:
        if self._token is None:
            raise RuntimeError(f"{self!r} is not held by this object")
        return self._token

    def _lost(self) -> LockOwnershipLostError:
        return LockOwnershipLostError(
            f"the lease of {self._lease} s was over before lock {self._key!r} was released"
        )

    def release(self) -> None:
        """Release the lock.

        Raises:
            RuntimeError: This object does not hold it.
            LockOwnershipLostError: The lease was over: another holder may have had it meanwhile.
        """
        self._give_back().result()

    async def arelease(self) -> None:
        """Release the lock, as `release()`, in a task."""
        await self._give_back()

    def extend(self) -> None:
        """Let the lease begin anew.

        Raises:
            RuntimeError: This object does not hold it.
            LockOwnershipLostError: The lease was over.
        """
        self._prolong().result()

    async def aextend(self) -> None:
        """Let the lease begin anew, as `extend()`, in a task."""
        await self._prolong()

    @property
    def held(self) -> bool:
        """Whether this object has acquired the lock and not released it. The lease may be over."""
        return self._token is not None

    def __enter__(self) -> Self:
        if not self.acquire():
            raise TimeoutError(f"lock {self._key!r} was not free within {self._wait} s")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave(self._give_back().exception() if self._token else None, error)

    async def __aenter__(self) -> Self:
        if not await self.aacquire():
            raise TimeoutError(f"lock {self._key!r} was not free within {self._wait} s")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        failure: BaseException | None = None
        if self._token:
            try:
                await self._give_back()
            except Exception as raised:
                failure = raised
        self._leave(failure, error)

    def _leave(self, failure: BaseException | None, error: BaseException | None) -> None:
        """Raise what kept the lock from being released, unless the block failed itself."""
        if failure is not None and error is None:
            raise failure
