"""SQL as text: statements of a script, and the words that the shell completes."""

from __future__ import annotations

import re
from typing import Final

KEYWORDS: Final = tuple(
    (
        "ALTER AND AS ASC BETWEEN BY CASE CAST CREATE DELETE DESC DISTINCT DROP EXISTS EXPLAIN "
        "EXTERNAL FROM FULL GROUP HAVING IF IN INDEX INNER INSERT INTERVAL INTO IS JOB JOBS JOIN "
        "LEFT LIKE LIMIT MAPPING MAPPINGS NOT NULL OFFSET ON OPTIONS OR ORDER OUTER PLAN REPLACE "
        "RIGHT SELECT SET SHOW SINK SNAPSHOT TABLE TYPE UNION UPDATE VALUES VIEW VIEWS WHEN WHERE "
        "WITH"
    ).split()
)

_PIECE: Final = re.compile(
    r"""
    '(?:[^']|'')*(?:'|\Z)       # a string, perhaps without its end
    | "(?:[^"]|"")*(?:"|\Z)     # a quoted name
    | --[^\n]*                  # a comment to the end of the line
    | /\\*.*?(?:\\*/|\Z)        # a comment
    | ;
    """.replace("\\\\", "\\"),
    re.VERBOSE | re.DOTALL,
)


def split(script: str) -> tuple[list[str], str]:
    """Split a script into statements.

    Args:
        script: Statements, each of which ends with a semicolon.

    Returns:
        The statements without their semicolons, and what follows the last semicolon.
    """
    statements: list[str] = []
    start = 0
    for piece in _PIECE.finditer(script):
        if piece.group() == ";":
            statement = script[start : piece.start()].strip()
            if not is_empty(statement):
                statements.append(statement)
            start = piece.end()
    rest = script[start:].strip()
    return statements, "" if is_empty(rest) else rest


def is_empty(statement: str) -> bool:
    """Return whether a statement consists of comments only."""
    return not _PIECE.sub(lambda piece: "" if piece.group()[0] in "-/" else piece.group(), statement).strip()
