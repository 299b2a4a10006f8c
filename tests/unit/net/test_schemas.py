"""Compact schemas are sent until every member has them."""

from __future__ import annotations

from dataclasses import dataclass

from hzclient._codec import client as codec
from hzclient._codec import map as map_codec
from tests.member.scripted import ScriptedCluster
from tests.unit.net.clients import client_of, soon


@dataclass
class Point:
    """A class that no cluster has seen."""

    x: int


async def test_a_schema_is_sent_until_every_member_has_it() -> None:
    async with ScriptedCluster(2) as cluster, client_of(cluster) as client:
        one, other = (member.uuid for member in cluster.members)
        answers = iter([set(), {one}, {one, other}])
        cluster.on(codec.SEND_SCHEMA, lambda schema: next(answers))
        cluster.on(map_codec.SET, lambda *_: None)
        m = await soon(client.get_map("m"))
        for x in range(2):
            await soon(m.set("k", Point(x)))
    requests = [each.method for member in cluster.members for each in member.requests]
    assert requests.count(codec.SEND_SCHEMA.name) == 3
    assert requests.count(map_codec.SET.name) == 2
