"""Convert names of the protocol to names of Python."""

import keyword
import re

_ODD = {"bTree": "Btree", "BTree": "Btree"}


def snake(name: str) -> str:
    """Convert `targetReplicaUUID` to `target_replica_uuid`; append an underscore to a keyword."""
    for odd, plain in _ODD.items():
        name = name.replace(odd, plain)
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    name = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower()
    return f"{name}_" if keyword.iskeyword(name) else name


def attribute(name: str) -> str:
    """Convert like `snake`, and avoid the names of a named tuple's methods."""
    name = snake(name)
    return f"{name}_" if name in ("count", "index") else name


def constant(name: str) -> str:
    """Convert `addEntryListener` to `ADD_ENTRY_LISTENER`."""
    return snake(name).rstrip("_").upper()


def pascal(name: str) -> str:
    """Convert `addEntryListener` to `AddEntryListener`."""
    return name[0].upper() + name[1:]
