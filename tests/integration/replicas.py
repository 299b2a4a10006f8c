"""Replicas of replicated maps, which follow changes asynchronously."""

from __future__ import annotations

import hzclient
from tests.integration.server.facts import wait_until
from tests.internals import async_face_of, private, set_private


def wait_for_replicas(client: hzclient.HazelcastClient, name: str, count: int) -> None:
    """Wait until the replica of each member has `count` entries.

    Whatever client reads the map afterwards, and from whichever member, finds the same.
    """
    replicated_map = client.get_replicated_map(name)
    blocking, core = replicated_map.blocking(), async_face_of(replicated_map)
    service = client.partition_service
    partitions = {service.get_partition_owner(each): each for each in range(service.get_partition_count())}
    assert None not in partitions
    before = private(core, "_replica_partition")
    try:
        for partition in partitions.values():  # reads go to the owner of this partition
            set_private(core, "_replica_partition", partition)
            wait_until(lambda: blocking.size() == count)
    finally:
        set_private(core, "_replica_partition", before)
