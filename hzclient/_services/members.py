"""The members of the cluster, as it last told them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from hzclient.core import Address, EndpointQualifier, MemberInfo, ProtocolType

_logger = logging.getLogger("hzclient.cluster")


@dataclass(frozen=True, slots=True)
class MembershipChange:
    """What a new member list changed.

    Attributes:
        removed: Members that left, or came back at another address.
        added: Members that joined, oldest first.
    """

    removed: tuple[MemberInfo, ...]
    added: tuple[MemberInfo, ...]


class MemberList:
    """The member list with its version.

    Read from any thread: each update replaces the list at once.

    Attributes:
        version: Version of the list; 0 accepts whatever comes next.
        members: By uuid, oldest first, as the cluster orders them.
    """

    def __init__(self) -> None:
        self.version = 0
        self.members: dict[UUID, MemberInfo] = {}
        self._on_change: list[Callable[[MembershipChange], None]] = []

    def on_change(self, callback: Callable[[MembershipChange], None]) -> None:
        """Calls `callback(change)` on the loop after each change."""
        self._on_change.append(callback)

    def expect_new_source(self) -> None:
        """Accepts whatever comes next: another member tells the list from now on."""
        self.version = 0

    def update(self, version: int, members: Sequence[MemberInfo]) -> bool:
        """Takes a list that a member sent.

        Returns:
            False where it is not newer than the one known.
        """
        if version <= self.version:
            return False
        self.version = version
        self._replace({member.uuid: _with_client_address(member) for member in members if member.uuid})
        return True

    def clear(self) -> None:
        """Removes all members: the client has moved to another cluster."""
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
    """The member under the address that it has for clients, where it tells one."""
    address: Address | None = None
    for protocol in (ProtocolType.CLIENT, ProtocolType.MEMBER):
        address = address or member.address_map.get(EndpointQualifier(protocol, None))
    if address is None or address == member.address:
        return member
    return MemberInfo(
        address, member.uuid, member.attributes, member.lite_member, member.version, None, member.address_map
    )
