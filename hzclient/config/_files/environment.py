"""Overrides by environment variables: `HZCLIENT_NETWORK_CLUSTERMEMBERS=10.0.0.1,10.0.0.2`, as in Java."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Final

from hzclient.config._files.kinds import Items, Kind, Named, Open, Section
from hzclient.config._files.tree import Node
from hzclient.errors import InvalidConfigurationError

__all__ = ("apply_overrides",)

_logger = logging.getLogger("hzclient.config")

PREFIX: Final = "HZCLIENT_"

_OURS: Final = frozenset({"HZCLIENT_SPEED"})
"""Switches of this package that are no overrides."""


def apply_overrides(tree: Node, section: Section, environ: Mapping[str, str]) -> None:
    """Write the values of environment variables into a tree.

    An underscore begins a new level, and dashes are left out. A list is given either with commas, or item by
    item with a number at the end (`..._0`, `..._1`).

    Args:
        tree: The section `hazelcast-client`, which is changed.
        section: Its keys.
        environ: Environment variables.

    Raises:
        InvalidConfigurationError: A variable contradicts the file or another variable.
    """
    for name in sorted(environ, key=_order):
        if not name.startswith(PREFIX) or name in _OURS:
            continue
        parts = name.removeprefix(PREFIX).split("_")
        found = _resolve(section, tree, parts)
        if found is None:
            _logger.warning("The environment variable %s matches no key of the configuration", name)
        else:
            _write(tree, found, f"environment variable {name}", environ[name])


def _order(name: str) -> tuple[str, int]:
    """Sort items of lists by their number."""
    front, _, last = name.rpartition("_")
    return (front, int(last)) if last.isdecimal() else (name, -1)


Step = tuple[str | int, Kind]
"""A key, or the index of an item, and the kind of what is there."""


def _resolve(kind: Kind, node: Node | None, parts: list[str]) -> list[Step] | None:
    """Return the steps from a kind to the value that the rest of a name means, or None."""
    if not parts:
        return [] if not isinstance(kind, Section | Named | Open) else None
    if isinstance(kind, Items):
        if not parts[0].isdecimal():
            return None
        rest = _resolve(kind.kind, None, parts[1:])
        return None if rest is None else [(int(parts[0]), kind.kind), *rest]
    children = node.value if node is not None and isinstance(node.value, dict) else {}
    for length in range(len(parts), 0, -1):
        wanted = _normal("".join(parts[:length]))
        for key, child in _candidates(kind, children):
            if _normal(key) == wanted:
                rest = _resolve(child, children.get(key), parts[length:])
                if rest is not None:
                    return [(key, child), *rest]
    return _new_name(kind, parts)


def _candidates(kind: Kind, children: Iterable[str]) -> list[tuple[str, Kind]]:
    if isinstance(kind, Section):
        return list(kind.keys.items())
    if isinstance(kind, Named):
        return [(name, kind.section) for name in children]
    return list(kind.known.items()) if isinstance(kind, Open) else []


def _new_name(kind: Kind, parts: list[str]) -> list[Step] | None:
    """Resolve a name that the file does not have, in lower case because variables are in upper case."""
    if not isinstance(kind, Named) or len(parts) < 2:
        return None
    rest = _resolve(kind.section, None, parts[1:])
    return None if rest is None else [(parts[0].lower(), kind.section), *rest]


def _normal(key: str) -> str:
    return "".join(letter for letter in key.lower() if letter.isalnum() or letter == "*")


def _write(tree: Node, steps: list[Step], source: str, text: str) -> None:
    node = tree
    for key, kind in steps:
        path = f"{node.path}[{key}]" if isinstance(key, int) else node.child_path(key)
        node = _child(node, key, Node(None, path, source))
        if isinstance(kind, Items) and steps[-1] == (key, kind):
            items = [item.strip() for item in text.split(",")] if text else []
            node.value = [Node(item, f"{path}[{index}]", source) for index, item in enumerate(items)]
            node.source, node.line = source, None
            return
    node.value, node.source, node.line = text, source, None


def _child(parent: Node, key: str | int, new: Node) -> Node:
    """Return the node below `parent`, which becomes a mapping or a list if it is empty."""
    if isinstance(key, str):
        if parent.value is None:
            parent.value = {}
        if isinstance(parent.value, dict):
            return parent.value.setdefault(key, new)
    else:
        # The first numbered item replaces the list of the file.
        if key == 0 or parent.value is None:
            parent.value = []
        if isinstance(parent.value, list) and key <= len(parent.value):
            if key == len(parent.value):
                parent.value.append(new)
            return parent.value[key]
    raise InvalidConfigurationError(
        f"{new.source}: {new.path} cannot be set, because {parent.path or 'the document'} is "
        f"{parent.kind} with other content; numbers of items begin at 0 and leave none out"
    )
