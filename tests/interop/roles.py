"""The roles that a value takes: what the Python side of the tests does with it.

The programs in other languages know the same roles by the same names, except those in `MISSING`.
"""

from __future__ import annotations

import queue
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hzclient import HazelcastClient
from tests.interop.kinds import Kind, describe

KEY = "key"
FOUND = "found"
SECONDS = 20

MISSING: Mapping[str, frozenset[str]] = {
    "node": frozenset({"topic"}),
    "go": frozenset({"reliable_topic"}),
}
"""Roles whose structure the client of a language does not have."""


@dataclass(frozen=True)
class Role:
    """What a value is put into, and how it is got back.

    Attributes:
        write: Puts the value of a kind into the structure of a name.
        read: Gets it back, and describes it.
        listens: Whether the reader must listen before the value is written.
        result: What the reader says if all is well; None for the text of the kind.
        rewrites: Whether the reader must be able to write the kind too.
    """

    write: Callable[[HazelcastClient, str, Kind], Any]
    read: Callable[[HazelcastClient, str, Kind], str]
    listens: bool = False
    result: str | None = None
    rewrites: bool = False


def _compare(client: HazelcastClient, name: str, kind: Kind) -> str:
    values = client.get_map(name).blocking()
    return "same" if values.replace_if_same(KEY, kind.value, kind.value) else "other bytes"


def _contains(client: HazelcastClient, name: str, kind: Kind) -> str:
    return FOUND if client.get_set(name).blocking().contains(kind.value) else "missing"


def _oldest(client: HazelcastClient, name: str, _: Kind) -> str:
    ringbuffer = client.get_ringbuffer(name).blocking()
    return describe(ringbuffer.read_one(ringbuffer.head_sequence()))


def _unread(client: HazelcastClient, name: str, kind: Kind) -> str:
    raise AssertionError("messages come to a listener")


ROLES: Mapping[str, Role] = {
    "value": Role(
        lambda client, name, kind: client.get_map(name).blocking().set(KEY, kind.value),
        lambda client, name, _: describe(client.get_map(name).blocking().get(KEY)),
    ),
    "compare": Role(
        lambda client, name, kind: client.get_map(name).blocking().set(KEY, kind.value),
        _compare,
        result="same",
        rewrites=True,
    ),
    "key": Role(
        lambda client, name, kind: client.get_map(name).blocking().set(kind.value, FOUND),
        lambda client, name, kind: describe(client.get_map(name).blocking().get(kind.value)),
        result=FOUND,
        rewrites=True,
    ),
    "list": Role(
        lambda client, name, kind: client.get_list(name).blocking().add(kind.value),
        lambda client, name, _: describe(client.get_list(name).blocking().get(0)),
    ),
    "set": Role(
        lambda client, name, kind: client.get_set(name).blocking().add(kind.value),
        _contains,
        result=FOUND,
        rewrites=True,
    ),
    "queue": Role(
        lambda client, name, kind: client.get_queue(name).blocking().offer(kind.value),
        lambda client, name, _: describe(client.get_queue(name).blocking().poll(SECONDS)),
    ),
    "multi_map": Role(
        lambda client, name, kind: client.get_multi_map(name).blocking().put(KEY, kind.value),
        lambda client, name, _: describe(client.get_multi_map(name).blocking().get(KEY)[0]),
    ),
    "replicated_map": Role(
        lambda client, name, kind: client.get_replicated_map(name).blocking().put(KEY, kind.value),
        lambda client, name, _: describe(client.get_replicated_map(name).blocking().get(KEY)),
    ),
    "ringbuffer": Role(
        lambda client, name, kind: client.get_ringbuffer(name).blocking().add(kind.value), _oldest
    ),
    "topic": Role(
        lambda client, name, kind: client.get_topic(name).blocking().publish(kind.value),
        _unread,
        listens=True,
    ),
    "reliable_topic": Role(
        lambda client, name, kind: client.get_reliable_topic(name).blocking().publish(kind.value),
        _unread,
        listens=True,
    ),
}


class Listener:
    """What a listener of the Python client has heard.

    Args:
        client: The client.
        role: `topic`, `reliable_topic` or `map`.
        name: Name of the structure.
    """

    def __init__(self, client: HazelcastClient, role: str, name: str) -> None:
        self._heard: queue.Queue[str] = queue.Queue()
        structure: Any = getattr(client, f"get_{role}")(name).blocking()
        if role == "map":
            on_event = self._on_entry
            structure.add_entry_listener(
                include_value=True, added_func=on_event, updated_func=on_event, removed_func=on_event
            )
        else:
            structure.add_listener(self._on_message)

    def next(self) -> str:
        """Return the next event; raise `queue.Empty` if none comes."""
        return self._heard.get(timeout=SECONDS)

    def _on_message(self, message: Any) -> None:
        self._heard.put(describe(message.message))

    def _on_entry(self, event: Any) -> None:
        name = {1: "ADDED", 2: "REMOVED", 4: "UPDATED"}[event.event_type]
        self._heard.put(f"{name} {event.key} {describe(event.value)}")
