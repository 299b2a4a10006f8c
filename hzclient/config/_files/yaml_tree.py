"""YAML as a tree with lines."""

from __future__ import annotations

from typing import Any

from hzclient.config._files.tree import MAX_NODES, Node
from hzclient.errors import InvalidConfigurationError

__all__ = ("yaml_tree",)

_MERGE = "tag:yaml.org,2002:merge"
_NULL = "tag:yaml.org,2002:null"


def yaml_tree(text: str, source: str) -> Node:
    """Return the tree of a YAML document. Scalars stay texts; whoever reads them knows their types.

    Args:
        text: The document.
        source: Name of the file, for errors.

    Returns:
        The tree. An empty document is an empty mapping.

    Raises:
        InvalidConfigurationError: It is not valid YAML, or PyYAML is not installed.
    """
    try:
        import yaml
    except ImportError:
        raise InvalidConfigurationError(
            f"{source}: reading YAML needs PyYAML: pip install 'hzclient-hazelcast[yaml]'"
        ) from None
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = "" if mark is None else f":{mark.line + 1}"
        raise InvalidConfigurationError(f"{source}{line}: not valid YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        raise InvalidConfigurationError(f"{source}: not valid YAML: {error}") from None
    except RecursionError:
        raise InvalidConfigurationError(f"{source}: the document is nested too deeply") from None
    return Node({}, "", source, 1) if root is None else _Converter(source).node(root, "")


class _Converter:
    """Converts the nodes of one document.

    Args:
        source: Name of the file.
    """

    def __init__(self, source: str) -> None:
        self._source = source
        self._open: set[int] = set()
        self._count = 0

    def node(self, given: Any, path: str) -> Node:
        """Return the node for one of PyYAML's nodes.

        Args:
            given: Node of PyYAML.
            path: Keys from the root.

        Returns:
            The node.

        Raises:
            InvalidConfigurationError: It contains itself, or a key is not a single value or appears twice.
        """
        made = Node(None, path, self._source, given.start_mark.line + 1)
        self._count += 1
        if id(given) in self._open:
            raise made.error("an alias refers to a value that contains it")
        if self._count > MAX_NODES:
            raise made.error(f"the document has more than {MAX_NODES} values")
        self._open.add(id(given))
        if given.id == "mapping":
            made.value = self._mapping(given, made)
        elif given.id == "sequence":
            made.value = [self.node(item, f"{path}[{index}]") for index, item in enumerate(given.value)]
        else:
            made.value = None if given.tag == _NULL else given.value
        self._open.discard(id(given))
        return made

    def _mapping(self, given: Any, parent: Node) -> dict[str, Node]:
        merged: dict[str, Node] = {}
        children: dict[str, Node] = {}
        for key, value in given.value:
            line = key.start_mark.line + 1
            if key.id != "scalar":
                raise Node(None, parent.path, self._source, line).error("a key must be a single value")
            path = parent.child_path(key.value)
            if key.tag == _MERGE:
                for each in value.value if value.id == "sequence" else [value]:
                    inherited = self.node(each, parent.path)
                    if not isinstance(inherited.value, dict):
                        raise Node(None, path, self._source, line).error("only mappings can be merged")
                    merged = inherited.value | merged
                continue
            if key.value in children:
                raise Node(None, path, self._source, line).error(
                    f"the key appears twice, first in line {children[key.value].line}"
                )
            child = self.node(value, path)
            child.line = line  # where the key is: the value of a mapping begins below it
            children[key.value] = child
        return merged | children
