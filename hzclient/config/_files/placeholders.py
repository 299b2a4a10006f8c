"""Placeholders in texts: `${VARIABLE}`, `${VARIABLE:default}` and `$FILE{path}`."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from hzclient.config._files.tree import Node

__all__ = ("replace_placeholders",)

_logger = logging.getLogger("hzclient.config")

_PLACEHOLDER: Final = re.compile(r"\$(FILE|ENC)?\{([^}]*)\}")

_LARGEST_SECRET: Final = 64 * 1024
"""Characters. A larger file is hardly a password, and perhaps endless."""


def replace_placeholders(tree: Node, environ: Mapping[str, str], must_exist: bool = True) -> None:
    """Replace the placeholders in all texts of a tree.

    Args:
        tree: The tree, which is changed.
        environ: Environment variables.
        must_exist: Whether a variable that is not set is an error. Otherwise the placeholder stays.

    Raises:
        InvalidConfigurationError: A variable is not set, a file cannot be read, or a text is encrypted.
    """
    for node in tree.scalars():
        if isinstance(node.value, str) and "$" in node.value:
            node.value = _replaced(node, node.value, environ, must_exist)


def _replaced(node: Node, text: str, environ: Mapping[str, str], must_exist: bool) -> str:
    def replacement(match: re.Match[str]) -> str:
        prefix, inner = match.groups()
        if prefix == "FILE":
            return _content(node, inner)
        if prefix == "ENC":
            raise node.error("encrypted values ($ENC{...}) are not supported; use $FILE{path} or ${VARIABLE}")
        name, colon, default = inner.partition(":")
        if name in environ:
            return environ[name]
        if colon:
            return default
        if must_exist:
            raise node.error(
                f"the environment variable {name!r} is not set; "
                f"write ${{{name}:default}} to give it a default"
            )
        _logger.warning("%s: the environment variable %r is not set", node.place, name)
        return match[0]

    return _PLACEHOLDER.sub(replacement, text)


def _content(node: Node, path: str) -> str:
    try:
        with Path(path).open(encoding="utf-8") as file:
            content = file.read(_LARGEST_SECRET + 1)
    except (OSError, UnicodeDecodeError) as error:
        raise node.error(f"the file {path!r} cannot be read: {error}") from None
    if len(content) > _LARGEST_SECRET:
        raise node.error(f"the file {path!r} has more than {_LARGEST_SECRET} characters")
    return content.rstrip("\r\n")
