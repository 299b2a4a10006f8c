"""What is known and was reported when a client is ready, on members that report in different ways."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import pytest

from hzclient.core import MemberInfo
from hzclient.lifecycle import LifecycleState
from hzclient.server import LocalCluster
from tests.integration.faces import end_client, make_client


@pytest.fixture(scope="module", params=["5.7.0", "5.3.8"])
def addresses(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """Members from 5.4 on send the member list with the authentication, older ones after it."""
    with LocalCluster(version=request.param) as cluster:
        yield cluster.addresses


@pytest.mark.parametrize("kind", ["asyncio", "blocking"])
async def test_listeners_have_been_notified_when_the_client_is_ready(kind: str, addresses: list[str]) -> None:
    members: list[MemberInfo] = []
    later: list[MemberInfo] = []
    states: list[str] = []
    order: list[object] = []
    client: Any = await make_client(
        kind,
        cluster_members=addresses,
        membership_listeners=[(members.append, None), (order.append, None)],
        lifecycle_listeners=[states.append, order.append],
    )
    client.cluster_service.add_listener(later.append, fire_for_existing=True)
    partition = client.partition_service.get_partition_id("key")
    seen = members[:], later[:], states[:], client.cluster_service.get_members()
    partition = await partition if inspect.isawaitable(partition) else partition
    await end_client(client)

    assert seen[0] == seen[1] == seen[3]
    assert [member.address.to_string() for member in seen[3]] == addresses
    assert seen[2] == [LifecycleState.STARTING, LifecycleState.STARTED, LifecycleState.CONNECTED]
    assert order[:4] == [*seen[2], *members]  # as in the official client
    assert 0 <= partition < 271
