"""Routing to one partition group: members of Enterprise clusters report groups, these scripted ones too."""

from __future__ import annotations

import asyncio
import logging
from typing import Any
from uuid import UUID, uuid4

import pytest

from hzclient._codec import client as codec
from hzclient._codec import map as map_codec
from hzclient._codec import topic as topic_codec
from hzclient._services.member_groups import MemberGroups, read_groups
from hzclient.asyncio import HazelcastClient
from hzclient.errors import InvalidConfigurationError
from tests.internals import engine_of
from tests.member.scripted import ScriptedCluster, ScriptedMember
from tests.unit.net.clients import client_of, options, soon, until

BROKEN = {"memberGroups": "{"}


def connected(client: HazelcastClient) -> set[UUID]:
    return {each.member_uuid for each in engine_of(client).manager.connections() if each.member_uuid}


def uuids(*members: ScriptedMember) -> set[UUID]:
    return {member.uuid for member in members}


def set_groups(cluster: ScriptedCluster, *groups: tuple[int, ...]) -> None:
    cluster.view.groups = [[cluster.members[number].uuid for number in group] for group in groups]


def grouped_options(cluster: ScriptedCluster, **more: Any) -> dict[str, Any]:
    """Return options of a client that tries the first member first."""
    return options(cluster, partition_group_routing=True, shuffle_member_list=False, **more)


@pytest.fixture(params=[True, False], ids=["in the response", "as an event"])
def early(request: pytest.FixtureRequest) -> bool:
    """Whether members send the groups with the authentication response already."""
    return bool(request.param)


async def test_connects_to_the_group_of_the_first_member(early: bool) -> None:
    async with ScriptedCluster(4) as cluster:
        set_groups(cluster, (0, 2), (1, 3))
        first, _, third, _ = cluster.members
        if not early:
            facts = {"clusterVersion": "5.7"}
            for member in cluster.members:
                respond: Any = member._authenticate
                member.on(
                    codec.AUTHENTICATION,
                    lambda *given, respond=respond: respond(*given)._replace(key_value_pairs=facts),
                )
        client = await soon(HazelcastClient.create_and_start(**grouped_options(cluster)))
        try:
            await until(lambda: connected(client) == uuids(first, third))
            for member in (first, third):
                request = member.requests_of(codec.AUTHENTICATION)[0]
                assert request.params.routing_mode == 2
            for member in cluster.members:
                member.on(map_codec.GET, lambda name, key, thread_id: None)
            m = await soon(client.get_map("m"))
            await soon(asyncio.gather(*(m.get(number) for number in range(40))))
            asked = [len(member.requests_of(map_codec.GET)) for member in cluster.members]
            assert (asked[1], asked[3]) == (0, 0)
            assert min(asked[0], asked[2]) > 0
            # What a connected member owns goes straight to it.
            owned = dict(cluster.view.partitions())
            for member in (first, third):
                strangers = {
                    request.message.partition_id for request in member.requests_of(map_codec.GET)
                } & set(owned[third.uuid if member is first else first.uuid])
                assert strangers == set()
        finally:
            await soon(client.shutdown())


async def test_follows_changes_of_the_groups() -> None:
    async with ScriptedCluster(4) as cluster:
        set_groups(cluster, (0, 1), (2, 3))
        client = await soon(HazelcastClient.create_and_start(**grouped_options(cluster)))
        try:
            first, second, third, _ = cluster.members
            await until(lambda: connected(client) == uuids(first, second))
            cluster.view.list_version += 1
            set_groups(cluster, (0, 1, 2), (3,))
            push_groups(cluster)
            await until(lambda: connected(client) == uuids(first, second, third))
            set_groups(cluster, (0, 1), (2, 3))
            push_groups(cluster)
            await until(lambda: connected(client) == uuids(first, second))
        finally:
            await soon(client.shutdown())


