"""What scripted members report about their cluster."""

import json
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from hzclient._codec import client as codec
from hzclient.core import MemberInfo


@dataclass
class ClusterView:
    """What all members of a scripted cluster report about it.

    Attributes:
        name: Name of the cluster.
        cluster_id: Its id.
        version: Version of its members.
        partition_count: Number of its partitions, dealt out among the members in turn.
        members: The members, oldest first.
        list_version: Version of the member list, and of the partition table.
        list_in_authentication: Whether members send both with the authentication response (5.4 and later).
        groups: The partition groups that Enterprise members report; None for open-source members.
    """

    name: str = "dev"
    cluster_id: UUID = field(default_factory=uuid4)
    version: tuple[int, int, int] = (5, 7, 0)
    partition_count: int = 271
    members: list[MemberInfo] = field(default_factory=list)
    list_version: int = 1
    list_in_authentication: bool = True
    groups: list[list[UUID]] | None = None

    @property
    def version_text(self) -> str:
        """Version as members write it."""
        return ".".join(map(str, self.version))

    def partitions(self) -> list[tuple[UUID, list[int]]]:
        """Which member owns which partitions."""
        owners = [member.uuid for member in self.members if member.uuid is not None]
        return [
            (owner, list(range(number, self.partition_count, len(owners))))
            for number, owner in enumerate(owners)
        ]

    def members_event(self) -> codec.MembersViewEvent:
        """Return the member list as an event."""
        return codec.MembersViewEvent(self.list_version, list(self.members))

    def groups_event(self) -> codec.MemberGroupsViewEvent:
        """Return the partition groups as an event."""
        return codec.MemberGroupsViewEvent(self.list_version, self.groups or [])

    def facts(self) -> dict[str, str]:
        """Return what the authentication response says besides."""
        facts = {"clusterVersion": ".".join(map(str, self.version[:2]))}
        if self.groups is not None:
            groups = [[str(member) for member in group] for group in self.groups]
            facts["memberGroups"] = json.dumps({"version": self.list_version, "groups": groups})
        return facts

    def partitions_event(self) -> codec.PartitionsViewEvent:
        """Return the partition table as an event."""
        return codec.PartitionsViewEvent(self.list_version, self.partitions())
