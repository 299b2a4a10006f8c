"""Which members lead the CP groups, so that calls need not be forwarded to them."""

from __future__ import annotations

from uuid import UUID

from hzclient._codec.client import GroupsViewEvent
from hzclient._services.call import Change
from hzclient.protocol import RaftGroupId


class CPLeaders:
    """The leaders of CP groups as a member last told them. Empty where no member tells.

    Read from any thread: each update replaces them at once. One that is out of date costs a step and
    nothing else: every member forwards what it cannot answer itself.
    """

    def __init__(self) -> None:
        self._members: dict[RaftGroupId, UUID] = {}
        self._version = -1
        self._source = -1

    def of(self, group_id: RaftGroupId) -> UUID | None:
        """The member that leads a group; None where that is not known."""
        return self._members.get(group_id)

    def route(self, group_id: RaftGroupId) -> Change:
        """Return a change that sends calls to the leader of a group, if it is known and connected."""
        return lambda call: call.to(self._members.get(group_id))

    def update(self, source: int, event: GroupsViewEvent) -> bool:
        """Takes what a member told.

        Args:
            source: Id of the connection it came by. Versions count per sender.
            event: The groups with their leaders.

        Returns:
            False where it is older than what is known.
        """
        if source == self._source and event.version <= self._version:
            return False
        # Members have ids of their own in the CP subsystem.
        member_of = dict(event.cp_to_ap_uuids)
        self._members = {
            group.group_id: member_of[group.leader.uuid]
            for group in event.groups_info
            if group.leader.uuid in member_of
        }
        self._source = source
        self._version = event.version
        return True

    def forget(self) -> None:
        """Forgets all: the client has moved to another cluster."""
        self._members = {}
        self._source = self._version = -1