def push_groups(cluster: ScriptedCluster) -> None:
    for member in cluster.members:
        member.push(codec.ADD_CLUSTER_VIEW_LISTENER, cluster.view.groups_event())


async def test_moves_to_another_group_if_all_members_of_its_own_are_lost() -> None:
    async with ScriptedCluster(4) as cluster:
        set_groups(cluster, (0, 1), (2, 3))
        client = await soon(HazelcastClient.create_and_start(**grouped_options(cluster)))
        try:
            first, second, third, fourth = cluster.members
            await until(lambda: connected(client) == uuids(first, second))
            await first.stop()
            await second.stop()
            await until(lambda: connected(client) == uuids(third, fourth))
        finally:
            await soon(client.shutdown())


def registered_as(registration: UUID) -> Any:
    return lambda name, local_only: registration


async def test_one_connection_carries_the_listeners_of_the_whole_cluster() -> None:
    async with ScriptedCluster(3) as cluster:
        set_groups(cluster, (0, 1, 2))
        for member in cluster.members:
            member.on(topic_codec.ADD_MESSAGE_LISTENER, registered_as(uuid4()))
        client = await soon(HazelcastClient.create_and_start(**grouped_options(cluster)))
        try:
            await until(lambda: connected(client) == uuids(*cluster.members))
            topic = await soon(client.get_topic("t"))
            await soon(topic.add_listener(lambda _: None))

            def registered() -> list[ScriptedMember]:
                return [
                    member
                    for member in cluster.members
                    if member.requests_of(topic_codec.ADD_MESSAGE_LISTENER)
                ]

            (carrier,) = registered()
            (request,) = carrier.requests_of(topic_codec.ADD_MESSAGE_LISTENER)
            assert request.params.local_only is False
            await carrier.stop()
            await until(lambda: len(registered()) == 2)
        finally:
            await soon(client.shutdown())


async def test_connects_to_all_members_if_they_report_no_groups(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "hzclient.connection")
    async with ScriptedCluster(3) as cluster, client_of(cluster, partition_group_routing=True) as client:
        await until(lambda: connected(client) == uuids(*cluster.members))
    notes = [message for message in caplog.messages if "report no partition groups" in message]
    assert len(notes) == 1


async def test_groups_that_cannot_be_read_wait_for_the_event(caplog: pytest.LogCaptureFixture) -> None:
    async with ScriptedCluster(2) as cluster:
        set_groups(cluster, (0,), (1,))
        for member in cluster.members:
            respond: Any = member._authenticate
            member.on(
                codec.AUTHENTICATION,
                lambda *given, respond=respond: respond(*given)._replace(
                    key_value_pairs={"memberGroups": "{"}
                ),
            )
        client = await soon(HazelcastClient.create_and_start(**grouped_options(cluster)))
        try:
            await until(lambda: connected(client) == uuids(cluster.members[0]))
        finally:
            await soon(client.shutdown())
    assert any("cannot be read" in message for message in caplog.messages)


async def test_needs_smart_routing() -> None:
    with pytest.raises(InvalidConfigurationError, match="partition_group_routing needs smart_routing"):
        await HazelcastClient.create_and_start(smart_routing=False, partition_group_routing=True)


A, B, C, D = (UUID(int=number) for number in range(1, 5))


def test_the_group_with_most_connections_is_chosen_and_kept() -> None:
    groups = MemberGroups()
    assert groups.allows(A)
    groups.update([[A, B], [C, D]], [C])
    assert [groups.allows(each) for each in (A, B, C, D)] == [False, False, True, True]
    groups.update([[A, C], [B, D]], [A, B])  # as many connections: A group with C stays closer to the choice
    assert groups.allows(C)
    groups.update([[D]], [A])  # no group has a connected member
    assert groups.allows(C)
    groups.forget()
    assert groups.allows(D)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"groups": 5}', '{"groups": [[5]]}', '{"groups": [["x"]]}']
)
def test_what_is_no_list_of_groups(text: str) -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        read_groups(text)
