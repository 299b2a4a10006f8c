"""State of a member, as its log shows it."""

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
    """Member list of a cluster, as one member sees it.

    Attributes:
        version: Number of changes to the list.
        members: Port and UUID of each member.
    """

    version: int
    members: frozenset[tuple[int, str]]

    @property
    def ports(self) -> list[int]:
        """Ports of the members, sorted."""
        return sorted(port for port, _ in self.members)


class MemberLog:
    """Log of a member since its last start.

    Args:
        path: The log file, to which each start appends.

    Attributes:
        path: The log file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._start = 0

    def mark_start(self) -> None:
        """Ignore what has been written so far."""
        self._start = self.path.stat().st_size if self.path.exists() else 0

    def text(self) -> str:
        """Return what has been written since the last start."""
        try:
            with self.path.open("rb") as file:
                file.seek(self._start)
                return file.read().decode("utf-8", errors="replace")
        except FileNotFoundError:
            return ""

    def tail(self) -> str:
        """Return the last lines, for error messages."""
        return "\n".join(self.text().splitlines()[-TAIL_LINES:])

    def has_started(self) -> bool:
        """Return whether the member accepts clients."""
        return _STARTED.search(self.text()) is not None

    def cp_member_count(self) -> int:
        """Return the configured number of CP members; 0 if the CP subsystem is disabled."""
        enabled = _CP_ENABLED.search(self.text())
        return int(enabled[1]) if enabled else 0

    def has_initialized_cp(self) -> bool:
        """Return whether the member has initialized the CP subsystem."""
        return _CP_INITIALIZED.search(self.text()) is not None

    def lost_its_port(self) -> bool:
        """Return whether another process has taken the member's port."""
        return _ADDRESS_IN_USE.search(self.text()) is not None

    def member_list(self) -> MemberList | None:
        """Return the latest member list; None before the member has joined a cluster."""
        blocks = _MEMBER_LIST.findall(self.text())
        if not blocks:
            return None
        version, lines = blocks[-1]
        return MemberList(
            int(version), frozenset((int(port), uuid) for _, port, uuid in _MEMBER.findall(lines))
        )
