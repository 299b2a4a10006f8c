"""Python objects that a configuration refers to, as `package.module:Name`."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

from hzclient.config._files.tree import Node

__all__ = ("instance_of_reference", "is_reference", "referred_object")


def is_reference(text: str) -> bool:
    """Return whether a text refers to a Python object. Names of Java classes have no colon."""
    module, colon, name = text.partition(":")
    return bool(colon) and all(part.isidentifier() for part in [*module.split("."), *name.split(".")])


def referred_object(text: str, node: Node) -> Any:
    """Import the object that a text refers to.

    Args:
        text: Module and name, such as `app.storage:OrderSerializer`.
        node: Where it was read.

    Returns:
        The object.

    Raises:
        InvalidConfigurationError: There is no such module, or no such name in it.
    """
    module, _, name = text.partition(":")
    try:
        found: Any = importlib.import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as error:
        raise node.error(f"{text!r} cannot be imported: {error}") from None
    return found


def instance_of_reference(text: str, node: Node, properties: Mapping[str, Any] | None = None) -> Any:
    """Import an object. If it is a class, create an instance of it.

    Args:
        text: Module and name.
        node: Where it was read.
        properties: Keyword arguments of the constructor, if it is a class.

    Returns:
        The instance, or the object itself.

    Raises:
        InvalidConfigurationError: The object cannot be imported, or its constructor raises an error.
    """
    found = referred_object(text, node)
    if not isinstance(found, type):
        return found
    try:
        return found(**(properties or {}))
    except Exception as error:
        raise node.error(f"{text!r} cannot be created: {error!r}") from error
