"""The commands `cluster backups` and `cluster cp`. The latter on real CP groups is tested in `cp`."""

from __future__ import annotations

from typing import Any

from hzclient import HazelcastClient
from hzclient.cli import _exit
from hzclient.server import LocalCluster
from tests.integration.cli.conftest import Run
from tests.integration.faces import eventually


async def test_backups_per_member_and_map(run: Run, hazelcast_cluster: LocalCluster) -> None:
    with HazelcastClient(
        cluster_members=hazelcast_cluster.addresses, cluster_name=hazelcast_cluster.cluster_name
    ) as client:
        client.get_map("cli-backups").blocking().put_all(dict.fromkeys(range(100), "x"))

    def complete() -> Any:
        """Return the figures once members have collected them."""
        found = run("cluster", "backups", "--json").json
        rows = [row for row in found["maps"] if row["map"] == "cli-backups"]
        return found if rows and rows[0]["backup_entries"] == 100 else None

    found = await eventually(complete, 40)
    (row,) = (row for row in found["maps"] if row["map"] == "cli-backups")
    assert (row["sync_backups"], row["async_backups"]) == (1, 0)
    assert (row["entries"], row["copies"]) == (100, 1.0)
    assert sum(member["partitions"] for member in found["members"]) == 271
    assert {member["backups"] for member in found["members"]} <= {"complete", "incomplete"}
    shown = run("cluster", "backups").out
    assert "cli-backups" in shown
    assert all(address in shown for address in hazelcast_cluster.addresses)


def test_members_without_the_cp_subsystem_say_so(run: Run) -> None:
    assert "CP" in run("cluster", "cp", code=_exit.FAILED).err
