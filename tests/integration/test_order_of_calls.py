"""A listener that is not waited for gets what the calls after it cause, on real members."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.events import Told
from tests.integration.faces import Face, unique_name

LISTENERS: dict[str, tuple[Callable[[Any, Any], Any], Callable[[Any, Any], Any]]] = {
    "topic": (lambda s, told: s.add_listener(told), lambda s, n: s.publish(n)),
    "reliable_topic": (lambda s, told: s.add_listener(told), lambda s, n: s.publish(n)),
    "map": (lambda s, told: s.add_entry_listener(added_func=told), lambda s, n: s.put(n, n)),
    "multi_map": (lambda s, told: s.add_entry_listener(added_func=told), lambda s, n: s.put(n, n)),
    "replicated_map": (lambda s, told: s.add_entry_listener(added_func=told), lambda s, n: s.put(n, n)),
    "list": (lambda s, told: s.add_listener(item_added_func=told), lambda s, n: s.add(n)),
    "set": (lambda s, told: s.add_listener(item_added_func=told), lambda s, n: s.add(n)),
    "queue": (lambda s, told: s.add_listener(item_added_func=told), lambda s, n: s.offer(n)),
}
"""For each kind of structure, how to listen and how to cause an event."""

ROUNDS = {"topic": 200}


async def structures(face: Face, kind: str, count: int) -> list[Any]:
    getter = getattr(face.client, f"get_{kind}")
    found = [getter(unique_name(kind)) for _ in range(count)]
    return [await each for each in found] if face.name == "asyncio" else found


@pytest.mark.parametrize("face", ["asyncio", "future"], indirect=True)  # the blocking one waits for each call
@pytest.mark.parametrize("kind", list(LISTENERS))
async def test_nothing_that_follows_a_listener_is_lost(face: Face, kind: str) -> None:
    listen, cause = LISTENERS[kind]
    rounds = ROUNDS.get(kind, 30)
    told = Told()
    for number, structure in enumerate(await structures(face, kind, rounds)):
        outcomes = [
            asyncio.ensure_future(call) for call in (listen(structure, told.add), cause(structure, number))
        ]
        await told.next()
        await asyncio.gather(*outcomes)
    assert told.empty()
