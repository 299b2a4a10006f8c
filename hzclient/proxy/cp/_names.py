"""Names of CP structures: `object` or `object@group`."""

from __future__ import annotations

from typing import Final

from hzclient.util import check_true

DEFAULT_GROUP: Final = "default"
METADATA_GROUP: Final = "metadata"


def proxy_name(name: str) -> str:
    """Return the name that members use for a structure: trimmed and without the default group.

    Args:
        name: Name as the user wrote it.

    Returns:
        The normalized name.

    Raises:
        AssertionError: The name has more than one group or an empty part, or its group is the one that the
            CP subsystem reserves for itself.
    """
    name = name.strip()
    object_name, separator, group = name.partition("@")
    check_true("@" not in group, "the name of a CP structure must not have more than one group")
    if not separator:
        check_true(bool(name), "the name of a CP structure must not be empty")
        return name
    group = group.strip()
    check_true(bool(group), "the name of a CP group must not be empty")
    check_true(bool(object_name.strip()), "the name of a CP structure must not be empty")
    check_true(
        group.lower() != METADATA_GROUP, f"the CP group {METADATA_GROUP!r} must not be used by structures"
    )
    return object_name.strip() if group.lower() == DEFAULT_GROUP else name


def object_name(name: str) -> str:
    """Return the name of a structure within its group.

    Args:
        name: Name of the structure, as `proxy_name` returns it.

    Returns:
        The part before the group.
    """
    return name.partition("@")[0].strip()
