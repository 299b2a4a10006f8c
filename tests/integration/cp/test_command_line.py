"""`hzclient cluster cp` on members that offer the CP subsystem."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hzclient.cli._app import main
from tests.integration.cp.conftest import Clusters
from tests.integration.faces import eventually, unique_name


async def test_members_and_groups_are_listed(
    cp_clusters: Clusters, capsys: pytest.CaptureFixture[str]
) -> None:
    cluster, client = cp_clusters.get("raft")
    name, group = unique_name("long"), unique_name("group")
    client.cp_subsystem.get_atomic_long(f"{name}@{group}").set(1).result()

    def listed() -> Any:
        """Return the list once members have collected their numbers again."""
        capsys.readouterr()
        assert main(["-a", cluster.addresses[0], "cluster", "cp", "--json"]) == 0
        found = json.loads(capsys.readouterr().out)
        return found if group in found["groups"] else None

    found = await eventually(listed, 30)
    assert {"kind": "atomiclong", "name": name, "group": group} in found["structures"]
    assert {member["uuid"]: member["cp_uuid"] for member in found["members"]} == {
        str(uuid): str(cp_uuid) for cp_uuid, uuid in client.cp_subsystem.get_members().items()
    }
    assert main(["-a", cluster.addresses[0], "cluster", "cp"]) == 0
    assert name in capsys.readouterr().out
