"""Exit codes of the program, and the error that ends a command with one of them."""

from __future__ import annotations

from typing import Final

OK: Final = 0
FAILED: Final = 1
USAGE: Final = 2
NOT_FOUND: Final = 3
UNREACHABLE: Final = 4
REFUSED: Final = 5
INTERRUPTED: Final = 130

MEANINGS: Final = {
    OK: "success",
    FAILED: "the cluster or the program reported an error, which is on standard error",
    USAGE: "wrong usage: an unknown command or option, or an argument of the wrong type",
    NOT_FOUND: "there is no such key, item or cluster",
    UNREACHABLE: "no member could be reached in time; `hzclient doctor` says why",
    REFUSED: "the members refused the client: credentials, cluster name or certificate",
    INTERRUPTED: "interrupted with Ctrl-C",
}
"""What each exit code means, for the help and the documentation."""


class Stop(Exception):
    """Ends a command.

    Args:
        code: Exit code.
        message: Text for standard error, if any.
    """

    def __init__(self, code: int, message: str | None = None) -> None:
        super().__init__(message or "")
        self.code = code
        self.message = message


def help_text() -> str:
    """Return the list of exit codes for the help of the program."""
    return "\n".join(f"- {code}: {meaning}." for code, meaning in MEANINGS.items())
