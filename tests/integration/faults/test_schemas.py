"""Compact schemas of listeners: they reach the cluster before the registration does."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest

from hzclient import predicate
from hzclient.lifecycle import LifecycleState
from hzclient.serialization.api import CompactReader, CompactSerializer, CompactWriter
from hzclient.server import LocalCluster
from tests.integration.events import Told
from tests.integration.faces import FACES, Face, eventually, unique_name
from tests.integration.faults.clients import connected, face_of


@dataclass(frozen=True)
class Level:
    """The twin of the members' `hzclient.test.Level`, which predicates can compare."""

    height: int


class LevelSerializer(CompactSerializer[Level]):
    """Adds a field of its own, which makes it a schema that no cluster has seen yet."""

    def __init__(self) -> None:
        self._field_name = unique_name("extra")

    def get_class(self) -> type[Level]:
        return Level

    def get_type_name(self) -> str:
        return "hzclient.test.Level"

    def write(self, writer: CompactWriter, obj: Level) -> None:
        writer.write_int32("height", obj.height)
        writer.write_boolean(self._field_name, True)

    def read(self, reader: CompactReader) -> Level:
        return Level(reader.read_int32("height"))


def client_of(name: str, members: LocalCluster, **options: Any) -> Any:
    return face_of(name, members, compact_serializers=[LevelSerializer()], **options)


def at_least(height: int) -> Any:
    """Return a predicate with a compact value, which members read when the listener is registered."""
    return predicate.greater_or_equal("this", Level(height))


async def restart_all(face: Face, members: LocalCluster, states: list[str], meanwhile: Any) -> None:
    """Replace all members by empty ones.

    Args:
        face: A client of theirs.
        members: The members.
        states: The lifecycle states of the client so far.
        meanwhile: Awaited while there is no member.
    """
    seen = states.count(LifecycleState.CONNECTED)
    for member in members.members:
        await asyncio.to_thread(member.kill)
    await eventually(lambda: states[-1] == LifecycleState.DISCONNECTED)
    await meanwhile()
    for member in members.members:
        await asyncio.to_thread(member.start)
    await eventually(lambda: states.count(LifecycleState.CONNECTED) > seen, 60)
    await eventually(lambda: connected(face) == 2, 60)


async def hears(told: Told, m: Any, value: Level) -> None:
    """Set an entry until the listener reports it: it may not be registered again yet.

    Events of earlier entries may still arrive; they are ignored.
    """
    seen: list[Any] = []

    async def heard() -> bool:
        await m.delete("k")
        await m.set("k", value)
        while not told.empty():
            seen.append((await told.next()).value)
        return value in seen

    await eventually(heard, 60)


@pytest.mark.parametrize("name", FACES)
@pytest.mark.parametrize("kind", ["map", "replicated_map"])
async def test_a_predicate_that_holds_a_new_class(name: str, kind: str, members: LocalCluster) -> None:
    async with client_of(name, members) as face:
        structure, told = await face.get(kind), Told()
        await structure.add_entry_listener(predicate=at_least(10), added_func=told.add)
        await structure.put("low", Level(9))
        await structure.put("high", Level(11))
        assert (await told.next()).key == "high"
        assert told.empty()


@pytest.mark.parametrize("name", FACES)
@pytest.mark.parametrize("kind", ["map", "multi_map", "replicated_map"])
async def test_a_key_whose_class_is_new(name: str, kind: str, members: LocalCluster) -> None:
    async with client_of(name, members) as face:
        structure, told = await face.get(kind), Told()
        await structure.add_entry_listener(key=Level(1), added_func=told.add)
        await structure.put(Level(2), "other")
        await structure.put(Level(1), "mine")
        assert (await told.next()).key == Level(1)
        assert told.empty()


@pytest.mark.parametrize("name", FACES)
async def test_a_restart_of_the_whole_cluster(name: str, members: LocalCluster) -> None:
    states: list[str] = []
    async with client_of(name, members, lifecycle_listeners=[states.append]) as face:
        m, before, meanwhile = await face.get("map"), Told(), Told()
        await m.add_entry_listener(include_value=True, predicate=at_least(10), added_func=before.add)
        await m.set("k", Level(10))
        assert (await before.next()).value == Level(10)
        # Registered while there is no member to refuse it or to take it.
        await restart_all(
            face,
            members,
            states,
            lambda: m.add_entry_listener(
                include_value=True, predicate=at_least(20), added_func=meanwhile.add
            ),
        )
        await hears(before, m, Level(10))
        await hears(meanwhile, m, Level(20))


@pytest.mark.parametrize("name", FACES)
async def test_a_class_that_is_new_while_no_member_is_there(name: str, members: LocalCluster) -> None:
    states: list[str] = []
    async with client_of(name, members, lifecycle_listeners=[states.append]) as face:
        m, told = await face.get("map"), Told()
        await restart_all(
            face,
            members,
            states,
            lambda: m.add_entry_listener(include_value=True, predicate=at_least(10), added_func=told.add),
        )
        await hears(told, m, Level(10))


@pytest.mark.parametrize("name", FACES)
async def test_members_that_are_replaced_one_after_the_other(name: str, members: LocalCluster) -> None:
    async with client_of(name, members) as face:
        m, told = await face.get("map"), Told()
        await m.add_entry_listener(include_value=True, predicate=at_least(10), added_func=told.add)
        for number, member in enumerate(members.members):
            await asyncio.to_thread(member.kill)
            await asyncio.to_thread(member.start)
            await eventually(lambda: connected(face) == 2, 60)
            await hears(told, m, Level(10 + number))
