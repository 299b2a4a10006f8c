"""Tree of a configuration: values that know where they were written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from hzclient.errors import InvalidConfigurationError

__all__ = ("MAX_NODES", "Node", "Scalar", "tree_of")

MAX_NODES: Final = 100_000
"""A configuration with more values is refused: aliases in YAML can multiply without end."""

Scalar = str | int | float | bool | None


@dataclass(slots=True)
class Node:
    """A value of a configuration and its place.

    Attributes:
        value: A scalar, the nodes of a mapping by key, or the nodes of a list.
        path: Keys from the root, such as `network.cluster-members[0]`.
        source: Name of the file, or of what takes its place in errors.
        line: Line in the file, from 1. None if the source has no lines.
    """

    value: Scalar | dict[str, Node] | list[Node]
    path: str
    source: str
    line: int | None = None

    def child_path(self, key: str) -> str:
        """Return the path of the value below a key."""
        return f"{self.path}.{key}" if self.path else key

    @property
    def kind(self) -> str:
        """Name of the kind of value, for errors."""
        if isinstance(self.value, dict):
            return "a mapping"
        return "a list" if isinstance(self.value, list) else "a single value"

    @property
    def place(self) -> str:
        """File, line and key, for errors and notes."""
        line = "" if self.line is None else f":{self.line}"
        return f"{self.source}{line}: {self.path or 'the document'}"

    def error(self, text: str) -> InvalidConfigurationError:
        """Return an error that names this place.

        Args:
            text: What is wrong, and what would be right.

        Returns:
            The error.
        """
        return InvalidConfigurationError(f"{self.place}: {text}")

    def scalars(self) -> Iterator[Node]:
        """Yield the single values in this tree."""
        if isinstance(self.value, dict):
            for child in self.value.values():
                yield from child.scalars()
        elif isinstance(self.value, list):
            for child in self.value:
                yield from child.scalars()
        else:
            yield self


def tree_of(value: Any, source: str, path: str = "") -> Node:
    """Return the tree of a dict, for example of one that was read from TOML.

    Args:
        value: A scalar, a mapping with str keys, or a sequence.
        source: What errors call it.
        path: Keys from the root.

    Returns:
        The tree.

    Raises:
        InvalidConfigurationError: A key is not a str, or a value is of another kind.
    """
    node = Node(None, path, source)
    if isinstance(value, Mapping):
        children: dict[str, Node] = {}
        for key, item in cast("Mapping[object, Any]", value).items():
            if not isinstance(key, str):
                raise node.error(f"keys must be str, not {key!r}")
            children[key] = tree_of(item, source, node.child_path(key))
        node.value = children
    elif isinstance(value, str | int | float | bool | None):
        node.value = value
    elif isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        items: Sequence[Any] = value  # pyright: ignore[reportUnknownVariableType]
        node.value = [tree_of(item, source, f"{path}[{index}]") for index, item in enumerate(items)]
    else:
        raise node.error(f"expected a text, number, bool, list or dict, not a {type(value).__name__}")
    return node
