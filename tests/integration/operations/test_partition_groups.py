"""Routing to a partition group, with members that accept the mode but report no groups (open source)."""

from __future__ import annotations

import logging

import pytest

from hzclient.server import LocalCluster
from tests.integration.faces import FACES, Face, end_client, eventually, make_client


@pytest.mark.parametrize("face", FACES)
async def test_open_source_members_report_no_groups(
    hazelcast_cluster: LocalCluster, face: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "hzclient.connection")
    client = await make_client(
        face,
        cluster_members=hazelcast_cluster.addresses,
        cluster_name=hazelcast_cluster.cluster_name,
        partition_group_routing=True,
    )
    try:
        await eventually(lambda: client.health().connections == 2)
        assert any("report no partition groups" in message for message in caplog.messages)
        mine = Face(face, client)
        seen: list[object] = []
        entries = await mine.get("map")
        await entries.add_entry_listener(include_value=True, added_func=lambda event: seen.append(event.key))
        for number in range(20):
            await entries.set(number, number)
        # Once each, although one connection reports the events of all members.
        await eventually(lambda: len(seen) >= 20)
        assert sorted(map(int, map(str, seen))) == list(range(20))
    finally:
        await end_client(client)
