"""Loading a configuration: from a file, a URL or a dict, with imports, overrides and placeholders."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from hzclient.config._files.environment import apply_overrides
from hzclient.config._files.failover import FAILOVER, ROOT, read_failover
from hzclient.config._files.keys import CLIENT
from hzclient.config._files.kinds import BOOL, Items, Section, Value
from hzclient.config._files.own import options_section
from hzclient.config._files.placeholders import replace_placeholders
from hzclient.config._files.places import find_file, read_file
from hzclient.config._files.reader import Reader
from hzclient.config._files.tree import Node, tree_of
from hzclient.config._files.url import SCHEME, url_tree
from hzclient.config.client import Config
from hzclient.config.option import Schema

__all__ = ("json_schema", "load_config")

_logger = logging.getLogger("hzclient.config")

_OWN: Final = options_section(Config)
_ROOT: Final = Section({"hazelcast-client": CLIENT, "hzclient": _OWN})
_LISTS: Final = frozenset(name for name, kind in _OWN.keys.items() if isinstance(kind, Items))

_DEEPEST_IMPORT: Final = 20


def load_config(
    source: str | os.PathLike[str] | Mapping[str, Any] | None, environ: Mapping[str, str]
) -> Config:
    """Load a configuration, and log what in it has no effect.

    Args:
        source: Path of a file, a URL, a dict, or None for the usual places.
        environ: Environment variables.

    Returns:
        The configuration.

    Raises:
        InvalidConfigurationError: It is invalid, with the place in the text.
    """
    tree = _tree(source, environ)
    if isinstance(tree.value, dict) and ROOT in tree.value:
        return read_failover(tree, environ, _load_tree)
    return _load_tree(tree, environ)


def _load_tree(tree: Node, environ: Mapping[str, str]) -> Config:
    reader = Reader(Config(), [])
    read_tree(tree, environ, reader)
    for note in reader.notes:
        _logger.warning("%s", note)
    assert isinstance(reader.made, Config)
    return reader.made


def read_tree(tree: Node, environ: Mapping[str, str], reader: Reader) -> None:
    """Read a tree with a root into options.

    Args:
        tree: The tree, which is changed.
        environ: Environment variables.
        reader: Receives options and notes.

    Raises:
        InvalidConfigurationError: It is invalid.
    """
    tree = _with_root(tree)
    assert isinstance(tree.value, dict)
    client = tree.value.setdefault("hazelcast-client", Node({}, "hazelcast-client", tree.source))
    if client.value is None:
        client.value = {}
    _import_into(client, environ, ())
    apply_overrides(client, CLIENT, environ)
    replace_placeholders(tree, environ, _must_exist(client))
    _ROOT.read(tree, reader)


def _tree(source: str | os.PathLike[str] | Mapping[str, Any] | None, environ: Mapping[str, str]) -> Node:
    if isinstance(source, Mapping):
        return tree_of(source, "dict")
    if isinstance(source, str) and source.startswith(SCHEME):
        return url_tree(source, _LISTS)
    path = find_file(environ) if source is None else Path(source)
    return Node({}, "", "environment") if path is None else read_file(path)


def _with_root(tree: Node) -> Node:
    """Return a tree whose root has the sections. A document without them is one of the two sections."""
    if not isinstance(tree.value, dict):
        raise tree.error(f"must be a mapping with the key hazelcast-client, not {tree.kind}")
    if tree.value.keys() & (_ROOT.keys.keys() | {"hazelcast"}):
        sections = {key: node for key, node in tree.value.items() if key != "hazelcast"}
        return Node(sections, tree.path, tree.source, tree.line)
    is_own = tree.value and all("_" in key or key in _OWN.keys for key in tree.value)
    if tree.value and not is_own and not tree.value.keys() & CLIENT.keys.keys():
        return tree  # which names the unknown key, and those of the root
    return Node({"hzclient" if is_own else "hazelcast-client": tree}, "", tree.source, tree.line)


def _import_into(client: Node, environ: Mapping[str, str], importing: tuple[Path, ...]) -> None:
    """Add what imported files say. The importing file takes precedence."""
    given = client.value.get("import") if isinstance(client.value, dict) else None
    if given is None:
        return
    replace_placeholders(given, environ)
    names = CLIENT.keys["import"].read(given, Reader(Config(), []))
    for item, name in zip(given.value if isinstance(given.value, list) else [], names, strict=True):
        path = Path(item.source).parent / name.removeprefix("file:").removeprefix("classpath:")
        if "://" in name:
            raise item.error(f"only files can be imported, not {name!r}")
        if path in importing or len(importing) > _DEEPEST_IMPORT:
            raise item.error(f"{name!r} imports itself")
        if not path.is_file():
            raise item.error(f"the imported file {str(path)!r} does not exist")
        root = _with_root(read_file(path))
        assert isinstance(root.value, dict)
        imported = root.value.get("hazelcast-client")
        if imported is not None:
            _import_into(imported, environ, (*importing, path))
            _merge(client, imported)


def _merge(into: Node, imported: Node) -> None:
    if not isinstance(into.value, dict) or not isinstance(imported.value, dict):
        return
    for key, child in imported.value.items():
        if key in into.value:
            _merge(into.value[key], child)
        else:
            into.value[key] = child


def _must_exist(client: Node) -> bool:
    section = client.value.get("config-replacers") if isinstance(client.value, dict) else None
    given = (
        section.value.get("fail-if-value-missing") if section and isinstance(section.value, dict) else None
    )
    return True if given is None else bool(Value(BOOL).read(given, Reader(Config(), [])))


def json_schema() -> Schema:
    """Return the JSON schema of configuration files, for editors.

    The keys of `hazelcast-client` are those of the Java client; those of `hzclient` are the options of
    `Config`.

    Returns:
        The schema, as a dict to be written with `json.dump()`.
    """
    own = _OWN.schema()
    for name, option in Config.options.items():
        own["properties"][name] = {"description": option.__doc__ or "", **own["properties"][name]}
        default = option.make_default()
        if option.schema is not None and isinstance(default, str | int | float):
            own["properties"][name]["default"] = default
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Configuration of a Hazelcast client",
        "type": "object",
        "properties": {"hazelcast-client": CLIENT.schema(), "hzclient": own, ROOT: FAILOVER.schema()},
    }
