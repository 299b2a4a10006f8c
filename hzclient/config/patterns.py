"""Options of structures by name, in which one `*` matches any text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from hzclient.errors import InvalidConfigurationError

__all__ = ("find_by_name",)

T = TypeVar("T")


def find_by_name(options: Mapping[str, T], name: str) -> T | None:
    """Return the options of a structure: those with exactly its name, or with the longest matching pattern.

    Args:
        options: Options by name or pattern. One `*` in a pattern matches any text.
        name: Name of the structure.

    Returns:
        The options, or None if neither a name nor a pattern matches.

    Raises:
        InvalidConfigurationError: Several patterns of the same length match.
    """
    exact = options.get(name)
    if exact is not None:
        return exact
    matching = sorted((pattern for pattern in options if _matches(pattern, name)), key=len, reverse=True)
    if not matching:
        return None
    best = [pattern for pattern in matching if len(pattern) == len(matching[0])]
    if len(best) > 1:
        raise InvalidConfigurationError(f"{name!r} matches several patterns: {', '.join(sorted(best))}")
    return options[best[0]]


def _matches(pattern: str, name: str) -> bool:
    before, star, after = pattern.partition("*")
    return (
        bool(star)
        and len(name) >= len(before) + len(after)
        and name.startswith(before)
        and name.endswith(after)
    )
