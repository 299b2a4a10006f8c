"""The partition groups of the members, and the one that a client has chosen to connect to."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from uuid import UUID


class MemberGroups:
    """Chooses one group of members, and keeps to it while it can. Used on the loop only.

    The members of a group (a zone, a rack) together own every partition or a backup of it. A client that is
    connected to one group only reaches the owners outside it through the members of its group.
    """

    def __init__(self) -> None:
        self._groups: list[frozenset[UUID]] = []
        self._chosen: frozenset[UUID] | None = None

    @property
    def known(self) -> bool:
        """Whether a member has reported groups."""
        return bool(self._groups)

    def update(self, groups: Iterable[Iterable[UUID]], connected: Collection[UUID]) -> None:
        """Take the groups that a member reports, and choose the one with the most connected members.

        If groups have as many, the one that has most in common with the previous choice is taken. If no group
        has a connected member, the previous choice stays.

        Args:
            groups: The members of each group. Empty if the cluster does not report groups.
            connected: The members that the client is connected to.
        """
        self._groups = [group for group in map(frozenset, groups) if group]
        if not self._groups:
            self._chosen = None
            return
        before = self._chosen or frozenset()
        best = max(self._groups, key=lambda group: (len(group & set(connected)), len(group & before)))
        if best & set(connected):
            self._chosen = best

    def forget(self) -> None:
        """Forget all groups after the loss of all connections: the next one may lead to another group."""
        self._groups = []
        self._chosen = None

    def allows(self, member: UUID) -> bool:
        """Return whether the client may connect to a member: it is in the chosen group, or none is chosen."""
        return self._chosen is None or member in self._chosen


def read_groups(text: str) -> list[list[UUID]]:
    """Read the groups of an authentication response.

    Args:
        text: JSON, such as `{"version": 3, "groups": [["<uuid>", ...], ...]}`.

    Returns:
        The members of each group.

    Raises:
        ValueError: It is something else.
    """
    try:
        return [[UUID(member) for member in group] for group in json.loads(text)["groups"]]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ValueError(f"the member groups {text[:100]!r} cannot be read") from error
