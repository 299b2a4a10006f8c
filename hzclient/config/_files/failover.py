"""Failover files: the configurations of several clusters, as in the Java client."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from hzclient.config._files.environment import PREFIX
from hzclient.config._files.kinds import Items, Section, Value, integer
from hzclient.config._files.placeholders import replace_placeholders
from hzclient.config._files.places import read_file
from hzclient.config._files.reader import Reader
from hzclient.config._files.tree import Node
from hzclient.config.client import Config
from hzclient.config.failover import clusters_of
from hzclient.errors import InvalidConfigurationError

__all__ = ("FAILOVER", "ROOT", "read_failover")

ROOT: Final = "hazelcast-client-failover"
"""Key of a failover file, in place of `hazelcast-client`."""

FAILOVER: Final = Section({"try-count": Value(integer(0), "try_count"), "clients": Items(Value())})


def read_failover(
    tree: Node, environ: Mapping[str, str], load: Callable[[Node, Mapping[str, str]], Config]
) -> Config:
    """Read a failover file and the files that it names.

    Overrides from the environment do not apply to those files: they would make all clusters the same.

    Args:
        tree: The tree of the file, which is changed.
        environ: Environment variables, for placeholders.
        load: Reads the tree of one cluster's configuration.

    Returns:
        The configuration, whose option `failover` has one item per file.

    Raises:
        InvalidConfigurationError: A file is missing or invalid, or the configurations contradict each other.
    """
    assert isinstance(tree.value, dict)
    for key, node in tree.value.items():
        if key != ROOT:
            raise node.error(f"unknown key {key!r}; beside {ROOT}, there are no other keys")
    section = tree.value[ROOT]
    replace_placeholders(section, environ)
    config = Config()
    values: dict[str, Any] = FAILOVER.read(section, Reader(config, []))
    if not values.get("clients"):
        raise section.error("must name at least one file in clients")
    assert isinstance(section.value, dict)
    clients = section.value["clients"].value
    assert isinstance(clients, list)
    others = {name: value for name, value in environ.items() if not name.startswith(PREFIX)}
    config.failover = [
        _load_one(node, name, others, load) for node, name in zip(clients, values["clients"], strict=True)
    ]
    try:
        clusters_of(config)
    except InvalidConfigurationError as error:
        raise section.error(str(error)) from None
    return config


def _load_one(
    node: Node, name: str, environ: Mapping[str, str], load: Callable[[Node, Mapping[str, str]], Config]
) -> Config:
    path = Path(node.source).parent / name.removeprefix("file:").removeprefix("classpath:")
    if not path.is_file():
        raise node.error(f"the file {str(path)!r} does not exist")
    tree = read_file(path)
    if isinstance(tree.value, dict) and ROOT in tree.value:
        raise node.error(f"{str(path)!r} is a failover file itself")
    return load(tree, environ)
