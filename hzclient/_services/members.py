"""The member list of the cluster, as last received."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import NamedTuple
from uuid import UUID

from hzclient.core import Address, EndpointQualifier, MemberInfo, ProtocolType

_logger = logging.getLogger("hzclient.cluster")


class MembershipChange(NamedTuple):
    """Difference between two member lists.

    Attributes:
        removed: Members that left, or came back at another address.
        added: Members that joined, oldest first.
    """

    removed: tuple[MemberInfo, ...]
    added: tuple[MemberInfo, ...]


class MemberList:
    """The member list with its version.

    Read from any thread: each update replaces the whole list at once.

    Attributes:
        version: Version of the list. 0 accepts any list.
        members: The members by UUID, oldest first.
    """

    def __init__(self) -> None:
        self.version = 0
        self.members: dict[UUID, MemberInfo] = {}
        self._on_change: list[Callable[[MembershipChange], None]] = []

    def on_change(self, callback: Callable[[MembershipChange], None]) -> None:
        """Call `callback(change)` on the loop after each change."""
        self._on_change.append(callback)

    def unlink(self) -> None:
        """Call nobody any more: the client has been shut down."""
        self._on_change.clear()

    def expect_new_source(self) -> None:
        """Accept the next list whatever its version: another member reports it from now on."""
        self.version = 0

    def update(self, version: int, members: Sequence[MemberInfo]) -> bool:
        """Take a list that a member sent.

        Args:
            version: Version of the list.
            members: The members, oldest first.

        Returns:
            False if it is not newer than the current one.
        """
        if version <= self.version:
            return False
        self.version = version
        self._replace({member.uuid: _with_client_address(member) for member in members if member.uuid})
        return True

    def clear(self) -> None:
        """Remove all members: the client has moved to another cluster."""
        self.version = 0
        self._replace({})

    def _replace(self, members: dict[UUID, MemberInfo]) -> None:
        before, self.members = self.members, members
        change = MembershipChange(
            removed=tuple(m for uuid, m in before.items() if not _same(members.get(uuid), m)),
            added=tuple(m for uuid, m in members.items() if not _same(before.get(uuid), m)),
        )
        if not change.removed and not change.added:
            return
        if members:
            lines = "".join(f"\n\t{member}" for member in members.values())
            _logger.info("Members [%s]:%s", len(members), lines)
        for callback in self._on_change:
            callback(change)


def _same(one: MemberInfo | None, other: MemberInfo) -> bool:
    return one is not None and one.uuid == other.uuid and one.address == other.address


def _with_client_address(member: MemberInfo) -> MemberInfo:
    """Return the member under its address for clients, if it has one."""
    address: Address | None = None
    for protocol in (ProtocolType.CLIENT, ProtocolType.MEMBER):
        address = address or member.address_map.get(EndpointQualifier(protocol, None))
    if address is None or address == member.address:
        return member
    return MemberInfo(
        address, member.uuid, member.attributes, member.lite_member, member.version, None, member.address_map
    )
