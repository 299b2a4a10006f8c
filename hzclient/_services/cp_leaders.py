"""The members that lead CP groups, so that members need not forward calls to them."""

from __future__ import annotations

from uuid import UUID

from hzclient._codec.client import GroupsViewEvent
from hzclient._services.call import Change
from hzclient.protocol import RaftGroupId


class CPLeaders:
    """The leaders of CP groups as last reported by a member. Empty if no member reports them.

    Read from any thread: each update replaces all of them at once. An outdated leader costs one hop and
    nothing else, because every member forwards the calls that it cannot handle itself.
    """

    def __init__(self) -> None:
        self._members: dict[RaftGroupId, UUID] = {}
        self._version = -1
        self._source = -1

    def of(self, group_id: RaftGroupId) -> UUID | None:
        """Return the member that leads a group, or None if it is unknown."""
        return self._members.get(group_id)

    def route(self, group_id: RaftGroupId) -> Change:
        """Return a change that sends calls to the leader of a group, if it is known and connected."""
        return lambda call: call.to(self._members.get(group_id))

    def update(self, source: int, event: GroupsViewEvent) -> bool:
        """Take what a member reported.

        Args:
            source: Id of the connection that it came from. Versions count per sender.
            event: The groups with their leaders.

        Returns:
            False if it is older than what is known.
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
        """Forget all leaders: the client has moved to another cluster."""
        self._members = {}
        self._source = self._version = -1
