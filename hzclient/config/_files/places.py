"""Where configuration files are looked for, and what they contain."""

from __future__ import annotations

import logging
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from hzclient.config._files.tree import Node, tree_of
from hzclient.config._files.yaml_tree import yaml_tree
from hzclient.errors import InvalidConfigurationError

__all__ = ("find_file", "read_file")

_logger = logging.getLogger("hzclient.config")

_VARIABLE: Final = "HAZELCAST_CLIENT_CONFIG"
_NAMES: Final = ("hazelcast-client.yaml", "hazelcast-client.yml")
_XML: Final = "hazelcast-client.xml"


def find_file(environ: Mapping[str, str]) -> Path | None:
    """Return the configuration file: what `HAZELCAST_CLIENT_CONFIG` names, or one in the working directory.

    Args:
        environ: Environment variables.

    Returns:
        Its path, or None if there is none.

    Raises:
        InvalidConfigurationError: The variable names a file that does not exist.
    """
    given = environ.get(_VARIABLE)
    if given:
        path = Path(given.removeprefix("file:"))
        if not path.is_file():
            raise InvalidConfigurationError(f"{_VARIABLE} names the file {given!r}, which does not exist")
        return path
    for name in _NAMES:
        if Path(name).is_file():
            return Path(name)
    if Path(_XML).is_file():
        _logger.warning("%s in the working directory is ignored: only YAML and TOML are read", _XML)
    return None


def read_file(path: Path) -> Node:
    """Read a YAML, JSON or TOML file.

    Args:
        path: Its path. With the suffix `.toml` it contains TOML, otherwise YAML, of which JSON is a part.

    Returns:
        Its tree.

    Raises:
        InvalidConfigurationError: It cannot be read, or it is invalid.
    """
    source = str(path)
    suffix = path.suffix.lower()
    if suffix == ".xml":
        raise InvalidConfigurationError(
            f"{source}: XML is not read; convert it to YAML, which has the same keys"
        )
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidConfigurationError(f"{source}: cannot be read: {error}") from None
    if suffix != ".toml":
        return yaml_tree(text, source)
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidConfigurationError(f"{source}: not valid TOML: {error}") from None
    if path.name == "pyproject.toml":
        tables = content.get("tool", {})
        content = {key: tables[key] for key in ("hazelcast-client", "hzclient") if key in tables}
    return tree_of(content, source)
