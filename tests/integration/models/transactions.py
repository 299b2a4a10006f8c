"""Transactions of a map against a model of their isolation."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

from hypothesis import strategies as st

from tests.integration.faces import FACES
from tests.integration.models.disturbed import Disturbed, result_of
from tests.integration.models.table import Draw, Row, number

KEYS = range(3)
key = st.sampled_from(KEYS)

Entries = dict[int, int]


def _put(entries: Entries, key: int, value: int) -> int | None:
    before = entries.get(key)
    entries[key] = value
    return before


def _set(entries: Entries, key: int, value: int) -> None:
    entries[key] = value


def _put_if_absent(entries: Entries, key: int, value: int) -> int | None:
    return entries[key] if key in entries else _put(entries, key, value)


def _replace(entries: Entries, key: int, value: int) -> int | None:
    return _put(entries, key, value) if key in entries else None


def _replace_if_same(entries: Entries, key: int, old: int, value: int) -> bool:
    same = entries.get(key) == old
    if same:
        entries[key] = value
    return same


def _remove(entries: Entries, key: int) -> int | None:
    return entries.pop(key, None)


def _remove_if_same(entries: Entries, key: int, value: int) -> bool:
    same = entries.get(key) == value
    if same:
        del entries[key]
    return same


def _delete(entries: Entries, key: int) -> None:
    entries.pop(key, None)


def _get(entries: Entries, key: int) -> int | None:
    return entries.get(key)


# Without `contains_key`, which is like `get`. Without `size`, `key_set` and `values`: members leave out some
# uncommitted changes, such as a removed key put again.
ROWS = (
    Row("put", (key, number), _put),
    Row("set", (key, number), _set),
    Row("put_if_absent", (key, number), _put_if_absent),
    Row("replace", (key, number), _replace),
    Row("replace_if_same", (key, number, number), _replace_if_same),
    Row("remove", (key,), _remove),
    Row("remove_if_same", (key, number), _remove_if_same),
    Row("delete", (key,), _delete),
    Row("get", (key,), _get),
    Row("get_for_update", (key,), _get),
)


class Caller:
    """A thread or task in which a transaction runs, since it belongs to the one that begins it.

    Args:
        disturbed: The members and the clients.
        face: The face that it uses.
    """

    def __init__(self, disturbed: Disturbed, face: str) -> None:
        self.face = face
        self.client = getattr(disturbed, face)
        self._loop = disturbed.loop if face == "asyncio" else None
        self._thread = ThreadPoolExecutor(1)
        self._calls: asyncio.Queue[tuple[Callable[[], Any], Future[Any]] | None] = asyncio.Queue()
        self._task = asyncio.run_coroutine_threadsafe(self._work(), disturbed.loop)

    def call(self, function: Callable[[], Any]) -> Any:
        """Call a function of a client there, and return its result."""
        if self._loop is None:
            return self._thread.submit(lambda: result_of(function())).result()
        result: Future[Any] = Future()
        self._loop.call_soon_threadsafe(self._calls.put_nowait, (function, result))
        return result.result()

    async def _work(self) -> None:
        while (call := await self._calls.get()) is not None:
            function, result = call
            try:
                outcome = function()
                result.set_result(await outcome if inspect.isawaitable(outcome) else outcome)
            except Exception as error:
                result.set_exception(error)

    def end(self, disturbed: Disturbed) -> None:
        """End the thread and the task."""
        self._thread.shutdown()
        disturbed.loop.call_soon_threadsafe(self._calls.put_nowait, None)
        self._task.result()


class Opened:
    """A transaction that has begun, and what it has changed.

    Args:
        caller: The thread or task in which it runs.
        name: Name of the map.
        committed: What is committed, which other transactions may change.
    """

    def __init__(self, caller: Caller, name: str, committed: Entries) -> None:
        self.caller = caller
        self.locked: set[int] = set()
        """Keys that it may have locked. Others that want to read or change these would wait for its end."""
        self._touched: set[int] = set()
        """Keys that it may have changed."""
        self._committed = committed
        self._changes: dict[int, int | None] = {}
        self._transaction = caller.client.new_transaction(timeout=60)
        caller.call(self._transaction.begin)
        self._map = caller.call(partial(self._transaction.get_map, name))

    def is_odd(self, row: Row, key: int) -> bool:
        """Return whether members do something odd here, which is not checked.

        They let a `get` wait for the lock of its own transaction, unless this has changed the key. If it has
        changed the key before, `replace_if_same` and `remove_if_same` compare with what is committed, and
        what they change is not seen.
        """
        if row.name == "get":
            return key in self.locked and key not in self._changes
        return row.name.endswith("_if_same") and key in self._touched

    def call(self, row: Row, key: int, *others: int) -> None:
        """Call an operation, and compare its result with the model."""
        view = self._committed | {each: value for each, value in self._changes.items() if value is not None}
        for each, value in self._changes.items():
            if value is None:
                view.pop(each, None)
        before = view.get(key)
        expected = row.model(view, key, *others)
        if row.name != "get":
            self.locked.add(key)
        if not row.name.startswith("get"):
            self._touched.add(key)
        if view.get(key) != before:
            self._changes[key] = view.get(key)
        found = self.caller.call(lambda: getattr(self._map, row.name)(key, *others))
        assert found == expected, (
            f"transaction: {row.name}{(key, *others)} returned {found}, not {expected}, in {self.caller.face}"
        )

    def end(self, how: str) -> None:
        """Commit or roll back, and change the model if committed."""
        self.caller.call(getattr(self._transaction, how))
        if how == "commit":
            for key, value in self._changes.items():
                if value is None:
                    self._committed.pop(key, None)
                else:
                    self._committed[key] = value


class Transactions:
    """Two transactions of a map at a time.

    Each sees its own changes and what is committed. Everybody else sees its changes after the commit, all of
    them, and none after a rollback. A transaction that has changed a key, or got it for update, locks it
    until the end, even for reads: the model makes no call that would wait for the other transaction.
    (`get_all` waits for no lock.)

    Args:
        disturbed: The members and the clients.
        name: Name of the map.
    """

    def __init__(self, disturbed: Disturbed, name: str) -> None:
        self._disturbed = disturbed
        self._name = name
        self._committed: Entries = {}
        self._outside = disturbed.blocking.get_map(name).blocking()
        self._callers = [Caller(disturbed, face) for face in FACES for _ in range(2)]

    def step(self, draw: Draw) -> None:
        """Run two transactions that make some calls in turn."""
        callers = draw(st.permutations(self._callers))[:2]
        opened = [Opened(caller, self._name, self._committed) for caller in callers]
        for _ in range(draw(st.integers(1, 8))):
            which = draw(st.sampled_from([0, 1]))
            row = draw(st.sampled_from(ROWS))
            arguments = row.draw_arguments(draw, None)
            mine, other = opened[which], opened[1 - which]
            if arguments[0] not in other.locked and not mine.is_odd(row, arguments[0]):
                mine.call(row, *arguments)
            self._check_outside("while transactions are open")
        for ending in draw(st.permutations(opened)):
            how = draw(st.sampled_from(["commit", "rollback"]))
            ending.end(how)
            self._check_outside(f"after a {how} in {ending.caller.face}")

    def _check_outside(self, when: str) -> None:
        found = self._outside.get_all(list(KEYS))
        assert found == self._committed, f"{when}: others see {found}, not {self._committed}"

    def end(self) -> None:
        """End the threads and the tasks."""
        for caller in self._callers:
            caller.end(self._disturbed)
