"""A listener that has been removed is quiet: its callback has ended and is not called again; in all faces."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from hzclient._services import events
from hzclient.proxy import _reliable_listener
from tests.integration.events import Told
from tests.integration.faces import Face, eventually

ADDING: dict[str, tuple[Callable[[Any, Any], Any], Callable[[Any, int], Any], str]] = {
    "topic": (lambda s, f: s.add_listener(f), lambda s, n: s.publish(n), "remove_listener"),
    "reliable_topic": (lambda s, f: s.add_listener(f), lambda s, n: s.publish(n), "remove_listener"),
    "map": (
        lambda s, f: s.add_entry_listener(added_func=f),
        lambda s, n: s.put(n, n),
        "remove_entry_listener",
    ),
    "queue": (lambda s, f: s.add_listener(item_added_func=f), lambda s, n: s.add(n), "remove_listener"),
}
"""For each kind of structure: how to add a listener, how to cause an event, and what removes the listener."""


class Slow:
    """Callback that takes a while, and counts its calls."""

    def __init__(self) -> None:
        self.begun = self.ended = 0

    def __call__(self, event: Any) -> None:
        self.begun += 1
        time.sleep(0.02)
        self.ended += 1

    async def later(self, event: Any) -> None:
        self.begun += 1
        await asyncio.sleep(0.02)
        self.ended += 1


@pytest.mark.parametrize("kind", list(ADDING))
async def test_no_callback_runs_once_the_removal_has_returned(face: Face, kind: str) -> None:
    add, cause, remove = ADDING[kind]
    structure, slow = await face.get(kind), Slow()
    id_ = await add(structure, slow.later if face.name == "asyncio" else slow)
    for number in range(10):
        await cause(structure, number)
    await eventually(lambda: slow.begun)
    assert await getattr(structure, remove)(id_) is True
    seen = slow.begun, slow.ended
    assert seen[0] == seen[1]
    told = Told()
    await add(structure, told.add)
    await cause(structure, 10)
    await told.next()
    assert (slow.begun, slow.ended) == seen


@pytest.mark.parametrize("coroutine", [False, True])
async def test_a_callback_may_remove_its_own_listener(face: Face, coroutine: bool) -> None:
    """It does not wait for itself."""
    topic, told = await face.get("topic"), Told()
    ids: list[str] = []
    loop = asyncio.get_running_loop()

    async def later(message: Any) -> None:
        told.add(await topic.remove_listener(ids[0]))

    def at_once(message: Any) -> Any:
        if face.name == "asyncio":
            return later(message)
        outcome = topic.target.remove_listener(ids[0])
        told.add(outcome if face.name == "blocking" else outcome.result(60))
        return None

    ids.append(await topic.add_listener(later if coroutine and face.name != "blocking" else at_once))
    began = loop.time()
    await topic.publish("message")
    assert await told.next() is True
    assert loop.time() - began < events.LONGEST_WAIT


@pytest.mark.parametrize("face", ["future", "blocking"], indirect=True)  # in asyncio it blocks everything
@pytest.mark.parametrize(("kind", "module"), [("topic", events), ("reliable_topic", _reliable_listener)])
async def test_a_callback_that_blocks_does_not_hold_the_removal_up(
    face: Face, kind: str, module: ModuleType, monkeypatch: Any, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "LONGEST_WAIT", 0.1)
    topic = await face.get(kind)
    entered, go_on, handled = threading.Event(), threading.Event(), Told()

    def block(message: Any) -> None:
        entered.set()
        go_on.wait(60)
        handled.add(message.message)

    id_ = await topic.add_listener(block)
    await topic.publish("first")
    await eventually(entered.is_set)
    try:
        assert await topic.remove_listener(id_) is True
        assert f"listener of {topic.target!r} still runs" in caplog.text
    finally:
        go_on.set()
    assert await handled.next() == "first"
