"""Tests on real members, with the fixtures of `hzclient.testing`. Needs the extra `server`.

pytest examples/pytest

pytest finds the plugin by itself, and starts the members when a test first asks for them.
"""

from typing import Any

import pytest

import hzclient
import hzclient.asyncio
from hzclient.server import LocalCluster


@pytest.fixture(scope="session")
def hazelcast_cluster_options() -> dict[str, Any]:
    """Return the arguments of the clusters that the tests share."""
    return {"members": 1, "cluster_name": "shop-tests"}


def test_a_product_is_sold(hazelcast: hzclient.HazelcastClient) -> None:
    """Use a client that is blocking and returns futures."""
    stock = hazelcast.get_map("stock").blocking()
    stock.put("tea", 3)
    assert stock.replace_if_same("tea", 3, 2)
    assert stock.get("tea") == 2


@pytest.mark.asyncio
async def test_the_stock_of_the_other_test_is_gone(async_hazelcast: hzclient.asyncio.HazelcastClient) -> None:
    """Use a client of asyncio. Each test finds an empty cluster."""
    stock = await async_hazelcast.get_map("stock")
    assert await stock.size() == 0


def test_a_write_survives_a_pause_of_the_member(mortal_hazelcast_cluster: LocalCluster) -> None:
    """Pause a member: the call waits until the member goes on."""
    cluster = mortal_hazelcast_cluster
    with hzclient.HazelcastClient(
        cluster_members=cluster.addresses, cluster_name=cluster.cluster_name
    ) as client:
        stock = client.get_map("stock")
        member = cluster.members[0]
        member.pause()
        sold = stock.put("tea", 1)
        assert not sold.done()
        member.resume()
        sold.result()
        assert stock.get("tea").result() == 1


@pytest.mark.hazelcast_version("<5.0")
def test_what_only_old_members_do(hazelcast: hzclient.HazelcastClient) -> None:
    """Run on members before 5.0 only."""
    raise AssertionError("the members are newer, so this test is skipped")
