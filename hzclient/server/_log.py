"""What a member's log tells about it."""

import re
from dataclasses import dataclass
from pathlib import Path

TAIL_LINES = 40

_STARTED = re.compile(r"\]:\d+ is STARTED$", re.MULTILINE)
_MEMBER_LIST = re.compile(r"^Members \{size:\d+, ver:(\d+)\} \[\n(.*?)^\]", re.MULTILINE | re.DOTALL)
_MEMBER = re.compile(r"^\s+Member \[(.+?)\]:(\d+) - ([0-9a-f-]{36})", re.MULTILINE)
_CP_ENABLED = re.compile(r"CP Subsystem is enabled with (\d+) members\.")
_CP_INITIALIZED = re.compile(r"CP Subsystem is initialized with: ")
_ADDRESS_IN_USE = re.compile(r"Address already in use|BindException")


@dataclass(frozen=True, slots=True)
class MemberList:
    """One member's view of its cluster.

    Attributes:
        version: Counts the changes of the list.
        members: The port and UUID of each member.
    """

    version: int
    members: frozenset[tuple[int, str]]

    @property
    def ports(self) -> list[int]:
        """The ports of the members in this view, sorted."""
        return sorted(port for port, _ in self.members)


class MemberLog:
    """Reads what a member has written since its last start.

    Args:
        path: The log, to which each start appends.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._start = 0

    def mark_start(self) -> None:
        """Forgets what was written before now."""
        self._start = self.path.stat().st_size if self.path.exists() else 0

    def text(self) -> str:
        """All that was written since the last start."""
        try:
            with self.path.open("rb") as file:
                file.seek(self._start)
                return file.read().decode("utf-8", errors="replace")
        except FileNotFoundError:
            return ""

    def tail(self) -> str:
        """The last lines, for error messages."""
        return "\n".join(self.text().splitlines()[-TAIL_LINES:])

    def has_started(self) -> bool:
        """Whether the member has said that it accepts clients."""
        return _STARTED.search(self.text()) is not None

    def cp_member_count(self) -> int:
        """How many members its configuration wants in the CP subsystem; 0 if it is not enabled."""
        enabled = _CP_ENABLED.search(self.text())
        return int(enabled[1]) if enabled else 0

    def has_initialized_cp(self) -> bool:
        """Whether the member has found the others of the CP subsystem."""
        return _CP_INITIALIZED.search(self.text()) is not None

    def lost_its_port(self) -> bool:
        """Whether somebody else took the member's port before it could."""
        return _ADDRESS_IN_USE.search(self.text()) is not None

    def member_list(self) -> MemberList | None:
        """The newest view of the cluster, or None before the member has joined one."""
        blocks = _MEMBER_LIST.findall(self.text())
        if not blocks:
            return None
        version, lines = blocks[-1]
        return MemberList(
            int(version), frozenset((int(port), uuid) for _, port, uuid in _MEMBER.findall(lines))
        )
