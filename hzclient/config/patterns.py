"""Options of structures by name, where one `*` in a name stands for any text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from hzclient.errors import InvalidConfigurationError

__all__ = ("find_by_name",)

T = TypeVar("T")


def find_by_name(options: Mapping[str, T], name: str) -> T | None:
    """Finds the options of a structure: those of exactly its name, else of the pattern closest to it.

    Args:
        options: Options by name or pattern. In a pattern one `*` stands for any text.
        name: Name of the structure.

    Returns:
        The options; None where there are none for this name.

    Raises:
        InvalidConfigurationError: Patterns match the name that are equally close.
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
